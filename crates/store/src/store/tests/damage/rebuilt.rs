//! Engines that are made again from snapshot and wal.

use super::*;
use crate::{Disk, EngineError, SledEngines};

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
        let found = store.scrub().findings;
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
    let found = store.scrub().findings;
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
    let text = |n: u32| format!("value {n} ").repeat(1 + n as usize % 40);
    for n in 0..120 {
        put(&store, &format!("row {n:03}"), &text(n));
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
                    value(&store, &format!("row {n:03}")).unwrap(),
                    text(n),
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

#[test]
fn the_wal_that_is_kept_reaches_back_to_the_older_of_two_snapshots() {
    let node = node();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    for n in 0..1500 {
        put(&store, &format!("row {}", n % 90), &"value ".repeat(60));
        if n % 50 == 49 {
            store.tend().unwrap();
        }
    }
    let first_batches = |within: &str| -> Vec<u64> {
        let digits = |path: &PathBuf| {
            path.file_name().unwrap().to_str().unwrap()[..20]
                .parse()
                .ok()
        };
        let mut batches: Vec<_> = files(&node, within)
            .iter()
            .filter(|path| path.extension().unwrap() != "spare")
            .filter_map(digits)
            .collect();
        batches.sort_unstable();
        batches
    };
    let (segments, snapshots) = (first_batches("wal"), first_batches("snapshots"));
    assert_eq!(snapshots.len(), 2);
    assert!(
        segments[0] > 0 && segments[0] <= snapshots[0],
        "{segments:?} {snapshots:?}"
    );
    assert!(
        segments[1] > snapshots[0],
        "no more is kept than needed: {segments:?} {snapshots:?}"
    );
}
