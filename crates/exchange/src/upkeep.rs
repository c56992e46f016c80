//! What a node does by itself, from time to time: it closes what nobody asks again, and forgets what
//! has had its time.

use std::time::Duration;

use passerelle_domain::Timestamp;
use passerelle_store::Tx;
use passerelle_store::tables::{attempts, changes, expiry, quotas};

use crate::{ExchangeError, Limits, Passerelle};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(15 * 60);
/// Rows of a table that go in one transaction.
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

    /// One round of upkeep: transactions of bounded length until nothing is due any more.
    pub async fn keep_up(&self) -> Result<(), ExchangeError> {
        // One that fails does not keep the others from their turn.
        let mut done = self.close_abandoned().await.map(drop);
        done = done.and(self.trim_copies().await);
        let expired = self.forget(|tx, now| Ok(expiry::sweep(tx, now, MOST_ROWS)?));
        done = done.and(expired.await);
        let used = self.forget(|tx, now| Ok(quotas::sweep(tx, now, MOST_ROWS)?));
        done = done.and(used.await);
        let Limits {
            changes_kept,
            changes_most,
            ..
        } = self.0.limits;
        let heard = self.forget(move |tx, now| {
            Ok(changes::sweep(
                tx,
                now.minus(changes_kept),
                changes_most,
                MOST_ROWS,
            )?)
        });
        done = done.and(heard.await);
        for member in &self.0.trust.list().members {
            let peer = member.node.clone();
            let tried = self.forget(move |tx, now| Ok(attempts::sweep(tx, &peer, now, MOST_ROWS)?));
            done = done.and(tried.await);
        }
        done
    }

    /// Sweeps, some rows in a transaction, until fewer went than could have.
    async fn forget(
        &self,
        sweep: impl Fn(&mut Tx<'_>, Timestamp) -> Result<usize, ExchangeError> + Clone + Send + 'static,
    ) -> Result<(), ExchangeError> {
        loop {
            let sweep = sweep.clone();
            let gone = self.transact("forget", move |tx| {
                let now = tx.now();
                sweep(tx, now)
            });
            if gone.await?.value < MOST_ROWS {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
