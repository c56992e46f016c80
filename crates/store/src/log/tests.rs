use std::path::Path;

use passerelle_tlog::{
    Depth, MemoryTree, leaf_hash, verify_consistency, verify_inclusion, verify_log,
};

use super::*;
use crate::sim::SimDisk;

const ORIGIN: &str = "node-a.example/exchange/2026h2";

fn log(disk: &SimDisk, kept_leaves: u64) -> Log {
    let files: Arc<dyn Files> = Arc::new(disk.clone());
    let key = Arc::new(LogKey::from_seed(&[1; 32], ORIGIN.parse().unwrap()).unwrap());
    let folder =
        LogFolder::new(files.clone(), Path::new("log"), key.verifying_key().name()).unwrap();
    let head = Head::sign(&key, 0, Hash::EMPTY_ROOT);
    Log::new(files, key, folder, RightEdge::new(), head, kept_leaves, 4)
}

fn entry(index: u64) -> String {
    format!("entry {index}")
}

/// Appends leaves up to `size` as one batch.
fn grow(log: &Log, tree: &mut Tree, size: u64) {
    let leaves: Vec<_> = (tree.size()..size)
        .map(|index| Leaf {
            hash: leaf_hash(entry(index).as_bytes()),
            entry: entry(index).into(),
            sealed: (index % 3 == 0).then(|| format!("sealed {index}").into()),
            at: Timestamp::from_millis(index),
        })
        .collect();
    tree.extend(leaves.iter().map(|leaf| leaf.hash));
    log.extend(leaves, Head::sign(log.key(), tree.size(), tree.root()));
}

#[test]
fn i4_proofs_entries_and_tiles_are_right_at_every_age() {
    let disk = SimDisk::new();
    let log = log(&disk, 1024);
    let mut tree = Tree::new();
    for size in [1, 255, 256, 257, 40_000, 65_535, 65_536, 66_000, 66_700] {
        grow(&log, &mut tree, size);
        assert!(log.publish().unwrap());
        assert!(!log.publish().unwrap());
        assert_eq!(log.published(), size);
    }
    grow(&log, &mut tree, 66_800);

    let mut oracle = MemoryTree::new();
    oracle.extend((0..66_800).map(|index| leaf_hash(entry(index).as_bytes())));
    let indices = [
        0, 1, 255, 256, 511, 39_999, 40_000, 65_535, 65_536, 66_699, 66_700, 66_799,
    ];
    for index in indices {
        assert_eq!(log.entry(index).unwrap(), entry(index));
        let sealed = log.sealed(index).unwrap();
        assert_eq!(
            sealed,
            (index % 3 == 0).then(|| Bytes::from(format!("sealed {index}")))
        );
        for size in indices
            .map(|index| index + 1)
            .into_iter()
            .filter(|size| *size > index)
        {
            let root = Tree::from_reader(&oracle, size).unwrap().root();
            assert_eq!(log.root(size).unwrap(), root);
            let leaf = leaf_hash(entry(index).as_bytes());
            let proof = log.inclusion_proof(index, size).unwrap();
            verify_inclusion(&leaf, index, size, &proof, &root).unwrap();
            let old = Tree::from_reader(&oracle, index + 1).unwrap().root();
            let proof = log.consistency_proof(index + 1, size).unwrap();
            verify_consistency(index + 1, &old, size, &root, &proof).unwrap();
        }
    }
    assert_eq!(log.consistency_proof(0, 5).unwrap(), []);
    assert!(matches!(
        log.inclusion_proof(3, 3),
        Err(LogError::OutOfRange { .. })
    ));
    assert!(matches!(
        log.inclusion_proof(3, 66_801),
        Err(LogError::OutOfRange { .. })
    ));
    assert!(matches!(
        log.consistency_proof(9, 8),
        Err(LogError::OutOfRange { .. })
    ));
    assert!(matches!(log.root(66_801), Err(LogError::OutOfRange { .. })));
    let range = log.entries(66_690..66_710).unwrap();
    assert_eq!(
        range,
        (66_690..66_710)
            .map(|index| Bytes::from(entry(index)))
            .collect::<Vec<_>>()
    );
    assert!(log.entries(70_000..70_001).unwrap().is_empty());
}

#[test]
fn the_folder_is_one_that_an_offline_verifier_accepts() {
    let disk = SimDisk::new();
    let log = log(&disk, 256);
    let mut tree = Tree::new();
    for size in [3, 256, 700, 1000] {
        grow(&log, &mut tree, size);
        log.publish().unwrap();
        let bytes = log.published_checkpoint().unwrap().unwrap();
        let head = SignedCheckpoint::open(&bytes, log.verifying_key()).unwrap();
        let report = verify_log(&log.folder(), &head, Depth::Entries, |_| {}).unwrap();
        assert_eq!(report.entries, size);
    }
    assert_eq!(log.check_sealed(Arc::new(disk.clone())).count(), 0);
    let full = disk.list(&log.dir().join("tile/0")).unwrap();
    assert_eq!(
        full,
        ["000", "001", "002", "003.p"],
        "partial versions of full tiles are gone"
    );
}

#[test]
fn a_log_that_grows_while_it_is_read_is_still_the_one_of_the_older_checkpoint() {
    let disk = SimDisk::new();
    let log = log(&disk, 256);
    let mut tree = Tree::new();
    grow(&log, &mut tree, 300);
    log.publish().unwrap();
    let older = log.head().checkpoint.clone();
    grow(&log, &mut tree, 700);
    log.publish().unwrap();
    let names = disk.list(&log.dir().join("tile/entries")).unwrap();
    assert_eq!(
        names,
        ["000", "001", "002.p"],
        "what it was read from is gone"
    );
    let report = verify_log(&log.folder(), &older, Depth::Entries, |_| {}).unwrap();
    assert_eq!(report.entries, 300);
}

#[test]
fn i4_a_checkpoint_is_published_only_after_its_tiles() {
    let disk = SimDisk::new();
    let log = log(&disk, 256);
    let mut tree = Tree::new();
    grow(&log, &mut tree, 300);
    log.publish().unwrap();
    grow(&log, &mut tree, 600);
    let operations = disk.operations();
    log.publish().unwrap();
    let during = disk.operations() - operations;
    for number in 0..during {
        let disk = SimDisk::new();
        let log = self::log(&disk, 256);
        let mut tree = Tree::new();
        grow(&log, &mut tree, 300);
        log.publish().unwrap();
        grow(&log, &mut tree, 600);
        disk.fail_at(disk.operations() + number, crate::sim::Fault::PowerCut);
        let _ = log.publish();
        disk.crash(crate::sim::Crash::Whole);
        let bytes = log.published_checkpoint().unwrap().unwrap();
        let head = SignedCheckpoint::open(&bytes, log.verifying_key()).unwrap();
        verify_log(&log.folder(), &head, Depth::Entries, |_| {}).unwrap();
    }
}

#[test]
fn only_origins_that_can_be_folders_are_taken() {
    let files: Arc<dyn Files> = Arc::new(SimDisk::new());
    let folder =
        |origin: &str| LogFolder::new(files.clone(), Path::new("log"), &origin.parse().unwrap());
    assert_eq!(
        folder(ORIGIN).unwrap().root(),
        Path::new("log").join(ORIGIN)
    );
    for refused in [
        "../other",
        "a//b",
        "a/.",
        "a/..",
        "/etc",
        "a/",
        "a\\b",
        "a/.hidden",
        "é",
    ] {
        assert!(folder(refused).is_none(), "{refused}");
    }
}
