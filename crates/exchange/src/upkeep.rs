//! What a node does by itself, from time to time: it closes what nobody asks again, and forgets what
//! has had its time.

use std::time::Duration;

use passerelle_domain::NodeId;
use passerelle_store::tables::{attempts, expiry, quotas};

use crate::{ExchangeError, Passerelle};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(15 * 60);
/// Rows of a table that go in one round.
const MOST_ROWS: usize = 256;

impl Passerelle {
    /// All that a node does by itself, for ever: the outbox and the upkeep. To be spawned once on a
    /// tokio runtime; dropping it stops both.
    pub async fn run(&self) {
        tokio::join!(self.run_outbox(), self.run_upkeep());
    }

    async fn run_upkeep(&self) {
        loop {
            if let Err(error) = self.keep_up().await {
                tracing::error!(%error, "the upkeep failed");
            }
            self.0.timer.sleep(ROUND).await;
        }
    }

    /// One round of upkeep, of bounded length.
    pub async fn keep_up(&self) -> Result<(), ExchangeError> {
        self.close_abandoned().await?;
        let list = self.0.trust.list();
        let peers: Vec<NodeId> = list.members.iter().map(|one| one.node.clone()).collect();
        self.transact("forget", move |tx| {
            let now = tx.now();
            expiry::sweep(tx, now, MOST_ROWS)?;
            quotas::sweep(tx, now, MOST_ROWS)?;
            let mut left = MOST_ROWS;
            for peer in &peers {
                left -= attempts::sweep(tx, peer, now, left)?;
            }
            Ok(())
        })
        .await?;
        Ok(())
    }
}
