//! Bytes on the disk change behind the store's back. It names what is damaged and refuses it, or
//! makes it again; it never serves it.

use std::path::{Path, PathBuf};

use super::*;
use crate::files::Files;
use crate::{Disk, EngineError, ScrubPart, SledEngines};

const ENTRIES: u64 = 700;

fn config() -> StoreConfig {
    StoreConfig {
        segment_bytes: 32 << 10,
        snapshot_interval_bytes: 96 << 10,
        ..StoreConfig::small("node")
    }
}

/// A node with 700 entries: two full bundles and a part of a third, all published, two snapshots.
fn filled() -> SimNode {
    let node = node();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    for n in 0..ENTRIES {
        log(&store, &format!("entry {n}"));
        put(&store, &format!("row {n:03}"), &format!("value {n}"));
        if n % 50 == 49 {
            store.tend().unwrap();
        }
    }
    now(store.close()).unwrap();
    node
}

/// Reads everything; whatever is served must be what was written. Says whether all was served.
fn reads_right(store: &Store) -> bool {
    let mut all = true;
    for n in 0..ENTRIES {
        match store.read(|view| view.get(PEOPLE, format!("row {n:03}").as_bytes())) {
            Ok(row) => assert_eq!(row.unwrap(), format!("value {n}")),
            Err(_) => all = false,
        }
    }
    let head = store.log().head();
    assert_eq!(head.size(), ENTRIES);
    for n in (0..ENTRIES).step_by(37) {
        match store.log().entry(n) {
            Ok(entry) => assert_eq!(entry, format!("entry {n}")),
            Err(_) => all = false,
        }
        match store.log().sealed(n) {
            Ok(sealed) => assert_eq!(sealed.unwrap(), format!("sealed entry {n}")),
            Err(_) => all = false,
        }
        match store.log().tlog_proof(n, &head) {
            Ok(proof) => {
                let entry = format!("entry {n}");
                proof
                    .verify(entry.as_bytes(), store.log().verifying_key())
                    .unwrap();
            }
            Err(_) => all = false,
        }
    }
    all
}

fn files(node: &SimNode, within: &str) -> Vec<PathBuf> {
    let paths = node.disk.paths().into_iter();
    paths
        .filter(|path| path.starts_with(Path::new("node").join(within)))
        .collect()
}

fn log_dir(rest: &str) -> String {
    format!("log/node-a.example/exchange/2026h2/{rest}")
}

/// Damages each of the files at some places, one at a time, and hands the node to `check`.
fn damage(base: &SimNode, paths: &[PathBuf], places: usize, mut check: impl FnMut(&SimNode, &str)) {
    assert!(!paths.is_empty());
    for path in paths {
        let size = base.disk.read(path).unwrap().len();
        for place in 0..places {
            // Spread over the file, at odd distances.
            let at = (place * 7919 + 13) % size.max(1);
            for bit in [0, 7] {
                let node = base.copy();
                node.disk
                    .tamper(path, |bytes| bytes[at] ^= 1 << bit)
                    .unwrap();
                check(
                    &node,
                    &format!("bit {bit} of byte {at} of {}", path.display()),
                );
            }
            let node = base.copy();
            node.disk.tamper(path, |bytes| bytes.truncate(at)).unwrap();
            check(&node, &format!("{} cut at byte {at}", path.display()));
        }
    }
}

/// Opens and reads; says what a scrub finds, or that the store refused to open.
fn open_and_scrub(node: &SimNode, context: &str) -> Option<Vec<crate::ScrubFinding>> {
    let (store, _) = match Store::open(config(), node.ports()) {
        Ok(opened) => opened,
        Err(OpenError::Io { what, source }) => panic!("{context}: {what}: {source}"),
        Err(_) => return None,
    };
    reads_right(&store);
    Some(store.scrub(|_| {}))
}

#[test]
fn an_undamaged_store_is_served_whole_and_scrubs_clean() {
    let node = filled();
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert_eq!(report.engine_rebuilt, None);
    assert!(reads_right(&store));
    let mut parts = Vec::new();
    assert_eq!(store.scrub(|part| parts.push(part)), []);
    assert_eq!(parts.len(), 5);
    assert!(files(&node, "wal").len() > 3);
    assert_eq!(files(&node, "snapshots").len(), 2);
}

