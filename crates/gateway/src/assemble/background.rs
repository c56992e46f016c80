use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Timer};
use passerelle_exchange::Passerelle;
use passerelle_store::Store;
use passerelle_transport::jwt::oidc::Issuers;
use passerelle_transport::tls::TrustHandle;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::World;

/// What works beside the calls. It ends by itself when it is dropped.
pub(super) struct Background {
    tasks: JoinSet<Option<()>>,
    stop: DropGuard,
}

impl Background {
    pub(super) fn start(
        passerelle: &Passerelle,
        trust: &TrustHandle,
        issuers: &Arc<Issuers>,
        world: &World,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let own_work = work(passerelle.clone());
        let list = follow(passerelle.clone(), trust.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(own_work));
        let keys = keep_fresh(
            Arc::clone(issuers),
            Arc::clone(&world.clock),
            Arc::clone(&world.timer),
        );
        tasks.spawn(stop.clone().run_until_cancelled_owned(list));
        tasks.spawn(stop.clone().run_until_cancelled_owned(keys));
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

/// The keys of identity providers, before a session needs them, and so that a fault of one is seen.
async fn keep_fresh(issuers: Arc<Issuers>, clock: Arc<dyn Clock>, timer: Arc<dyn Timer>) {
    loop {
        issuers.refresh(clock.now()).await;
        timer.sleep(KEYS_LOOKED_AT).await;
    }
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

const KEYS_LOOKED_AT: Duration = Duration::from_secs(60);
