use proptest::prelude::*;

use super::*;

const NIR_RULE: &str = "no NIR in it";
const PHONE_RULE: &str = "no phone number in it";
const EMAIL_RULE: &str = "no e-mail address in it";

fn rule(text: &str) -> Option<&'static str> {
    let label = Label::new(text).err().map(|e| e.rule());
    let message = MessageToPartner::new(text).err().map(|e| e.rule());
    assert_eq!(label, message, "{text}");
    label
}

#[test]
fn a_nir_is_refused_however_it_is_spaced() {
    for text in [
        "185077535005501",
        "1 85 07 75 350 055 01",
        "NIR 1.85.07.75.350.055.01.",
        "n°185077535005501x",
        "1-85-07-75-350-055 / 01",
        "1\u{a0}85\u{202f}07 75 350 055 01",
        "1\u{200b}85077535005501",
        "１８５０７７５３５００５５０１",
        "180012a00400168",
        "12 185077535005501",
    ] {
        assert_eq!(rule(text), Some(NIR_RULE), "{text}");
    }
}

#[test]
fn a_phone_number_is_refused_however_it_is_spaced() {
    for text in [
        "0612345678",
        "appeler le 06 12 34 56 78 le soir",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "0 800 123 456",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "tel:01 99 00 12 34",
        "０６１２３４５６７８",
    ] {
        assert_eq!(rule(text), Some(PHONE_RULE), "{text}");
    }
}

#[test]
fn an_e_mail_address_is_refused() {
    for text in [
        "a@b.fr",
        "écrire à jeanne.dupont@example.fr",
        "jeanne @ example.fr",
        "x+y@sub.example.org.",
        "a＠b.fr",
    ] {
        assert_eq!(rule(text), Some(EMAIL_RULE), "{text}");
    }
}

#[test]
fn what_only_looks_like_one_is_accepted() {
    for text in [
        "CAP cuisine obtenu en 2019",
        "SIRET 73282932000074",
        "du 01/09/2025 au 30/06/2026",
        "25 h par semaine, 1 200 € par mois",
        "code postal 67000, K1304",
        "185077535005502",
        "contact @accueil",
        "rendez-vous à 14:30 le 2026-11-24",
        "« L’œuvre » – étape n° 3",
        "06 12 34 56",
    ] {
        assert_eq!(rule(text), None, "{text}");
    }
}

#[test]
fn length_is_counted_in_characters_and_blanks_say_nothing() {
    assert!(Label::new("é".repeat(120)).is_ok());
    assert_eq!(
        Label::new("é".repeat(121)).unwrap_err().rule(),
        "1 to 120 characters"
    );
    assert!(MessageToPartner::new("é".repeat(500)).is_ok());
    assert_eq!(
        MessageToPartner::new("é".repeat(501)).unwrap_err().rule(),
        "1 to 500 characters"
    );
    assert!(FreeText::new("é".repeat(10_000)).is_ok());
    assert!(FreeText::new("é".repeat(10_001)).is_err());
    for blank in ["", " ", "\u{a0}"] {
        assert!(Label::new(blank).is_err() && MessageToPartner::new(blank).is_err());
    }
    assert!(Label::new("two\nlines").is_err() && MessageToPartner::new("two\nlines").is_ok());
    assert!(Label::new("a\u{7}").is_err() && MessageToPartner::new("a\u{7}").is_err());
}

#[test]
fn i10_text_is_not_printed_and_a_refusal_does_not_repeat_it() {
    let printed = format!(
        "{:?} {:?} {:?}",
        FreeText::new("canary").unwrap(),
        Label::new("canary").unwrap(),
        MessageToPartner::new("canary").unwrap()
    );
    assert_eq!(printed, "*** *** ***");
    let refused = Label::new("canary@example.fr").unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}

proptest! {
    #[test]
    fn any_nir_anywhere_is_found(
        before in "[a-z ]{0,10}", after in "[a-z ,]{0,10}",
        number in "[123478][0-9]{2}(0[1-9]|1[0-2])(0[1-9]|2[AB]|[13-9][0-9])[0-9]{6}",
        gaps in proptest::collection::vec("[ .-]?", 15),
    ) {
        let key = number.parse::<crate::Nir>().unwrap().key();
        let spaced: String = format!("{number}{key:02}").chars().zip(gaps).map(|(c, gap)| format!("{gap}{c}")).collect();
        prop_assert_eq!(rule(&format!("{before}{spaced}{after}")), Some(NIR_RULE));
    }

    #[test]
    fn any_phone_number_anywhere_is_found(
        before in "[a-z ,]{0,10}", after in "[a-z ,]{0,10}", number in "0[1-9]([ .-]?[0-9]{2}){4}",
    ) {
        let text = format!("{before}{number}{after}");
        prop_assert!(matches!(rule(&text), Some(PHONE_RULE | NIR_RULE)));
    }

    #[test]
    fn any_address_anywhere_is_found(before in "[a-z ,]{0,10}", address in "[a-z0-9.]{0,8}[a-z0-9]@[a-z0-9]{1,8}\\.[a-z]{2,3}") {
        prop_assert_eq!(rule(&format!("{before}{address}")), Some(EMAIL_RULE));
    }

    #[test]
    fn words_without_digits_or_signs_cross(text in "[a-zé][a-zéèàçœ '’-]{0,80}") {
        prop_assert_eq!(rule(&text), None);
    }

    #[test]
    fn nothing_makes_the_search_panic(text in "\\PC{0,60}") {
        let _ = Label::new(text);
    }
}
