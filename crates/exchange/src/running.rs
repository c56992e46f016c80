//! What a running node holds beside its store: nothing that must outlive it.

use std::sync::OnceLock;

use passerelle_domain::Rng;
use passerelle_linkage::pass::Decoy;
use tokio::sync::watch;

use crate::audit::Verifying;
use crate::changes::Waiting;

/// What a running node holds beside its store.
#[derive(Default)]
pub(crate) struct Running {
    /// Rung when something was put in the outbox.
    pub pushed: Bell,
    /// Rung when something of the outbox was answered.
    pub settled: Bell,
    /// Whether the log is being verified.
    pub verifying: Verifying,
    /// Who waits for changes.
    pub waiting: Waiting,
    decoy: OnceLock<Decoy>,
}

impl Running {
    /// What an attempt at an unknown pass is compared with. Slow the first time.
    pub(crate) fn decoy(&self, rng: &dyn Rng) -> &Decoy {
        self.decoy.get_or_init(|| Decoy::random(rng))
    }
}

/// Wakes all who listen.
pub(crate) struct Bell(watch::Sender<()>);

impl Bell {
    /// Wakes all who listen.
    pub(crate) fn ring(&self) {
        self.0.send_replace(());
    }

    /// Whoever listens from now on hears every ring, those before it waits included.
    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

/// Listens to a bell.
pub(crate) struct Listener(watch::Receiver<()>);

impl Listener {
    /// Completes when the bell was rung since it was last waited for.
    pub(crate) async fn rung(&mut self) {
        if self.0.changed().await.is_err() {
            // The node is gone, and with it all who could ring.
            std::future::pending::<()>().await;
        }
    }
}
