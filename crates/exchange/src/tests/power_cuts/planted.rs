//! Every check fails on what it is there to find.

use bytes::Bytes;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{ChainId, Digest, NodeId, RecordId, TokenId};
use passerelle_store::tables::copies::Copy;
use passerelle_store::tables::disclosures::Disclosure;
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::outbox::{OutboxItem, OutboxKind};
use passerelle_store::tables::source_states::SourceState;

use super::held::{Held, Logged, Node};
use super::invariants::broken;
use super::story::{HOLDER, REQUESTER, STEPS, Story, THIRD};

type Plant = fn(&mut Held);

/// What is planted, and how it is told.
const PLANTED: &[(Plant, &str)] = &[
    (
        |held| held.answers[0].body = Digest::of(b"other bytes"),
        "I2: what mission-locale sent is not in its log",
    ),
    (
        |held| copy(node(held, REQUESTER)).attempt = 9,
        "I2: what departement holds is not in the log of mission-locale",
    ),
    (
        |held| {
            let holder = node(held, HOLDER);
            let late = Disclosure {
                leaf: 1_000,
                chains: vec![holder.withdrawals[0].chain],
                link: holder.withdrawals[0].link,
                ..holder.disclosures[0].clone()
            };
            holder.disclosures.push(late);
        },
        "I3: mission-locale disclosed after a withdrawal",
    ),
    (
        |held| {
            let to_third = |logged: &Logged| {
                let peer = logged.entry.peer.as_ref().map(|peer| peer.node.as_str());
                peer == Some(THIRD)
            };
            again(held, HOLDER, EntryKind::Disclosed, to_third);
        },
        "I3: mission-locale disclosed after an objection",
    ),
    (
        |held| node(held, HOLDER).log.swap(0, 1),
        "I4: mission-locale has no log of size",
    ),
    (
        |held| node(held, HOLDER).log.truncate(3),
        "I4: mission-locale has no log of size",
    ),
    (
        |held| forget(held, REQUESTER, EntryKind::Asked),
        "I5: mission-locale answered what nobody has asked",
    ),
    (
        |held| forget(held, HOLDER, EntryKind::Disclosed),
        "I5: departement received what nobody has answered",
    ),
    (
        |held| again(held, HOLDER, EntryKind::Disclosed, |_| true),
        "I5: mission-locale answered an attempt twice",
    ),
    (
        |held| again(held, REQUESTER, EntryKind::Asked, |_| true),
        "I5: departement made one attempt twice",
    ),
    (
        |held| {
            for logged in &mut node(held, HOLDER).log {
                logged.peer_entry = None;
            }
        },
        "I12: what departement received is not acknowledged",
    ),
    (
        |held| again(held, HOLDER, EntryKind::ReceiptKept, |_| true),
        "I5: mission-locale: 3 receipts kept, not 2",
    ),
    (
        |held| again(held, REQUESTER, EntryKind::Withdrawn, |_| true),
        "I5: departement: 2 withdrawals, not 1",
    ),
    (
        |held| again(held, HOLDER, EntryKind::Objected, |_| true),
        "I5: mission-locale: 2 objections, not 1",
    ),
    (
        |held| {
            let link = node(held, REQUESTER).links[0].clone();
            node(held, REQUESTER).links.push(link);
        },
        "I5: departement: 2 links, not 1",
    ),
    (
        |held| again(held, THIRD, EntryKind::Unlinked, |_| true),
        "I5: association: 2 ends of links, not 1",
    ),
    (
        |held| {
            for link in &mut node(held, THIRD).links {
                link.state = LinkState::Live;
            }
        },
        "I5: association and mission-locale differ about a link",
    ),
    (
        |held| node(held, HOLDER).links.clear(),
        "I5: departement: 0 links at the peer, not 1",
    ),
    (
        |held| held.redemptions_left = 1,
        "I5: 1 redemptions are left",
    ),
    (
        |held| node(held, REQUESTER).copies.clear(),
        "I6: departement misses what mission-locale allows",
    ),
    (
        |held| {
            for permitted in node(held, REQUESTER).permitted.values_mut() {
                *permitted = None;
            }
        },
        "I6: departement holds what mission-locale forbids",
    ),
    (
        |held| {
            for permitted in node(held, REQUESTER).permitted.values_mut().flatten() {
                permitted.records.pop();
            }
        },
        "I6: departement holds other than mission-locale allows",
    ),
    (
        |held| node(held, REQUESTER).permitted.clear(),
        "I6: departement holds what it has not asked for",
    ),
    (
        |held| {
            let entry = &mut node(held, HOLDER).log[0].entry;
            entry.peer.as_mut().unwrap().node = entry.own.node.clone();
        },
        "I9: mission-locale has an entry with nobody",
    ),
    (
        |held| node(held, HOLDER).log[0].bytes = Bytes::from_static(b"{\"to\":\"Diallo\"}"),
        "I10: mission-locale has an entry that names somebody",
    ),
    (
        |held| said(held, REQUESTER, SourceState::NothingToShare),
        "I11: departement says of mission-locale: NothingToShare",
    ),
    (
        |held| said(held, THIRD, SourceState::Received),
        "I11: association says of mission-locale: Received",
    ),
    (
        |held| said(held, REQUESTER, SourceState::Unreachable),
        "I11: departement says of mission-locale: Unreachable",
    ),
    (
        |held| {
            let at = passerelle_domain::Timestamp::default();
            node(held, THIRD).outbox.push(OutboxItem {
                kind: OutboxKind::Acknowledgement,
                item: Bytes::new(),
                leaf: None,
                person: None,
                subject: None,
                created_at: at,
                attempts: 9,
                next_try_at: at,
                last_error: "the peer says: later".to_owned(),
            });
        },
        "association: Acknowledgement is stuck",
    ),
    (
        |held| node(held, HOLDER).deliveries.push(None),
        "mission-locale: something was not taken",
    ),
    (
        |held| {
            let (person, _) = held.acknowledged.records[0];
            let other = RecordId::from_bytes([9; 16]);
            held.acknowledged.records.push((person, other));
        },
        "acknowledged, and not there: a record",
    ),
    (
        |held| held.acknowledged.agreements[0].2 = 7,
        "acknowledged, and not there: an agreement",
    ),
    (
        |held| held.acknowledged.withdrawn[0].1 = ChainId::from_bytes([9; 16]),
        "acknowledged, and not there: a withdrawal",
    ),
    (
        |held| {
            held.acknowledged
                .objections
                .push(TokenId::from_bytes([9; 16]))
        },
        "acknowledged, and not there: an objection",
    ),
    (
        |held| held.acknowledged.received[0].1 = 1_000,
        "acknowledged, and not there: an answer",
    ),
    (
        |held| {
            let third = NodeId::new(THIRD).unwrap();
            node(held, THIRD).links.clear();
            held.acknowledged.linked.push(third);
        },
        "acknowledged, and not there: a link",
    ),
];

