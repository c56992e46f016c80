use passerelle_domain::entry::{Outcome, Party};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, ExchangeId, NodeId, Timestamp};
use passerelle_proto::exchange::v1 as wire;
use passerelle_tlog::{
    KeyName, LogKey, MemoryTree, SignedCheckpoint, TlogProof, Tree, leaf_hash, prove_consistency,
    prove_inclusion,
};

use super::*;

const QUESTION: &[u8] = b"question";
const BODY: &[u8] = b"body";

struct Log {
    key: LogKey,
    tree: MemoryTree,
}

impl Log {
    fn of(node: &str) -> Self {
        let origin: KeyName = format!("{node}.demo.example/exchange/2026h2")
            .parse()
            .unwrap();
        Self {
            key: LogKey::from_seed(&[7; 32], origin).unwrap(),
            tree: MemoryTree::default(),
        }
    }

    fn append(&mut self, entry: &[u8]) -> u64 {
        let index = self.tree.size();
        self.tree.append(leaf_hash(entry));
        index
    }

    fn checkpoint(&self) -> SignedCheckpoint {
        let tree = Tree::from_reader(&self.tree, self.tree.size()).unwrap();
        self.key.sign_checkpoint(tree.size(), tree.root())
    }

    fn show(&self, entry: &[u8], index: u64, held: u64) -> wire::LoggedEntry {
        let size = self.tree.size();
        let hashes = prove_inclusion(&self.tree, index, size).unwrap();
        let consistency = if held == 0 || held == size {
            Vec::new()
        } else {
            prove_consistency(&self.tree, held, size).unwrap()
        };
        wire::LoggedEntry {
            entry: entry.to_vec().into(),
            proof: TlogProof::new(index, hashes, &self.checkpoint())
                .to_string()
                .into_bytes()
                .into(),
            consistency: consistency
                .iter()
                .map(|h| h.as_bytes().to_vec().into())
                .collect(),
        }
    }
}

fn node(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}

fn exchange() -> ExchangeId {
    "01935b6e-5c7a-7e3d-8b1a-0123456789ab".parse().unwrap()
}

fn entry() -> Entry {
    Entry {
        peer: Some(Party {
            node: node("asker"),
            certificate: None,
        }),
        exchange: Some(exchange()),
        attempt: Some(1),
        question: Some(Digest::of(QUESTION)),
        body: Some(Digest::of(BODY)),
        ..Entry::new(
            EntryKind::Disclosed,
            Timestamp::from_secs(1_800_000_000),
            Party {
                node: node("holder"),
                certificate: None,
            },
            Outcome::Done,
        )
    }
}

fn check(
    log: &Log,
    logged: &wire::LoggedEntry,
    held: Option<&SignedCheckpoint>,
) -> Result<Shown, &'static str> {
    check_shown(
        logged,
        &[log.key.verifying_key().clone()],
        held,
        Expected {
            shown_by: &node("holder"),
            shown_to: &node("asker"),
            kinds: &[EntryKind::Disclosed],
            exchange: exchange(),
            attempt: 1,
            question: Digest::of(QUESTION),
            body: Digest::of(BODY),
        },
    )
}

/// A log that was seen at three entries and now holds the answer as its sixth.
fn answered(entry: &Entry) -> (Log, SignedCheckpoint, wire::LoggedEntry) {
    let mut log = Log::of("holder");
    for other in [b"a", b"b", b"c"] {
        log.append(other);
    }
    let held = log.checkpoint();
    log.append(b"d");
    log.append(b"e");
    let bytes = entry.to_bytes().unwrap();
    let index = log.append(&bytes);
    let logged = log.show(&bytes, index, held.size());
    (log, held, logged)
}

#[test]
fn an_answer_that_is_logged_is_believed() {
    let (log, held, logged) = answered(&entry());
    let shown = check(&log, &logged, Some(&held)).unwrap();
    assert_eq!(shown.entry, entry());
    assert_eq!(shown.checkpoint.size(), 6);
    assert!(check(&log, &logged, None).is_ok());
}

#[test]
fn i2_an_entry_that_says_something_else_is_refused() {
    type Spoil = fn(&mut Entry);
    let spoils: [Spoil; 7] = [
        |e| e.own.node = NodeId::new("another").unwrap(),
        |e| e.peer.as_mut().unwrap().node = NodeId::new("another").unwrap(),
        |e| e.kind = EntryKind::Refused,
        |e| e.attempt = Some(2),
        |e| e.exchange = None,
        |e| e.question = Some(Digest::of(b"another")),
        |e| e.body = None,
    ];
    for spoil in spoils {
        let mut other = entry();
        spoil(&mut other);
        let (log, held, logged) = answered(&other);
        assert!(check(&log, &logged, Some(&held)).is_err());
    }
}

#[test]
fn i4_a_log_that_does_not_continue_what_was_shown_is_refused() {
    let (log, held, logged) = answered(&entry());
    // No proof, a proof of something else, and a fork at the size that was held.
    for consistency in [
        Vec::new(),
        vec![vec![0; 32].into()],
        vec![vec![0; 31].into()],
    ] {
        let spoilt = wire::LoggedEntry {
            consistency,
            ..logged.clone()
        };
        assert!(check(&log, &spoilt, Some(&held)).is_err());
    }
    let mut fork = Log::of("holder");
    for other in [b"a", b"b", b"X"] {
        fork.append(other);
    }
    assert!(check(&log, &logged, Some(&fork.checkpoint())).is_err());
}

#[test]
fn i4_a_log_that_has_become_shorter_is_refused() {
    let (mut log, _, logged) = answered(&entry());
    log.append(b"later");
    let newer = log.checkpoint();
    assert!(check(&log, &logged, Some(&newer)).is_err());
}

#[test]
fn a_proof_by_another_key_or_of_another_log_is_refused() {
    let (_, held, logged) = answered(&entry());
    let stranger = LogKey::from_seed(
        &[8; 32],
        "holder.demo.example/exchange/2026h2".parse().unwrap(),
    )
    .unwrap();
    let other = Log {
        key: stranger,
        tree: MemoryTree::default(),
    };
    assert!(check(&other, &logged, Some(&held)).is_err());
    assert!(check(&Log::of("elsewhere"), &logged, None).is_err());
}
