//! The power is cut at every operation on the disk of a scripted story. After each cut everything
//! that was acknowledged is there, and every head that was handed out is of the log that is there.

use std::collections::BTreeMap;

use super::*;
use crate::Head;
use crate::files::Files;
use crate::sim::{Crash, Fault};

/// What was acknowledged.
#[derive(Clone, Default)]
struct Acknowledged {
    rows: BTreeMap<Vec<u8>, String>,
    entries: BTreeMap<u64, String>,
    heads: BTreeMap<u64, Arc<Head>>,
}

fn config() -> StoreConfig {
    StoreConfig {
        drive: Drive::Manual,
        segment_bytes: 16 << 10,
        reserve_bytes: 12 << 10,
        batch_bytes: 2 << 10,
        transaction_bytes: 4 << 10,
        snapshot_interval_bytes: 8 << 10,
        recent_leaves: 64,
        ..StoreConfig::small("node")
    }
}

/// A node with a past: full tiles, and a snapshot.
fn base(done: &mut Acknowledged) -> SimNode {
    let node = node();
    let (store, _) = Store::open(config(), node.ports()).unwrap();
    for round in 0..18 {
        transact(&store, round * 100, done).unwrap();
    }
    store.tend().unwrap();
    assert!(store.log().published() > 256);
    node
}

/// Opens, transacts, publishes, takes a snapshot, removes segments, closes and opens again, until it
/// is done or something fails.
fn story(node: &SimNode, done: &mut Acknowledged) -> Option<()> {
    let (store, _) = Store::open(config(), node.ports()).ok()?;
    transact(&store, 10_000, done)?;
    transact(&store, 10_100, done)?;
    store.tend().ok()?;
    transact(&store, 10_200, done)?;
    now(store.close()).ok()?;
    drop(store);
    let (store, _) = Store::open(config(), node.ports()).ok()?;
    transact(&store, 10_300, done)?;
    store.tend().ok()
}

/// One step with several transactions: two batches, some with entries, some without.
fn transact(store: &Store, first: u64, done: &mut Acknowledged) -> Option<()> {
    let mut context = Context::from_waker(Waker::noop());
    let mut calls: Vec<_> = (first..first + 20)
        .map(|number| {
            let call = store.transact("story", move |tx| {
                tx.put(PEOPLE, &number.to_be_bytes(), format!("value {number}"));
                tx.put(PEOPLE, b"newest", number.to_string());
                tx.put(PEOPLE, b"long", vec![0; 600]);
                if number % 4 != 0 {
                    tx.append(format!("entry {number}"));
                    tx.attach_sealed(format!("sealed {number}"));
                }
                Ok::<_, Infallible>(())
            });
            (number, Box::pin(call))
        })
        .collect();
    for (_, call) in &mut calls {
        let _ = call.as_mut().poll(&mut context).is_pending();
    }
    store.step();
    for (number, mut call) in calls {
        let Poll::Ready(Ok(committed)) = call.as_mut().poll(&mut context) else {
            return None;
        };
        done.rows
            .insert(number.to_be_bytes().to_vec(), format!("value {number}"));
        if let Some(logged) = committed.logged {
            done.entries.insert(logged.index, number.to_string());
            done.heads.insert(logged.head.size(), logged.head);
        }
    }
    Some(())
}

/// Opens the store after a crash, holds it against what was acknowledged, and goes on.
fn check(node: &SimNode, done: &Acknowledged, context: &str) {
    let open =
        || Store::open(config(), node.ports()).unwrap_or_else(|error| panic!("{context}: {error}"));
    let (store, first) = open();
    compare(&store, done, context);
    drop(store);
    let (store, second) = open();
    assert!(!second.cut_incomplete_batch, "{context}");
    assert_eq!(first.log_size, second.log_size, "{context}");
    let mut more = done.clone();
    transact(&store, 50_000, &mut more).unwrap();
    store.tend().unwrap();
    drop(store);
    compare(&open().0, &more, context);
}

