use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use passerelle_exchange::ExchangeError;
use passerelle_faults_tests::{Agency, LONGEST, Requester, before_another, until};
use tokio::task::JoinSet;

/// Questions under way at once, and one registration.
const IN_FLIGHT: usize = 8;

/// Questions and registrations that go on whether the holder is there or not.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Load {
    /// Begins to ask.
    pub(crate) fn start(requester: &Arc<Requester>, agency: &Arc<Agency>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let (requester, over) = (Arc::clone(requester), Arc::clone(&over));
            tasks.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    ask(&requester).await;
                }
            });
        }
        let (agency, while_asking) = (Arc::clone(agency), Arc::clone(&over));
        tasks.spawn(async move {
            while !while_asking.load(Ordering::Relaxed) {
                if !agency.register().await {
                    before_another().await;
                }
            }
        });
        Self { over, tasks }
    }

    /// Waits until so many answers came in all. A task that ended has met what it must not meet.
    pub(crate) async fn until_answered(&mut self, requester: &Requester, enough: u64) {
        until("answers of the holder", || {
            assert!(self.tasks.try_join_next().is_none(), "the load has ended");
            requester.answered() >= enough
        })
        .await;
    }

    /// Ends; panics with what a task met.
    pub(crate) async fn stop(mut self) {
        self.over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

/// Asks once; a holder that is gone is no fault.
async fn ask(requester: &Requester) {
    match requester.ask().await {
        Ok(_) => {}
        Err(ExchangeError::PeerUnreachable { .. }) => before_another().await,
        Err(error) => panic!("the holder answered: {error}"),
    }
}

/// Asks until an answer comes that the requester accepts: only if the log still continues all that it
/// was shown.
pub(crate) async fn ask_until_answered(requester: &Requester) {
    let before = requester.answered();
    while requester.answered() == before {
        ask(requester).await;
    }
}

/// Ends a test that does not end by itself.
pub(crate) async fn in_time(story: impl Future<Output = ()>) {
    let told = tokio::time::timeout(LONGEST, story).await;
    assert!(told.is_ok(), "it took longer than {LONGEST:?}");
}
