//! What use cases put in the outbox, in the transaction that causes it, and what is shown of how far
//! it is.

use bytes::Bytes;
use passerelle_domain::{ExchangeId, NodeId, PersonId, Timestamp, TokenId};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::Tx;
use passerelle_store::tables::deliveries::{DeliveryState, Subject};
use passerelle_store::tables::outbox::{OutboxItem, OutboxKind, OutboxPlace};
use passerelle_store::tables::{Read, deliveries, outbox};
use prost::Message;

use crate::ExchangeError;

/// How far a delivery is, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How far.
    pub state: DeliveryState,
    /// When it was queued, confirmed or refused.
    pub since: Timestamp,
    /// Why the peer has not taken it yet, in English, for the operator; empty where nothing is known.
    pub problem: String,
}

/// Something signed that is for one peer.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub kind: OutboxKind,
    pub peer: NodeId,
    /// Whose it is, if somebody's.
    pub person: Option<PersonId>,
    /// Under what its delivery is shown.
    pub subject: TokenId,
    pub jwt: String,
}

/// Puts something signed in the outbox: it is delivered until it is answered.
pub(crate) fn queue(tx: &mut Tx<'_>, signed: &Signed) -> Result<OutboxPlace, ExchangeError> {
    let now = tx.now();
    let subject = Subject::from(signed.subject);
    let queued = deliveries::Delivery::now(DeliveryState::Queued, now);
    deliveries::put(tx, subject, &signed.peer, &queued)?;
    let item = OutboxItem {
        kind: signed.kind,
        item: Bytes::copy_from_slice(signed.jwt.as_bytes()),
        leaf: None,
        person: signed.person,
        subject: Some(subject),
        created_at: now,
        attempts: 0,
        next_try_at: now,
        last_error: String::new(),
    };
    Ok(outbox::push(tx, &signed.peer, &item)?)
}

/// An attempt whose answer arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub peer: &'a NodeId,
    pub person: PersonId,
    pub exchange: ExchangeId,
    pub attempt: u32,
}

/// Tells the peer, in its turn, that its answer arrived: shows it the entry at `leaf`, whose proof is
/// made when it is delivered.
pub(crate) fn acknowledge(
    tx: &mut Tx<'_>,
    answered: &Answered<'_>,
    leaf: u64,
) -> Result<(), ExchangeError> {
    let now = tx.now();
    let message = wire::Acknowledgement {
        exchange_id: Bytes::copy_from_slice(answered.exchange.as_bytes()),
        attempt: answered.attempt,
        logged: None,
    };
    let item = OutboxItem {
        kind: OutboxKind::Acknowledgement,
        item: message.encode_to_vec().into(),
        leaf: Some(leaf),
        person: Some(answered.person),
        subject: None,
        created_at: now,
        attempts: 0,
        next_try_at: now,
        last_error: String::new(),
    };
    outbox::push(tx, answered.peer, &item)?;
    Ok(())
}

/// How far the delivery of something is; `None` where it was never sent to that peer.
pub(crate) fn delivery(
    read: &impl Read,
    subject: TokenId,
    peer: &NodeId,
) -> Result<Option<Delivery>, ExchangeError> {
    let found = deliveries::find(read, subject.into(), peer)?;
    Ok(found.map(|delivery| Delivery {
        state: delivery.state,
        since: delivery.since,
        problem: delivery.problem,
    }))
}

impl Delivery {
    /// Of what the peer itself has said.
    pub(crate) const fn known_there(since: Timestamp) -> Self {
        Self {
            state: DeliveryState::Delivered,
            since,
            problem: String::new(),
        }
    }
}
