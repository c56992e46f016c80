//! What must hold, each a function of what the nodes hold: it says how it is broken.

use std::collections::BTreeSet;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, NodeId, Summary};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::copies::{Copy, HeldCopy};
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::source_states::SourceState;
use passerelle_tlog::{Hash, leaf_hash, node_hash};
use prost::Message;

use super::held::{Held, Logged, Node};

/// Everything that is broken; nothing is, but by a fault of the code.
pub(super) fn broken(held: &Held) -> Vec<String> {
    let checks: [fn(&Held) -> Vec<String>; 12] = [
        i2,
        i3,
        i4,
        i5_pairs,
        i5_one_effect,
        i6,
        links_agree,
        i9,
        i10,
        i11,
        nothing_is_stuck,
        what_was_acknowledged_is_there,
    ];
    checks.iter().flat_map(|check| check(held)).collect()
}

/// What left a node is in its log, with the digest of its bytes; so is what others hold of it.
pub(super) fn i2(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for left in &held.answers {
        let log = &held.nodes[&left.by].log;
        let logged = log.get(usize::try_from(left.leaf).expect("a small log"));
        let right = logged.is_some_and(|logged| {
            logged.bytes == left.entry && logged.entry.body == Some(left.body)
        });
        if !right {
            broken.push(format!("I2: what {} sent is not in its log", left.by));
        }
    }
    for (node, holder, copy) in copies(held) {
        let body = Digest::of(copy.body.expose());
        let disclosed = |logged: &&Logged| {
            let entry = &logged.entry;
            entry.kind == EntryKind::Disclosed
                && (entry.exchange, entry.attempt) == (Some(copy.exchange), Some(copy.attempt))
                && entry.body == Some(body)
                && peer(entry) == Some(node)
        };
        if !held.nodes[holder].log.iter().any(|one| disclosed(&one)) {
            broken.push(format!(
                "I2: what {node} holds is not in the log of {holder}"
            ));
        }
    }
    broken
}

/// In the log of a holder no disclosure follows the withdrawal or the objection that covers it.
pub(super) fn i3(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        let at = |kind, at| {
            let ends = |logged: &Logged| logged.entry.kind == kind && logged.entry.at == at;
            node.log.iter().position(ends)
        };
        for ended in &node.withdrawals {
            let kind = match node.ends_link(ended.order) {
                true => EntryKind::Unlinked,
                false => EntryKind::Withdrawn,
            };
            let Some(end) = at(kind, ended.withdrawn_at) else {
                broken.push(format!("I3: {name} has not logged a withdrawal"));
                continue;
            };
            let late = |leaf: u64| leaf > u64::try_from(end).expect("a small log");
            let covered = node.disclosures.iter();
            let mut covered = covered.filter(|one| one.chains.contains(&ended.chain));
            if covered.any(|one| one.link == ended.link && late(one.leaf)) {
                broken.push(format!("I3: {name} disclosed after a withdrawal"));
            }
        }
        for objection in &node.objections {
            let Some(taken) = at(EntryKind::Objected, objection.taken_at) else {
                broken.push(format!("I3: {name} has not logged an objection"));
                continue;
            };
            let covers = |entry: &Entry| match &objection.scope {
                ObjectionScope::Requester(node) => peer(entry) == Some(node),
                _ => true,
            };
            let mut after = node.log[taken..].iter().map(|logged| &logged.entry);
            if after.any(|entry| entry.kind == EntryKind::Disclosed && covers(entry)) {
                broken.push(format!("I3: {name} disclosed after an objection"));
            }
        }
    }
    broken
}

/// Every checkpoint that a node ever showed is of a beginning of the log that it has.
pub(super) fn i4(held: &Held) -> Vec<String> {
    let is_of = |(name, shown): &(NodeId, passerelle_tlog::SignedCheckpoint)| {
        let log = &held.nodes[name].log;
        let size = usize::try_from(shown.size()).expect("a small log");
        let leaves = log.get(..size)?.iter();
        let leaves: Vec<Hash> = leaves.map(|logged| leaf_hash(&logged.bytes)).collect();
        (root(&leaves)? == *shown.root()).then_some(())
    };
    let others = held.checkpoints.iter().filter(|one| is_of(one).is_none());
    others
        .map(|(name, shown)| format!("I4: {name} has no log of size {} any more", shown.size()))
        .collect()
}