#[test]
fn a_damaged_wal_is_refused_at_start_or_named_by_a_scrub() {
    let node = filled();
    let segments = files(&node, "wal");
    let segments: Vec<_> = segments
        .into_iter()
        .filter(|path| path.extension().unwrap() == "wal")
        .collect();
    damage(&node, &segments, 12, |damaged, context| {
        let path = segments
            .iter()
            .find(|path| damaged.disk.read(path).unwrap() != node.disk.read(path).unwrap());
        let Some(path) = path else { return };
        let (before, after) = (
            node.disk.read(path).unwrap(),
            damaged.disk.read(path).unwrap(),
        );
        let written = before.iter().rposition(|byte| *byte != 0).unwrap();
        let first = before
            .iter()
            .zip(&after)
            .position(|(a, b)| a != b)
            .unwrap_or(after.len());
        if first <= written {
            let found = open_and_scrub(damaged, context);
            let named = found
                .is_none_or(|found| found.iter().any(|finding| finding.part == ScrubPart::Wal));
            assert!(named, "{context}");
        }
    });
}

#[test]
fn the_newest_batch_that_was_damaged_is_not_taken_for_one_that_was_interrupted() {
    let node = filled();
    let last = files(&node, "wal")
        .into_iter()
        .rfind(|path| path.extension().unwrap() == "wal")
        .unwrap();
    let bytes = node.disk.read(&last).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for at in ((end - 600)..=end).step_by(7) {
        let node = node.copy();
        // Without what else would notice.
        node.engines.lose(1);
        node.disk.tamper(&last, |bytes| bytes[at] ^= 0x10).unwrap();
        match Store::open(config(), node.ports()) {
            Err(OpenError::Wal(crate::WalError::Damaged { .. })) => {}
            Err(error) => panic!("byte {at}: {error}"),
            Ok(_) => panic!("byte {at}: opened"),
        }
    }
}

#[test]
fn i4_a_damaged_log_is_never_served_and_named_by_a_scrub() {
    let node = filled();
    damage(&node, &files(&node, &log_dir("")), 3, |damaged, context| {
        let found = open_and_scrub(damaged, context);
        assert!(found.is_none_or(|found| !found.is_empty()), "{context}");
    });
}

#[test]
fn without_its_checkpoint_or_with_another_a_log_is_refused() {
    let node = filled();
    let path = Path::new("node").join(log_dir("checkpoint"));
    let refused = |node: &SimNode| Store::open(config(), node.ports()).err().unwrap();
    let damaged = node.copy();
    damaged.disk.tamper(&path, |bytes| bytes[40] ^= 1).unwrap();
    assert!(matches!(refused(&damaged), OpenError::NoCheckpoint));
    damaged.disk.remove(&path).unwrap();
    assert!(matches!(refused(&damaged), OpenError::NoCheckpoint));

    // A head of the same size, and validly signed, of another history.
    let other = super::node();
    let (store, _) = other.open().unwrap();
    for n in 0..ENTRIES {
        log(&store, &format!("another {n}"));
    }
    let bytes = store.log().head().bytes.to_vec();
    node.disk
        .tamper(&path, |checkpoint| *checkpoint = bytes)
        .unwrap();
    assert!(matches!(
        refused(&node),
        OpenError::OtherCheckpoint { size: ENTRIES }
    ));
}

#[test]
fn i4_a_wal_behind_the_published_checkpoint_or_the_engine_is_refused() {
    let refused = |node: &SimNode| Store::open(config(), node.ports()).err().unwrap();
    let node = node();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    (0..20).for_each(|n| drop(log(&store, &format!("entry {n}"))));
    store.tend().unwrap();
    drop(store);
    let old = node.copy();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    (20..40).for_each(|n| drop(log(&store, &format!("entry {n}"))));
    store.tend().unwrap();
    drop(store);

    // The folder of the log and the engine are new, the wal is old.
    let mixed = node.copy();
    for path in files(&old, "wal") {
        let bytes = old.disk.read(&path).unwrap();
        mixed
            .disk
            .tamper(&path, |content| *content = bytes)
            .unwrap();
    }
    assert!(matches!(
        refused(&mixed),
        OpenError::BehindCheckpoint {
            published: 40,
            wal: 20
        }
    ));
    // The engine alone is new.
    let mut mixed = node.copy();
    mixed.disk = old.disk.copy();
    assert!(matches!(refused(&mixed), OpenError::EngineAhead { .. }));
    // The wal is gone.
    let mixed = node.copy();
    files(&mixed, "wal")
        .iter()
        .for_each(|path| mixed.disk.remove(path).unwrap());
    assert!(matches!(
        refused(&mixed),
        OpenError::BehindCheckpoint {
            published: 40,
            wal: 0
        }
    ));
}

