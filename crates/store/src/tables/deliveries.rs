//! How far deliveries to peers are; survives what waited in the outbox.
//!
//! `deliveries`: subject ∥ peer.

use passerelle_domain::{ChainId, Malformed, NodeId, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, state};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// What was to be delivered: a token by its `jti`, or a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject([u8; 16]);

impl Subject {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = bytes
            .try_into()
            .map_err(|_| Malformed::new("", "16 bytes"))?;
        Ok(Self(bytes))
    }
}

impl From<TokenId> for Subject {
    fn from(token: TokenId) -> Self {
        Self(*token.as_bytes())
    }
}

impl From<ChainId> for Subject {
    fn from(chain: ChainId) -> Self {
        Self(*chain.as_bytes())
    }
}

/// How far one delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How far.
    pub state: DeliveryState,
    /// Since when.
    pub since: Timestamp,
    /// The signed answer to an order to destroy copies, a JWT.
    pub purge_answer: Option<String>,
    /// Why the last try was not taken, without personal data; empty if none was made.
    pub problem: String,
}

impl Delivery {
    /// With nothing more to say.
    pub const fn now(state: DeliveryState, since: Timestamp) -> Self {
        Self {
            state,
            since,
            purge_answer: None,
            problem: String::new(),
        }
    }
}

state! {
    /// How far a delivery is.
    DeliveryState {
        /// It waits in the outbox.
        Queued,
        /// The peer confirmed it.
        Delivered,
        /// The peer refused it for good.
        Refused,
    }
}

/// One delivery.
pub fn find(
    read: &impl Read,
    subject: Subject,
    peer: &NodeId,
) -> Result<Option<Delivery>, TableError> {
    let found = DELIVERIES.find(read, &delivery_key(subject, peer))?;
    Ok(found
        .map(delivery)
        .transpose()?
        .map(|(_, delivery)| delivery))
}

/// The deliveries of one subject, by peer.
pub fn of_subject(
    read: &impl Read,
    subject: Subject,
) -> Result<Vec<(NodeId, Delivery)>, TableError> {
    DELIVERIES
        .all(read, subject.as_bytes())?
        .into_iter()
        .map(delivery)
        .collect()
}

/// Notes how far a delivery is.
pub fn put(
    tx: &mut impl Write,
    subject: Subject,
    peer: &NodeId,
    delivery: &Delivery,
) -> Result<(), TableError> {
    let row = rows::DeliveryRow {
        state: delivery.state.to_row(),
        since: delivery.since.as_millis(),
        purge_answer: delivery.purge_answer.clone().unwrap_or_default(),
        problem: delivery.problem.clone(),
    };
    DELIVERIES.put(tx, None, &delivery_key(subject, peer), &row)
}

fn delivery(found: Found<rows::DeliveryRow>) -> Result<(NodeId, Delivery), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        let delivery = Delivery {
            state: DeliveryState::from_row(row.state)?,
            since: at(row.since),
            purge_answer: (!row.purge_answer.is_empty()).then_some(row.purge_answer),
            problem: row.problem,
        };
        Ok((parts.node()?, delivery))
    };
    read().map_err(|what: Malformed| DELIVERIES.malformed(what))
}

fn delivery_key(subject: Subject, peer: &NodeId) -> Key {
    Key::new().id(subject.as_bytes()).node(peer)
}

pub(super) const DELIVERIES: Spec = Spec::new(24, "deliveries");