/// The Merkle tree hash of RFC 9162 §2.1.1, as it stands there; a checkpoint with an entry in it is
/// not of an empty log.
fn root(leaves: &[Hash]) -> Option<Hash> {
    match leaves {
        [] => None,
        [leaf] => Some(*leaf),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Some(node_hash(&root(left)?, &root(right)?))
        }
    }
}

/// Every attempt that reached a look at the person is in both logs, and both say the same.
pub(super) fn i5_pairs(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        let mut answered = BTreeSet::new();
        for logged in node.log.iter().filter(|logged| answers(&logged.entry)) {
            let entry = &logged.entry;
            let asker = &held.nodes[peer(entry).expect("whom it answers")];
            let asked = asker.log.iter().any(|one| {
                one.entry.kind == EntryKind::Asked
                    && same_attempt(&one.entry, entry)
                    && entry.peer_leaf == Some(leaf_digest(one))
            });
            if !asked {
                broken.push(format!("I5: {name} answered what nobody has asked"));
            }
            let once = answered.insert((peer(entry).cloned(), entry.exchange, entry.attempt));
            if entry.outcome != Outcome::Duplicate && !once {
                broken.push(format!("I5: {name} answered an attempt twice"));
            }
        }
        for logged in of_kind(node, EntryKind::Received) {
            let entry = &logged.entry;
            let answerer = &held.nodes[peer(entry).expect("who answered")];
            let answer = answerer.log.iter().find(|one| {
                answers(&one.entry)
                    && same_attempt(&one.entry, entry)
                    && one.entry.body == entry.body
                    && entry.peer_leaf == Some(leaf_digest(one))
            });
            match answer {
                None => broken.push(format!("I5: {name} received what nobody has answered")),
                Some(answer) if answer.peer_entry.as_ref() != Some(&logged.bytes) => {
                    broken.push(format!("I12: what {name} received is not acknowledged"));
                }
                Some(_) => {}
            }
        }
        let mut asked = BTreeSet::new();
        for logged in of_kind(node, EntryKind::Asked) {
            if !asked.insert((logged.entry.exchange, logged.entry.attempt)) {
                broken.push(format!("I5: {name} made one attempt twice"));
            }
        }
    }
    broken
}

/// What came more than once had one effect.
pub(super) fn i5_one_effect(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |name: &NodeId, what: &str, is: usize, should: usize| {
        if is != should {
            broken.push(format!("I5: {name}: {is} {what}, not {should}"));
        }
    };
    for (name, node) in &held.nodes {
        let entries = |kind| of_kind(node, kind).count();
        let received = node.receipts.iter().filter(|kept| !kept.issued_here);
        let received = received.count();
        must(
            name,
            "receipts kept",
            entries(EntryKind::ReceiptKept),
            received,
        );
        let withdrawn = node.withdrawals.iter();
        let withdrawn = withdrawn.filter(|ended| !node.ends_link(ended.order));
        let withdrawn = withdrawn.count();
        must(
            name,
            "withdrawals",
            entries(EntryKind::Withdrawn),
            withdrawn,
        );
        let ended = node.links.iter().filter(|link| link.end.is_some()).count();
        must(name, "ends of links", entries(EntryKind::Unlinked), ended);
        let objections = node.objections.len();
        must(name, "objections", entries(EntryKind::Objected), objections);
        for link in node
            .links
            .iter()
            .filter(|link| link.state == LinkState::Live)
        {
            let same = |other: &&passerelle_store::tables::links::Link| {
                other.peer == link.peer && other.state == LinkState::Live
            };
            must(name, "links", node.links.iter().filter(same).count(), 1);
            let there = &held.nodes[&link.peer].links;
            let there = there.iter().filter(|other| other.id == link.id).count();
            must(name, "links at the peer", there, 1);
        }
    }
    if held.redemptions_left != 2 {
        broken.push(format!(
            "I5: {} redemptions are left",
            held.redemptions_left
        ));
    }
    broken
}

