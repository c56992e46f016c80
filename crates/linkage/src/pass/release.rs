//! When an answer goes out, so that the time it took tells nothing.

use std::time::Duration;

use passerelle_domain::Timestamp;

/// Every answer to Redeem goes out on a multiple of this after its arrival (I13).
pub const REDEEM_TICK: Duration = Duration::from_millis(500);

/// Every answer `nothing_to_share` goes out on a multiple of this after its arrival (I13).
pub const REFUSAL_TICK: Duration = Duration::from_millis(50);

/// The first tick that is not before `now`, counted from `arrival`: `arrival` + 1, 2, 3 … × `tick`.
///
/// Never earlier than one tick after `arrival`, even if the clock ran back. A `tick` of zero
/// releases at once.
pub fn release_at(arrival: Timestamp, now: Timestamp, tick: Duration) -> Timestamp {
    let tick = u64::try_from(tick.as_millis()).unwrap_or(u64::MAX);
    let spent = now.as_millis().saturating_sub(arrival.as_millis());
    let ticks = if tick == 0 {
        0
    } else {
        spent.div_ceil(tick).max(1)
    };
    Timestamp::from_millis(
        arrival
            .as_millis()
            .saturating_add(ticks.saturating_mul(tick)),
    )
    .max(now)
}

#[cfg(test)]
mod tests;
