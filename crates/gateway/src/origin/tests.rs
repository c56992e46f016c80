use passerelle_domain::Timestamp;

use super::{HalfYear, origin};

fn half(text: &str) -> HalfYear {
    HalfYear::of(Timestamp::parse(text).unwrap())
}

#[test]
fn a_half_year_begins_in_january_and_in_july() {
    assert_eq!(half("2026-01-01T00:00:00Z").to_string(), "2026h1");
    assert_eq!(half("2026-06-30T23:59:59Z").to_string(), "2026h1");
    assert_eq!(half("2026-07-01T00:00:00Z").to_string(), "2026h2");
    assert_eq!(half("2026-12-31T23:59:59Z").to_string(), "2026h2");
}

#[test]
fn half_years_follow_each_other() {
    assert_eq!(
        half("2026-03-01T00:00:00Z").next(),
        half("2026-09-01T00:00:00Z")
    );
    assert_eq!(
        half("2026-09-01T00:00:00Z").next(),
        half("2027-03-01T00:00:00Z")
    );
}

#[test]
fn an_origin_names_node_federation_and_half_year() {
    let origin = origin(
        &"ml-strasbourg".parse().unwrap(),
        &"bas-rhin.example".parse().unwrap(),
        half("2026-11-24T00:00:00Z"),
    );
    assert_eq!(
        origin.unwrap().as_str(),
        "ml-strasbourg.bas-rhin.example/exchange/2026h2"
    );
}
