//! The officer's index of the exchange log: which entries are about whom, and with whom.
//!
//! `entries`: leaf → what it is, sealed under the person it is about; `person_entries`: person ∥
//! leaf; `peer_entries_index`: peer ∥ leaf. Leaves stand by their distance from the last number
//! there is, so that a scan gives the newest first.

use passerelle_domain::{EntryKind, Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, field, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An entry of the log, as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedEntry {
    /// Its place in the log.
    pub leaf: u64,
    /// The person it is about; `None` if it is about nobody.
    pub person: Option<PersonId>,
    /// Its kind.
    pub kind: EntryKind,
    /// The other node, if there is one.
    pub peer: Option<NodeId>,
    /// When it was made.
    pub at: Timestamp,
}

/// One entry; `None` once it was erased.
pub fn find(read: &impl Read, leaf: u64) -> Result<Option<IndexedEntry>, TableError> {
    ENTRIES
        .find(read, &leaf_key(Key::new(), leaf))?
        .map(indexed)
        .transpose()
}

/// At most `limit` entries, the newest first, those before the leaf `before`.
pub fn newest(
    read: &impl Read,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<IndexedEntry>, TableError> {
    let before = before.map(|leaf| leaf_key(Key::new(), leaf));
    let found = ENTRIES.page(read, &[], before.as_deref(), limit)?;
    found.into_iter().map(indexed).collect()
}

/// The same for the entries about a person.
pub fn of_person(
    read: &impl Read,
    person: &PersonId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<IndexedEntry>, TableError> {
    through(
        read,
        &BY_PERSON,
        &Key::new().id(person.as_bytes()),
        before,
        limit,
    )
}

/// The same for the entries of exchanges with a peer.
pub fn with_peer(
    read: &impl Read,
    peer: &NodeId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<IndexedEntry>, TableError> {
    through(read, &BY_PEER, &Key::new().node(peer), before, limit)
}

/// Adds an entry, in the transaction that appends it.
pub fn put(tx: &mut impl Write, entry: &IndexedEntry) -> Result<(), TableError> {
    let owner = entry.person.as_ref();
    let row = rows::EntryRow {
        kind: entry.kind.id().to_owned(),
        peer: entry
            .peer
            .as_ref()
            .map_or_else(String::new, NodeId::to_string),
        at: entry.at.as_millis(),
    };
    ENTRIES.put(tx, owner, &leaf_key(Key::new(), entry.leaf), &row)?;
    if let Some(person) = owner {
        let key = leaf_key(Key::new().id(person.as_bytes()), entry.leaf);
        BY_PERSON.put(tx, owner, &key, &rows::Mark {})?;
    }
    if let Some(peer) = &entry.peer {
        BY_PEER.put(
            tx,
            None,
            &leaf_key(Key::new().node(peer), entry.leaf),
            &rows::Mark {},
        )?;
    }
    Ok(())
}

/// Removes an entry from the index: its person is erased.
pub fn remove(tx: &mut impl Write, entry: &IndexedEntry) {
    ENTRIES.delete(tx, &leaf_key(Key::new(), entry.leaf));
    if let Some(person) = &entry.person {
        BY_PERSON.delete(tx, &leaf_key(Key::new().id(person.as_bytes()), entry.leaf));
    }
    if let Some(peer) = &entry.peer {
        BY_PEER.delete(tx, &leaf_key(Key::new().node(peer), entry.leaf));
    }
}

/// Whose key seals the sealed part of an entry.
pub(super) enum Owner {
    Person(PersonId),
    Nobody,
    Erased,
}

pub(super) fn owner(read: &impl Read, leaf: u64) -> Result<Owner, TableError> {
    Ok(match ENTRIES.owner(read, &leaf_key(Key::new(), leaf))? {
        Some(Some(person)) => Owner::Person(person),
        Some(None) => Owner::Nobody,
        None => Owner::Erased,
    })
}

fn through(
    read: &impl Read,
    index: &Spec,
    prefix: &Key,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<IndexedEntry>, TableError> {
    let before = before.map(|leaf| leaf_key(prefix.clone(), leaf));
    let mut entries = Vec::new();
    for key in index.keys(read, prefix, before.as_deref(), limit) {
        let leaf = leaf_of(key.get(prefix.len()..).unwrap_or_default());
        entries.extend(find(read, leaf.map_err(|what| index.malformed(what))?)?);
    }
    Ok(entries)
}

fn indexed(found: Found<rows::EntryRow>) -> Result<IndexedEntry, TableError> {
    let Found { key, owner, row } = found;
    let read = || {
        Ok(IndexedEntry {
            leaf: leaf_of(&key)?,
            person: owner,
            kind: word("kind", EntryKind::parse(&row.kind))?,
            peer: if row.peer.is_empty() {
                None
            } else {
                Some(field("peer", NodeId::new(&row.peer))?)
            },
            at: at(row.at),
        })
    };
    read().map_err(|what: Malformed| ENTRIES.malformed(what))
}

fn leaf_key(prefix: Key, leaf: u64) -> Key {
    prefix.u64(u64::MAX - leaf)
}

fn leaf_of(key: &[u8]) -> Result<u64, Malformed> {
    Ok(u64::MAX - KeyParts::of(key).u64()?)
}

pub(super) const ENTRIES: Spec = Spec::new(32, "entries");
pub(super) const BY_PERSON: Spec = Spec::new(33, "person_entries");
pub(super) const BY_PEER: Spec = Spec::new(34, "peer_entries_index");
