//! An order that comes twice has one effect, and the same answer to the byte (I5).

use std::time::Duration;

use passerelle_domain::{Digest, NodeId, Peer, TokenId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::inbox::{self, InboxId, InboxItem};
use passerelle_store::tables::links::{self, Link};
use prost::Message;

use crate::ExchangeError;
use crate::ports::TokenRefused;

/// How long an answer is remembered: 25 months, as a withdrawal is. What an order ended stays ended
/// beyond that.
const KEPT: Duration = Duration::from_secs(762 * 24 * 3600);

/// An order as it came, with whom it came from.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub peer: Peer,
    /// Its `jti`.
    pub id: TokenId,
    /// SHA-256 of the JWT.
    pub digest: Digest,
}

impl Order {
    pub(crate) fn new(peer: &Peer, id: TokenId, jwt: &str) -> Self {
        Self {
            peer: peer.clone(),
            id,
            digest: Digest::of(jwt.as_bytes()),
        }
    }

    /// What was answered to it before.
    pub(crate) fn answered(&self, read: &impl Read) -> Result<Option<Outcome>, ExchangeError> {
        let Some(before) = inbox::find(read, &self.peer.node, InboxId::Token(self.id))? else {
            return Ok(None);
        };
        if before.digest != self.digest {
            return Ok(Some(refused("jti: each once an issuer")));
        }
        let answer = wire::DeliveryAnswer::decode(&*before.answer).ok();
        Ok(answer.and_then(|answer| answer.outcome))
    }

    /// Remembers what is answered to it.
    pub(crate) fn answer(
        &self,
        tx: &mut Tx<'_>,
        outcome: Outcome,
    ) -> Result<Outcome, ExchangeError> {
        let answer = wire::DeliveryAnswer {
            number: 0,
            outcome: Some(outcome.clone()),
        };
        let item = InboxItem {
            digest: self.digest,
            answer: answer.encode_to_vec().into(),
            received_at: tx.now(),
        };
        let keep_until = item.received_at.plus(KEPT);
        inbox::put(
            tx,
            &self.peer.node,
            InboxId::Token(self.id),
            &item,
            keep_until,
        )?;
        Ok(outcome)
    }
}

/// The link that an order names, if it is one with its sender, whatever its state.
pub(crate) fn link_of(
    read: &impl Read,
    id: &passerelle_domain::LinkId,
    peer: &NodeId,
) -> Result<Option<Link>, ExchangeError> {
    Ok(links::find(read, id)?.filter(|link| link.peer == *peer))
}

/// What is answered to an order whose token does not hold: that its key or its time is not known
/// here yet is no reason to refuse it for good.
pub(crate) fn not_taken(error: TokenRefused) -> Outcome {
    if error.may_pass {
        tracing::warn!(rule = error.rule, "an order cannot be checked yet");
        later()
    } else {
        refused(error.rule)
    }
}

/// Refused for good.
pub(crate) fn refused(rule: impl Into<String>) -> Outcome {
    Outcome::Refused(wire::Refused { rule: rule.into() })
}

/// Done, with nothing to add.
pub(crate) const fn done() -> Outcome {
    Outcome::Done(wire::Done {})
}

/// Not now.
pub(crate) const fn later() -> Outcome {
    Outcome::Later(wire::Later {})
}
