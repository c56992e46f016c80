use super::*;

#[test]
fn an_instant_survives_its_text() {
    for text in [
        "1970-01-01T00:00:00.000Z",
        "2026-11-24T09:30:00.123Z",
        "9999-12-31T23:59:59.999Z",
    ] {
        assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn an_offset_is_turned_into_utc() {
    let at = Timestamp::parse("2026-11-24T10:30:00+01:00").unwrap();
    assert_eq!(at.to_string(), "2026-11-24T09:30:00.000Z");
}

#[test]
fn what_is_before_the_epoch_or_no_instant_is_refused() {
    for text in [
        "1969-12-31T23:59:59Z",
        "2026-11-24",
        "",
        "2026-13-01T00:00:00Z",
    ] {
        assert!(Timestamp::parse(text).is_err(), "{text}");
    }
}

#[test]
fn spans_saturate_instead_of_wrapping() {
    assert_eq!(
        Timestamp::default().minus(Duration::from_secs(1)),
        Timestamp::default()
    );
    assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::default().since(Timestamp::MAX), Duration::ZERO);
}
