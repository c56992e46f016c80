use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// RFC 7519 §2 NumericDate: seconds since 1970, here without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NumericDate(u64);

impl NumericDate {
    /// From seconds since the epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs)
    }

    /// The second in which `at` lies.
    pub const fn of(at: Timestamp) -> Self {
        Self(at.as_secs())
    }

    /// Seconds since the epoch.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The instant at which the second begins.
    pub const fn at(self) -> Timestamp {
        Timestamp::from_secs(self.0)
    }
}
