use passerelle_domain::Timestamp;

use super::Days;

fn at(text: &str) -> Days {
    Days(Timestamp::parse(text).unwrap())
}

#[test]
fn whoever_turned_26_nine_days_ago_was_born_on_that_day() {
    let days = at("2026-11-24T10:03:27Z");
    assert_eq!(days.born(9, 26), "2000-11-15");
    assert_eq!(days.ago(9), "2026-11-15");
    assert_eq!(days.month_ago(40), "2026-10");
}

#[test]
fn a_leap_day_is_a_birthday_too() {
    assert_eq!(at("2028-03-09T12:00:00Z").born(9, 26), "2002-02-28");
}
