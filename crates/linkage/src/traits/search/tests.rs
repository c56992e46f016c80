use proptest::prelude::*;

use super::*;
use crate::traits::tests::traits;

fn person() -> IdentityTraits {
    let mut traits = traits("Le Goff–Martin", "Anne-Sophie Marie", "1999-04-12");
    traits.usage_name = Some(Pii::new(PersonName::new("Diallo").unwrap()));
    traits
}

fn finds(search: &Search, traits: &IdentityTraits) -> bool {
    let held = search_keys(traits);
    search.keys().iter().all(|key| held.contains(key)) && search.accepts(traits)
}

#[test]
fn a_person_is_found_by_any_of_their_names() {
    for (name, first_name, birth_date) in [
        ("LE GOFF MARTIN", "", "1999-04-12"),
        ("goff", "sophie", "1999-04-12"),
        ("Martin Le Goff", "Marie", "1999-04"),
        ("diallo", "ANNE SOPHIE", "1999"),
    ] {
        let search = Search::parse(name, first_name, birth_date).unwrap();
        assert!(
            finds(&search, &person()),
            "{name} {first_name} {birth_date}"
        );
    }
}

#[test]
fn a_person_of_another_name_or_date_is_not_found() {
    for (name, first_name, birth_date) in [
        ("Le Goff Durand", "", "1999-04-12"),
        ("Le Goff", "Paul", "1999-04-12"),
        ("Le Goff", "", "1999-04-13"),
        ("Le Goff", "", "1998"),
        ("Gof", "", "1999-04-12"),
    ] {
        let search = Search::parse(name, first_name, birth_date).unwrap();
        assert!(
            !finds(&search, &person()),
            "{name} {first_name} {birth_date}"
        );
    }
}

#[test]
fn a_date_known_in_part_is_found_by_any_day_it_may_be() {
    let held = traits("Diallo", "Awa", "1990");
    assert!(finds(
        &Search::parse("Diallo", "", "1990-05-17").unwrap(),
        &held
    ));
    assert!(!finds(
        &Search::parse("Diallo", "", "1991-05-17").unwrap(),
        &held
    ));
}

#[test]
fn a_search_without_name_or_date_is_refused() {
    assert_eq!(Search::parse("", "", "1999").unwrap_err().field(), "name");
    assert_eq!(
        Search::parse("Diallo", "", "").unwrap_err().field(),
        "birth_date"
    );
    assert_eq!(
        Search::parse("Diallo", "1", "1999").unwrap_err().field(),
        "first_name"
    );
}

#[test]
fn keys_come_once_and_in_order() {
    let keys = search_keys(&traits("Martin Martin", "Jean", "1980-01-02"));
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].as_bytes(), b"name/1\x001980\0MARTIN");
    assert!(search_keys(&person()).is_sorted());
}

#[test]
fn i10_a_search_and_its_keys_are_not_printed_by_accident() {
    let search = Search::parse("Diallo", "Awa", "1990-05-17").unwrap();
    let printed = format!("{search:?} {:?}", search.keys());
    assert!(
        !printed.contains("1990") && !printed.to_uppercase().contains("DIALLO"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn whoever_a_search_accepts_the_index_finds(
        held in "[a-cé]{1,2}([ '-][a-c]{1,2}){0,2}", sought in "[A-C]{1,2}( [A-Cé]{1,2}){0,1}",
        year in 1990u16..1993, day in 0usize..3, sought_day in 0usize..3,
    ) {
        let date = |cut: usize, year: u16| format!("{year}-05-17")[..[4, 7, 10][cut]].to_owned();
        let held = traits(&held, "Awa", &date(day, year));
        let search = Search::parse(&sought, "", &date(sought_day, 1991)).unwrap();
        if search.accepts(&held) {
            prop_assert!(finds(&search, &held));
        }
    }
}
