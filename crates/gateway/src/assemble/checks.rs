use std::time::Duration;

use passerelle_domain::Timestamp;
use passerelle_store::{Health, ScrubReport, Store};

use crate::readiness::{Check, Needs};

/// What must hold of the store for the node to serve.
pub(super) fn of(store: &Store) -> Vec<Check> {
    let check = |name, needs, fault: fn(&Health) -> Option<String>| {
        let store = store.clone();
        Check::new(name, needs, move |_: Timestamp| {
            fault(&store.health()).map_or(Ok(()), Err)
        })
    };
    vec![
        check("store", Needs::OwnData, store_fault),
        check("clock", Needs::Exchange, clock_fault),
        check("rollback", Needs::Exchange, rollback),
        scrub(store.clone()),
    ]
}

/// That all that is kept was read again lately, and was what was written.
fn scrub(store: Store) -> Check {
    let opened = store.now();
    Check::new("scrub", Needs::Exchange, move |now| {
        scrub_fault(store.last_scrub().as_ref(), opened, now).map_or(Ok(()), Err)
    })
}

fn scrub_fault(last: Option<&ScrubReport>, opened: Timestamp, now: Timestamp) -> Option<String> {
    let findings = last.map_or(&[][..], |last| &last.findings);
    if let Some(first) = findings.first() {
        let (count, what) = (findings.len(), &first.what);
        return Some(format!(
            "what is kept was read again and is not what was written, in {count} places, the first: {what}"
        ));
    }
    let since = last.map_or(opened, |last| last.ended);
    (now.since(since) > SCRUB_OVERDUE)
        .then(|| format!("what is kept was not read again since {since}, and should be every day"))
}

fn store_fault(health: &Health) -> Option<String> {
    if health.failed {
        return Some("the store has failed for good; restart, and see its log".to_owned());
    }
    if let Some(engine) = &health.engine {
        return Some(format!("{engine}; restart: it is brought up or rebuilt"));
    }
    if health.disk_full {
        let fault =
            "the disk is full, or takes no new file: only withdrawals and objections are taken";
        return Some(fault.to_owned());
    }
    health
        .publication_stalled
        .map(|since| format!("the exchange log is not published since {since}; mend its folder"))
}

fn clock_fault(health: &Health) -> Option<String> {
    health.clock.map(|fault| {
        format!(
            "the clock shows {}, and the newest entry is of {}; set the clock",
            fault.wall, fault.newest
        )
    })
}

fn rollback(health: &Health) -> Option<String> {
    health.rolled_back.then(|| {
        "this node is an old copy of itself: nothing is disclosed; put the newer folder back"
            .to_owned()
    })
}

/// A scrub a day, and as long again for one of a large store.
const SCRUB_OVERDUE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

#[cfg(test)]
mod tests;
