use super::*;
use crate::Shown;
use crate::files::Files;

#[test]
fn i4_a_node_put_back_from_an_old_copy_is_found_out_and_stays_stopped() {
    let node = node();
    let (store, _) = node.open().unwrap();
    log(&store, "shown to nobody");
    drop(store);
    let old = node.copy();
    let (store, _) = node.open().unwrap();
    let shown = log(&store, "shown to a peer").head;
    assert_eq!(store.rolled_back(&shown.bytes).unwrap(), Shown::Known);
    drop(store);

    let (store, report) = old.open().unwrap();
    assert!(!report.rolled_back);
    assert_eq!(
        store.judge_checkpoint(&shown.bytes).unwrap(),
        Shown::RolledBack
    );
    assert!(!store.is_rolled_back(), "judging changes nothing");
    assert_eq!(store.rolled_back(&shown.bytes).unwrap(), Shown::RolledBack);
    assert!(store.health().rolled_back);
    drop(store);
    old.crash(crate::sim::Crash::Whole, 0);
    let (store, report) = old.open().unwrap();
    assert!(report.rolled_back && store.is_rolled_back());
    drop(store);

    // The newer folder is another folder: it has no such mark.
    let (store, _) = node.open().unwrap();
    assert!(!store.is_rolled_back());
}

#[test]
fn i4_the_newer_folder_copied_over_the_old_copy_ends_the_stop_and_an_older_one_does_not() {
    let node = node();
    let (store, _) = node.open().unwrap();
    log(&store, "shown to nobody");
    drop(store);
    let old = node.copy();
    let (store, _) = node.open().unwrap();
    let shown = log(&store, "shown to a peer").head;
    drop(store);
    let (store, _) = old.open().unwrap();
    store.rolled_back(&shown.bytes).unwrap();
    drop(store);

    // Every file of one folder over those of the other, and nothing is removed.
    let copy_over = |from: &SimNode| {
        let mut both = old.copy();
        both.engines = from.engines.copy();
        for path in from.disk.paths() {
            let bytes = from.disk.read(&path).unwrap();
            both.disk.create(&path).unwrap();
            both.disk.tamper(&path, |content| *content = bytes).unwrap();
        }
        both
    };
    let (store, report) = copy_over(&old).open().unwrap();
    assert!(report.rolled_back && store.is_rolled_back());
    let newer = copy_over(&node);
    for _ in 0..2 {
        let (store, report) = newer.open().unwrap();
        assert!(!report.rolled_back && !store.health().rolled_back);
        assert_eq!(report.log_size, 2);
        drop(store);
        newer.crash(crate::sim::Crash::Whole, 0);
    }
}

#[test]
fn i4_an_old_copy_that_went_on_is_found_out_too() {
    let node = node();
    let (store, _) = node.open().unwrap();
    log(&store, "one");
    drop(store);
    let old = node.copy();
    let (store, _) = node.open().unwrap();
    let shown = log(&store, "shown to a peer").head;
    let (store, _) = old.open().unwrap();
    log(&store, "another two");
    log(&store, "three");
    assert_eq!(store.rolled_back(&shown.bytes).unwrap(), Shown::RolledBack);
}

#[test]
fn what_others_have_signed_or_nobody_says_nothing_about_us() {
    let node = node();
    let (store, _) = node.open().unwrap();
    let other = SimNode::new("node-a.example/exchange/2026h2", 8).unwrap();
    let (theirs, _) = other.open().unwrap();
    let head = log(&theirs, "entry").head;
    let mut forged = log(&store, "entry").head.bytes.to_vec();
    forged[40] ^= 1;
    for evidence in [
        head.bytes.to_vec(),
        forged,
        b"nonsense".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(store.rolled_back(&evidence).unwrap(), Shown::NotOurs);
    }
    assert!(!store.is_rolled_back());
}
