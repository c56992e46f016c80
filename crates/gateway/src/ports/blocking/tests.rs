use std::sync::mpsc;

use super::*;

fn pool(threads: usize) -> Arc<dyn Blocking> {
    Arc::new(BlockingPool::start(threads).unwrap())
}

#[tokio::test]
async fn what_is_computed_comes_back() {
    let pool = pool(2);
    assert_eq!(pool.compute(|| 6 * 7).await, Some(42));
}

#[tokio::test]
async fn a_job_that_panics_takes_no_other_down() {
    let pool = pool(1);
    let nothing: Option<()> = pool.compute(|| panic!("on purpose")).await;
    assert_eq!(nothing, None);
    assert_eq!(pool.compute(|| 1).await, Some(1));
}

#[tokio::test]
async fn i8_jobs_beyond_the_queue_are_given_up_at_once() {
    let pool = pool(1);
    let (go, wait) = mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let held = pool.compute(move || {
        started.send(()).unwrap();
        wait.recv()
    });
    running.await.unwrap();
    let waiting: Vec<_> = (0..MOST_WAITING).map(|_| pool.compute(|| 1)).collect();
    assert_eq!(pool.compute(|| 1).await, None);
    go.send(()).unwrap();
    assert_eq!(held.await, Some(Ok(())));
    for one in waiting {
        assert_eq!(one.await, Some(1));
    }
}

#[tokio::test]
async fn a_pool_that_is_dropped_gives_up_what_waits() {
    let pool = pool(1);
    let (go, wait) = mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let held = pool.compute(move || {
        started.send(()).unwrap();
        wait.recv()
    });
    running.await.unwrap();
    let waiting = pool.compute(|| 1);
    drop(pool);
    assert_eq!(waiting.await, None);
    go.send(()).unwrap();
    assert_eq!(held.await, Some(Ok(())), "what runs is let finish");
}
