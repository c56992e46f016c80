//! Time and chance, which come in through traits so that a federation can be simulated.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Malformed;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since the epoch; clamped to [`Timestamp::MAX`].
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// From seconds since the epoch, the unit of JWT times (RFC 7519 §2 NumericDate).
    pub const fn from_secs(secs: u64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The instant `span` later, or the last instant there is.
    pub fn plus(self, span: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(span)))
    }

    /// The instant `span` earlier, or the epoch.
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// The time since `earlier`; zero when `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The distance to `other`, whichever is first.
    pub fn distance(self, other: Self) -> Duration {
        Duration::from_millis(self.0.abs_diff(other.0))
    }

    /// Reads RFC 3339 (`2026-11-24T09:30:00Z`); the error names no field.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        const RULE: &str = "an RFC 3339 instant from 1970 on, such as 2026-11-24T09:30:00Z";
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Malformed::new("", RULE))?;
        let millis = at.unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis)
            .map(Self::from_millis)
            .map_err(|_| Malformed::new("", RULE))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, always 24 characters: `2026-11-24T09:30:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `Timestamp` never exceeds MAX, which `OffsetDateTime` can hold.
        let secs = i64::try_from(self.as_secs()).unwrap_or(i64::MAX);
        let at = OffsetDateTime::from_unix_timestamp(secs).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            self.0 % 1000
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Timestamp;
}

/// What [`Timer::sleep`] gives back.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waiting, kept apart from [`Clock`] so that code which only reads the time cannot wait.
pub trait Timer: Send + Sync {
    /// Completes once `span` has passed.
    fn sleep(&self, span: Duration) -> Sleep;
}

/// Where chance comes from: a cryptographic generator in a node, a seeded one in a simulation.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Rng + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests;
