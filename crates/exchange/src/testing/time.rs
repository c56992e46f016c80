use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use passerelle_domain::{Clock, Sleep, Timer};
use passerelle_store::sim::SetClock;

/// Wakes every sleeper at once, and moves the clock on to where it would have woken.
///
/// Others are let run first, so that what they can do without waiting for time is done.
#[derive(Clone, Debug)]
pub struct InstantTimer(SetClock);

impl InstantTimer {
    /// Moves this clock.
    pub const fn new(clock: SetClock) -> Self {
        Self(clock)
    }
}

impl Timer for InstantTimer {
    fn sleep(&self, span: Duration) -> Sleep {
        let clock = self.0.clone();
        let wakes = clock.now().plus(span);
        Box::pin(async move {
            for _ in 0..TURNS {
                let_others_run().await;
            }
            clock.set(clock.now().max(wakes));
        })
    }
}

/// Gives way once, on any executor.
async fn let_others_run() {
    let mut given_way = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given_way, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Enough for whoever waits for a gate or for a direct call that waits for one.
const TURNS: usize = 8;
