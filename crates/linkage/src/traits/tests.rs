use proptest::prelude::*;

use super::*;

/// The three traits that every person has.
pub(crate) fn traits(birth_name: &str, first_names: &str, birth_date: &str) -> IdentityTraits {
    let form = TraitsForm {
        birth_name: birth_name.into(),
        first_names: first_names.into(),
        birth_date: birth_date.into(),
        ..TraitsForm::default()
    };
    form.try_into().unwrap()
}

fn full() -> TraitsForm {
    TraitsForm {
        birth_name: "Le Goff–Martin".into(),
        usage_name: "Diallo".into(),
        first_names: "Anne-Sophie Marie".into(),
        birth_date: "1999-04-12".into(),
        sex: "female".into(),
        birth_commune: "2A004".into(),
        birth_country: String::new(),
        nir: "2690549588157".into(),
    }
}

fn field_refused(change: impl FnOnce(&mut TraitsForm)) -> String {
    let mut form = full();
    change(&mut form);
    IdentityTraits::try_from(form)
        .unwrap_err()
        .field()
        .to_owned()
}

#[test]
fn traits_survive_their_form_and_their_storage() {
    let abroad = TraitsForm {
        birth_commune: String::new(),
        birth_country: "99351".into(),
        ..full()
    };
    for form in [full(), abroad, traits("Ba", "Awa", "1990").into()] {
        let read = IdentityTraits::try_from(form.clone()).unwrap();
        assert!(TraitsForm::from(read.clone()) == form);
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<IdentityTraits>(&json).unwrap(), read);
    }
}

#[test]
fn the_field_that_is_refused_is_named() {
    assert_eq!(field_refused(|form| form.birth_name.clear()), "birth_name");
    assert_eq!(
        field_refused(|form| form.usage_name = "née\u{0}".into()),
        "usage_name"
    );
    assert_eq!(
        field_refused(|form| form.first_names = "-'".into()),
        "first_names"
    );
    assert_eq!(
        field_refused(|form| form.birth_date = "1999-02-30".into()),
        "birth_date"
    );
    assert_eq!(field_refused(|form| form.sex = "F".into()), "sex");
    assert_eq!(
        field_refused(|form| form.nir = "2690549588157 81".into()),
        "nir"
    );
}

#[test]
fn a_birthplace_is_a_commune_or_a_country() {
    for commune in ["2C004", "2A00", "840071", "99100", "8400a", "2é04", "éé1"] {
        assert_eq!(
            field_refused(|form| form.birth_commune = commune.into()),
            "birth_commune",
            "{commune}"
        );
    }
    for country in ["FRANCE", "84007", "9935", "99é1"] {
        let change = |form: &mut TraitsForm| {
            form.birth_commune.clear();
            form.birth_country = country.into();
        };
        assert_eq!(field_refused(change), "birth_country", "{country}");
    }
    assert_eq!(
        field_refused(|form| form.birth_country = "99351".into()),
        "birth_country"
    );
    let in_france = TraitsForm {
        birth_country: "99100".into(),
        ..full()
    };
    let place = IdentityTraits::try_from(in_france)
        .unwrap()
        .birthplace
        .unwrap();
    assert_eq!(place.expose().commune().unwrap().as_str(), "2A004");
}

#[test]
fn a_name_has_at_most_120_characters_whatever_their_bytes() {
    assert!(PersonName::new(&"é".repeat(120)).is_ok());
    assert!(PersonName::new(&"é".repeat(121)).is_err());
    assert!(PersonName::new(&format!("  {}\n", "𝔞".repeat(120))).is_ok());
}

#[test]
fn what_belongs_into_another_field_is_no_name() {
    for text in [
        "2690549588157",
        "awa@exemple.fr",
        "Awa²",
        "Awa\u{202E}",
        "Awa\tBa",
        "…",
        "\u{301}",
    ] {
        assert!(PersonName::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn i10_traits_are_not_printed_by_accident() {
    let form = full();
    let printed = format!(
        "{form:?} {:?}",
        IdentityTraits::try_from(form.clone()).unwrap()
    );
    for canary in [
        "Goff",
        "Diallo",
        "Anne",
        "1999",
        "2A004",
        "emale",
        "2690549588157",
    ] {
        assert!(!printed.contains(canary), "{printed}");
    }
}

#[test]
fn every_shared_vector_of_a_nir_holds_in_a_form() {
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let nirs = vectors["nir"].as_array().unwrap();
    assert!(!nirs.is_empty());
    for vector in nirs {
        let form = TraitsForm {
            nir: vector["in"].as_str().unwrap().into(),
            ..full()
        };
        let nir = IdentityTraits::try_from(form)
            .ok()
            .and_then(|traits| traits.nir);
        let canonical = nir.as_ref().map(|nir| nir.expose().expose());
        assert_eq!(canonical, vector["canonical13"].as_str(), "{vector}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_name_panic(text in any::<String>()) {
        if let Ok(name) = PersonName::new(&text) {
            prop_assert!(!name.match_form().is_empty());
        }
    }
}

/// What two implementations must agree on, kept beside the vocabulary.
const VECTORS: &str = include_str!("../../../domain/vocabulary/identity_test_vectors.json");
