use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicI32, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::task::JoinSet;

use super::*;

fn gates() -> Arc<Gates> {
    Arc::new(Gates::default())
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match poll(pin!(future)) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the gate is held"),
    }
}

#[test]
fn i3_disclosures_share_a_gate_and_a_withdrawal_does_not() {
    let gates = gates();
    let first = ready(gates.gate(person(1)).shared());
    let second = ready(gates.gate(person(1)).shared());
    let mut withdrawal = pin!(gates.gate(person(1)).exclusive());
    assert!(poll(withdrawal.as_mut()).is_pending());
    // Another person's gate is another gate.
    drop(ready(gates.gate(person(2)).exclusive()));
    drop(first);
    assert!(poll(withdrawal.as_mut()).is_pending());
    drop(second);
    assert!(poll(withdrawal.as_mut()).is_ready());
}

#[test]
fn i3_a_waiting_withdrawal_comes_before_later_disclosures() {
    let gates = gates();
    let held = ready(gates.gate(person(1)).shared());
    let mut withdrawal = Box::pin(gates.gate(person(1)).exclusive());
    assert!(poll(withdrawal.as_mut()).is_pending());
    let mut later = Box::pin(gates.gate(person(1)).shared());
    assert!(poll(later.as_mut()).is_pending());
    drop(held);
    assert!(poll(later.as_mut()).is_pending());
    let Poll::Ready(guard) = poll(withdrawal.as_mut()) else {
        panic!("it is its turn")
    };
    assert!(poll(later.as_mut()).is_pending());
    drop(guard);
    assert!(poll(later.as_mut()).is_ready());
}

#[test]
fn a_gate_that_nobody_uses_takes_no_memory() {
    let gates = gates();
    let held = ready(gates.gate(person(1)).shared());
    let unused = gates.gate(person(2));
    let mut given_up = Box::pin(gates.gate(person(1)).exclusive());
    assert!(poll(given_up.as_mut()).is_pending());
    assert_eq!(gates.in_use(), 2);
    drop(unused);
    drop(given_up);
    assert_eq!(gates.in_use(), 1);
    drop(ready(gates.gate(person(1)).shared()));
    assert_eq!(gates.in_use(), 1);
    drop(held);
    assert_eq!(gates.in_use(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_no_disclosure_runs_beside_a_withdrawal_however_they_are_scheduled() {
    let gates = gates();
    // Disclosures count up, a withdrawal is alone when it finds none.
    let inside = Arc::new([AtomicI32::new(0), AtomicI32::new(0)]);
    let mut tasks = JoinSet::new();
    for task in 0..16u8 {
        let (gates, inside) = (gates.clone(), inside.clone());
        tasks.spawn(async move {
            for round in 0..250u8 {
                let who = usize::from((task ^ round) & 1);
                let gate = gates.gate(person(who as u8));
                if task % 4 == 0 {
                    let _alone = gate.exclusive().await;
                    assert_eq!(inside[who].swap(-1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    assert_eq!(inside[who].swap(0, Ordering::SeqCst), -1);
                } else {
                    let _shared = gate.shared().await;
                    assert!(inside[who].fetch_add(1, Ordering::SeqCst) >= 0);
                    tokio::task::yield_now().await;
                    assert!(inside[who].fetch_sub(1, Ordering::SeqCst) >= 1);
                }
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    assert_eq!(gates.in_use(), 0);
}
