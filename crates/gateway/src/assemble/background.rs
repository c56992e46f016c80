use passerelle_exchange::Passerelle;
use passerelle_store::Store;
use passerelle_transport::tls::TrustHandle;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What works beside the calls. It ends by itself when it is dropped.
pub(super) struct Background {
    tasks: JoinSet<Option<()>>,
    stop: DropGuard,
}

impl Background {
    pub(super) fn start(passerelle: &Passerelle, trust: &TrustHandle) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let own_work = work(passerelle.clone());
        let list = follow(passerelle.clone(), trust.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(own_work));
        tasks.spawn(stop.clone().run_until_cancelled_owned(list));
        Self {
            tasks,
            stop: stop.drop_guard(),
        }
    }

    /// Ends the work, then closes the store: nothing may be under way in it.
    pub(super) async fn end(mut self, store: Store) {
        drop(self.stop);
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = store.close().await {
            tracing::error!(%error, "the store was not closed in good order; the next start checks it whole");
        }
    }
}

/// Deliveries and upkeep.
async fn work(passerelle: Passerelle) {
    passerelle.run().await;
}

/// What was decided under another trust list, and is not durable yet, is decided again.
async fn follow(passerelle: Passerelle, trust: TrustHandle) {
    let mut units = trust.subscribe();
    // A change before this line is seen here.
    passerelle.renew_serials();
    while units.changed().await.is_ok() {
        passerelle.renew_serials();
    }
}
