//! The real clock, timer and chance of a node.
//!
//! Everything below this crate takes them through the traits of `passerelle-domain`, so that a
//! whole federation can also run in a simulation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use passerelle_domain::{Clock, Sleep, Timer, Timestamp};
pub use passerelle_transport::rng::SystemRng;

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

#[cfg(test)]
mod tests;
