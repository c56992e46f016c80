use proptest::prelude::*;

use super::*;

fn redeem(arrival: u64, now: u64) -> u64 {
    release_at(
        Timestamp::from_millis(arrival),
        Timestamp::from_millis(now),
        REDEEM_TICK,
    )
    .as_millis()
}

#[test]
fn i13_an_answer_ready_before_the_first_tick_waits_for_it() {
    for spent in [0, 1, 33, 499, 500] {
        assert_eq!(redeem(10_000, 10_000 + spent), 10_500, "{spent}");
    }
}

#[test]
fn i13_an_answer_that_is_late_waits_for_the_next_tick() {
    assert_eq!(redeem(10_000, 10_501), 11_000);
    assert_eq!(redeem(10_000, 11_000), 11_000);
    assert_eq!(redeem(10_000, 11_001), 11_500);
}

#[test]
fn a_clock_that_ran_back_does_not_release_earlier() {
    assert_eq!(redeem(10_000, 2_000), 10_500);
}

#[test]
fn a_tick_of_zero_and_the_end_of_time_are_no_panic() {
    let at = Timestamp::from_millis(7);
    assert_eq!(release_at(at, at, Duration::ZERO), at);
    assert_eq!(
        release_at(Timestamp::MAX, Timestamp::MAX, Duration::MAX),
        Timestamp::MAX
    );
}

proptest! {
    #[test]
    fn i13_release_is_on_a_tick_and_no_tick_too_late(arrival in 0u64..1 << 40, spent in 0u64..60_000) {
        let now = Timestamp::from_millis(arrival + spent);
        let arrival = Timestamp::from_millis(arrival);
        let released = release_at(arrival, now, REFUSAL_TICK);
        let waited = released.since(arrival);
        prop_assert!(waited >= REFUSAL_TICK && released >= now);
        prop_assert_eq!(waited.as_millis() % REFUSAL_TICK.as_millis(), 0);
        prop_assert!(waited == REFUSAL_TICK || released.minus(REFUSAL_TICK) < now);
    }
}
