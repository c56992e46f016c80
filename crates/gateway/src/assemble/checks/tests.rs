use passerelle_store::{ScrubFinding, ScrubPart};

use super::*;

const OPENED: Timestamp = Timestamp::from_secs(1_795_000_000);

fn hours(hours: u64) -> Timestamp {
    OPENED.plus(Duration::from_secs(hours * 60 * 60))
}

fn report(ended: Timestamp, findings: Vec<ScrubFinding>) -> ScrubReport {
    ScrubReport {
        began: ended,
        ended,
        bytes: 1,
        findings,
    }
}

#[test]
fn a_store_that_was_not_read_again_for_two_days_is_named() {
    assert_eq!(scrub_fault(None, OPENED, hours(48)), None);
    assert!(scrub_fault(None, OPENED, hours(49)).is_some());
    let clean = report(hours(47), Vec::new());
    assert_eq!(scrub_fault(Some(&clean), OPENED, hours(95)), None);
    let fault = scrub_fault(Some(&clean), OPENED, hours(96)).unwrap();
    assert!(fault.contains(&hours(47).to_string()), "{fault}");
}

#[test]
fn what_a_scrub_finds_is_named_until_the_next_finds_nothing() {
    let finding = |what: &str| ScrubFinding {
        part: ScrubPart::Log,
        what: what.to_owned(),
    };
    let found = report(hours(1), vec![finding("tile 7"), finding("tile 9")]);
    let fault = scrub_fault(Some(&found), OPENED, hours(2)).unwrap();
    assert!(
        fault.contains("2 places") && fault.ends_with("tile 7"),
        "{fault}"
    );
}

const WELL: Health = Health {
    failed: false,
    disk_full: false,
    engine: None,
    publication_stalled: None,
    clock: None,
    rolled_back: false,
};

/// The least that does not work, and what the operator is told.
fn told(health: &Health) -> Option<(Needs, String)> {
    let faults = OF_STORE
        .iter()
        .filter_map(|(_, needs, fault)| fault(health).map(|said| (*needs, said)));
    faults.min_by_key(|(needs, _)| *needs)
}

#[test]
fn withdrawals_are_served_as_long_as_the_store_takes_them() {
    assert_eq!(told(&WELL), None);
    let disk_full = Health {
        disk_full: true,
        ..WELL
    };
    let stalled = Health {
        publication_stalled: Some(Timestamp::MAX),
        ..WELL
    };
    for health in [disk_full, stalled] {
        assert_eq!(told(&health).unwrap().0, Needs::OwnData, "{health:?}");
    }
    let failed = Health {
        failed: true,
        ..WELL
    };
    assert_eq!(told(&failed).unwrap().0, Needs::Withdrawals);
}

#[test]
fn a_node_that_was_rolled_back_says_what_to_do() {
    let (needs, said) = told(&Health {
        rolled_back: true,
        ..WELL
    })
    .unwrap();
    assert_eq!(needs, Needs::Exchange);
    assert!(said.contains("put the newer folder back"), "{said}");
}