/// The requester holds exactly what the holder's permits allow.
pub(super) fn i6(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        for (holder, permitted) in &node.permitted {
            let copy = node.copies.iter().find_map(|(source, copy)| match copy {
                Copy::Held(copy) if source.holder == *holder => Some(summary(copy)),
                _ => None,
            });
            match (&copy, permitted) {
                (None, Some(_)) => broken.push(format!("I6: {name} misses what {holder} allows")),
                (Some(_), None) => broken.push(format!("I6: {name} holds what {holder} forbids")),
                (Some(copy), Some(permitted))
                    if (&copy.records, &copy.not_opened)
                        != (&permitted.records, &permitted.not_opened) =>
                {
                    broken.push(format!("I6: {name} holds other than {holder} allows"));
                }
                _ => {}
            }
        }
        for (other, holder, _) in copies(held) {
            if other == name && !node.permitted.contains_key(holder) {
                broken.push(format!("I6: {name} holds what it has not asked for"));
            }
        }
    }
    broken
}

/// Both sides of a link say the same of it, and what has ended stands in no agreement.
pub(super) fn links_agree(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        for link in &node.links {
            let there = &held.nodes[&link.peer].links;
            let there = there.iter().find(|other| other.id == link.id);
            if there.is_none_or(|other| other.state != link.state) {
                broken.push(format!("I5: {name} and {} differ about a link", link.peer));
            }
            let stands = |kept: &&passerelle_store::tables::receipts::KeptReceipt| {
                let receipt = &kept.receipt;
                let mut withdrawn = node.withdrawals.iter();
                receipt.link == link.id && !withdrawn.any(|ended| ended.chain == receipt.chain)
            };
            if link.state != LinkState::Live && node.receipts.iter().any(|kept| stands(&kept)) {
                broken.push(format!("I3: {name} has an agreement over what has ended"));
            }
        }
    }
    broken
}

/// Whatever is in a log is with a member.
pub(super) fn i9(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        let own = |entry: &Entry| entry.own.node == *name;
        let with_member = |entry: &Entry| {
            let peer = entry.peer.as_ref().map(|peer| &peer.node);
            peer.is_none_or(|peer| peer != name && held.nodes.contains_key(peer))
        };
        let wrong = |logged: &&Logged| !own(&logged.entry) || !with_member(&logged.entry);
        if node.log.iter().any(|logged| wrong(&logged)) {
            broken.push(format!("I9: {name} has an entry with nobody"));
        }
    }
    broken
}

/// Entries hold nothing by which a person, or what they do, is known.
pub(super) fn i10(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        for logged in &node.log {
            let text = std::str::from_utf8(&logged.bytes).expect("JSON");
            if PERSONAL.iter().any(|personal| text.contains(personal)) {
                broken.push(format!("I10: {name} has an entry that names somebody"));
            }
        }
    }
    broken
}

/// Names, dates, references and words of the story.
const PERSONAL: [&str; 6] = ["Diallo", "DIALLO", "Awa", "2000-04-12", "Soudure", "A-1"];

/// What is shown of a source is what happened.
pub(super) fn i11(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        for (holder, state) in &node.sources {
            let copy = node
                .copies
                .iter()
                .find(|(source, _)| source.holder == *holder);
            let last = of_kind(node, EntryKind::Received)
                .filter(|logged| peer(&logged.entry) == Some(holder))
                .filter(|logged| {
                    logged.entry.purpose != Some(passerelle_domain::Purpose::Identification)
                })
                .last()
                .map(|logged| logged.entry.outcome);
            let right = match state {
                SourceState::Received => matches!(copy, Some((_, Copy::Held(_)))),
                SourceState::Purged => matches!(copy, Some((_, Copy::Purged { .. }))),
                SourceState::NothingToShare => last == Some(Outcome::Nothing),
                SourceState::NeverAsked => last.is_none(),
                // The faults have ended, and everyone has been asked since.
                SourceState::Unreachable => false,
            };
            if !right {
                broken.push(format!("I11: {name} says of {holder}: {state:?}"));
            }
        }
    }
    broken
}