fn compare(store: &Store, done: &Acknowledged, context: &str) {
    let found: BTreeMap<_, _> = store
        .read(|view| view.scan(PEOPLE, b"", b"", usize::MAX))
        .unwrap()
        .into_iter()
        .collect();
    for (key, expected) in &done.rows {
        assert_eq!(
            found.get(&key[..]).map(|value| &value[..]),
            Some(expected.as_bytes()),
            "{context}"
        );
    }
    // Of what was not acknowledged all is there or nothing.
    if let Some(newest) = found.get(&b"newest"[..]) {
        let newest: u64 = str::from_utf8(newest).unwrap().parse().unwrap();
        assert!(found.contains_key(&newest.to_be_bytes()[..]), "{context}");
    }
    let entries = store.log().entries(0..u64::MAX).unwrap();
    for (index, number) in &done.entries {
        assert_eq!(
            entries[*index as usize],
            format!("entry {number}"),
            "{context}"
        );
        if index % 16 == 0 {
            let sealed = store.log().sealed(*index).unwrap().unwrap();
            assert_eq!(sealed, format!("sealed {number}"), "{context}");
        }
    }
    for (size, head) in &done.heads {
        assert_eq!(
            store.log().root(*size).unwrap(),
            *head.checkpoint.root(),
            "{context}: size {size}"
        );
    }
    if let Some(newest) = done.heads.values().last() {
        assert_eq!(
            store.judge_checkpoint(&newest.bytes).unwrap(),
            crate::Shown::Known,
            "{context}"
        );
    }
}

fn crash_everywhere(crash: impl Fn(u64) -> Crash) {
    let mut before = Acknowledged::default();
    let base = base(&mut before);
    let operations = {
        let node = base.copy();
        let mut done = before.clone();
        story(&node, &mut done).unwrap();
        check(&node, &done, "without a crash");
        let node = base.copy();
        story(&node, &mut before.clone()).unwrap();
        node.disk.operations()
    };
    assert!(operations > 80, "{operations}");
    for number in 0..operations {
        let node = base.copy();
        node.disk.fail_at(number, Fault::PowerCut);
        let mut done = before.clone();
        assert!(story(&node, &mut done).is_none());
        let crash = crash(number);
        node.crash(crash, number as usize % 4);
        check(&node, &done, &format!("{crash:?} at operation {number}"));
    }
}

#[test]
fn i4_a_power_cut_at_any_operation_loses_nothing_that_was_acknowledged() {
    crash_everywhere(|_| Crash::Whole);
}

#[test]
fn i4_a_power_cut_that_tears_writes_loses_nothing_that_was_acknowledged() {
    crash_everywhere(|number| Crash::Torn { seed: number });
}

#[test]
fn the_story_removes_segments_of_the_wal() {
    let mut done = Acknowledged::default();
    let node = base(&mut done);
    let first = std::path::Path::new("node/wal/00000000000000000000.wal");
    assert!(node.disk.find(first).unwrap().is_some());
    story(&node, &mut done).unwrap();
    assert!(node.disk.find(first).unwrap().is_none());
}

#[test]
fn i4_what_a_killed_process_had_not_synced_is_synced_before_a_head_with_it_is_signed() {
    let node = node();
    let (store, _) = node.open().unwrap();
    log(&store, "first");
    // The process ends between the write and the sync; what it wrote is in the system's memory.
    node.disk.fail_at(node.disk.operations() + 1, Fault::Io);
    let unsynced = now(store.transact("log", |tx| Ok::<_, Infallible>(tx.append("second"))));
    assert!(unsynced.is_err());
    drop(store);
    let (store, report) = node.open().unwrap();
    assert_eq!(report.log_size, 2);
    let head = store.log().head();
    drop(store);
    node.crash(Crash::Whole, 0);
    let (store, _) = node.open().unwrap();
    assert_eq!(
        store.judge_checkpoint(&head.bytes).unwrap(),
        crate::Shown::Known
    );
}
