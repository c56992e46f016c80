use proptest::prelude::*;

use super::*;

#[test]
fn every_shared_vector_of_names_holds() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let names = vectors["names"].as_array().unwrap();
    assert!(!names.is_empty());
    for name in names {
        let text = name["in"].as_str().unwrap();
        assert_eq!(match_form(text), name["match"].as_str().unwrap(), "{text}");
        assert_eq!(
            france_travail_form(text),
            name["ft25"].as_str().unwrap(),
            "{text}"
        );
    }
}

#[test]
fn what_two_offices_type_for_one_name_has_one_form() {
    let same = [
        ["Le Goff–Martin", "LE GOFF MARTIN"],
        ["N’Guyen", "n'guyen"],
        ["Lœtitia", "LOETITIA"],
        ["Đặng", "Dang"],
        ["Łukasiewicz", "LUKASIEWICZ"],
        ["Zoe\u{308}", "Zoë"],
        ["Jean\u{00A0}\u{200B}Pierre", "Jean-Pierre"],
        ["İnci", "Inci"],
        ["Groß", "GROSS"],
        ["O`Neil", "O'Neil"],
    ];
    for [one, other] in same {
        assert_eq!(match_form(one), match_form(other), "{one} / {other}");
    }
}

#[test]
fn a_name_without_letters_has_an_empty_form() {
    for text in ["", "  ", "-'’–", "\u{301}", "…!?"] {
        assert_eq!(match_form(text), "", "{text:?}");
    }
}

#[test]
fn every_character_alone_has_a_form_that_stays() {
    for c in '\0'..=char::MAX {
        let once = match_form(c.encode_utf8(&mut [0; 4]));
        assert_eq!(match_form(&once), once, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn the_france_travail_form_is_cut_and_plain() {
    assert_eq!(
        france_travail_form("Anne-Sophie de La Tour d’Auvergne"),
        "ANNE-SOPHIE DE LA TOUR D'"
    );
    assert_eq!(france_travail_form("Nôm^' Exémple{}$"), "NOM' EXEMPLE");
}

proptest! {
    #[test]
    fn the_matching_form_is_idempotent(text in any::<String>()) {
        let once = match_form(&text);
        prop_assert_eq!(match_form(&once), once);
    }

    #[test]
    fn the_matching_form_is_trimmed_and_holds_words_alone(text in any::<String>()) {
        let form = match_form(&text);
        prop_assert_eq!(words(&form).collect::<Vec<_>>().join(" "), form.clone());
        prop_assert!(form.chars().all(|c| c == ' ' || c.is_alphanumeric()));
        prop_assert!(!form.chars().any(is_combining_mark));
    }

    #[test]
    fn case_and_composition_do_not_matter(text in "[a-zàâäçéèêëîïôöùûüÿñ' -]{0,40}") {
        prop_assert_eq!(match_form(&text.to_uppercase()), match_form(&text));
        prop_assert_eq!(match_form(&text.nfd().collect::<String>()), match_form(&text));
    }

    #[test]
    fn the_france_travail_form_is_idempotent_and_short(text in any::<String>()) {
        let once = france_travail_form(&text);
        prop_assert!(once.len() <= FRANCE_TRAVAIL_LENGTH);
        prop_assert_eq!(france_travail_form(&once), once);
    }
}

/// What two implementations must agree on, kept beside the vocabulary.
const VECTORS: &str = include_str!("../../../domain/vocabulary/identity_test_vectors.json");