/// Everything that was queued was delivered, and taken.
pub(super) fn nothing_is_stuck(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, node) in &held.nodes {
        for item in &node.outbox {
            broken.push(format!(
                "{name}: {:?} is stuck: {}",
                item.kind, item.last_error
            ));
        }
        let delivered = |delivery: &Option<passerelle_store::tables::deliveries::Delivery>| {
            let state = delivery.as_ref().map(|delivery| delivery.state);
            state == Some(DeliveryState::Delivered)
        };
        if !node.deliveries.iter().all(delivered) {
            broken.push(format!("{name}: something was not taken"));
        }
    }
    broken
}

/// What an agency system was told is so.
pub(super) fn what_was_acknowledged_is_there(held: &Held) -> Vec<String> {
    let mut broken = Vec::new();
    let told = &held.acknowledged;
    let mut must = |what: &str, there: bool| {
        if !there {
            broken.push(format!("acknowledged, and not there: {what}"));
        }
    };
    let holder = NodeId::new(super::story::HOLDER).expect("a name");
    for (_, record) in &told.records {
        must("a record", held.nodes[&holder].records.contains(record));
    }
    for (node, chain, version) in &told.agreements {
        let kept = held.nodes[node].receipts.iter();
        let mut kept = kept.map(|kept| (kept.receipt.chain, kept.receipt.version));
        must("an agreement", kept.any(|kept| kept == (*chain, *version)));
    }
    for (node, chain) in &told.withdrawn {
        let mut ended = held.nodes[node].withdrawals.iter();
        must("a withdrawal", ended.any(|ended| ended.chain == *chain));
    }
    for (node, link) in &told.unlinked {
        let mut links = held.nodes[node].links.iter();
        let mut ended = |link: &_| links.any(|other| other.id == *link && other.end.is_some());
        must("the end of a link", ended(link));
    }
    for id in &told.objections {
        let mut taken = held.nodes[&holder].objections.iter();
        must("an objection", taken.any(|objection| objection.id == *id));
    }
    for (node, leaf) in &told.received {
        let log = &held.nodes[node].log;
        let logged = log.get(usize::try_from(*leaf).expect("a small log"));
        let received = logged.is_some_and(|one| one.entry.kind == EntryKind::Received);
        must("an answer", received);
    }
    for node in &told.linked {
        let mut links = held.nodes[node].links.iter();
        must("a link", links.any(|link| link.peer == holder));
    }
    broken
}

fn copies(held: &Held) -> impl Iterator<Item = (&NodeId, &NodeId, &HeldCopy)> {
    held.nodes.iter().flat_map(|(name, node)| {
        node.copies
            .iter()
            .filter_map(move |(source, copy)| match copy {
                Copy::Held(copy) => Some((name, &source.holder, copy)),
                Copy::Purged { .. } => None,
            })
    })
}

fn summary(copy: &HeldCopy) -> Summary {
    let body = wire::AnswerBody::decode(&**copy.body.expose()).expect("an answer");
    match body.result {
        Some(wire::answer_body::Result::Summary(summary)) => {
            Summary::try_from(&summary).expect("a summary")
        }
        other => panic!("a copy of {other:?}"),
    }
}

fn of_kind(node: &Node, kind: EntryKind) -> impl Iterator<Item = &Logged> {
    node.log
        .iter()
        .filter(move |logged| logged.entry.kind == kind)
}

fn answers(entry: &Entry) -> bool {
    matches!(
        entry.kind,
        EntryKind::Disclosed | EntryKind::Refused | EntryKind::Redeemed
    )
}

fn same_attempt(one: &Entry, other: &Entry) -> bool {
    (one.exchange, one.attempt, one.question) == (other.exchange, other.attempt, other.question)
}

fn leaf_digest(logged: &Logged) -> Digest {
    Digest::from_bytes(*leaf_hash(&logged.bytes).as_bytes())
}

fn peer(entry: &Entry) -> Option<&NodeId> {
    entry.peer.as_ref().map(|peer| &peer.node)
}
