use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::Timestamp;
use passerelle_store::{Health, ScrubReport, Store};
use passerelle_transport::jwt::oidc::Issuers;
use passerelle_transport::tls::TrustHandle;

use super::keys::NodeKeys;
use crate::readiness::{Check, Needs, trust};

/// What must hold of the store, and of the keys, for the node to serve.
pub(super) fn of(
    store: &Store,
    list: &TrustHandle,
    keys: &NodeKeys,
    issuers: &Arc<Issuers>,
) -> Vec<Check> {
    let of_store = OF_STORE.iter().map(|&(name, needs, fault)| {
        let store = store.clone();
        Check::new(name, needs, move |_: Timestamp| {
            fault(&store.health()).map_or(Ok(()), Err)
        })
    });
    let own_keys = trust::own_keys(
        list.clone(),
        keys.log.verifying_key().clone(),
        keys.own.receipt.clone(),
    );
    let more = [
        own_keys,
        scrub(store.clone()),
        agent_issuers(Arc::clone(issuers)),
    ];
    of_store.chain(more).collect()
}

/// That the keys of every identity provider can be had. Sessions that are open go on without.
fn agent_issuers(issuers: Arc<Issuers>) -> Check {
    Check::alarm("agent_issuers", move |_| {
        let failing = issuers.failing().into_iter();
        let failing: Vec<_> = failing
            .map(|(issuer, why)| format!("the keys of {issuer} are not to be had: {why}"))
            .collect();
        if failing.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}; its agents open no new session once a key is needed that is not held",
            failing.join("; ")
        ))
    })
}

type Fault = fn(&Health) -> Option<String>;

const OF_STORE: &[(&str, Needs, Fault)] = &[
    ("store", Needs::Withdrawals, store_fault),
    ("disk", Needs::OwnData, disk_full),
    ("publication", Needs::OwnData, publication_stalled),
    ("clock", Needs::Exchange, clock_fault),
    ("rollback", Needs::Exchange, rollback),
];

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
    let engine = health.engine.as_ref();
    engine.map(|engine| format!("{engine}; restart: it is brought up or rebuilt"))
}

fn disk_full(health: &Health) -> Option<String> {
    health.disk_full.then(|| {
        "the disk is full, or takes no new file: only withdrawals and objections are taken; make room".to_owned()
    })
}

fn publication_stalled(health: &Health) -> Option<String> {
    health
        .publication_stalled
        .map(|since| format!("the exchange log is not published since {since}; mend its folder"))
}

fn clock_fault(health: &Health) -> Option<String> {
    health.clock.map(|fault| {
        format!(
            "the clock shows {}, and the newest entry is of {}: set the clock, or if it is right stop the node and run `passerelle clock accept`",
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
