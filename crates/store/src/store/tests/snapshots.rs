//! Snapshots that a disk does not let be written.

use super::*;
use crate::files::Files;
use crate::sim::Fault;

/// A store with a snapshot due, and as many before it as are kept.
fn due() -> (SimNode, Store) {
    let node = node();
    let config = StoreConfig {
        snapshot_interval_bytes: 1,
        ..StoreConfig::small("node")
    };
    let (store, _) = Store::open(config, node.ports()).unwrap();
    for n in 0..2 {
        put(&store, &format!("row {n}"), "value");
        store.tend().unwrap();
    }
    put(&store, "row 2", "value");
    (node, store)
}

fn names(node: &SimNode) -> Vec<String> {
    node.disk.list("node/snapshots".as_ref()).unwrap()
}

fn parts(node: &SimNode) -> usize {
    let part = |name: &&String| name.ends_with(".part");
    names(node).iter().filter(part).count()
}

#[test]
fn a_snapshot_that_fails_leaves_nothing_on_a_full_disk() {
    let (node, store) = due();
    let before = node.disk.operations();
    store.inner.snapshot_if_due().unwrap();
    let operations = node.disk.operations() - before;
    assert!(operations > 6);
    for number in 0..operations {
        let (node, store) = due();
        let first = names(&node);
        node.disk
            .fail_at(node.disk.operations() + number, Fault::NoSpace);
        store.inner.snapshot_if_due().unwrap_err();
        assert_eq!(parts(&node), 0, "operation {number}");
        assert!(names(&node).len() <= first.len() + 1, "operation {number}");
        put(&store, "row 3", "value");
        store.inner.snapshot_if_due().unwrap();
        assert_eq!(names(&node).len(), 2, "operation {number}");
    }
}

#[test]
fn what_could_not_be_removed_after_a_snapshot_failed_goes_before_the_next_try() {
    let (node, store) = due();
    // The part is made, written, and cannot be removed.
    let first = node.disk.operations();
    node.disk.fail_at(first + 1, Fault::NoSpace);
    node.disk.fail_at(first + 2, Fault::Io);
    store.inner.snapshot_if_due().unwrap_err();
    assert_eq!(parts(&node), 1);
    put(&store, "row 3", "value");
    store.inner.snapshot_if_due().unwrap();
    assert_eq!(parts(&node), 0);
}
