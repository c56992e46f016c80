//! Where slow work runs.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// A piece of slow work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Completes once the job has run, or was given up.
pub type JobDone = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A bounded pool of threads for the hashes of PINs.
///
/// Each running job holds 19 MiB, so a pool of *n* threads bounds that memory to *n* × 19 MiB
/// whatever peers send. Jobs beyond wait their turn, and hold no such memory while they wait; how
/// many may wait is bounded by the calls that each peer may have open and by its daily quota of
/// redemptions. A pool that shuts down drops its jobs.
pub trait Blocking: Send + Sync {
    /// Runs `job` when there is room.
    fn run(&self, job: Job) -> JobDone;
}

impl dyn Blocking + '_ {
    /// What `work` gives; nothing if the pool dropped it.
    pub fn compute<T, F>(&self, work: F) -> impl Future<Output = Option<T>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let done = self.run(Box::new(move || {
            let value = work();
            *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        }));
        async move {
            done.await;
            slot.lock().unwrap_or_else(PoisonError::into_inner).take()
        }
    }
}

/// Runs each job at once, in the caller: for simulations, where nothing else may take time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl Blocking for Inline {
    fn run(&self, job: Job) -> JobDone {
        job();
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests;
