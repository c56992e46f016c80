use std::time::Duration;

use passerelle_domain::{Clock, Timer, Timestamp};

use super::{SystemClock, TokioTimer};

#[test]
fn the_clock_reads_this_century() {
    // 2020-01-01: earlier means that the unit is wrong.
    assert!(SystemClock.now() > Timestamp::from_secs(1_577_836_800));
    assert!(SystemClock.now() < Timestamp::MAX);
}

#[tokio::test(start_paused = true)]
async fn the_timer_waits_its_span() {
    let before = tokio::time::Instant::now();
    TokioTimer.sleep(Duration::from_secs(5)).await;
    assert_eq!(before.elapsed(), Duration::from_secs(5));
}
