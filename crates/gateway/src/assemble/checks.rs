use passerelle_domain::Timestamp;
use passerelle_store::{Health, Store};

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
    ]
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
