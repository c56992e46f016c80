//! The tables in a whole store on a real disk.

use std::fs;
use std::path::Path;

use passerelle_domain::Digest;
use passerelle_domain::entry::{Entry, Outcome, Party};
use passerelle_domain::vocabulary::EntryKind;

use super::round_trips::{fill_about_persons, fill_about_the_node};
use super::sample::*;
use super::*;
use crate::keys::KeyError;
use crate::seal::{KnownAgent, SealedEntry, SealedFields};
use crate::sim::SimNode;
use crate::{Disk, Logged, OpenError, Ports, Store, StoreConfig};

#[tokio::test]
async fn i10_no_file_of_a_store_reads_as_what_was_put() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), ports()).unwrap();
    store.transact("fill", fill_about_persons).await.unwrap();
    store.transact("fill", fill_about_the_node).await.unwrap();
    append(&store).await;
    store.tend().unwrap();
    store.close().await.unwrap();
    let mut files = 0;
    let mut found_what_is_there = false;
    for_each_file(dir.path(), &mut |path, bytes| {
        files += 1;
        let folded = String::from_utf8_lossy(bytes).to_lowercase();
        for needle in [CANARY, "canary", "eloise", "éloïse"] {
            assert!(
                !folded.contains(&needle.to_lowercase()),
                "{needle} in {}",
                path.display()
            );
        }
        found_what_is_there |= folded.contains("mission-locale");
    });
    assert!(files > 4 && found_what_is_there);
}

#[tokio::test]
async fn i14_what_is_appended_about_a_person_is_proved_before_and_after_the_key_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), ports()).unwrap();
    store.transact("fill", fill_about_persons).await.unwrap();
    let (logged, sealed) = append(&store).await;
    let leaf = logged.index;
    store.tend().unwrap();
    let opened = || {
        let part = store.log().sealed(leaf).unwrap().unwrap();
        assert_eq!(part, sealed.part);
        store
            .read(|view| view.open_sealed(leaf, &part, &sealed.commitment))
            .unwrap()
            .unwrap()
    };
    let proved = || {
        let entry = store.log().entry(leaf).unwrap();
        let proof = store.log().tlog_proof(leaf, &store.log().head()).unwrap();
        proof.verify(&entry, store.log().verifying_key()).unwrap();
        let entry = Entry::parse(&entry).unwrap();
        assert_eq!(
            (entry.tag, entry.sealed),
            (Some(sealed.tag), Some(Digest::of(&sealed.part)))
        );
    };
    assert_eq!(opened().unwrap().fields, fields());
    proved();
    let shred = |tx: &mut Tx<'_>| {
        persons::shred(tx, &person(1));
        Ok::<_, TableError>(())
    };
    store.transact("shred", shred).await.unwrap();
    assert_eq!(opened(), None);
    assert_eq!(
        store
            .read(|view| records::journey(view, &person(1)))
            .unwrap()
            .unwrap(),
        []
    );
    proved();
}

#[tokio::test]
async fn a_store_does_not_open_with_keys_that_are_not_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), ports()).unwrap();
    store
        .transact("bind keys", |tx| bind_keys(tx))
        .await
        .unwrap();
    store.transact("fill", fill_about_persons).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let with = |node, epoch| Ports {
        keys: Arc::new(Keys::in_memory(node, epoch)),
        ..ports()
    };
    let wrong = [0xee; 32];
    let error = open(dir.path(), with(wrong, World::EPOCH_KEY))
        .err()
        .unwrap();
    assert!(matches!(
        error,
        OpenError::Key(KeyError::WrongNodeKey { .. })
    ));
    let error = open(dir.path(), with(World::NODE_KEY, wrong))
        .err()
        .unwrap();
    assert!(matches!(
        error,
        OpenError::Key(KeyError::WrongEpochKey { .. })
    ));
    let store = open(dir.path(), ports()).unwrap();
    assert_eq!(
        store
            .read(|view| persons::find(view, &person(1)))
            .unwrap()
            .unwrap(),
        Some(person_row(1))
    );
}

async fn append(store: &Store) -> (Logged, SealedEntry) {
    let committed = store
        .transact("append", |tx| {
            let sealed = tx.seal(&person(1), &fields(), &[Digest::of(b"receipt")])?;
            let own = Party {
                node: node("departement"),
                certificate: None,
            };
            let mut told = Entry::new(EntryKind::ALL[0], tx.now(), own, Outcome::Done);
            told.tag = Some(sealed.tag);
            told.commitment = Some(sealed.commitment);
            told.sealed = Some(sealed.digest);
            let leaf = tx.append(told.to_bytes().unwrap());
            tx.attach_sealed(sealed.part.clone());
            exchange_index::put(tx, &entry(leaf, Some(person(1))))?;
            Ok::<_, TableError>(sealed)
        })
        .await
        .unwrap();
    (committed.logged.unwrap(), committed.value)
}

fn fields() -> SealedFields {
    SealedFields {
        agent: Some(KnownAgent::from(&session(1).caller())),
        reason: canary("reason"),
    }
}

fn open(dir: &Path, ports: Ports) -> Result<Store, OpenError> {
    let config = StoreConfig {
        transaction_bytes: 64 << 10,
        segment_bytes: 512 << 10,
        reserve_bytes: 128 << 10,
        ..StoreConfig::small(dir)
    };
    Store::open(config, ports).map(|(store, _)| store)
}

fn ports() -> Ports {
    let node = SimNode::new("departement.demo/exchange/2027-1", 1).unwrap();
    Ports {
        keys: Arc::new(Keys::in_memory(World::NODE_KEY, World::EPOCH_KEY)),
        engines: Arc::new(SledEngines::default()),
        files: Arc::new(Disk),
        ..node.ports()
    }
}

fn for_each_file(dir: &Path, see: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(&path, see);
        } else {
            see(&path, &fs::read(&path).unwrap());
        }
    }
}
