//! Random stories against a map: what transactions read and leave behind, over crashes, restarts,
//! batches that run again and an engine that lags behind.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::sim::Crash;

/// A key from a small set, so that they meet.
type Key = Vec<u8>;

#[derive(Debug, Clone)]
enum Step {
    Put(Key, usize),
    Delete(Key),
    Append,
}

#[derive(Debug, Clone)]
enum Act {
    /// Transactions in one step of the writer: what each writes, and whether it gives up.
    Transact(Vec<(Vec<Step>, bool)>),
    /// The engine takes what waits, the log is published, a snapshot taken.
    Tend,
    Scan(Key, Key, usize),
    Reopen,
    /// The power is cut, and the engine loses what it took last.
    Crash(usize),
}

fn key() -> impl Strategy<Value = Key> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xfe, 0xff]), 0..4)
}

fn act() -> impl Strategy<Value = Act> {
    let step = prop_oneof![
        4 => (key(), prop_oneof![Just(0), 1..40usize, 600..3000usize]).prop_map(|(key, length)| Step::Put(key, length)),
        2 => key().prop_map(Step::Delete),
        1 => Just(Step::Append),
    ];
    let transaction = (prop::collection::vec(step, 0..6), prop::bool::weighted(0.1));
    prop_oneof![
        6 => prop::collection::vec(transaction, 1..6).prop_map(Act::Transact),
        2 => Just(Act::Tend),
        3 => (key(), key(), 0..12usize).prop_map(|(prefix, from, limit)| Act::Scan(prefix, from, limit)),
        1 => Just(Act::Reopen),
        1 => (0..5usize).prop_map(Act::Crash),
    ]
}

fn config() -> StoreConfig {
    StoreConfig {
        drive: Drive::Manual,
        snapshot_interval_bytes: 32 << 10,
        ..StoreConfig::small("node")
    }
}

type Map = BTreeMap<Key, Vec<u8>>;

fn scan(map: &Map, prefix: &[u8], from: &[u8], limit: usize) -> Vec<(Bytes, Bytes)> {
    let rows = map
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && key.as_slice() >= from);
    rows.take(limit)
        .map(|(key, value)| (key.clone().into(), value.clone().into()))
        .collect()
}

/// What a transaction does to the store; at each write it reads everything back.
fn write(tx: &mut Tx<'_>, steps: &[Step]) -> Vec<Vec<(Bytes, Bytes)>> {
    let mut appended = false;
    let mut seen = Vec::new();
    for step in steps {
        match step {
            Step::Put(key, length) => tx.put(PEOPLE, key, vec![key.len() as u8; *length]),
            Step::Delete(key) => tx.delete(PEOPLE, key),
            Step::Append if appended => {}
            Step::Append => {
                appended = true;
                tx.append("entry");
            }
        }
        seen.push(tx.scan(PEOPLE, b"", b"", usize::MAX));
    }
    seen
}

/// The same to the map.
fn expect(map: &mut Map, steps: &[Step]) -> Vec<Vec<(Bytes, Bytes)>> {
    let mut seen = Vec::new();
    for step in steps {
        match step {
            Step::Put(key, length) => {
                map.insert(key.clone(), vec![key.len() as u8; *length]);
            }
            Step::Delete(key) => {
                map.remove(key);
            }
            Step::Append => {}
        }
        seen.push(scan(map, b"", b"", usize::MAX));
    }
    seen
}

fn transact(store: &Store, map: &mut Map, entries: &mut u64, transactions: Vec<(Vec<Step>, bool)>) {
    let mut context = Context::from_waker(Waker::noop());
    let mut calls: Vec<_> = transactions
        .iter()
        .map(|(steps, gives_up)| {
            let (steps, gives_up) = (steps.clone(), *gives_up);
            Box::pin(store.transact("random", move |tx| {
                let seen = write(tx, &steps);
                if gives_up { Err(seen) } else { Ok(seen) }
            }))
        })
        .collect();
    for call in &mut calls {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    store.step();
    for (mut call, (steps, gives_up)) in calls.into_iter().zip(transactions) {
        let Poll::Ready(answer) = call.as_mut().poll(&mut context) else {
            panic!("answered")
        };
        let mut after = map.clone();
        let expected = expect(&mut after, &steps);
        match answer {
            Ok(committed) => {
                assert!(!gives_up);
                assert_eq!(committed.value, expected);
                if let Some(logged) = committed.logged {
                    assert_eq!(logged.index, *entries);
                    *entries += 1;
                }
                *map = after;
            }
            Err(TransactError::Aborted(seen)) => {
                assert!(gives_up);
                assert_eq!(seen, expected);
            }
            Err(TransactError::Refused(refusal)) => panic!("{refusal}"),
        }
    }
}

fn run(acts: Vec<Act>) {
    let node = node();
    let mut store = Some(Store::open(config(), node.ports()).unwrap().0);
    let (mut map, mut entries) = (Map::new(), 0);
    for act in acts {
        let open = store.take().unwrap();
        store = Some(match act {
            Act::Transact(transactions) => {
                transact(&open, &mut map, &mut entries, transactions);
                open
            }
            Act::Tend => {
                open.tend().unwrap();
                open
            }
            Act::Scan(prefix, from, limit) => {
                let found = open
                    .read(|view| view.scan(PEOPLE, &prefix, &from, limit))
                    .unwrap();
                assert_eq!(found, scan(&map, &prefix, &from, limit));
                open
            }
            Act::Reopen => {
                now(open.close()).unwrap();
                drop(open);
                Store::open(config(), node.ports()).unwrap().0
            }
            Act::Crash(lost) => {
                drop(open);
                node.crash(Crash::Torn { seed: lost as u64 }, lost);
                Store::open(config(), node.ports()).unwrap().0
            }
        });
        let open = store.as_ref().unwrap();
        let found = open
            .read(|view| view.scan(PEOPLE, b"", b"", usize::MAX))
            .unwrap();
        assert_eq!(found, scan(&map, b"", b"", usize::MAX));
        for (key, value) in &map {
            assert_eq!(
                open.read(|view| view.get(PEOPLE, key)).unwrap().unwrap(),
                value
            );
        }
        assert_eq!(open.log().size(), entries);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_store_does_what_a_map_does(acts in prop::collection::vec(act(), 1..24)) {
        run(acts);
    }
}
