use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Job;
use crate::error::Refusal;

/// Jobs that wait for the writer, in the order of their arrival. When it is full the next is
/// refused; urgent ones find some room beyond.
pub(crate) struct Queue {
    most: usize,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
            arrived: Condvar::new(),
        }
    }

    pub(crate) fn push(&self, job: Box<dyn Job>) -> Result<(), Refusal> {
        let mut state = self.state();
        let room = if job.urgent() {
            self.most + self.most / 8 + 1
        } else {
            self.most
        };
        if state.closed {
            return Err(Refusal::Closed);
        }
        if state.jobs.len() >= room {
            return Err(Refusal::Busy);
        }
        state.jobs.push_back(job);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// All that wait, at most `most`.
    pub(crate) fn take(&self, most: usize) -> Vec<Box<dyn Job>> {
        take(&mut self.state(), most)
    }

    /// As [`Queue::take`], but waits for the first; `None` once the queue is closed and empty.
    pub(crate) fn wait(&self, most: usize) -> Option<Vec<Box<dyn Job>>> {
        let idle = |state: &mut State| state.jobs.is_empty() && !state.closed;
        let waited = self.arrived.wait_while(self.state(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let jobs = take(&mut state, most);
        (!jobs.is_empty()).then_some(jobs)
    }

    /// Takes no more jobs; those that wait are still done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    /// Takes no more jobs and drops those that wait: nobody will do them.
    pub(crate) fn abandon(&self) {
        self.close();
        let jobs = std::mem::take(&mut self.state().jobs);
        drop(jobs);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(state: &mut State, most: usize) -> Vec<Box<dyn Job>> {
    let most = state.jobs.len().min(most);
    state.jobs.drain(..most).collect()
}
