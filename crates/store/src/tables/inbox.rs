//! What peers delivered, and what was answered: a delivery repeated has one effect and one answer.
//!
//! `inbox`: peer ∥ number at the sender, or peer ∥ jti.

use bytes::Bytes;
use passerelle_domain::{Digest, NodeId, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry};

/// By what an item of a peer is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxId {
    /// Its number at the sender.
    Number(u64),
    /// Its `jti`.
    Token(TokenId),
}

/// What was delivered and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    /// SHA-256 of the item.
    pub digest: Digest,
    /// The bytes of the `passerelle.exchange.v1.DeliveryAnswer`.
    pub answer: Bytes,
    /// When it came.
    pub received_at: Timestamp,
}

/// What was answered to an item of a peer.
pub fn find(read: &impl Read, peer: &NodeId, id: InboxId) -> Result<Option<InboxItem>, TableError> {
    let Some(Found { row, .. }) = INBOX.find::<rows::InboxRow>(read, &item_key(peer, id))? else {
        return Ok(None);
    };
    Ok(Some(InboxItem {
        digest: field("digest", Digest::from_slice(&row.digest))
            .map_err(|what| INBOX.malformed(what))?,
        answer: row.answer,
        received_at: at(row.received_at),
    }))
}

/// Remembers what was answered to an item of a peer until `keep_until`.
pub fn put(
    tx: &mut impl Write,
    peer: &NodeId,
    id: InboxId,
    item: &InboxItem,
    keep_until: Timestamp,
) -> Result<(), TableError> {
    let key = item_key(peer, id);
    expiry::put(tx, keep_until, &INBOX, &key)?;
    let row = rows::InboxRow {
        digest: bytes(item.digest.as_bytes()),
        answer: item.answer.clone(),
        received_at: item.received_at.as_millis(),
    };
    INBOX.put(tx, None, &key, &row)
}

fn item_key(peer: &NodeId, id: InboxId) -> Key {
    let key = Key::new().node(peer);
    match id {
        InboxId::Number(number) => key.u64(number),
        InboxId::Token(token) => key.id(token.as_bytes()),
    }
}

pub(super) const INBOX: Spec = Spec::new(25, "inbox");
