//! Folders that were put together from parts of several, or lack one.

use super::super::node as fresh;
use super::*;

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
    let other = super::super::node();
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
    let node = fresh();
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
fn i4_a_wal_behind_full_tiles_is_refused_without_an_engine_to_tell() {
    let node = fresh();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    (0..200).for_each(|n| drop(log(&store, &format!("entry {n}"))));
    drop(store);
    let old = node.copy();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    (200..256).for_each(|n| drop(log(&store, &format!("entry {n}"))));
    store.tend().unwrap();
    drop(store);

    // With the wal of before, and with none.
    for held in [200, 0] {
        let mut mixed = node.copy();
        mixed.engines = crate::MemoryEngines::new();
        for path in files(&mixed, "wal") {
            match old.disk.read(&path) {
                Ok(bytes) if held > 0 => mixed
                    .disk
                    .tamper(&path, |content| *content = bytes)
                    .unwrap(),
                _ => mixed.disk.remove(&path).unwrap(),
            }
        }
        let refused = Store::open(config(), mixed.ports()).err();
        assert!(
            matches!(
                refused,
                Some(OpenError::BehindCheckpoint { published: 256, wal }) if wal == held
            ),
            "{held}: {refused:?}"
        );
    }
}

#[test]
fn parts_of_different_folders_are_not_taken_for_one() {
    let refused = |node: &SimNode| Store::open(config(), node.ports()).err().unwrap();
    let story = |word: &str| {
        let node = fresh();
        let (store, _) = Store::open(config(), node.ports()).unwrap();
        (0..20).for_each(|n| put(&store, &format!("row {n}"), &format!("{word} {n}")));
        drop(store);
        node
    };
    let (one, other) = (story("one"), story("two"));
    let mut mixed = one.copy();
    mixed.engines = other.engines.copy();
    assert!(matches!(refused(&mixed), OpenError::EngineForeign));
    // Nor when the wal has gone on since.
    let (store, _) = Store::open(config(), one.ports()).unwrap();
    put(&store, "more", "more");
    drop(store);
    let mut mixed = one.copy();
    mixed.engines = other.engines.copy();
    assert!(matches!(refused(&mixed), OpenError::EngineForeign));

    // The wal of a node whose log has another origin.
    let elsewhere = SimNode::new("node-b.example/exchange/2026h2", 7).unwrap();
    let (store, _) = Store::open(config(), elsewhere.ports()).unwrap();
    put(&store, "row", "value");
    drop(store);
    let mut mixed = one.copy();
    mixed.disk = elsewhere.disk.copy();
    assert!(matches!(
        refused(&mixed),
        OpenError::Wal(crate::WalError::OtherOrigin { .. })
    ));
}

#[test]
fn a_folder_of_the_log_older_than_the_wal_is_refused() {
    let node = filled();
    let path = Path::new("node").join(log_dir("checkpoint"));
    let young = fresh();
    let (store, _) = Store::open(config(), young.ports()).unwrap();
    (0..300).for_each(|n| drop(log(&store, &format!("entry {n}"))));
    let head = store.log().head().bytes.to_vec();
    node.disk
        .tamper(&path, |checkpoint| *checkpoint = head)
        .unwrap();
    let refused = Store::open(config(), node.ports()).err().unwrap();
    assert!(
        matches!(refused, OpenError::LogOlder { published: 300, .. }),
        "{refused}"
    );
}

#[test]
fn a_segment_that_is_missing_is_refused() {
    let node = filled();
    let segments = files(&node, "wal");
    let segments: Vec<_> = segments
        .into_iter()
        .filter(|path| path.extension().unwrap() == "wal")
        .collect();
    node.disk.remove(&segments[segments.len() - 2]).unwrap();
    node.engines.damage();
    let refused = Store::open(config(), node.ports()).err().unwrap();
    assert!(
        matches!(refused, OpenError::Wal(crate::WalError::Missing { .. })),
        "{refused}"
    );
}
