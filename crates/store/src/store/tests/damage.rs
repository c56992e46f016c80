//! Bytes on the disk change behind the store's back. It names what is damaged and refuses it, or
//! makes it again; it never serves it.

use std::path::{Path, PathBuf};

use super::*;
use crate::ScrubPart;
use crate::files::Files;

mod interrupted;
mod mixed;
mod rebuilt;

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
    Some(store.scrub().findings)
}

#[test]
fn an_undamaged_store_is_served_whole_and_scrubs_clean() {
    let node = filled();
    let (store, report) = Store::open(config(), node.ports()).unwrap();
    assert_eq!(report.engine_rebuilt, None);
    assert!(reads_right(&store));
    assert_eq!(store.last_scrub(), None);
    let report = store.scrub();
    assert_eq!(report.findings, []);
    let on_disk = |path: PathBuf| node.disk.read(&path).unwrap().len() as u64;
    let parts = ["wal", "log", "snapshots"].map(|part| files(&node, part));
    let bytes: u64 = parts.into_iter().flatten().map(on_disk).sum();
    assert!(report.bytes > bytes / 2, "{report:?} of {bytes}");
    assert_eq!(store.last_scrub(), Some(report));
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
