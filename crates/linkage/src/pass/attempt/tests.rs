mod model;

use std::sync::LazyLock;
use std::time::Duration;

use super::*;
use crate::chance::Counting;
use crate::pass::MAX_REDEMPTIONS;
use crate::pass::pin::tests::COMPARISONS;
use crate::pass::row::tests::{EXPIRES, ISSUED, PIN, hash, row};
use crate::traits::tests::traits;

const WRONG_PIN: &str = "042918";

/// Hashed once: it is slow.
static DECOY: LazyLock<Decoy> = LazyLock::new(|| Decoy::random(&Counting::from(11)));

fn held() -> IdentityTraits {
    traits("Le Goff", "Anne-Sophie", "1999-04-12")
}

fn shown(first_name: &str) -> ShownTraits {
    ShownTraits::parse("LE GOFF", first_name, "1999-04-12").unwrap()
}

/// A whole attempt at `ISSUED`, nothing happening beside it: the outcome and the row left behind.
fn redeem(
    row: Option<&PassRow>,
    pin: &str,
    first_name: &str,
    has_link: bool,
) -> (Outcome, Option<PassRow>) {
    let (attempt, begun) = Attempt::begin(row, ISSUED);
    let row = begun.or_else(|| row.cloned());
    let compared = attempt.compare(
        &Pin::parse(pin).unwrap(),
        &shown(first_name),
        Some(&held()),
        &DECOY,
    );
    let finished = compared.finish(row.as_ref(), has_link, ISSUED);
    (finished.outcome, finished.row.or(row))
}

/// An attempt with a given result of its comparison, which is slow.
fn compared(attempt: Attempt, pin_fits: bool, traits_fit: bool) -> Compared {
    Compared {
        admission: attempt.0,
        pin_fits,
        traits_fit,
    }
}

fn after_misses(misses: u8) -> PassRow {
    (0..misses).fold(row(), |row, _| {
        Attempt::begin(Some(&row), ISSUED).1.unwrap()
    })
}

fn terms() -> LinkTerms {
    LinkTerms {
        person: row().person(),
        ceiling: row().ceiling(),
    }
}

#[test]
fn pass_pin_and_traits_make_a_link() {
    let (outcome, left) = redeem(Some(&row()), PIN, "Anne", false);
    assert_eq!(outcome, Outcome::NewLink(terms()));
    assert_eq!(left.unwrap().status(ISSUED), PassStatus::Usable);
}

/// Every way to fail, with the row and what is shown.
fn failures() -> Vec<(PassRefusal, Option<PassRow>, &'static str, &'static str)> {
    let expired = altered("expires_at", ISSUED.as_millis().into());
    let spent = (0..MAX_REDEMPTIONS).fold(row(), |row, _| {
        redeem(Some(&row), PIN, "Anne", false).1.unwrap()
    });
    vec![
        (PassRefusal::Unknown, None, PIN, "Anne"),
        (
            PassRefusal::Revoked,
            Some(row().revoke(ISSUED)),
            PIN,
            "Anne",
        ),
        (PassRefusal::Expired, Some(expired), PIN, "Anne"),
        (
            PassRefusal::Locked,
            Some(after_misses(MAX_MISSES)),
            PIN,
            "Anne",
        ),
        (PassRefusal::WrongPin, Some(row()), WRONG_PIN, "Anne"),
        (PassRefusal::WrongPin, Some(row()), WRONG_PIN, "Sophie"),
        (PassRefusal::WrongTraits, Some(row()), PIN, "Sophie"),
        (PassRefusal::Spent, Some(spent), PIN, "Anne"),
    ]
}

/// The row with one field as nobody would make it.
fn altered(field: &str, value: serde_json::Value) -> PassRow {
    let mut json = serde_json::to_value(row()).unwrap();
    json[field] = value;
    serde_json::from_value(json).unwrap()
}

#[test]
fn every_way_to_fail_is_a_refusal_that_the_issuer_can_tell_apart() {
    for (refusal, row, pin, first_name) in failures() {
        let (outcome, _) = redeem(row.as_ref(), pin, first_name, false);
        assert_eq!(outcome, Outcome::Refused(refusal));
    }
}

#[test]
fn i13_every_way_to_fail_costs_one_comparison() {
    LazyLock::force(&DECOY);
    for (refusal, row, pin, first_name) in failures() {
        let before = COMPARISONS.get();
        redeem(row.as_ref(), pin, first_name, false);
        assert_eq!(COMPARISONS.get() - before, 1, "{refusal:?}");
    }
}

#[test]
fn i13_the_decoy_costs_what_a_pass_costs() {
    let costs = |hash: &PinHash| {
        String::from(hash.clone())
            .rsplitn(3, '$')
            .last()
            .map(str::to_owned)
    };
    assert_eq!(costs(&DECOY.pin), costs(&hash()));
    assert!(costs(&hash()).unwrap().starts_with("$argon2id$v=19$m="));
}

