//! What a peer answered to a delivery is written down.

use std::collections::BTreeMap;
use std::time::Duration;

use passerelle_domain::{NodeId, Rng, Timestamp, TokenId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::deliveries::{self, Delivery, DeliveryState};
use passerelle_store::tables::outbox::{self, OutboxItem, OutboxKind, OutboxPlace};
use passerelle_store::tables::{Read, introductions, peers};
use prost::Message;

use super::Placed;
use super::batch::Batch;
use crate::{ExchangeError, Passerelle};

/// The longest time between two tries.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What an answer comes to.
#[derive(Clone, Debug)]
enum Settled {
    Done {
        purge_answer: Option<String>,
    },
    Refused,
    /// Not now, or not answered as it must be.
    Again {
        why: &'static str,
        pause: Duration,
    },
}

impl Passerelle {
    /// Writes down what became of the items of a delivery. Says how many are out of the outbox.
    pub(super) async fn settle(
        &self,
        peer: &NodeId,
        batch: Batch,
        response: &wire::DeliverResponse,
    ) -> Result<usize, ExchangeError> {
        let mut answers = answers(response);
        let head = batch.head;
        let judged: Vec<(Placed, Settled)> = batch
            .sent
            .into_iter()
            .map(|placed| {
                let answer = answers.remove(&placed.0.number);
                let settled = self.judge(peer, &placed.1, answer);
                (placed, settled)
            })
            .collect();
        let out = |(_, settled): &&(Placed, Settled)| !matches!(settled, Settled::Again { .. });
        let settled = judged.iter().filter(out).count();
        let peer = peer.clone();
        self.transact("settle", move |tx| {
            for ((place, item), settled) in &judged {
                match settled {
                    Settled::Done { purge_answer } => {
                        outbox::remove(tx, place);
                        let delivered = Delivery {
                            purge_answer: purge_answer.clone(),
                            ..Delivery::now(DeliveryState::Delivered, tx.now())
                        };
                        note(tx, item, &peer, &delivered)?;
                    }
                    Settled::Refused => {
                        outbox::remove(tx, place);
                        let refused = Delivery::now(DeliveryState::Refused, tx.now());
                        note(tx, item, &peer, &refused)?;
                    }
                    Settled::Again { why, pause } => {
                        again(tx, place, item, why, *pause)?;
                    }
                }
            }
            let before = peers::find(tx, &peer)?.unwrap_or_default();
            let mut known = before.clone();
            known.unreachable_since = None;
            if judged.iter().any(is_shown) {
                known.shown_size = head.max(known.shown_size);
            }
            if known != before {
                peers::put(tx, &peer, &known)?;
            }
            Ok(())
        })
        .await?;
        self.running().settled.ring();
        Ok(settled)
    }

    /// Puts off what cannot be read here.
    pub(super) async fn set_aside(&self, unreadable: &[Placed]) -> Result<(), ExchangeError> {
        if unreadable.is_empty() {
            return Ok(());
        }
        let paused = |placed: &Placed| (placed.clone(), pause(placed.1.attempts, self.rng()));
        let paused: Vec<_> = unreadable.iter().map(paused).collect();
        self.transact("set_aside", move |tx| {
            for ((place, item), pause) in &paused {
                again(tx, place, item, "it cannot be read here", *pause)?;
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Takes introductions out that were not delivered before their end: who a person is does not travel
    /// for nothing (I1).
    pub(super) async fn without_expired(
        &self,
        due: Vec<Placed>,
    ) -> Result<Vec<Placed>, ExchangeError> {
        let now = self.now();
        let mut stay = Vec::with_capacity(due.len());
        let mut expired = Vec::new();
        for placed in due {
            if self.read(|view| has_expired(view, &placed.1, now))? {
                expired.push(placed);
            } else {
                stay.push(placed);
            }
        }
        if !expired.is_empty() {
            self.transact("drop_expired", move |tx| {
                for (place, item) in &expired {
                    outbox::remove(tx, place);
                    let refused = Delivery {
                        problem: "it was not delivered before its end".to_owned(),
                        ..Delivery::now(DeliveryState::Refused, tx.now())
                    };
                    note(tx, item, &place.peer, &refused)?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(stay)
    }

    fn judge(&self, peer: &NodeId, item: &OutboxItem, answer: Option<Outcome>) -> Settled {
        let again = |why| Settled::Again {
            why,
            pause: pause(item.attempts, self.rng()),
        };
        match answer {
            None => again("the peer gave no answer to it"),
            Some(Outcome::Later(_)) => again("the peer says: later"),
            Some(Outcome::Refused(_)) if ends_something(item.kind) => {
                tracing::error!(%peer, kind = ?item.kind, "a peer refuses what it must take; it is sent again: ask its operator why");
                again("the peer refuses it: its operator must look")
            }
            Some(Outcome::Refused(_)) => {
                // What a peer writes may hold anything, so it is not repeated: the rule stands in
                // the log of the peer's own process.
                tracing::error!(%peer, kind = ?item.kind, "a peer refused a delivery for good; ask its operator why");
                Settled::Refused
            }
            Some(Outcome::Done(_)) if calls_for_an_answer(item.kind) => {
                again("the peer gave no signed answer")
            }
            Some(Outcome::Done(_)) => Settled::Done { purge_answer: None },
            Some(Outcome::PurgeAnswer(jwt)) => match self.0.tokens.purge_answer(&jwt, peer) {
                Ok(answer) if item.subject == Some(subject(answer.order)) => Settled::Done {
                    purge_answer: Some(jwt),
                },
                Ok(_) => again("the peer answered to another order"),
                Err(error) => {
                    tracing::error!(%peer, rule = %error, "a peer's answer to an order was refused");
                    again("the peer's signed answer was refused")
                }
            },
        }
    }
}

fn has_expired(read: &impl Read, item: &OutboxItem, now: Timestamp) -> Result<bool, ExchangeError> {
    let (OutboxKind::Introduction, Some(subject)) = (item.kind, &item.subject) else {
        return Ok(false);
    };
    let sent = introductions::sent(read, &TokenId::from_bytes(*subject.as_bytes()))?;
    Ok(sent.is_some_and(|sent| sent.expires_at <= now))
}

/// Whether the peer has taken an acknowledgement, and with it a checkpoint.
fn is_shown(((_, item), settled): &(Placed, Settled)) -> bool {
    item.kind == OutboxKind::Acknowledgement && matches!(settled, Settled::Done { .. })
}

/// Leaves an item in its place, to be tried again after a pause.
fn again(
    tx: &mut Tx<'_>,
    place: &OutboxPlace,
    item: &OutboxItem,
    why: &str,
    pause: Duration,
) -> Result<(), ExchangeError> {
    let later = OutboxItem {
        attempts: item.attempts.saturating_add(1),
        next_try_at: tx.now().plus(pause),
        last_error: why.to_owned(),
        ..item.clone()
    };
    outbox::put(tx, place, &later)?;
    let queued = Delivery {
        problem: why.to_owned(),
        ..Delivery::now(DeliveryState::Queued, item.created_at)
    };
    note(tx, item, &place.peer, &queued)
}

/// The pause after so many tries in vain: doubled each time, and drawn, so that many nodes do not
/// come back at once.
pub(super) fn pause(tries: u32, rng: &dyn Rng) -> Duration {
    let longest = Duration::from_secs(1 << tries.min(16)).min(LONGEST_PAUSE);
    let half = longest / 2;
    let drawn = u32::from_be_bytes(rng.bytes());
    half + half.mul_f64(f64::from(drawn) / f64::from(u32::MAX))
}

/// The answers by the numbers of their items.
fn answers(response: &wire::DeliverResponse) -> BTreeMap<u64, Outcome> {
    let body = response.envelope.as_ref().map(|envelope| &*envelope.body);
    let body = body.and_then(|body| wire::DeliverAnswerBody::decode(body).ok());
    let answers = body.map(|body| body.answers).unwrap_or_default();
    answers
        .into_iter()
        .filter_map(|answer| Some((answer.number, answer.outcome?)))
        .collect()
}

/// What a person has ended is told until it is confirmed, whatever the peer says meanwhile.
const fn ends_something(kind: OutboxKind) -> bool {
    kind.priority() == 0
}

/// Orders to destroy copies are done when the other side signs that they are.
const fn calls_for_an_answer(kind: OutboxKind) -> bool {
    matches!(
        kind,
        OutboxKind::Withdrawal | OutboxKind::PurgeOrder | OutboxKind::LinkEnd
    )
}

fn subject(order: TokenId) -> deliveries::Subject {
    order.into()
}

fn note(
    tx: &mut Tx<'_>,
    item: &OutboxItem,
    peer: &NodeId,
    delivery: &Delivery,
) -> Result<(), ExchangeError> {
    if let Some(subject) = item.subject {
        deliveries::put(tx, subject, peer, delivery)?;
    }
    Ok(())
}
