use super::*;
use crate::files::Files;
use crate::sim::{Crash, Fault};

fn transact(store: &Store, f: impl FnMut(&mut Tx<'_>) + Send + 'static) -> Result<(), Refusal> {
    refusal(now(store.transact("test", returning(f))))
}

fn urgent(store: &Store, f: impl FnMut(&mut Tx<'_>) + Send + 'static) -> Result<(), Refusal> {
    refusal(now(store.transact_urgent("test", returning(f))))
}

fn returning(
    mut f: impl FnMut(&mut Tx<'_>) + Send + 'static,
) -> impl FnMut(&mut Tx<'_>) -> Result<(), Infallible> + Send + 'static {
    move |tx| {
        f(tx);
        Ok(())
    }
}

#[test]
fn what_was_decided_under_other_serials_comes_back() {
    let (store, _) = node().open().unwrap();
    let old = Serials {
        trust_list: 1,
        rules: 1,
    };
    let new = Serials {
        trust_list: 2,
        rules: 1,
    };
    store.put_serials(old);
    transact(&store, move |tx| tx.decided_under(old)).unwrap();
    store.put_serials(new);
    let stale = transact(&store, move |tx| {
        tx.decided_under(old);
        tx.put(PEOPLE, b"a", "disclosed");
    });
    assert_eq!(stale, Err(Refusal::Stale));
    assert_eq!(value(&store, "a"), None);
    transact(&store, move |tx| tx.decided_under(new)).unwrap();
}

#[test]
fn on_a_full_disk_only_what_is_urgent_is_taken_and_space_ends_that() {
    let node = node();
    let (store, _) = node.open().unwrap();
    store.tend().unwrap();
    node.disk.set_full(true);
    let fill = |tx: &mut Tx<'_>| tx.put(PEOPLE, b"fill", vec![1; 8000]);
    let (mut taken, mut taken_with_no_spare) = (0, 0);
    let refused = loop {
        match transact(&store, fill) {
            Ok(()) => taken += 1,
            Err(refusal) => break refusal,
        }
        // Snapshots cannot be written either; spares are looked for first.
        let _full = store.tend();
        let no_spare = store.inner.spares.disk_full();
        taken_with_no_spare += usize::from(no_spare && !store.health().disk_full);
        assert!(taken < 100, "a segment of 64 KiB holds no more than 8");
    };
    assert_eq!(refused, Refusal::DiskFull);
    assert!(taken >= 7, "{taken}");
    assert!(taken_with_no_spare > 0, "the segment has room");
    assert!(store.health().disk_full);
    for n in 0..3u8 {
        urgent(&store, move |tx| tx.put(PEOPLE, &[n], vec![2; 8000])).unwrap();
        assert_eq!(transact(&store, fill), Err(Refusal::DiskFull));
    }
    assert_eq!(urgent(&store, fill), Err(Refusal::DiskFull));
    node.disk.set_full(false);
    store.tend().unwrap();
    transact(&store, fill).unwrap();
    assert!(!store.health().disk_full);
    drop(store);
    let (store, _) = node.open().unwrap();
    for n in 0..3u8 {
        assert!(store.read(|view| view.get(PEOPLE, &[n])).unwrap().is_some());
    }
}

#[test]
fn in_one_batch_the_urgent_ones_pass_where_the_others_do_not() {
    let node = node();
    let mut config = StoreConfig::small("node");
    config.drive = Drive::Manual;
    let (store, _) = Store::open(config, node.ports()).unwrap();
    store.inner.spares.prepare().unwrap();
    let next = store.inner.spares.take_next().unwrap();
    node.disk.remove(&next.path).unwrap();
    node.disk.set_full(true);
    let mut context = Context::from_waker(Waker::noop());
    let mut ordinary =
        Box::pin(store.transact("ordinary", returning(|tx| tx.put(PEOPLE, b"a", "1"))));
    let withdraw = |tx: &mut Tx<'_>| {
        let saw_the_other = tx.get(PEOPLE, b"a").is_some();
        tx.append("withdrawn");
        Ok::<_, Infallible>(saw_the_other)
    };
    let mut withdrawal = Box::pin(store.transact_urgent("urgent", withdraw));
    assert!(ordinary.as_mut().poll(&mut context).is_pending());
    assert!(withdrawal.as_mut().poll(&mut context).is_pending());
    store.step();
    let Poll::Ready(ordinary) = ordinary.as_mut().poll(&mut context) else {
        panic!()
    };
    let Poll::Ready(withdrawal) = withdrawal.as_mut().poll(&mut context) else {
        panic!()
    };
    assert_eq!(refusal(ordinary), Err(Refusal::DiskFull));
    let withdrawal = withdrawal.unwrap();
    assert_eq!(withdrawal.logged.unwrap().index, 0);
    assert!(
        !withdrawal.value,
        "it ran again, without the one that was refused"
    );
    assert_eq!(value(&store, "a"), None);
}

#[test]
fn i2_a_failed_sync_ends_the_process_and_acknowledges_nothing() {
    for fault in [Fault::Io, Fault::NoSpace] {
        let node = node();
        let (store, _) = node.open().unwrap();
        put(&store, "a", "1");
        // Write, then sync.
        node.disk.fail_at(node.disk.operations() + 1, fault);
        assert_eq!(
            transact(&store, |tx| tx.put(PEOPLE, b"a", "2")),
            Err(Refusal::Closed)
        );
        assert_eq!(node.fatal.reasons().len(), 1, "{fault:?}");
        assert!(store.health().failed);
        assert_eq!(value(&store, "a").as_deref(), Some("1"));
        assert_eq!(
            urgent(&store, |tx| tx.put(PEOPLE, b"a", "3")),
            Err(Refusal::Closed)
        );
    }
}

#[test]
fn a_segment_that_cannot_be_made_refuses_transactions_and_does_not_end_the_process() {
    let twin = node();
    let (store, _) = twin.open().unwrap();
    let first = twin.disk.operations();
    store.inner.spares.prepare().unwrap();
    let operations = first..twin.disk.operations();
    assert!(operations.end - operations.start >= 6);
    for fault in [Fault::NoSpace, Fault::Quota, Fault::Io] {
        for number in operations.clone() {
            let node = node();
            let (store, _) = node.open().unwrap();
            node.disk.fail_at(number, fault);
            let refused = transact(&store, |tx| tx.put(PEOPLE, b"a", "1"));
            let context = format!("{fault:?} at operation {number}");
            assert_eq!(refused, Err(Refusal::DiskFull), "{context}");
            assert!(store.health().disk_full, "{context}");
            assert!(node.fatal.reasons().is_empty(), "{context}");
            // The reason has gone.
            store.tend().unwrap();
            assert!(!store.health().disk_full, "{context}");
            put(&store, "a", "2");
        }
    }
}

#[test]
fn a_write_over_quota_is_refused_as_one_to_a_full_disk() {
    let node = node();
    let (store, _) = node.open().unwrap();
    put(&store, "a", "1");
    node.disk.fail_at(node.disk.operations(), Fault::Quota);
    let refused = transact(&store, |tx| tx.put(PEOPLE, b"a", "2"));
    assert_eq!(refused, Err(Refusal::DiskFull));
    assert!(node.fatal.reasons().is_empty());
    put(&store, "a", "3");
}

#[test]
fn a_write_that_finds_no_space_spoils_its_segment_and_nothing_else() {
    let node = node();
    let (store, _) = node.open().unwrap();
    store.tend().unwrap();
    put(&store, "a", "1");
    store.tend().unwrap();
    node.disk.fail_at(node.disk.operations(), Fault::NoSpace);
    assert_eq!(
        transact(&store, |tx| tx.put(PEOPLE, b"b", "2")),
        Err(Refusal::DiskFull)
    );
    transact(&store, |tx| tx.put(PEOPLE, b"b", "3")).unwrap();
    drop(store);
    let (store, _) = node.open().unwrap();
    assert_eq!(value(&store, "a").as_deref(), Some("1"));
    assert_eq!(value(&store, "b").as_deref(), Some("3"));
}

#[test]
fn what_is_too_large_or_misused_is_said_and_not_written() {
    let (store, _) = node().open().unwrap();
    let too_large = |done| {
        assert!(
            matches!(done, Err(Refusal::TooLarge { name: "test", .. })),
            "{done:?}"
        )
    };
    too_large(transact(&store, |tx| tx.put(PEOPLE, b"a", vec![0; 20_000])));
    too_large(transact(&store, |tx| tx.put(PEOPLE, &[0; 2000], "")));
    too_large(transact(&store, |tx| {
        tx.append(vec![0; 70_000]);
    }));
    let misuse = |done| {
        assert!(
            matches!(done, Err(Refusal::Misuse { name: "test", .. })),
            "{done:?}"
        )
    };
    misuse(transact(&store, |tx| {
        tx.append("one");
        tx.append("two");
    }));
    misuse(transact(&store, |tx| tx.attach_sealed("alone")));
    assert_eq!(store.log().size(), 0);
    assert_eq!(value(&store, "a"), None);
}

#[test]
fn a_full_queue_refuses_and_keeps_room_for_what_is_urgent() {
    let node = node();
    let mut config = StoreConfig::small("node");
    config.drive = Drive::Manual;
    config.queue_transactions = 8;
    let (store, _) = Store::open(config, node.ports()).unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting: Vec<_> = (0..8)
        .map(|_| Box::pin(store.transact("test", returning(|tx| tx.put(PEOPLE, b"a", "1")))))
        .collect();
    for call in &mut waiting {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let busy = now(store.transact("test", returning(|_| {})));
    assert_eq!(refusal(busy), Err(Refusal::Busy));
    let mut urgent = Box::pin(store.transact_urgent("test", returning(|_| {})));
    assert!(urgent.as_mut().poll(&mut context).is_pending());
    assert_eq!(store.step(), 9);
}

#[test]
fn time_never_goes_back_and_a_clock_far_behind_is_a_fault() {
    let node = node();
    let start = Timestamp::from_secs(1_800_000_000);
    node.clock.set(start);
    let (store, _) = node.open().unwrap();
    let time = |store: &Store| {
        let write = |tx: &mut Tx<'_>| {
            tx.put(PEOPLE, b"now", "");
            Ok::<_, Infallible>(tx.now())
        };
        now(store.transact("now", write)).unwrap().value
    };
    assert_eq!(time(&store), start);
    node.clock.set(start.minus(Duration::from_secs(59)));
    assert_eq!(time(&store), start);
    assert_eq!(store.clock_fault(), None);
    node.clock.set(start.minus(Duration::from_secs(61)));
    assert_eq!(time(&store), start);
    assert!(store.clock_fault().is_some());
    drop(store);
    let (store, _) = node.open().unwrap();
    assert_eq!(store.now(), start);
    assert!(store.health().clock.is_some());
    node.clock.set(start.plus(Duration::from_secs(1)));
    assert_eq!(store.clock_fault(), None);
    assert!(time(&store) > start);
}

#[test]
fn a_clock_that_an_operator_accepted_is_believed_from_then_on() {
    let node = node();
    let wrong = Timestamp::from_secs(1_800_000_000);
    let right = wrong.minus(Duration::from_secs(86_400));
    let write = |store: &Store| {
        let write = |tx: &mut Tx<'_>| {
            tx.put(PEOPLE, b"now", "");
            Ok::<_, Infallible>(tx.now())
        };
        now(store.transact("now", write)).unwrap().value
    };
    node.clock.set(wrong);
    let (store, _) = node.open().unwrap();
    assert_eq!(store.accept_clock().unwrap(), None, "there is no fault");
    write(&store);
    node.clock.set(right);
    let fault = store.accept_clock().unwrap().unwrap();
    assert_eq!((fault.wall, fault.newest), (right, wrong));
    let believed = |store: &Store| store.clock_fault().is_none() && store.now() == right;
    assert!(believed(&store));
    drop(store);

    // After a power cut too, and for what is written since.
    node.crash(Crash::Whole, 0);
    let (store, _) = node.open().unwrap();
    assert!(believed(&store));
    assert_eq!(write(&store), right);
    node.clock.set(right.plus(Duration::from_secs(120)));
    write(&store);
    drop(store);
    node.clock.set(right);
    let (store, _) = node.open().unwrap();
    assert!(store.clock_fault().is_some(), "frames since then count");
}
