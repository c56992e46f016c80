//! A start that ends while it makes the engine again.

use std::sync::Mutex;

use super::super::watched::{Call, watched};
use super::*;
use crate::EngineError;

#[test]
fn a_power_cut_at_any_moment_of_a_rebuild_only_makes_the_next_start_begin_again() {
    let damaged = filled();
    damaged.engines.damage();
    let mut interrupted = 0;
    loop {
        let node = damaged.copy();
        node.engines.damage();
        let mut left = interrupted;
        let cut = move |call| {
            if call == Call::Apply {
                if left == 0 {
                    return Err(EngineError::Failed("the power is cut".to_owned()));
                }
                left -= 1;
            }
            Ok(())
        };
        let first = Store::open(config(), watched(&node, cut));
        let whole = first.is_ok();
        drop(first);
        node.crash(crate::sim::Crash::Whole, 0);
        let (store, report) = Store::open(config(), node.ports())
            .unwrap_or_else(|error| panic!("after {interrupted} times: {error}"));
        assert_eq!(report.engine_rebuilt.is_none(), whole);
        assert!(reads_right(&store));
        drop(store);
        let (_, report) = Store::open(config(), node.ports()).unwrap();
        assert_eq!(report.engine_rebuilt, None);
        if whole {
            break;
        }
        interrupted += 1;
    }
    assert!(
        interrupted > 3,
        "a page of rows at a time, and then the wal"
    );
}

#[test]
fn i4_rows_newer_than_the_wal_are_refused_at_every_start_after_a_rebuild() {
    let node = node();
    let engine = Arc::new(Mutex::new(None::<Store>));
    let store_of = Arc::clone(&engine);
    // While the snapshot is read, the engine takes what was written since it began.
    let take = move |call| {
        if call == Call::Scan
            && let Some(store) = store_of.lock().unwrap().take()
        {
            put(&store, "zzz", "newer than the copy of the wal");
            store.inner.apply();
        }
        Ok(())
    };
    let config = StoreConfig {
        snapshot_interval_bytes: 1,
        ..config()
    };
    let (store, _) = Store::open(config.clone(), watched(&node, take)).unwrap();
    put(&store, "aaa", "in both");
    let old = node.copy();
    *engine.lock().unwrap() = Some(store.clone());
    store.inner.snapshot_if_due().unwrap();
    drop(store);
    assert!(engine.lock().unwrap().is_none(), "the snapshot was taken");

    // The wal of before, the snapshot of after, and no engine.
    let mixed = node.copy();
    for path in files(&mixed, "wal") {
        match old.disk.read(&path) {
            Ok(bytes) => mixed
                .disk
                .tamper(&path, |content| *content = bytes)
                .unwrap(),
            Err(_) => mixed.disk.remove(&path).unwrap(),
        }
    }
    mixed.engines.damage();
    for _ in 0..3 {
        let opened = Store::open(config.clone(), mixed.ports());
        assert!(
            matches!(opened, Err(OpenError::EngineAhead { engine: 2, wal: 1 })),
            "{:?}",
            opened.err()
        );
    }
}
