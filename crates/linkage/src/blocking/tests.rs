use std::task::{Context, Poll, Waker};

use super::*;

/// A pool that is shutting down.
struct Closed;

impl Blocking for Closed {
    fn run(&self, job: Job) -> JobDone {
        drop(job);
        Box::pin(std::future::ready(()))
    }
}

fn poll_once<T>(work: impl Future<Output = T>) -> Poll<T> {
    std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn what_the_work_gives_comes_back() {
    let pool: &dyn Blocking = &Inline;
    assert_eq!(poll_once(pool.compute(|| 6 * 7)), Poll::Ready(Some(42)));
}

#[test]
fn work_that_was_dropped_gives_nothing() {
    let pool: &dyn Blocking = &Closed;
    assert_eq!(poll_once(pool.compute(|| 6 * 7)), Poll::Ready(None));
}
