use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use passerelle_exchange::ports::Blocking;
use passerelle_linkage::{Job, JobDone};
use tokio::sync::oneshot;

/// Threads of one node on which PINs are hashed.
///
/// A job beyond 1,024 that wait is given up at once, as are those that wait when the pool is
/// dropped: whoever waits for them learns that nothing was computed.
pub struct BlockingPool {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    woken: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Waiting>,
    closed: bool,
}

/// A job, and whom to tell when it is over. Dropped without having run, it is given up.
struct Waiting {
    job: Job,
    done: oneshot::Sender<()>,
}

impl BlockingPool {
    /// Starts `threads` threads, at least one.
    pub fn start(threads: usize) -> io::Result<Self> {
        let pool = Self {
            shared: Arc::new(Shared {
                queue: Mutex::default(),
                woken: Condvar::new(),
            }),
        };
        for _ in 0..threads.max(1) {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new()
                .name("passerelle-hash".to_owned())
                .spawn(move || shared.work())?;
        }
        Ok(pool)
    }
}

impl Blocking for BlockingPool {
    fn run(&self, job: Job) -> JobDone {
        let (done, over) = oneshot::channel();
        let mut queue = self.shared.queue();
        if queue.jobs.len() < MOST_WAITING {
            queue.jobs.push_back(Waiting { job, done });
            self.shared.woken.notify_one();
        }
        Box::pin(async move {
            // An error says that the job was given up, which whoever waits finds out by itself.
            let _given_up = over.await;
        })
    }
}

impl Drop for BlockingPool {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.closed = true;
        queue.jobs.clear();
        self.shared.woken.notify_all();
    }
}

impl Shared {
    fn work(&self) {
        while let Some(Waiting { job, done }) = self.next() {
            // One job that panics must not take the thread from the others.
            let _panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
            // Nobody may be waiting any more.
            let _gone = done.send(());
        }
    }

    /// The next job; `None` when the pool is gone.
    fn next(&self) -> Option<Waiting> {
        let mut queue = self.queue();
        loop {
            if let Some(waiting) = queue.jobs.pop_front() {
                return Some(waiting);
            }
            if queue.closed {
                return None;
            }
            queue = self
                .woken
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under the lock can panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some 30 s of work for one thread: whoever waits longer has given up long before.
const MOST_WAITING: usize = 1_024;

#[cfg(test)]
mod tests;
