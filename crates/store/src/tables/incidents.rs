//! What the privacy officer must look at.
//!
//! `incidents`: index of the entry of the exchange log that tells of it, the newest first.

use passerelle_domain::{LinkId, Malformed, NodeId, PersonId, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// A link was reported to join two persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Index of the entry that tells of it.
    pub leaf: u64,
    /// The person here.
    pub person: PersonId,
    /// The link.
    pub link: LinkId,
    /// The other node.
    pub peer: NodeId,
    /// The node that reported it.
    pub reported_by: NodeId,
    /// `jti` of the order that tells the other node.
    pub order: TokenId,
    /// When.
    pub at: Timestamp,
}

/// At most `limit` incidents, the newest first, those before the entry `before`.
pub fn newest(
    read: &impl Read,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Incident>, TableError> {
    let before = before.map(leaf_key);
    let found = INCIDENTS.page(read, &[], before.as_deref(), limit)?;
    let known = |found| incident(found).transpose();
    found.into_iter().filter_map(known).collect()
}

/// Adds an incident.
pub fn put(tx: &mut impl Write, incident: &Incident) -> Result<(), TableError> {
    let row = rows::IncidentRow {
        link: bytes(incident.link.as_bytes()),
        peer: incident.peer.to_string(),
        reported_by: incident.reported_by.to_string(),
        order: bytes(incident.order.as_bytes()),
        at: incident.at.as_millis(),
    };
    INCIDENTS.put(tx, Some(&incident.person), &leaf_key(incident.leaf), &row)
}

/// `None` for a row that is about nobody, which none of ours is.
fn incident(found: Found<rows::IncidentRow>) -> Result<Option<Incident>, TableError> {
    let Found { key, owner, row } = found;
    let Some(person) = owner else {
        return Ok(None);
    };
    let read = || {
        Ok(Incident {
            leaf: u64::MAX - KeyParts::of(&key).u64()?,
            person,
            link: field("link", LinkId::from_slice(&row.link))?,
            peer: field("peer", NodeId::new(&row.peer))?,
            reported_by: field("reported_by", NodeId::new(&row.reported_by))?,
            order: field("order", TokenId::from_slice(&row.order))?,
            at: at(row.at),
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| INCIDENTS.malformed(what))
}

fn leaf_key(leaf: u64) -> Key {
    Key::new().u64(u64::MAX - leaf)
}

pub(super) const INCIDENTS: Spec = Spec::new(43, "incidents");
