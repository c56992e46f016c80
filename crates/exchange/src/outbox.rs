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

use crate::deliver::MOST_ITEMS;
use crate::ports::PeerError;
use crate::queue::delivery;
use crate::{ExchangeError, Passerelle};

/// Rows of the outbox that are read at a time.
const STRIDE: usize = 256;

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

/// What waits for one peer.
#[derive(Default)]
struct Waiting {
    /// What can be delivered now, as much as goes in one call.
    due: Vec<Placed>,
    /// When the first of what waits can be delivered.
    next: Option<Timestamp>,
}

impl Waiting {
    const fn progress(&self, reached: bool, settled: usize) -> Progress {
        Progress {
            reached,
            settled,
            next: self.next,
        }
    }
}

impl Passerelle {
    /// Delivers to a peer, once, as much as goes in one call. The run of the outbox does this by
    /// itself; in simulations the test does.
    pub async fn deliver_once(&self, peer: &NodeId) -> Result<Progress, ExchangeError> {
        let waiting = self.waiting(peer)?;
        if waiting.due.is_empty() {
            return Ok(waiting.progress(true, 0));
        }
        let due = self.without_expired(waiting.due).await?;
        let batch = self.batch(peer, due)?;
        self.set_aside(&batch.unreadable).await?;
        if batch.sent.is_empty() {
            return self.progress(peer, true, 0);
        }
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
    ///
    /// What has to wait stands in nobody's way: all of the outbox is looked through, until there is
    /// enough for one delivery.
    fn waiting(&self, peer: &NodeId) -> Result<Waiting, ExchangeError> {
        let now = self.now();
        let only_first = self.0.store.is_rolled_back();
        let mut waiting = Waiting::default();
        let mut page = self.read(|view| Ok(outbox::first(view, peer, STRIDE)?))?;
        while let Some((last, _)) = page.last().cloned() {
            let more = page.len() == STRIDE && !(only_first && last.priority > 0);
            for (place, item) in page {
                if only_first && place.priority > 0 {
                    continue;
                }
                // No pause is longer: what is farther off was dated by a clock that was wrong.
                let at = Some(item.next_try_at).filter(|at| *at <= now.plus(settle::LONGEST_PAUSE));
                let at = at.unwrap_or(now);
                let next = waiting.next.get_or_insert(at);
                *next = at.min(*next);
                if at <= now && waiting.due.len() < MOST_ITEMS {
                    waiting.due.push((place, item));
                }
            }
            if !more || waiting.due.len() == MOST_ITEMS {
                break;
            }
            page = self.read(|view| Ok(outbox::behind(view, &last, STRIDE)?))?;
        }
        Ok(waiting)
    }

    fn progress(
        &self,
        peer: &NodeId,
        reached: bool,
        settled: usize,
    ) -> Result<Progress, ExchangeError> {
        Ok(self.waiting(peer)?.progress(reached, settled))
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
