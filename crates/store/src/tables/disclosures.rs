//! Who received what under what: withdrawals and purge orders go to them.
//!
//! `disclosures`: person ∥ peer ∥ leaf of the entry.

use passerelle_domain::{ChainId, LinkId, Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// One disclosure of a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// The peer that received.
    pub peer: NodeId,
    /// The entry `disclosed` in the exchange log.
    pub leaf: u64,
    /// The link that it went over.
    pub link: LinkId,
    /// The chains of the receipts that opened it.
    pub chains: Vec<ChainId>,
    /// How many records.
    pub records: u64,
    /// When.
    pub at: Timestamp,
}

/// Everything that was disclosed about a person, by peer and in order.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<Disclosure>, TableError> {
    DISCLOSURES
        .all(read, person.as_bytes())?
        .into_iter()
        .map(disclosure)
        .collect()
}

/// Everything that was disclosed about a person to a peer, in order.
pub fn to_peer(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Vec<Disclosure>, TableError> {
    let prefix = Key::new().id(person.as_bytes()).node(peer);
    DISCLOSURES
        .all(read, &prefix)?
        .into_iter()
        .map(disclosure)
        .collect()
}

/// The disclosure to a peer about a person that the entry at `leaf` tells of.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
    leaf: u64,
) -> Result<Option<Disclosure>, TableError> {
    let key = disclosure_key(person, peer, leaf);
    DISCLOSURES.find(read, &key)?.map(disclosure).transpose()
}

/// The peers that received something about a person.
pub fn receivers(read: &impl Read, person: &PersonId) -> Result<Vec<NodeId>, TableError> {
    let mut peers = Vec::new();
    let prefix = Key::new().id(person.as_bytes());
    let mut after: Option<Key> = None;
    loop {
        let keys = DISCLOSURES.keys(read, &prefix, after.as_deref(), 1);
        let Some(key) = keys.first() else {
            return Ok(peers);
        };
        let mut parts = KeyParts::of(key);
        let peer = parts.id::<16>().and_then(|_| parts.node());
        let peer = peer.map_err(|what| DISCLOSURES.malformed(what))?;
        // Past every leaf: the next row is another peer's.
        after = Some(prefix.clone().node(&peer).u64(u64::MAX));
        peers.push(peer);
    }
}

/// Notes a disclosure, in the transaction that appends its entry.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    disclosure: &Disclosure,
) -> Result<(), TableError> {
    let key = disclosure_key(person, &disclosure.peer, disclosure.leaf);
    let row = rows::DisclosureRow {
        link: bytes(disclosure.link.as_bytes()),
        chains: disclosure
            .chains
            .iter()
            .map(|chain| bytes(chain.as_bytes()))
            .collect(),
        records: disclosure.records,
        at: disclosure.at.as_millis(),
    };
    DISCLOSURES.put(tx, Some(person), &key, &row)
}

fn disclosure_key(person: &PersonId, peer: &NodeId, leaf: u64) -> Key {
    Key::new().id(person.as_bytes()).node(peer).u64(leaf)
}

fn disclosure(found: Found<rows::DisclosureRow>) -> Result<Disclosure, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        let chains = row.chains.iter();
        Ok(Disclosure {
            peer: parts.node()?,
            leaf: parts.u64()?,
            link: field("link", LinkId::from_slice(&row.link))?,
            chains: chains
                .map(|chain| field("chains", ChainId::from_slice(chain)))
                .collect::<Result<_, _>>()?,
            records: row.records,
            at: at(row.at),
        })
    };
    read().map_err(|what: Malformed| DISCLOSURES.malformed(what))
}

pub(super) const DISCLOSURES: Spec = Spec::new(36, "disclosures");