#[tokio::test]
async fn each_check_finds_what_is_planted_for_it() {
    let mut story = Story::begin().await;
    for step in STEPS {
        story.tell(*step).await;
    }
    story.settle().await;
    let whole = Held::by(&story);
    for (plant, told) in PLANTED {
        let mut held = whole.clone();
        plant(&mut held);
        let found = broken(&held);
        assert!(
            found.iter().any(|one| one.starts_with(told)),
            "{told}: {found:?}"
        );
    }
}

fn node<'a>(held: &'a mut Held, name: &str) -> &'a mut Node {
    let name = NodeId::new(name).unwrap();
    held.nodes.get_mut(&name).unwrap()
}

fn copy(node: &mut Node) -> &mut passerelle_store::tables::copies::HeldCopy {
    match &mut node.copies[0].1 {
        Copy::Held(copy) => copy,
        Copy::Purged { .. } => panic!("a copy that is held"),
    }
}

/// The last entry of a kind stands in the log once more.
fn again(held: &mut Held, name: &str, kind: EntryKind, which: fn(&Logged) -> bool) {
    let log = &mut node(held, name).log;
    let same = |logged: &&Logged| logged.entry.kind == kind && which(logged);
    let last = log.iter().rev().find(same).cloned();
    log.push(last.expect("an entry of that kind"));
}

fn forget(held: &mut Held, name: &str, kind: EntryKind) {
    let log = &mut node(held, name).log;
    log.retain(|logged| logged.entry.kind != kind);
}

fn said(held: &mut Held, name: &str, state: SourceState) {
    for known in node(held, name).sources.values_mut() {
        *known = state;
    }
}
