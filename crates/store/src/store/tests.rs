use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::*;
use crate::rows::ReadRows;
use crate::sim::SimNode;
use crate::table::Table;
use crate::{Disk, SledEngines};

mod crash;
mod damage;
mod memory;
mod oracle;
mod publication;
mod real;
mod refusals;
mod rollback;
mod snapshots;
mod watched;

const PEOPLE: Table = Table::new(200);

/// Runs a future that never waits for anything but our own calls.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("an inline store does not wait"),
    }
}

fn node() -> SimNode {
    SimNode::new("node-a.example/exchange/2026h2", 7).unwrap()
}

fn put(store: &Store, key: &str, value: &str) {
    let (key, value) = (key.to_owned(), value.to_owned());
    let done = now(store.transact("put", move |tx| {
        tx.put(PEOPLE, key.as_bytes(), value.clone());
        Ok::<_, Infallible>(())
    }));
    assert!(done.unwrap().logged.is_none());
}

fn log(store: &Store, entry: &str) -> crate::Logged {
    let entry = entry.to_owned();
    let done = now(store.transact("log", move |tx| {
        let index = tx.append(entry.clone());
        tx.attach_sealed(format!("sealed {entry}"));
        tx.put(PEOPLE, b"last", index.to_string());
        Ok::<_, Infallible>(())
    }));
    done.unwrap().logged.unwrap()
}

fn refusal<T>(done: Result<Committed<T>, TransactError<Infallible>>) -> Result<T, Refusal> {
    match done {
        Ok(committed) => Ok(committed.value),
        Err(TransactError::Refused(refusal)) => Err(refusal),
        Err(TransactError::Aborted(never)) => match never {},
    }
}

fn value(store: &Store, key: &str) -> Option<String> {
    let value = store.read(|view| view.get(PEOPLE, key.as_bytes())).unwrap();
    value.map(|value| String::from_utf8(value.to_vec()).unwrap())
}

#[test]
fn what_was_acknowledged_is_read_and_found_again() {
    let node = node();
    let (store, report) = node.open().unwrap();
    assert!(report.created);
    put(&store, "a", "1");
    put(&store, "b", "2");
    put(&store, "a", "3");
    assert_eq!(value(&store, "a").as_deref(), Some("3"));
    drop(store);
    node.crash(crate::sim::Crash::Whole, 0);
    let (store, report) = node.open().unwrap();
    assert!(!report.created);
    assert_eq!(value(&store, "a").as_deref(), Some("3"));
    assert_eq!(value(&store, "b").as_deref(), Some("2"));
    assert_eq!(value(&store, "c"), None);
}

#[test]
fn an_entry_is_logged_with_a_head_that_proves_it() {
    let node = node();
    let (store, _) = node.open().unwrap();
    for n in 0..700u64 {
        let entry = format!("entry {n}");
        let logged = log(&store, &entry);
        assert_eq!((logged.index, logged.head.size()), (n, n + 1));
        let proof = store.log().tlog_proof(n, &logged.head).unwrap();
        proof
            .verify(entry.as_bytes(), store.log().verifying_key())
            .unwrap();
        if n % 100 == 99 {
            store.tend().unwrap();
        }
    }
    assert_eq!(store.log().published(), 700);
    for index in [0, 1, 255, 256, 511, 512, 600, 699] {
        assert_eq!(store.log().entry(index).unwrap(), format!("entry {index}"));
        assert_eq!(
            store.log().sealed(index).unwrap().unwrap(),
            format!("sealed entry {index}")
        );
        let proof = store.log().tlog_proof(index, &store.log().head()).unwrap();
        proof
            .verify(
                format!("entry {index}").as_bytes(),
                store.log().verifying_key(),
            )
            .unwrap();
    }
    drop(store);
    let (store, report) = node.open().unwrap();
    assert_eq!(report.log_size, 700);
    for index in [0, 255, 256, 512, 699] {
        assert_eq!(store.log().entry(index).unwrap(), format!("entry {index}"));
        assert_eq!(
            store.log().sealed(index).unwrap().unwrap(),
            format!("sealed entry {index}")
        );
    }
    assert_eq!(store.log().entries(250..260).unwrap().len(), 10);
    store.log().entry(700).unwrap_err();
    store.log().sealed(700).unwrap_err();
}

#[test]
fn an_abort_and_a_panic_leave_nothing() {
    let node = node();
    let (store, _) = node.open().unwrap();
    put(&store, "a", "1");
    let syncs = node.disk.syncs();
    let aborted = now(store.transact("abort", |tx| {
        tx.put(PEOPLE, b"a", "2");
        tx.append("never");
        Err::<(), _>("no")
    }));
    assert!(matches!(aborted, Err(TransactError::Aborted("no"))));
    let panicked = now(store.transact("panic", |tx| -> Result<(), Infallible> {
        tx.put(PEOPLE, b"a", "2");
        panic!("on purpose")
    }));
    assert!(matches!(
        panicked,
        Err(TransactError::Refused(Refusal::Panicked { name: "panic" }))
    ));
    assert_eq!(value(&store, "a").as_deref(), Some("1"));
    assert_eq!(store.log().size(), 0);
    assert_eq!(node.disk.syncs(), syncs);
}

#[test]
fn a_transaction_that_only_reads_costs_no_sync() {
    let node = node();
    let (store, _) = node.open().unwrap();
    put(&store, "a", "1");
    let operations = node.disk.operations();
    let read = now(store.transact("read", |tx| Ok::<_, Infallible>(tx.get(PEOPLE, b"a"))));
    assert_eq!(read.unwrap().value.unwrap(), "1");
    assert_eq!(node.disk.operations(), operations);
}

#[test]
fn waiting_transactions_share_a_sync_and_see_each_other() {
    let node = node();
    let mut config = StoreConfig::small("node");
    config.drive = Drive::Manual;
    let (store, _) = Store::open(config, node.ports()).unwrap();
    store.tend().unwrap();
    let mut waiting: Vec<_> = (0..64u32)
        .map(|_| {
            Box::pin(store.transact("count", |tx| {
                let count = tx.get(PEOPLE, b"count").map_or(0, |count| count.len());
                tx.put(PEOPLE, b"count", vec![b'.'; count + 1]);
                let index = tx.append("counted");
                Ok::<_, Infallible>((count, index))
            }))
        })
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for call in &mut waiting {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let before = node.disk.syncs();
    assert_eq!(store.step(), 64);
    // One for the head of the first segment, one for the batch.
    assert_eq!(node.disk.syncs() - before, 2);
    for (n, mut call) in waiting.into_iter().enumerate() {
        let Poll::Ready(answer) = call.as_mut().poll(&mut context) else {
            panic!("answered");
        };
        let committed = answer.unwrap();
        let logged = committed.logged.unwrap();
        assert_eq!(committed.value, (n, n as u64));
        assert_eq!((logged.index, logged.head.size()), (n as u64, 64));
    }
    assert_eq!(value(&store, "count").unwrap().len(), 64);
    store.tend().unwrap();
    assert_eq!(value(&store, "count").unwrap().len(), 64);
}

#[test]
fn a_second_store_on_the_folder_is_refused() {
    let node = node();
    let (store, _) = node.open().unwrap();
    assert!(matches!(node.open(), Err(OpenError::Locked)));
    now(store.close()).unwrap();
    let again = now(store.transact("late", |_| Ok::<_, Infallible>(())));
    assert!(matches!(
        again,
        Err(TransactError::Refused(Refusal::Closed))
    ));
    node.open().unwrap();
}
