use std::path::PathBuf;
use std::time::Duration;

use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::{AgentRole, RefusalReason};
use passerelle_store::KnownAgent;
use passerelle_store::tables::peer_entries::PeerEntry;
use passerelle_store::tables::persons;
use passerelle_tlog::{SignedCheckpoint, TlogProof, VerifyingKey};

use super::*;
use crate::logging::Draft;
use crate::testing::{Federation, amina, awa};

const NODE: &str = "mission-locale";
const PEER: &str = "departement";
const OTHER: &str = "association";

fn officer(federation: &Federation) -> Caller {
    federation.caller(NODE, AgentRole::PrivacyOfficer, true)
}

/// Logs an entry for the caseworker of the node.
async fn log(
    federation: &Federation,
    kind: EntryKind,
    person: Option<PersonId>,
    peer: &str,
) -> u64 {
    let node = federation.node(NODE);
    let mut draft = Draft::new(node.entry(kind, Outcome::Nothing), person)
        .by(&federation.caseworker(NODE))
        .with(&NodeId::new(peer).unwrap(), None);
    draft.fields.reason = RefusalReason::LocalRule.id().to_owned();
    let logged = node.transact("log", move |tx| draft.clone().log(tx)).await;
    logged.unwrap().value.leaf
}

fn listed(federation: &Federation, filter: &ExchangeFilter) -> Vec<u64> {
    let node = federation.node(NODE);
    let page = node
        .list_exchanges(&officer(federation), filter, PageSize::MAX, "")
        .unwrap();
    assert_eq!(page.next, None);
    page.items.iter().map(|exchange| exchange.index).collect()
}

#[tokio::test]
async fn entries_are_listed_the_newest_first_by_person_peer_kind_and_time() {
    let federation = Federation::new(1);
    let awa = federation.register(NODE, "ML-1", awa()).await;
    let amina = federation.register(NODE, "ML-2", amina()).await;
    let start = federation.now();
    log(&federation, EntryKind::Disclosed, Some(awa), PEER).await;
    log(&federation, EntryKind::Refused, Some(amina), OTHER).await;
    federation.pass(Duration::from_secs(60));
    let later = federation.now();
    log(&federation, EntryKind::Refused, None, PEER).await;
    log(&federation, EntryKind::Viewed, Some(awa), OTHER).await;

    let all = ExchangeFilter::default;
    let peer = NodeId::new(PEER).unwrap();
    for (filter, expected) in [
        (all(), vec![3, 2, 1, 0]),
        (
            ExchangeFilter {
                person: Some(awa),
                ..all()
            },
            vec![3, 0],
        ),
        (
            ExchangeFilter {
                peer: Some(peer.clone()),
                ..all()
            },
            vec![2, 0],
        ),
        (
            ExchangeFilter {
                person: Some(awa),
                peer: Some(peer),
                ..all()
            },
            vec![0],
        ),
        (
            ExchangeFilter {
                kinds: BTreeSet::from([EntryKind::Refused, EntryKind::Viewed]),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            ExchangeFilter {
                from: Some(later),
                ..all()
            },
            vec![3, 2],
        ),
        (
            ExchangeFilter {
                to: Some(later),
                ..all()
            },
            vec![1, 0],
        ),
        (
            ExchangeFilter {
                from: Some(start),
                to: Some(start),
                ..all()
            },
            vec![],
        ),
    ] {
        assert_eq!(listed(&federation, &filter), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_hold_every_entry_once_though_the_log_grows() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let caller = officer(&federation);
    for _ in 0..7 {
        log(&federation, EntryKind::Asked, None, PEER).await;
        log(&federation, EntryKind::Refused, None, PEER).await;
    }
    let filter = ExchangeFilter {
        kinds: BTreeSet::from([EntryKind::Refused]),
        ..ExchangeFilter::default()
    };
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let size = PageSize::from_wire(3).unwrap();
        let page = node.list_exchanges(&caller, &filter, size, &token).unwrap();
        seen.extend(page.items.iter().map(|exchange| exchange.index));
        log(&federation, EntryKind::Refused, None, PEER).await;
        let Some(next) = page.next else { break };
        token = next;
    }
    assert_eq!(seen, [13, 11, 9, 7, 5, 3, 1]);
    let refused = node
        .list_exchanges(&caller, &filter, PageSize::MAX, "first")
        .unwrap_err();
    assert!(
        matches!(refused, ExchangeError::Malformed(malformed) if malformed.field() == "page_token")
    );
}

#[tokio::test]
async fn i12_an_entry_comes_with_a_proof_that_anybody_can_check() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let awa = federation.register(NODE, "ML-1", awa()).await;
    for _ in 0..5 {
        log(&federation, EntryKind::Disclosed, Some(awa), PEER).await;
    }
    let caller = officer(&federation);
    let latest = node.latest_checkpoint(&caller).unwrap();
    let key: VerifyingKey = latest.verifier_key.parse().unwrap();
    let checkpoint = SignedCheckpoint::open(latest.checkpoint.as_bytes(), &key).unwrap();
    assert_eq!(checkpoint.size(), 5);

    let file = node.exchange_file(&caller, 2).unwrap();
    let proof = TlogProof::parse(file.proof.as_bytes()).unwrap();
    let head = proof.verify(file.exchange.entry.as_bytes(), &key).unwrap();
    assert_eq!((proof.index, head.root()), (2, checkpoint.root()));
    assert!(proof.verify(b"another entry", &key).is_err());
}

#[tokio::test]
async fn the_officer_reads_who_it_was_about_for_whom_and_why() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let awa = federation.register(NODE, "ML-1", awa()).await;
    let about_awa = log(&federation, EntryKind::Refused, Some(awa), PEER).await;
    let about_nobody = log(&federation, EntryKind::Refused, None, PEER).await;
    for (index, person) in [(about_awa, Some(awa)), (about_nobody, None)] {
        let sealed = node
            .exchange_file(&officer(&federation), index)
            .unwrap()
            .sealed
            .unwrap();
        assert_eq!(sealed.person, person);
        assert_eq!(sealed.fields.reason, "local_rule");
        assert_eq!(
            sealed.fields.agent,
            Some(KnownAgent::from(&federation.caseworker(NODE)))
        );
    }
}

