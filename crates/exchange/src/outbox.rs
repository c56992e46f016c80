//! The outbox is delivered: to each peer on its own, what ends something first, until it is
//! answered.

mod batch;
mod run;
mod settle;

use passerelle_domain::{NodeId, Timestamp, TokenId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::outbox::{self, OutboxItem, OutboxPlace};
use passerelle_store::tables::{Read, peers};

use crate::ports::PeerError;
use crate::queue::delivery;
use crate::{ExchangeError, Passerelle};

/// How far into the outbox of one peer is looked for what can be delivered.
const LOOKED_AT: usize = 256;

/// An item in its place.
type Placed = (OutboxPlace, OutboxItem);

/// How one delivery to a peer went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whether the peer answered, or there was nothing to say.
    pub reached: bool,
    /// How many items are out of the outbox.
    pub settled: usize,
    /// When there is something to deliver again; `None` if nothing waits.
    pub next: Option<Timestamp>,
}

impl Passerelle {
    /// Delivers to a peer, once, as much as goes in one call. The run of the outbox does this by
    /// itself; in simulations the test does.
    pub async fn deliver_once(&self, peer: &NodeId) -> Result<Progress, ExchangeError> {
        let now = self.now();
        let waiting = self.waiting(peer)?;
        let due = waiting
            .into_iter()
            .filter(|(_, item)| item.next_try_at <= now);
        let Some(batch) = self.batch(peer, due.collect())? else {
            return self.progress(peer, true, 0);
        };
        match self.0.peers.deliver(peer, batch.request(self)).await {
            Ok(reply) => {
                let settled = self.settle(peer, batch, &reply.message).await?;
                self.progress(peer, true, settled)
            }
            Err(error) => {
                self.note_undelivered(peer, &error).await?;
                self.progress(peer, false, 0)
            }
        }
    }

    /// Says that something was put in the outbox.
    pub fn wake_outbox(&self) {
        self.running().pushed.ring();
    }

    /// Waits until nothing of this is queued any more, or the time for it is over.
    pub(crate) async fn wait_delivered(
        &self,
        told: &[(TokenId, NodeId)],
    ) -> Result<(), ExchangeError> {
        let mut settled = self.running().settled.listen();
        let mut over = self.0.timer.sleep(self.0.limits.delivery_wait);
        while self.read(|view| any_queued(view, told))? {
            tokio::select! {
                () = settled.rung() => {}
                () = &mut over => break,
            }
        }
        Ok(())
    }

    /// What waits for a peer. A node that was rolled back tells only what ends something.
    fn waiting(&self, peer: &NodeId) -> Result<Vec<Placed>, ExchangeError> {
        let mut waiting = self.read(|view| Ok(outbox::first(view, peer, LOOKED_AT)?))?;
        if self.0.store.is_rolled_back() {
            waiting.retain(|(place, _)| place.priority == 0);
        }
        Ok(waiting)
    }

    fn progress(
        &self,
        peer: &NodeId,
        reached: bool,
        settled: usize,
    ) -> Result<Progress, ExchangeError> {
        let waiting = self.waiting(peer)?;
        Ok(Progress {
            reached,
            settled,
            next: waiting.iter().map(|(_, item)| item.next_try_at).min(),
        })
    }

    /// Remembers since when a peer cannot be reached.
    async fn note_undelivered(
        &self,
        peer: &NodeId,
        error: &PeerError,
    ) -> Result<(), ExchangeError> {
        tracing::debug!(%peer, %error, "a delivery had no answer");
        if *error != PeerError::Unreachable {
            return Ok(());
        }
        let known = self.read(|view| Ok(peers::find(view, peer)?))?;
        if known.is_some_and(|known| known.unreachable_since.is_some()) {
            return Ok(());
        }
        let peer = peer.clone();
        let noted = self.transact("undelivered", move |tx| {
            let mut known = peers::find(tx, &peer)?.unwrap_or_default();
            known.unreachable_since.get_or_insert_with(|| tx.now());
            Ok(peers::put(tx, &peer, &known)?)
        });
        noted.await?;
        Ok(())
    }
}

fn any_queued(read: &impl Read, told: &[(TokenId, NodeId)]) -> Result<bool, ExchangeError> {
    for (subject, peer) in told {
        let delivery = delivery(read, *subject, peer)?;
        if delivery.is_some_and(|delivery| delivery.state == DeliveryState::Queued) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The bytes of a message in its envelope.
fn envelope(body: Vec<u8>) -> wire::Envelope {
    wire::Envelope { body: body.into() }
}

#[cfg(test)]
mod tests;