#[test]
fn a_damaged_engine_is_made_again_from_snapshot_and_wal_and_says_so() {
    let node = filled();
    assert!(
        !files(&node, "wal")
            .iter()
            .any(|path| path.ends_with("00000000000000000000.wal"))
    );
    node.engines.damage();
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert!(report.engine_rebuilt.is_some());
    assert!(reads_right(&store));
    drop(store);
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert_eq!(report.engine_rebuilt, None);
    assert!(reads_right(&store));
}

#[test]
fn an_engine_too_far_behind_the_wal_is_made_again() {
    let mut node = filled();
    node.engines = crate::MemoryEngines::new();
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert!(report.engine_rebuilt.unwrap().contains("missing"));
    assert!(reads_right(&store));
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before_it() {
    let node = filled();
    let snapshots = files(&node, "snapshots");
    damage(&node, &snapshots[1..], 10, |damaged, context| {
        damaged.engines.damage();
        let (store, report) = Store::open(config(), damaged.ports()).unwrap();
        assert!(report.engine_rebuilt.is_some(), "{context}");
        assert!(reads_right(&store), "{context}");
        let found = store.scrub(|_| {});
        assert!(
            found
                .iter()
                .any(|finding| finding.part == ScrubPart::Snapshots),
            "{context}"
        );
    });
    for path in &snapshots {
        node.disk.tamper(path, |bytes| bytes[100] ^= 1).unwrap();
    }
    node.engines.damage();
    assert!(matches!(
        Store::open(config(), node.ports()),
        Err(OpenError::EngineLost { .. })
    ));
}

#[test]
fn an_engine_found_damaged_by_a_scrub_is_not_read_any_more() {
    let node = filled();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    node.engines.damage();
    let found = store.scrub(|_| {});
    assert_eq!(
        found.iter().map(|finding| finding.part).collect::<Vec<_>>(),
        [ScrubPart::Engine]
    );
    let read = store.read(|view| view.get(PEOPLE, b"row 000"));
    assert!(matches!(read, Err(EngineError::Damaged(_))));
    assert!(store.health().engine.is_some());
    let refused = now(store.transact("put", |tx| {
        tx.put(PEOPLE, b"a", "1");
        Ok::<_, Infallible>(())
    }));
    assert!(matches!(
        refused,
        Err(TransactError::Refused(Refusal::Engine(_)))
    ));
    drop(store);
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert!(report.engine_rebuilt.is_some());
    assert!(reads_right(&store));
}

#[test]
fn a_damaged_sled_is_made_again_or_serves_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let node = node();
    let ports = Ports {
        engines: Arc::new(SledEngines::default()),
        files: Arc::new(Disk),
        ..node.ports()
    };
    let open = |dir: &Path| Store::open(StoreConfig::small(dir), ports.clone()).unwrap();
    let (store, _) = open(dir.path());
    let value = |n: u32| format!("value {n} ").repeat(1 + n as usize % 40);
    for n in 0..120 {
        put(&store, &format!("row {n:03}"), &value(n));
    }
    now(store.close()).unwrap();
    drop(store);
    let mut rebuilt = 0;
    let mut places = 0;
    for path in std::fs::read_dir(dir.path().join("engine")).unwrap() {
        let path = path.unwrap().path();
        let Ok(before) = std::fs::read(&path) else {
            continue;
        };
        for place in 0..16 {
            let at = (place * 104_729 + 7) % before.len().max(1);
            let mut damaged = before.clone();
            if place % 4 == 3 {
                damaged.truncate(at);
            } else if let Some(byte) = damaged.get_mut(at) {
                *byte ^= 0x40;
            }
            let copy = tempfile::tempdir().unwrap();
            copy_folder(dir.path(), copy.path());
            std::fs::write(
                copy.path().join("engine").join(path.file_name().unwrap()),
                damaged,
            )
            .unwrap();
            let (store, report) = open(copy.path());
            for n in 0..120 {
                assert_eq!(
                    super::value(&store, &format!("row {n:03}")).unwrap(),
                    value(n),
                    "byte {at} of {path:?}"
                );
            }
            rebuilt += u32::from(report.engine_rebuilt.is_some());
            places += 1;
        }
    }
    assert!(rebuilt > 0, "of {places} places none mattered");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
