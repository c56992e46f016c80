//! What a requester sends of a pass, read.

use passerelle_domain::{AskingAgent, Digest, ExchangeId, LinkId, Malformed, NodeId};
use passerelle_linkage::pass::{PassSecret, Pin};
use passerelle_linkage::traits::ShownTraits;
use passerelle_proto::exchange::v1 as wire;
use prost::Message;

use crate::attempt::Attempt;

/// What was shown, as it came.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) exchange: ExchangeId,
    pub(super) digest: Digest,
    pub(super) attempt: Attempt,
    pub(super) secret: PassSecret,
    pub(super) pin: Pin,
    pub(super) traits: ShownTraits,
    pub(super) proposed: LinkId,
    pub(super) agent: AskingAgent,
}

impl Shown {
    /// Reads what came to node `own`.
    pub(super) fn parse(request: &wire::RedeemRequest, own: &NodeId) -> Result<Self, Malformed> {
        let envelope = request
            .envelope
            .as_ref()
            .ok_or_else(|| Malformed::new("envelope", "must be set"))?;
        let body = wire::RedeemBody::decode(&*envelope.body)
            .map_err(|_| Malformed::new("envelope.body", "an encoded RedeemBody"))?;
        let attempt = Attempt::try_from(body.attempt.as_ref())?;
        let question = wire::RedeemQuestion::decode(&*body.question)
            .map_err(|_| Malformed::new("question", "an encoded RedeemQuestion"))?;
        let read = || {
            let within = |field: &'static str| move |error: Malformed| error.within(field);
            passerelle_domain::nonce(&question.nonce)?;
            let agent = question.agent.as_ref();
            Ok(Self {
                exchange: ExchangeId::from_slice(&question.exchange_id)
                    .map_err(within("exchange_id"))?,
                digest: Digest::of(&body.question),
                attempt,
                secret: PassSecret::from_wire(own.clone(), &question.pass_secret)
                    .map_err(within("pass_secret"))?,
                pin: Pin::parse(&question.pin).map_err(within("pin"))?,
                traits: ShownTraits::parse(
                    &question.birth_name,
                    &question.first_name,
                    &question.birth_date,
                )?,
                proposed: LinkId::from_slice(&question.link_id).map_err(within("link_id"))?,
                agent: agent
                    .ok_or_else(|| Malformed::new("", "must be set"))
                    .and_then(AskingAgent::try_from)
                    .map_err(within("agent"))?,
            })
        };
        read().map_err(|error: Malformed| error.within("question"))
    }
}
