use std::sync::Arc;
use std::time::Duration;

use passerelle_exchange::ExchangeError;
use passerelle_faults_tests::{Holder, Requester, Stand};

/// How often the holder is killed.
const KILLS: u64 = 50;
/// Questions under way at once.
const IN_FLIGHT: usize = 8;
/// Answers between two kills; which instruction the holder is killed at is left to the scheduler.
const ANSWERS: u64 = 4;

/// Asks until told to stop; a holder that is gone is asked again.
async fn load(requester: Arc<Requester>, until: u64) {
    while requester.answered() < until {
        match requester.ask().await {
            Ok(_) => {}
            Err(ExchangeError::PeerUnreachable { .. }) => tokio::time::sleep(AGAIN).await,
            Err(error) => panic!("the holder answered: {error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_holder_killed_fifty_times_under_load_has_lost_nothing_that_it_showed() {
    let stand = Stand::new();
    let mut holder = Holder::of(&stand);
    holder.start();
    let requester = Arc::new(Requester::start(&stand).await);
    let loads: Vec<_> = (0..IN_FLIGHT)
        .map(|_| tokio::spawn(load(Arc::clone(&requester), KILLS * ANSWERS)))
        .collect();
    for kill in 1..=KILLS {
        while requester.answered() < kill * ANSWERS {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        holder.kill();
        holder.start();
    }
    for load in loads {
        load.await.unwrap();
    }
    // One that the node accepts only if the log still continues all that it was shown.
    while requester.ask().await.is_err() {
        tokio::time::sleep(AGAIN).await;
    }
    holder.stop();
    let shown = requester.holder_lost_nothing(&holder);
    assert!(
        shown as u64 >= KILLS * ANSWERS,
        "{shown} entries were shown"
    );
    Arc::into_inner(requester).unwrap().stop().await;
}

/// How long to wait for a holder that is gone.
const AGAIN: Duration = Duration::from_millis(10);
