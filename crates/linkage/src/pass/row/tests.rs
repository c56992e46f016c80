use std::sync::LazyLock;

use passerelle_domain::NodeId;

use super::*;
use crate::chance::Counting;
use crate::pass::{Pin, PinSalt};

pub(crate) const ISSUED: Timestamp = Timestamp::from_secs(1_000_000);
pub(crate) const EXPIRES: Timestamp = Timestamp::from_secs(1_001_000);
pub(crate) const PIN: &str = "042917";

/// Hashed once: it is slow.
static HASH: LazyLock<PinHash> = LazyLock::new(|| {
    PinHash::of(
        &Pin::parse(PIN).unwrap(),
        &PinSalt::random(&Counting::from(1)),
    )
});

pub(crate) fn hash() -> PinHash {
    HASH.clone()
}

fn terms() -> PassTerms {
    PassTerms {
        person: PersonId::from_bytes([7; 16]),
        ceiling: Class::LivingConditions,
        issued_at: ISSUED,
        expires_at: EXPIRES,
    }
}

fn secret() -> PassSecret {
    PassSecret::random(NodeId::new("ml-vaucluse").unwrap(), &Counting::from(5))
}

pub(crate) fn row() -> PassRow {
    PassRow::issue(&secret(), terms(), hash()).unwrap()
}

fn live(row: &PassRow) -> &LivePass {
    match &row.state {
        PassState::Live(live) => live,
        PassState::Revoked(_) => panic!("revoked"),
    }
}

#[test]
fn a_new_pass_can_be_used_until_the_instant_of_its_expiry() {
    let row = row();
    assert_eq!(
        (row.id(), row.person(), row.ceiling()),
        (secret().id(), terms().person, terms().ceiling)
    );
    assert_eq!(row.status(ISSUED), PassStatus::Usable);
    assert_eq!(
        row.status(EXPIRES.minus(Duration::from_millis(1))),
        PassStatus::Usable
    );
    assert_eq!(row.status(EXPIRES), PassStatus::Expired);
}

#[test]
fn a_pass_lives_more_than_nothing_and_at_most_a_year() {
    for (expires_at, fits) in [
        (ISSUED, false),
        (ISSUED.minus(Duration::from_secs(1)), false),
        (ISSUED.plus(Duration::from_millis(1)), true),
        (ISSUED.plus(MAX_VALIDITY), true),
        (ISSUED.plus(MAX_VALIDITY + Duration::from_millis(1)), false),
    ] {
        let issued = PassRow::issue(
            &secret(),
            PassTerms {
                expires_at,
                ..terms()
            },
            hash(),
        );
        assert_eq!(issued.is_ok(), fits, "{expires_at}");
    }
}

#[test]
fn a_revoked_pass_stays_revoked_and_keeps_no_pin() {
    let revoked = row().revoke(ISSUED);
    assert_eq!(revoked.status(ISSUED), PassStatus::Revoked);
    assert_eq!(revoked.status(EXPIRES), PassStatus::Revoked);
    assert_eq!(revoked.revoke(EXPIRES), revoked);
    assert_eq!(revoked.replace_pin(hash(), ISSUED), Err(PassEnded));
    assert!(!serde_json::to_string(&revoked).unwrap().contains("argon2"));
}

#[test]
fn a_new_pin_brings_attempts_back_and_no_redemption() {
    let used = LivePass {
        attempts_left: 0,
        redemptions_left: 1,
        ..live(&row()).clone()
    };
    let locked = row().with(PassState::Live(used));
    assert_eq!(locked.status(ISSUED), PassStatus::Locked);
    let opened = locked.replace_pin(hash(), ISSUED).unwrap();
    assert_eq!(opened.status(ISSUED), PassStatus::Usable);
    assert_eq!(
        (live(&opened).attempts_left, live(&opened).redemptions_left),
        (MAX_MISSES, 1)
    );
    assert_ne!(live(&opened).pin_version, live(&locked).pin_version);
    assert_eq!(locked.replace_pin(hash(), EXPIRES), Err(PassEnded));
}

#[test]
fn a_row_survives_its_storage() {
    for row in [row(), row().revoke(EXPIRES)] {
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<PassRow>(&json).unwrap(), row);
    }
}

#[test]
fn a_row_holds_nothing_that_opens_the_pass() {
    let json = serde_json::to_string(&row()).unwrap();
    let bits: String = secret()
        .wire_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = secret().text().into_exposed();
    for canary in [PIN, &bits, &text, &text.replace('-', ""), "ml-vaucluse"] {
        assert!(!json.contains(canary), "{json}");
    }
}
