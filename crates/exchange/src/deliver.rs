//! What another node's outbox delivers is taken: each item for itself, each once.

use passerelle_domain::{Malformed, Peer, Timestamp};
use passerelle_linkage::pass::{REFUSAL_TICK, release_at};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_proto::exchange::v1::delivery_item::Item;
use prost::Message;

use crate::inbox::{done, later, refused};
use crate::receipts::Keeping;
use crate::{ExchangeError, Passerelle};

/// The most items in one delivery.
pub(crate) const MOST_ITEMS: usize = 64;

impl Passerelle {
    /// Takes a delivery of a peer. What ends something is taken whatever the clocks, the trust list
    /// or the disk say; for the rest the peer is told to come again.
    pub async fn take_delivery(
        &self,
        peer: &Peer,
        request: &wire::DeliverRequest,
    ) -> Result<wire::DeliverResponse, ExchangeError> {
        let arrival = self.now();
        let body = parse(request)?;
        self.member(&peer.node)?;
        let all = self.takes_all(&body)?;
        let mut answers: Vec<wire::DeliveryAnswer> = Vec::with_capacity(body.items.len());
        let mut acknowledgements = Vec::new();
        for item in body.items {
            let outcome = match item.item {
                None => refused("item: must be set"),
                Some(Item::Withdrawal(jwt)) => self.taken(self.take_withdrawal(peer, &jwt).await),
                Some(Item::Objection(jwt)) => self.taken(self.take_objection(peer, &jwt).await),
                Some(Item::PurgeOrder(jwt)) => self.taken(self.take_purge_order(peer, &jwt).await),
                Some(Item::LinkEnd(jwt)) => self.taken(self.take_link_end(peer, &jwt).await),
                Some(_) if !all => later(),
                Some(Item::Receipt(jwt)) => self.taken(self.take_receipt(peer, &jwt).await),
                Some(Item::Introduction(jwt)) => {
                    self.taken(self.take_introduction(peer, &jwt).await)
                }
                Some(Item::IntroductionReply(jwt)) => {
                    self.taken(self.take_introduction_reply(peer, &jwt).await)
                }
                Some(Item::Acknowledgement(acknowledgement)) => {
                    acknowledgements.push((answers.len(), acknowledgement));
                    later()
                }
            };
            answers.push(wire::DeliveryAnswer {
                number: item.number,
                outcome: Some(outcome),
            });
        }
        let only_acknowledgements = acknowledgements.len() == answers.len();
        let (places, messages): (Vec<_>, Vec<_>) = acknowledgements.into_iter().unzip();
        for (place, outcome) in places
            .into_iter()
            .zip(self.take_acknowledgements(peer, messages).await)
        {
            answers[place].outcome = Some(outcome);
        }
        for answer in &answers {
            if let Some(Outcome::Refused(refused)) = &answer.outcome {
                tracing::warn!(peer = %peer.node, rule = refused.rule, "a delivery was refused");
            }
        }
        if !only_acknowledgements {
            // How long it took does not tell whether a link was known (I13).
            self.wait_until(release_at(arrival, self.now(), REFUSAL_TICK))
                .await;
        }
        let answer = wire::DeliverAnswerBody { answers };
        Ok(wire::DeliverResponse {
            envelope: Some(wire::Envelope {
                body: answer.encode_to_vec().into(),
            }),
        })
    }

    async fn take_receipt(&self, peer: &Peer, jwt: &str) -> Result<Outcome, ExchangeError> {
        Ok(match self.keep_receipt(peer, jwt).await? {
            Keeping::Kept => done(),
            Keeping::Refused(rule) => refused(rule),
            Keeping::Later => later(),
        })
    }

    /// A fault of this node is no reason to refuse for good.
    fn taken(&self, outcome: Result<Outcome, ExchangeError>) -> Outcome {
        outcome.unwrap_or_else(|error| {
            tracing::error!(%error, "a delivery cannot be taken now");
            later()
        })
    }

    /// Whether everything is taken now, or only what ends something. With nothing of the kind in
    /// the delivery, the sender hears why not.
    fn takes_all(&self, body: &wire::DeliverBody) -> Result<bool, ExchangeError> {
        let error = match self.disclosing(body) {
            Ok(()) => return Ok(true),
            Err(error) => error,
        };
        let ends = |item: &wire::DeliveryItem| {
            matches!(
                item.item,
                Some(
                    Item::Withdrawal(_)
                        | Item::Objection(_)
                        | Item::PurgeOrder(_)
                        | Item::LinkEnd(_)
                )
            )
        };
        if body.items.iter().any(ends) {
            Ok(false)
        } else {
            Err(error)
        }
    }

    fn disclosing(&self, body: &wire::DeliverBody) -> Result<(), ExchangeError> {
        let held = (!body.held_checkpoint.is_empty()).then_some(&*body.held_checkpoint);
        self.own_checkpoint_shown(held)?;
        self.may_disclose(Timestamp::from_millis(body.sent_at_millis))
    }
}

fn parse(request: &wire::DeliverRequest) -> Result<wire::DeliverBody, Malformed> {
    let envelope = request
        .envelope
        .as_ref()
        .ok_or_else(|| Malformed::new("envelope", "must be set"))?;
    let body = wire::DeliverBody::decode(&*envelope.body)
        .map_err(|_| Malformed::new("envelope.body", "an encoded DeliverBody"))?;
    passerelle_domain::nonce(&body.nonce)?;
    if body.items.len() > MOST_ITEMS {
        return Err(Malformed::new("items", "at most 64"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
