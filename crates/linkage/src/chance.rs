//! Chance that repeats, for tests.

use std::sync::atomic::{AtomicU8, Ordering};

use passerelle_domain::Rng;

/// Counts upwards, byte by byte.
pub(crate) struct Counting(AtomicU8);

impl From<u8> for Counting {
    fn from(first: u8) -> Self {
        Self(AtomicU8::new(first))
    }
}

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}