#[tokio::test]
async fn what_the_other_party_showed_is_given_with_the_entry() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let index = log(&federation, EntryKind::Received, None, PEER).await;
    let caller = officer(&federation);
    assert_eq!(node.exchange_file(&caller, index).unwrap().peer, None);
    let put = move |tx: &mut passerelle_store::Tx<'_>| {
        let shown = PeerEntry {
            entry: Bytes::from_static(b"{}"),
            proof: Bytes::from_static(b"c2sp.org/tlog-proof@v1"),
        };
        Ok(peer_entries::put(tx, index, None, &shown)?)
    };
    node.transact("show", put).await.unwrap();
    let shown = node.exchange_file(&caller, index).unwrap().peer.unwrap();
    assert_eq!(
        (shown.entry.as_str(), shown.proof.as_str()),
        ("{}", "c2sp.org/tlog-proof@v1")
    );
}

#[tokio::test]
async fn i14_after_erasure_an_entry_opens_to_nobody_and_its_proof_still_checks() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let awa = federation.register(NODE, "ML-1", awa()).await;
    let index = log(&federation, EntryKind::Disclosed, Some(awa), PEER).await;
    log(&federation, EntryKind::Refused, None, PEER).await;
    let shred = move |tx: &mut passerelle_store::Tx<'_>| {
        persons::shred(tx, &awa);
        Ok(())
    };
    node.transact("shred", shred).await.unwrap();

    let caller = officer(&federation);
    let file = node.exchange_file(&caller, index).unwrap();
    assert_eq!(file.sealed, None);
    let proof = TlogProof::parse(file.proof.as_bytes()).unwrap();
    assert!(
        proof
            .verify(
                file.exchange.entry.as_bytes(),
                node.store().log().verifying_key()
            )
            .is_ok()
    );
    assert_eq!(listed(&federation, &ExchangeFilter::default()), [1]);
}

#[tokio::test]
async fn an_entry_that_is_not_there_is_not_found() {
    let federation = Federation::new(1);
    log(&federation, EntryKind::Asked, None, PEER).await;
    for index in [1, u64::MAX] {
        let file = federation
            .node(NODE)
            .exchange_file(&officer(&federation), index);
        assert_eq!(file, Err(ExchangeError::not_found("log_index")));
    }
}

/// The file of the log whose path ends so.
fn log_file(federation: &Federation, end: &str) -> PathBuf {
    let paths = federation.disk(NODE).files.paths();
    let found = paths
        .into_iter()
        .filter(|path| path.starts_with(federation.node(NODE).store().log().dir()));
    let found: Vec<_> = found
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    found
        .first()
        .unwrap_or_else(|| panic!("no file {end}"))
        .clone()
}

