use std::sync::Arc;

use passerelle_faults_tests::{Agency, Holder, Requester, Stand};

use crate::load::{Load, ask_until_answered, in_time};

/// How often the holder is killed.
const KILLS: u64 = 50;
/// Answers between two kills; which instruction the holder is killed at is left to the scheduler.
const ANSWERS: u64 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i4_a_holder_killed_fifty_times_under_load_has_lost_nothing_that_it_showed() {
    in_time(Box::pin(killed_fifty_times())).await;
}

async fn killed_fifty_times() {
    let stand = Stand::new();
    let mut holder = Holder::of(&stand);
    holder.start();
    let requester = Arc::new(Requester::start(&stand).await);
    let agency = Arc::new(Agency::open(&stand).await);
    let mut load = Load::start(&requester, &agency);
    for kill in 1..=KILLS {
        load.until_answered(&requester, kill * ANSWERS).await;
        holder.kill();
        holder.start();
    }
    load.stop().await;
    ask_until_answered(&requester).await;
    assert!(agency.lost_nobody().await > 0, "nobody was registered");
    holder.stop();
    let shown = requester.holder_lost_nothing(&holder);
    assert!(
        shown as u64 >= KILLS * ANSWERS,
        "{shown} entries were shown"
    );
    Arc::into_inner(requester).unwrap().stop().await;
}
