use proptest::prelude::*;

use super::*;

fn date(text: &str) -> PartialDate {
    text.parse().unwrap()
}

#[test]
fn a_date_is_as_precise_as_it_was_written() {
    for text in [
        "1999",
        "1999-02",
        "1999-02-28",
        "2024-02-29",
        "0001",
        "9999-12-31",
    ] {
        assert_eq!(date(text).to_string(), text);
    }
    for bad in [
        "",
        "99",
        "0000",
        "19990",
        "1999-",
        "1999-1",
        "1999-13",
        "1999-00",
        "1999-02-29",
        "1999-02-30",
        "1999-2-01",
        "1999/02/01",
        "1999-02-1 ",
        "1999-02-01T",
        "+999",
        "1 99",
        "١٩٩٩",
        "1999-é1",
    ] {
        assert!(bad.parse::<PartialDate>().is_err(), "{bad}");
    }
    for bad in ["1999", "1999-02", "1999-02-29"] {
        assert!(bad.parse::<CivilDate>().is_err(), "{bad}");
    }
}

#[test]
fn a_partial_date_spans_its_days() {
    assert_eq!(date("2024-02").earliest().to_string(), "2024-02-01");
    assert_eq!(date("2024-02").latest().to_string(), "2024-02-29");
    assert_eq!(date("2023").latest().to_string(), "2023-12-31");
}

#[test]
fn a_date_filled_up_with_01_agrees_weakly_and_any_other_not_at_all() {
    for (one, other, agreement) in [
        ("1990", "1990", Agreement::Full),
        ("1990-05-12", "1990-05-12", Agreement::Full),
        ("1990", "1990-01-01", Agreement::Weak),
        ("1990", "1990-01", Agreement::Weak),
        ("1990-05", "1990-05-01", Agreement::Weak),
        ("1990-01", "1990-01-01", Agreement::Weak),
        ("1990", "1990-05-12", Agreement::No),
        ("1990", "1990-05-01", Agreement::No),
        ("1990", "1991-01-01", Agreement::No),
        ("1990-05", "1990-05-12", Agreement::No),
        ("1990-05-12", "1990-05-13", Agreement::No),
    ] {
        assert_eq!(
            date(one).agrees_with(&date(other)),
            agreement,
            "{one} {other}"
        );
        assert_eq!(
            date(other).agrees_with(&date(one)),
            agreement,
            "{other} {one}"
        );
    }
}

#[test]
fn a_day_holds_its_instants() {
    let at = Timestamp::parse("2026-11-24T23:59:59.999Z").unwrap();
    let day = CivilDate::of(at);
    assert_eq!(day.to_string(), "2026-11-24");
    assert_eq!(CivilDate::of(day.start()), day);
    assert_eq!(
        "1950-01-01".parse::<CivilDate>().unwrap().start(),
        Timestamp::default()
    );
    assert_eq!(day.days_since("2026-11-01".parse().unwrap()), 23);
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(text in "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?") {
        if let Ok(date) = text.parse::<PartialDate>() {
            prop_assert_eq!(date.to_string(), text);
            prop_assert!(date.earliest() <= date.latest());
        }
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in "\\PC{0,12}") {
        let _ = text.parse::<PartialDate>();
    }
}
