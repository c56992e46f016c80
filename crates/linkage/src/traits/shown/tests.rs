use super::*;
use crate::traits::tests::traits;

fn shown(birth_name: &str, first_name: &str, birth_date: &str) -> ShownTraits {
    ShownTraits::parse(birth_name, first_name, birth_date).unwrap()
}

#[test]
fn the_same_person_typed_by_another_office_agrees() {
    let held = traits("Lefèvre-Dʼǎrc", "Anne-Sophie Marie", "1999-04-12");
    for (birth_name, first_name) in [
        ("LEFEVRE D ARC", "ANNE SOPHIE MARIE"),
        ("lefèvre d'arc", "Anne-Sophie"),
        ("Lefevre–D’Arc", "anne"),
        ("Lefevre-D'Arc", "Marie Anne Sophie"),
        ("Lefevre-D'Arc", "Anne Sophie Marie Josèphe"),
    ] {
        assert!(
            shown(birth_name, first_name, "1999-04-12").agree_with(&held),
            "{birth_name} {first_name}"
        );
    }
}

#[test]
fn one_trait_that_differs_is_enough_to_disagree() {
    let held = traits("Lefèvre", "Anne Sophie", "1999-04-12");
    for (birth_name, first_name, birth_date) in [
        ("Lefebvre", "Anne", "1999-04-12"),
        ("Lefèvre Martin", "Anne", "1999-04-12"),
        ("Anne", "Lefèvre", "1999-04-12"),
        ("Lefèvre", "Ann", "1999-04-12"),
        ("Lefèvre", "Sophie", "1999-04-12"),
        ("Lefèvre", "Annesophie", "1999-04-12"),
        ("Lefèvre", "Anne", "1999-12-04"),
        ("Lefèvre", "Anne", "1999"),
        ("Lefèvre", "Anne", "1999-04"),
    ] {
        assert!(
            !shown(birth_name, first_name, birth_date).agree_with(&held),
            "{birth_name} {first_name} {birth_date}"
        );
    }
}

#[test]
fn the_name_in_use_does_not_stand_for_the_birth_name() {
    let mut held = traits("Lefèvre", "Anne", "1999-04-12");
    held.usage_name = Some(Pii::new(PersonName::new("Martin").unwrap()));
    assert!(!shown("Martin", "Anne", "1999-04-12").agree_with(&held));
}

#[test]
fn a_birth_date_known_in_part_agrees_with_its_first_day_alone() {
    for (held, given, agrees) in [
        ("1990", "1990", true),
        ("1990", "1990-01-01", true),
        ("1990", "1990-01", true),
        ("1990-01-01", "1990", true),
        ("1990-05", "1990-05-01", true),
        ("1990", "1990-05-17", false),
        ("1990-05", "1990-05-17", false),
        ("1990-05-17", "1990", false),
        ("1990", "1991-01-01", false),
    ] {
        assert_eq!(
            shown("Diallo", "Awa", given).agree_with(&traits("Diallo", "Awa", held)),
            agrees,
            "{held} {given}"
        );
    }
}

#[test]
fn what_a_node_knows_of_a_person_agrees_with_itself() {
    let held = traits("N'Guyen", "Jean-Pierre Kévin", "1990-02");
    assert!(ShownTraits::from(&held).agree_with(&held));
}

#[test]
fn the_field_that_is_malformed_is_named() {
    let field = |result: Result<ShownTraits, Malformed>| result.unwrap_err().field().to_owned();
    assert_eq!(field(ShownTraits::parse("", "Anne", "1999")), "birth_name");
    assert_eq!(
        field(ShownTraits::parse("Lefèvre", "0601020304", "1999")),
        "first_name"
    );
    assert_eq!(
        field(ShownTraits::parse("Lefèvre", "Anne", "12/04/1999")),
        "birth_date"
    );
}