async fn verified(federation: &Federation) -> Verification {
    federation
        .node(NODE)
        .verify_log(&officer(federation))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_whole_log_is_found_whole() {
    let federation = Federation::new(1);
    let empty = verified(&federation).await;
    assert_eq!((empty.entries, empty.finding), (0, None));
    for _ in 0..300 {
        log(&federation, EntryKind::Asked, None, PEER).await;
    }
    let whole = verified(&federation).await;
    assert_eq!((whole.entries, whole.finding), (300, None));
    let key = federation.node(NODE).store().log().verifying_key().clone();
    assert_eq!(
        SignedCheckpoint::open(whole.checkpoint.as_bytes(), &key)
            .unwrap()
            .size(),
        300
    );
}

#[tokio::test]
async fn one_flipped_bit_is_found_and_named() {
    let federation = Federation::new(1);
    for _ in 0..300 {
        log(&federation, EntryKind::Asked, None, PEER).await;
    }
    assert_eq!(verified(&federation).await.finding, None);
    let disk = federation.disk(NODE).files;
    for (end, byte, named) in [
        (
            "tile/entries/000",
            1026 * 7 + 100,
            "entry 7 does not hash to its leaf in tile/0/000",
        ),
        (
            "tile/0/000",
            32 * 9 + 3,
            "hash 9 of tile/0/000 is not that of entry 9",
        ),
        ("checkpoint", 5, "checkpoint: "),
    ] {
        let path = log_file(&federation, end);
        let flip = |content: &mut Vec<u8>| content[byte] ^= 1;
        disk.tamper(&path, flip).unwrap();
        let finding = verified(&federation).await.finding.unwrap();
        assert!(finding.starts_with(named), "{finding}");
        disk.tamper(&path, flip).unwrap();
    }
    assert_eq!(verified(&federation).await.finding, None);
}

#[tokio::test]
async fn an_old_checkpoint_that_was_put_back_is_found() {
    let federation = Federation::new(1);
    let disk = federation.disk(NODE).files;
    log(&federation, EntryKind::Asked, None, PEER).await;
    let old = verified(&federation).await.checkpoint;
    log(&federation, EntryKind::Asked, None, PEER).await;
    verified(&federation).await;
    let put_back = |content: &mut Vec<u8>| *content = old.clone().into_bytes();
    disk.tamper(&log_file(&federation, "checkpoint"), put_back)
        .unwrap();
    let found = verified(&federation).await;
    assert_eq!(
        found.finding.as_deref(),
        Some("checkpoint: of 1 entries, where 2 were published")
    );
}

#[tokio::test]
async fn i8_one_verification_runs_at_a_time() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    let turn = node.running().verifying.turn().unwrap();
    let second = node.verify_log(&officer(&federation)).await;
    assert_eq!(second, Err(ExchangeError::QuotaExceeded));
    drop(turn);
    for _ in 0..2 {
        assert_eq!(verified(&federation).await.finding, None);
    }
}

#[tokio::test]
async fn i8_a_verification_takes_no_place_of_the_hashes_of_pins() {
    /// All its threads are busy.
    struct Full;

    impl passerelle_linkage::Blocking for Full {
        fn run(&self, _: passerelle_linkage::Job) -> passerelle_linkage::JobDone {
            Box::pin(std::future::pending())
        }
    }

    let federation = Federation::new(1);
    log(&federation, EntryKind::Asked, None, PEER).await;
    let parts = federation.node(NODE).0;
    let node = Passerelle::new(crate::Parts {
        own: parts.own.clone(),
        store: parts.store.clone(),
        peers: parts.peers.clone(),
        tokens: parts.tokens.clone(),
        notices: parts.notices.clone(),
        trust: parts.trust.clone(),
        rules: crate::RulesInForce::new(crate::testing::open_rules(&parts.trust.list())),
        denials: parts.denials.clone(),
        blocking: std::sync::Arc::new(Full),
        clock: parts.clock.clone(),
        timer: parts.timer.clone(),
        rng: parts.rng.clone(),
        limits: parts.limits,
    });
    let verified = node.verify_log(&officer(&federation)).await;
    assert_eq!(verified.unwrap().entries, 1);
}

#[tokio::test]
async fn only_a_privacy_officer_reads_the_log() {
    let federation = Federation::new(1);
    let node = federation.node(NODE);
    log(&federation, EntryKind::Asked, None, PEER).await;
    for role in [
        AgentRole::Caseworker,
        AgentRole::Reception,
        AgentRole::Operator,
    ] {
        let caller = federation.caller(NODE, role, true);
        let all = ExchangeFilter::default();
        let refused = ExchangeError::RoleNotAllowed;
        assert_eq!(
            node.list_exchanges(&caller, &all, PageSize::MAX, ""),
            Err(refused.clone())
        );
        assert_eq!(node.exchange_file(&caller, 0), Err(refused.clone()));
        assert_eq!(node.latest_checkpoint(&caller), Err(refused.clone()));
        assert_eq!(node.verify_log(&caller).await, Err(refused));
    }
}