#[test]
fn i13_not_even_the_decoy_s_own_pin_and_traits_open_an_unknown_pass() {
    let decoy = Decoy {
        pin: hash(),
        traits: held(),
    };
    let (attempt, begun) = Attempt::begin(None, ISSUED);
    let compared = attempt.compare(&Pin::parse(PIN).unwrap(), &shown("Anne"), None, &decoy);
    assert!(begun.is_none() && compared.pin_fits && compared.traits_fit);
    for row in [None, Some(row())] {
        let outcome = compared.finish(row.as_ref(), true, ISSUED).outcome;
        assert_eq!(outcome, Outcome::Refused(PassRefusal::Unknown));
    }
}

#[test]
fn a_person_who_is_no_longer_known_is_an_unknown_pass() {
    let (attempt, begun) = Attempt::begin(Some(&row()), ISSUED);
    let decoy = Decoy {
        traits: held(),
        ..DECOY.clone()
    };
    let compared = attempt.compare(&Pin::parse(PIN).unwrap(), &shown("Anne"), None, &decoy);
    let outcome = compared.finish(begun.as_ref(), false, ISSUED).outcome;
    assert_eq!(outcome, Outcome::Refused(PassRefusal::Unknown));
}

#[test]
fn the_fifth_miss_locks_and_the_right_pin_comes_too_late() {
    let mut left = row();
    for misses in 1..=MAX_MISSES {
        assert_ne!(left.status(ISSUED), PassStatus::Locked, "{misses}");
        left = redeem(Some(&left), WRONG_PIN, "Anne", false).1.unwrap();
    }
    assert_eq!(left.status(ISSUED), PassStatus::Locked);
    assert_eq!(
        redeem(Some(&left), PIN, "Anne", true).0,
        Outcome::Refused(PassRefusal::Locked)
    );
}

#[test]
fn a_success_gives_back_its_own_attempt_and_no_miss() {
    let left = redeem(Some(&after_misses(4)), PIN, "Anne", false)
        .1
        .unwrap();
    assert_eq!(
        redeem(Some(&left), PIN, "Anne", false).0,
        Outcome::NewLink(terms())
    );
    let left = Attempt::begin(Some(&left), ISSUED).1.unwrap();
    assert_eq!(left.status(ISSUED), PassStatus::Locked);
}

#[test]
fn an_attempt_cut_off_by_a_crash_counts_as_a_miss() {
    let left = (0..MAX_MISSES).fold(row(), |row, _| {
        let (attempt, begun) = Attempt::begin(Some(&row), ISSUED);
        drop(attempt);
        begun.unwrap()
    });
    assert_eq!(left.status(ISSUED), PassStatus::Locked);
}

#[test]
fn five_attempts_side_by_side_are_all_there_are() {
    let mut left = row();
    let mut open = 0;
    for _ in 0..20 {
        let (attempt, begun) = Attempt::begin(Some(&left), ISSUED);
        open += u8::from(matches!(attempt.0, Admission::Open(_)));
        left = begun.unwrap_or(left);
    }
    assert_eq!(open, MAX_MISSES);
}

#[test]
fn a_link_that_stands_is_returned_and_uses_no_redemption() {
    let mut left = row();
    for _ in 0..MAX_REDEMPTIONS {
        left = redeem(Some(&left), PIN, "Anne", false).1.unwrap();
    }
    assert_eq!(left.status(ISSUED), PassStatus::Spent);
    for _ in 0..4 {
        let (outcome, after) = redeem(Some(&left), PIN, "Anne", true);
        assert_eq!(
            (outcome, after.as_ref()),
            (Outcome::StandingLink(terms()), Some(&left))
        );
    }
    assert_eq!(
        redeem(Some(&left), WRONG_PIN, "Anne", true).0,
        Outcome::Refused(PassRefusal::WrongPin)
    );
}

#[test]
fn what_happens_during_the_comparison_is_heeded() {
    let (attempt, begun) = Attempt::begin(Some(&row()), ISSUED);
    let begun = begun.unwrap();
    let right = compared(attempt, true, true);
    let other = altered(
        "id",
        serde_json::to_value(PassId::from_bytes([0; 16])).unwrap(),
    );
    let late = EXPIRES.minus(Duration::from_millis(1));
    for (row, now, refusal) in [
        (Some(begun.revoke(ISSUED)), ISSUED, PassRefusal::Revoked),
        (
            Some(begun.replace_pin(hash(), ISSUED).unwrap()),
            ISSUED,
            PassRefusal::PinReplaced,
        ),
        (Some(begun.clone()), EXPIRES, PassRefusal::Expired),
        (Some(other), ISSUED, PassRefusal::Unknown),
        (None, ISSUED, PassRefusal::Unknown),
    ] {
        let finished = right.finish(row.as_ref(), false, now);
        assert_eq!(
            finished,
            Finished {
                outcome: Outcome::Refused(refusal),
                row: None
            }
        );
    }
    assert_eq!(
        right.finish(Some(&begun), false, late).outcome,
        Outcome::NewLink(terms())
    );
}
