use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often a party may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls a second, over time.
    pub per_second: u32,
    /// Calls that may come at once after a rest.
    pub at_once: u32,
}

/// A token bucket a party.
///
/// At most 10,000 parties are remembered. One that rested long enough to have all its tokens again
/// is forgotten to make room; when there is none such, a new party is refused.
#[derive(Debug)]
pub struct Rates {
    rate: Rate,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    by_party: BTreeMap<String, Bucket>,
    swept: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rates {
    /// The same rate for every party.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token of `party`, or says when there will be one.
    pub fn take(&self, party: &str) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.by_party.get_mut(party) {
            return bucket.take(self.rate, now);
        }
        if buckets.by_party.len() >= MOST {
            buckets.sweep(self.rate, now)?;
        }
        let mut bucket = Bucket {
            tokens: f64::from(self.rate.at_once),
            at: now,
        };
        let taken = bucket.take(self.rate, now);
        buckets.by_party.insert(party.to_owned(), bucket);
        taken
    }
}

impl Buckets {
    /// Forgets who rested; looks at most once a second, for the look costs more than a call.
    fn sweep(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let recently = self
            .swept
            .is_some_and(|swept| now.duration_since(swept) < SECOND);
        if !recently {
            self.swept = Some(now);
            self.by_party
                .retain(|_, bucket| bucket.filled(rate, now) < f64::from(rate.at_once));
        }
        if self.by_party.len() < MOST {
            Ok(())
        } else {
            Err(SECOND)
        }
    }
}

impl Bucket {
    fn filled(&self, rate: Rate, now: Instant) -> f64 {
        let gained = now.duration_since(self.at).as_secs_f64() * f64::from(rate.per_second);
        (self.tokens + gained).min(f64::from(rate.at_once))
    }

    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let tokens = self.filled(rate, now);
        let missing = 1.0 - tokens;
        *self = Self {
            tokens: if missing > 0.0 { tokens } else { tokens - 1.0 },
            at: now,
        };
        if missing > 0.0 {
            Err(Duration::from_secs_f64(
                missing / f64::from(rate.per_second),
            ))
        } else {
            Ok(())
        }
    }
}

/// 10,000 names of 64 bytes and their buckets: 2 MiB.
pub(super) const MOST: usize = 10_000;
const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
