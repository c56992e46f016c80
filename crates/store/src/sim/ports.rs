use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::{Clock, Rng, Timestamp};

use super::chance::Chance;
use crate::ports::Fatal;

/// A clock that shows what it was set to. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct SetClock(Arc<AtomicU64>);

impl SetClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(now.as_millis())))
    }

    /// Sets it, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that is the same for the same seed.
#[derive(Debug)]
pub struct SeededRng(Mutex<Chance>);

impl SeededRng {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Chance::new(seed)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&chance.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Notes why the process would have ended, and goes on. Clones are the same note.
#[derive(Debug, Clone, Default)]
pub struct FatalNote(Arc<Mutex<Vec<String>>>);

impl FatalNote {
    /// Nothing noted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Why the process would have ended, oldest first.
    pub fn reasons(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Fatal for FatalNote {
    fn fatal(&self, reason: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(reason.to_owned());
    }
}
