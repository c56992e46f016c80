//! What waits to be delivered to peers.
//!
//! `outbox`: peer ∥ priority ∥ number; `outbox_numbers`: peer → the last number given. Rows are
//! sealed under the key of the table: what a peer must still be told outlives the person's data.

use bytes::Bytes;
use passerelle_domain::{Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, maybe_bytes, optional, state};
use super::deliveries::Subject;
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// Where an item stands in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxPlace {
    /// The peer that it is for.
    pub peer: NodeId,
    /// What goes first: 0 for orders that end something, 1 for receipts, 2 for acknowledgements.
    pub priority: u8,
    /// Rises with every item for the peer; names the item in every attempt to deliver it.
    pub number: u64,
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// What it is.
    pub kind: OutboxKind,
    /// The JWT, or the bytes of a `passerelle.exchange.v1.Acknowledgement` without what it shows.
    pub item: Bytes,
    /// The entry of the exchange log that an acknowledgement shows.
    pub leaf: Option<u64>,
    /// Whose it is, if somebody's.
    pub person: Option<PersonId>,
    /// Under what its delivery is shown, if it is.
    pub subject: Option<Subject>,
    /// When it was put here.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried again before.
    pub next_try_at: Timestamp,
    /// Why the last try failed, without personal data; empty if none did.
    pub last_error: String,
}

state! {
    /// What an outbox delivers.
    OutboxKind {
        /// A receipt.
        Receipt,
        /// A withdrawal.
        Withdrawal,
        /// An objection, or the lifting of one.
        Objection,
        /// A purge order.
        PurgeOrder,
        /// An acknowledgement.
        Acknowledgement,
        /// The end of a link.
        LinkEnd,
        /// An introduction.
        Introduction,
        /// What became of an introduction.
        IntroductionReply,
    }
}

impl OutboxKind {
    /// What goes first.
    pub const fn priority(self) -> u8 {
        match self {
            Self::Withdrawal | Self::Objection | Self::PurgeOrder | Self::LinkEnd => 0,
            Self::Receipt | Self::Introduction | Self::IntroductionReply => 1,
            Self::Acknowledgement => 2,
        }
    }
}

/// Puts an item behind those of its priority.
pub fn push(
    tx: &mut impl Write,
    peer: &NodeId,
    item: &OutboxItem,
) -> Result<OutboxPlace, TableError> {
    let number = newest(tx, peer)? + 1;
    let counter = Key::new().node(peer);
    NUMBERS.put(tx, None, &counter, &rows::Counter { value: number })?;
    let place = OutboxPlace {
        peer: peer.clone(),
        priority: item.kind.priority(),
        number,
    };
    put(tx, &place, item)?;
    Ok(place)
}

/// Changes an item in its place.
pub fn put(tx: &mut impl Write, place: &OutboxPlace, item: &OutboxItem) -> Result<(), TableError> {
    let row = rows::OutboxRow {
        kind: item.kind.to_row(),
        item: item.item.clone(),
        person: maybe_bytes(item.person.as_ref().map(PersonId::as_bytes)),
        subject: maybe_bytes(item.subject.as_ref().map(Subject::as_bytes)),
        created_at: item.created_at.as_millis(),
        attempts: item.attempts,
        next_try_at: item.next_try_at.as_millis(),
        last_error: item.last_error.clone(),
        leaf: item.leaf,
    };
    OUTBOX.put(tx, None, &place_key(place), &row)
}

/// One item, while it waits.
pub fn find(read: &impl Read, place: &OutboxPlace) -> Result<Option<OutboxItem>, TableError> {
    let found = OUTBOX.find(read, &place_key(place))?;
    Ok(found.map(placed).transpose()?.map(|(_, item)| item))
}

/// The first items for a peer, at most `limit`, in the order of delivery.
pub fn first(
    read: &impl Read,
    peer: &NodeId,
    limit: usize,
) -> Result<Vec<(OutboxPlace, OutboxItem)>, TableError> {
    let found = OUTBOX.page(read, &Key::new().node(peer), None, limit)?;
    found.into_iter().map(placed).collect()
}

