//! The real clock, timer and chance of a node.
//!
//! Everything below this crate takes them through the traits of `passerelle-domain`, so that a
//! whole federation can also run in a simulation.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use passerelle_domain::{Clock, Rng, Sleep, Timer, Timestamp};

/// The wall clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the wall clock is read"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 reads as 1970: every token is then in the future, and refused.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Waits on tokio's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, span: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(span))
    }
}

/// The cryptographic generator of aws-lc.
#[derive(Clone, Default)]
pub struct SystemRng(SystemRandom);

impl SystemRng {
    /// A handle on the generator.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Rng for SystemRng {
    #[allow(clippy::expect_used, reason = "see the comment")]
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only when the operating system gives no randomness: then no key, nonce or
        // identifier may be made, and going on would be worse than stopping.
        self.0
            .fill(bytes)
            .expect("the operating system gives randomness");
    }
}

impl fmt::Debug for SystemRng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemRng")
    }
}

#[cfg(test)]
mod tests;
