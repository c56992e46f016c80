use std::time::Duration;

use serde::Deserialize;

use super::limits::ranged;

/// The exchange log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How long after an entry its tiles and checkpoint are published. A checkpoint that a peer was
    /// shown promises 60 s; past them no further entry is taken.
    #[serde(deserialize_with = "ranged::<_, _, 1, 30>")]
    pub publish_seconds: u64,
}

impl Log {
    /// Longest time from an entry to its publication.
    pub fn publish(&self) -> Duration {
        Duration::from_secs(self.publish_seconds)
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { publish_seconds: 1 }
    }
}
