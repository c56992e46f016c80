//! A checkpoint that is handed out promises its publication: where that cannot be kept, no further
//! one is given.

use super::*;

fn entry(store: &Store) -> Result<u64, Refusal> {
    let append = |tx: &mut Tx<'_>| Ok::<_, Infallible>(tx.append("entry"));
    refusal(now(store.transact("entry", append)))
}

fn withdrawal(store: &Store) -> Result<u64, Refusal> {
    let append = |tx: &mut Tx<'_>| Ok::<_, Infallible>(tx.append("withdrawn"));
    refusal(now(store.transact_urgent("withdrawal", append)))
}

/// A node whose wal has room, and whose log cannot be written.
fn unpublishable() -> (SimNode, Store) {
    let node = node();
    let (store, _) = node.open().unwrap();
    store.tend().unwrap();
    put(&store, "a", "1");
    store.tend().unwrap();
    node.disk.set_full(true);
    (node, store)
}

#[test]
fn i4_no_entry_is_promised_once_one_has_waited_60_seconds_for_its_publication() {
    let (node, store) = unpublishable();
    let first = store.now();
    entry(&store).unwrap();
    node.clock.set(first.plus(Duration::from_secs(59)));
    store.tend().unwrap_err();
    entry(&store).unwrap();
    assert_eq!(store.health().publication_stalled, None);

    node.clock.set(first.plus(Duration::from_secs(61)));
    assert_eq!(store.health().publication_stalled, Some(first));
    assert_eq!(entry(&store), Err(Refusal::PublicationStalled));
    put(&store, "a", "what is not logged is taken");
    withdrawal(&store).unwrap();

    node.disk.set_full(false);
    store.tend().unwrap();
    assert_eq!(store.health().publication_stalled, None);
    assert_eq!(entry(&store), Ok(3));
    // From here the newest entry waits, and not the first.
    node.clock.set(first.plus(Duration::from_secs(120)));
    assert_eq!(store.health().publication_stalled, None);
}

#[test]
fn i4_what_was_promised_before_a_crash_is_published_at_the_start_or_still_late() {
    let (node, store) = unpublishable();
    let first = store.now();
    entry(&store).unwrap();
    drop(store);
    node.crash(crate::sim::Crash::Whole, 0);
    node.clock.set(first.plus(Duration::from_secs(3600)));
    let (store, _) = node.open().unwrap();
    assert_eq!(store.health().publication_stalled, Some(first));
    assert_eq!(entry(&store), Err(Refusal::PublicationStalled));
    drop(store);
    node.disk.set_full(false);
    let (store, _) = node.open().unwrap();
    assert_eq!(store.log().published(), 1);
    assert_eq!(entry(&store), Ok(1));
}

#[test]
fn a_store_that_publishes_too_seldom_to_try_twice_does_not_open() {
    let config = StoreConfig {
        publish_interval_ms: 31_000,
        ..StoreConfig::small("node")
    };
    let refused = Store::open(config, node().ports()).err().unwrap();
    assert!(matches!(
        refused,
        OpenError::Config {
            field: "publish_interval_ms",
            ..
        }
    ));
}
