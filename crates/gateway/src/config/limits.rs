use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// Bounds on messages, time and rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Longest message. Other nodes send deliveries of up to 56 KiB.
    #[serde(deserialize_with = "message_bytes")]
    pub message_bytes: usize,
    /// Longest message where many records travel: a batch of records, a summary, a page of a
    /// journey.
    #[serde(deserialize_with = "ranged::<_, _, 65_536, 16_777_216>")]
    pub batch_bytes: usize,
    /// A call that takes longer is broken off.
    #[serde(deserialize_with = "ranged::<_, _, 1, 60>")]
    pub call_seconds: u64,
    /// At the end of the node calls may finish for so long.
    #[serde(deserialize_with = "ranged::<_, _, 1, 300>")]
    pub drain_seconds: u64,
    /// Calls of one member or system at once; further ones are refused.
    #[serde(deserialize_with = "ranged::<_, _, 1, 65_536>")]
    pub calls_at_once_per_peer: usize,
    /// Calls a second of one member or system, over time; as many may come at once.
    #[serde(deserialize_with = "ranged::<_, _, 1, 1_000_000>")]
    pub calls_per_second_per_peer: u32,
    /// Calls a second of one agent, over time; ten seconds' worth may come at once.
    #[serde(deserialize_with = "ranged::<_, _, 1, 10_000>")]
    pub calls_per_second_per_agent: u32,
    /// How many days changes are kept for the agency's systems to hear of. One that asks later reads
    /// everything anew.
    #[serde(deserialize_with = "ranged::<_, _, 1, 3650>")]
    pub changes_kept_days: u32,
    /// How many changes are kept at most; the oldest go first.
    #[serde(deserialize_with = "ranged::<_, _, 1_000, 100_000_000>")]
    pub changes_kept: u64,
    /// Redemptions a day.
    pub quotas: Quotas,
}

/// How many passes an agent may redeem in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quotas {
    /// An agent of role `caseworker`.
    #[serde(deserialize_with = "ranged::<_, _, 1, 10_000>")]
    pub caseworker_per_day: u32,
    /// An agent of role `reception`.
    #[serde(deserialize_with = "ranged::<_, _, 1, 10_000>")]
    pub reception_per_day: u32,
    /// An agent of any role whom the node has not known for `new_agent_days`, at most.
    #[serde(deserialize_with = "ranged::<_, _, 1, 10_000>")]
    pub new_agent_per_day: u32,
    /// How many days an agent is new; 0: nobody is.
    #[serde(deserialize_with = "ranged::<_, _, 0, 365>")]
    pub new_agent_days: u32,
}

impl Limits {
    /// Longest call.
    pub fn call(&self) -> Duration {
        Duration::from_secs(self.call_seconds)
    }

    /// Longest wait for calls that run when the node ends.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            batch_bytes: 1024 * 1024,
            call_seconds: 10,
            drain_seconds: 30,
            calls_at_once_per_peer: 256,
            calls_per_second_per_peer: 20_000,
            calls_per_second_per_agent: 20,
            changes_kept_days: 90,
            changes_kept: 1_000_000,
            quotas: Quotas::default(),
        }
    }
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            caseworker_per_day: 30,
            reception_per_day: 100,
            new_agent_per_day: 5,
            new_agent_days: 7,
        }
    }
}

/// With less, what other nodes deliver would be refused, and sent again, for ever.
fn message_bytes<'de, D: Deserializer<'de>>(yaml: D) -> Result<usize, D::Error> {
    ranged::<_, _, 65_536, 4_194_304>(yaml).map_err(|error: D::Error| {
        serde::de::Error::custom(format_args!(
            "{error}: other nodes send deliveries of up to 56 KiB"
        ))
    })
}

/// A whole number from `MIN` to `MAX`.
pub(super) fn ranged<'de, D: Deserializer<'de>, T: TryFrom<u64>, const MIN: u64, const MAX: u64>(
    yaml: D,
) -> Result<T, D::Error> {
    // Whatever it is instead, what is said is the rule.
    let number = u64::deserialize(yaml).ok();
    number
        .filter(|number| (MIN..=MAX).contains(number))
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| serde::de::Error::custom(format_args!("a whole number from {MIN} to {MAX}")))
}
