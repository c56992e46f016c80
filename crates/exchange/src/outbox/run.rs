//! The outbox runs: one task a peer that something waits for, so that a slow one holds up nobody
//! else.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use passerelle_domain::NodeId;
use passerelle_store::tables::outbox;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Progress;
use super::settle::pause;
use crate::deliver::MOST_ITEMS;
use crate::running::Listener;
use crate::{ExchangeError, Passerelle};

/// Calls under way at once, over all peers. A call ends in the end, whatever the peer does.
const CALLS_AT_ONCE: usize = 64;
/// How long acknowledgements wait for others to go with.
const LINGER: Duration = Duration::from_millis(500);
/// When the store fails, it is looked at again.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);

impl Passerelle {
    /// Delivers what is in the outbox, for ever. To be spawned once on a tokio runtime; dropping it
    /// stops all deliveries.
    pub async fn run_outbox(&self) {
        let mut pushed = self.running().pushed.listen();
        let calls = Arc::new(Semaphore::new(CALLS_AT_ONCE));
        let busy = Busy::default();
        let mut tasks = JoinSet::new();
        loop {
            match self.read(|view| Ok(outbox::waiting(view)?)) {
                Ok(mut waiting) => {
                    waiting.sort_by_key(|(_, priority)| *priority);
                    // Of a node that was rolled back only what ends something goes out.
                    let ends_only = self.0.store.is_rolled_back();
                    waiting.retain(|(_, priority)| *priority == 0 || !ends_only);
                    for (peer, _) in waiting {
                        if let Some(place) = busy.take(&peer) {
                            let (node, calls) = (self.clone(), Arc::clone(&calls));
                            tasks.spawn(async move {
                                let _place = place;
                                node.deliver_to(&peer, &calls).await;
                            });
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    self.0.timer.sleep(AFTER_A_FAULT).await;
                    continue;
                }
            }
            tokio::select! {
                () = pushed.rung() => {}
                // What was pushed while a task ended is seen by the next look.
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    /// Delivers to one peer until nothing waits for it.
    async fn deliver_to(&self, peer: &NodeId, calls: &Semaphore) {
        let mut pushed = self.running().pushed.listen();
        let mut tries = 0;
        loop {
            self.linger(peer, &mut pushed).await;
            let seen = self.newest(peer);
            let (reached, wait) = match self.deliver_in_turn(peer, calls).await {
                Ok(Progress { reached: false, .. }) => {
                    tries += 1;
                    (false, pause(tries, self.rng()))
                }
                Ok(Progress { next: None, .. }) => return,
                Ok(Progress { next: Some(at), .. }) => {
                    tries = 0;
                    (true, at.since(self.now()))
                }
                Err(error) => {
                    tracing::error!(%peer, %error, "a delivery failed here");
                    (false, AFTER_A_FAULT)
                }
            };
            self.pause(peer, wait, (reached, seen), &mut pushed).await;
        }
    }

    async fn deliver_in_turn(
        &self,
        peer: &NodeId,
        calls: &Semaphore,
    ) -> Result<Progress, ExchangeError> {
        // It is never closed.
        let _turn = calls.acquire().await.ok();
        self.deliver_once(peer).await
    }

    /// Lets acknowledgements gather, as long as nothing else waits.
    async fn linger(&self, peer: &NodeId, pushed: &mut Listener) {
        let mut over = self.0.timer.sleep(LINGER);
        while self.only_acknowledgements(peer) {
            tokio::select! {
                () = pushed.rung() => {}
                () = &mut over => return,
            }
        }
    }

    fn only_acknowledgements(&self, peer: &NodeId) -> bool {
        let waiting = self.read(|view| Ok(outbox::first(view, peer, MOST_ITEMS)?));
        waiting.is_ok_and(|waiting| {
            let first = waiting.first().map(|(place, _)| place.priority);
            first == Some(2) && waiting.len() < MOST_ITEMS
        })
    }

    /// Waits, and no longer once something is put in the outbox that should not wait: whatever it
    /// is for a peer that answers; what ends something for one that does not.
    async fn pause(
        &self,
        peer: &NodeId,
        wait: Duration,
        (reached, seen): (bool, u64),
        pushed: &mut Listener,
    ) {
        let mut over = self.0.timer.sleep(wait);
        loop {
            tokio::select! {
                () = &mut over => return,
                () = pushed.rung() => {}
            }
            if self.hurries(peer, seen, reached) {
                return;
            }
        }
    }

    /// Whether something new should not wait. Everybody who pauses asks at every push: no row is
    /// opened.
    fn hurries(&self, peer: &NodeId, seen: u64, reached: bool) -> bool {
        let priorities = if reached { 0..=2 } else { 0..=0 };
        let any = self.read(|view| {
            let mut priorities = priorities;
            Ok(priorities.any(|priority| outbox::any_since(view, peer, priority, seen)))
        });
        any.unwrap_or(false)
    }

    /// The last number that was given to an item for a peer.
    fn newest(&self, peer: &NodeId) -> u64 {
        let newest = self.read(|view| Ok(outbox::newest(view, peer)?));
        newest.unwrap_or(0)
    }
}

/// The peers that have a task.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<BTreeSet<NodeId>>>);

impl Busy {
    /// A place for a peer that has none.
    fn take(&self, peer: &NodeId) -> Option<BusyPlace> {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        peers.insert(peer.clone()).then(|| BusyPlace {
            busy: self.clone(),
            peer: peer.clone(),
        })
    }
}

/// The place of one task, given back when the task ends, however it does.
struct BusyPlace {
    busy: Busy,
    peer: NodeId,
}

impl Drop for BusyPlace {
    fn drop(&mut self) {
        let mut peers = self.busy.0.lock().unwrap_or_else(PoisonError::into_inner);
        peers.remove(&self.peer);
    }
}
