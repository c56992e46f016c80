use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

/// Wakes a thread that waits for work, and tells it when to end.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rung: bool,
    stopped: bool,
}

impl Bell {
    /// There is work.
    pub(crate) fn ring(&self) {
        let mut state = self.state();
        if !mem::replace(&mut state.rung, true) {
            drop(state);
            self.changed.notify_all();
        }
    }

    /// There will be no more work.
    pub(crate) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    /// Waits until it is rung, or `most` has passed; `false` at the end.
    pub(crate) fn wait(&self, most: Option<Duration>) -> bool {
        let idle = |state: &mut State| !state.rung && !state.stopped;
        let mut state = match most {
            Some(most) => {
                let waited = self.changed.wait_timeout_while(self.state(), most, idle);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.changed.wait_while(self.state(), idle);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.rung = false;
        !state.stopped
    }

    /// Lets `span` pass, however often it is rung; `false` at the end.
    pub(crate) fn pause(&self, span: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), span, |state| !state.stopped);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Threads that end together.
#[derive(Debug, Default)]
pub(crate) struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl Threads {
    pub(crate) fn spawn(&self, name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new()
            .name(format!("passerelle-{name}"))
            .spawn(run)?;
        self.lock().push(thread);
        Ok(())
    }

    /// Waits until all have ended, but for the one that waits.
    pub(crate) fn join(&self) {
        let threads = mem::take(&mut *self.lock());
        let me = thread::current().id();
        for thread in threads {
            if thread.thread().id() != me {
                // One that panicked has said so.
                let _ = thread.join();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