/// The items for a peer behind a place, at most `limit`, in the order of delivery.
pub fn behind(
    read: &impl Read,
    place: &OutboxPlace,
    limit: usize,
) -> Result<Vec<(OutboxPlace, OutboxItem)>, TableError> {
    let prefix = Key::new().node(&place.peer);
    let found = OUTBOX.page(read, &prefix, Some(&place_key(place)), limit)?;
    found.into_iter().map(placed).collect()
}

/// Items for all peers behind a place, at most `limit`, by name of the peer and in the order of delivery;
/// acknowledgements are passed over.
pub fn orders(
    read: &impl Read,
    after: Option<&OutboxPlace>,
    limit: usize,
) -> Result<Vec<(OutboxPlace, OutboxItem)>, TableError> {
    let mut found = Vec::new();
    let mut after = after.map(place_key);
    while found.len() < limit {
        let wanted = limit - found.len();
        let page = OUTBOX.page(read, &[], after.as_deref(), wanted)?;
        let more = page.len() == wanted;
        for row in page {
            let (place, item) = placed(row)?;
            if item.kind == OutboxKind::Acknowledgement {
                // The last that waits for this peer, however many there are.
                after = Some(Key::new().node(&place.peer).u8(u8::MAX).u64(u64::MAX));
                break;
            }
            after = Some(place_key(&place));
            found.push((place, item));
        }
        if !more {
            let next = OUTBOX.keys(read, &[], after.as_deref(), 1);
            if next.is_empty() {
                break;
            }
        }
    }
    Ok(found)
}

/// The last number that was given to an item for a peer; 0 before the first.
pub fn newest(read: &impl Read, peer: &NodeId) -> Result<u64, TableError> {
    let last = NUMBERS.find::<rows::Counter>(read, &Key::new().node(peer))?;
    Ok(last.map_or(0, |Found { row, .. }| row.value))
}

/// Whether something of that priority waits for a peer that was put there after `number`. Nothing is
/// opened.
pub fn any_since(read: &impl Read, peer: &NodeId, priority: u8, number: u64) -> bool {
    let prefix = Key::new().node(peer).u8(priority);
    let after = prefix.clone().u64(number);
    !OUTBOX.keys(read, &prefix, Some(&after), 1).is_empty()
}

/// Removes an item: it was answered for good.
pub fn remove(tx: &mut impl Write, place: &OutboxPlace) {
    OUTBOX.delete(tx, &place_key(place));
}

/// The peers for which something waits, each with the priority of its first item.
pub fn waiting(read: &impl Read) -> Result<Vec<(NodeId, u8)>, TableError> {
    let mut peers = Vec::new();
    let mut after: Option<Key> = None;
    loop {
        let keys = OUTBOX.keys(read, &[], after.as_deref(), 1);
        let Some(key) = keys.first() else {
            return Ok(peers);
        };
        let mut parts = KeyParts::of(key);
        let first = parts
            .node()
            .and_then(|peer| Ok((peer, parts.id::<1>()?[0])));
        let (peer, priority) = first.map_err(|what| OUTBOX.malformed(what))?;
        // Past every place that this peer can have.
        after = Some(Key::new().node(&peer).u8(u8::MAX).u64(u64::MAX));
        peers.push((peer, priority));
    }
}

fn placed(found: Found<rows::OutboxRow>) -> Result<(OutboxPlace, OutboxItem), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        let place = OutboxPlace {
            peer: parts.node()?,
            priority: parts.id::<1>()?[0],
            number: parts.u64()?,
        };
        let item = OutboxItem {
            kind: OutboxKind::from_row(row.kind)?,
            person: optional("person", &row.person, PersonId::from_slice)?,
            subject: optional("subject", &row.subject, Subject::from_slice)?,
            item: row.item,
            leaf: row.leaf,
            created_at: at(row.created_at),
            attempts: row.attempts,
            next_try_at: at(row.next_try_at),
            last_error: row.last_error,
        };
        Ok((place, item))
    };
    read().map_err(|what: Malformed| OUTBOX.malformed(what))
}

fn place_key(place: &OutboxPlace) -> Key {
    Key::new()
        .node(&place.peer)
        .u8(place.priority)
        .u64(place.number)
}

pub(super) const OUTBOX: Spec = Spec::new(22, "outbox").long();
pub(super) const NUMBERS: Spec = Spec::new(23, "outbox_numbers");
