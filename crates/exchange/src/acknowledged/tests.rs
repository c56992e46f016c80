use passerelle_domain::vocabulary::Class;
use passerelle_proto::exchange::v1::delivery_item::Item;
use prost::Message;

use super::*;
use crate::testing::{Call, Federation, Met, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// An exchange that was answered and not acknowledged yet, and the acknowledgement on its way.
async fn acknowledged(federation: &Federation) -> (Met, wire::Acknowledgement) {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation.network().cut(HERE, THERE);
    federation.deliver_all().await;
    federation.network().mend(HERE, THERE);
    let sent = federation.network().sent().pop().unwrap();
    let Call::Deliver(request) = sent.call else {
        panic!("{sent:?}")
    };
    let body = wire::DeliverBody::decode(&*request.envelope.unwrap().body).unwrap();
    match body.items[0].item.clone() {
        Some(Item::Acknowledgement(acknowledgement)) => (met, acknowledgement),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn i12_an_acknowledgement_is_kept_beside_the_entry_that_it_belongs_to() {
    let federation = Federation::new(1);
    let (_, acknowledgement) = acknowledged(&federation).await;
    let shown = || {
        let node = federation.node(THERE);
        node.read(|view| Ok(peer_entries::find(view, 0)?)).unwrap()
    };
    assert_eq!(shown(), None);
    federation.deliver_all().await;
    let kept = shown().unwrap();
    assert_eq!(kept.entry, acknowledgement.logged.as_ref().unwrap().entry);
    // Shown again, under a later checkpoint (I5).
    let again = federation
        .deliver(HERE, THERE, vec![Item::Acknowledgement(acknowledgement)])
        .await;
    assert!(matches!(again[0], Outcome::Done(_)));
    assert_eq!(shown(), Some(kept));
}

#[tokio::test]
async fn i12_a_wrong_acknowledgement_is_refused_for_good() {
    let federation = Federation::new(1);
    let (met, good) = acknowledged(&federation).await;
    // Another entry of the same log, with a proof that holds.
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let log = federation.node(HERE);
    let log = log.store().log();
    let other = wire::LoggedEntry {
        entry: log.entry(0).unwrap(),
        proof: log
            .tlog_proof(0, &log.head())
            .unwrap()
            .to_string()
            .into_bytes()
            .into(),
        consistency: Vec::new(),
    };
    let mut no_entry = good.clone();
    no_entry.logged = None;
    let mut unknown = good.clone();
    unknown.exchange_id = federation
        .question(met.here, THERE)
        .exchange
        .as_bytes()
        .to_vec()
        .into();
    let mut never = good.clone();
    never.attempt = 2;
    let mut wrong = good.clone();
    wrong.logged = Some(other);
    let mut unproved = good.clone();
    unproved.logged.as_mut().unwrap().proof = Bytes::new();
    let items = [no_entry, unknown, never, wrong, unproved, good];
    let items = items.map(Item::Acknowledgement).to_vec();
    let outcomes = federation.deliver(HERE, THERE, items).await;
    let (last, refused) = outcomes.split_last().unwrap();
    assert!(matches!(last, Outcome::Done(_)), "{last:?}");
    for outcome in refused {
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn i4_a_node_that_only_answers_holds_what_it_is_shown_of_the_askers_log() {
    let federation = Federation::new(1);
    let (met, _) = acknowledged(&federation).await;
    let held = || {
        let node = federation.node(THERE);
        let known = node.read(|view| Ok(peers::find(view, &HERE.parse().unwrap())?));
        let note = known.unwrap().unwrap_or_default().checkpoint;
        let key = federation.log_key(HERE);
        SignedCheckpoint::open(&note, key.verifying_key()).ok()
    };
    assert!(held().is_none());
    let mut sizes = Vec::new();
    for _ in 0..3 {
        federation.deliver_all().await;
        let checkpoint = held().unwrap();
        let node = federation.node(HERE);
        let log = node.store().log();
        assert_eq!(log.root(checkpoint.size()).unwrap(), *checkpoint.root());
        assert_eq!(checkpoint.size(), log.size());
        sizes.push(checkpoint.size());
        assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
        // Both say what they held of the other when they made their entries.
        let last = federation.entries(THERE).pop().unwrap();
        assert_eq!(last.peer_checkpoint.unwrap().size, checkpoint.size());
        let asked = federation.entries(HERE).into_iter().rev();
        let asked = asked
            .into_iter()
            .find(|entry| entry.kind == EntryKind::Asked);
        let theirs = asked.unwrap().peer_checkpoint.unwrap();
        assert!(theirs.origin.starts_with(THERE) && theirs.size >= 1);
    }
    assert_eq!(sizes, [2, 4, 6]);
}
