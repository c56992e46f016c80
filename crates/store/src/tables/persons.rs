//! The persons of the node's own organisation, and their keys.
//!
//! `persons`: person → who they are; `person_refs`: HMAC of a reference of the agency's → person;
//! `merged_files`: person ∥ a file that was merged into theirs; `person_search`: HMAC of a search key ∥
//! person; `person_keys`: person → wrapped key.

use std::collections::BTreeSet;
use std::sync::Arc;

use passerelle_domain::{PersonId, Pii, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field, maybe_bytes, optional};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};
use crate::keys::WrappedKey;
use crate::seal::PersonKey;
use crate::table::Table;

pub use passerelle_proto::storage::v1::IdentityTraits;

/// A person of the node's own organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The node's id for them.
    pub id: PersonId,
    /// The agency system's own reference.
    pub reference: Pii<String>,
    /// Further references that find the same person, the latest last.
    pub other_references: Vec<Pii<String>>,
    /// Who they are.
    pub identity: IdentityTraits,
    /// When they were registered.
    pub created_at: Timestamp,
    /// Whether that they are known here stays hidden from everyone.
    pub protected: bool,
    /// The file that this one was merged into, and when; `None` if none.
    pub merged_into: Option<(PersonId, Timestamp)>,
}

impl Person {
    /// The file that leads on from this one: the one it was merged into, else itself.
    pub fn kept(&self) -> PersonId {
        self.merged_into.map_or(self.id, |(kept, _)| kept)
    }

    /// All references that find the person, the agency system's own first.
    pub fn references(&self) -> impl Iterator<Item = &Pii<String>> {
        std::iter::once(&self.reference).chain(&self.other_references)
    }
}

/// A person by id.
pub fn find(read: &impl Read, id: &PersonId) -> Result<Option<Person>, TableError> {
    row(read, id)?.map(|row| person(*id, row)).transpose()
}

/// The file that leads on from this one: the one it was merged into, else itself.
pub fn kept(read: &impl Read, id: &PersonId) -> Result<PersonId, TableError> {
    Ok(find(read, id)?.map_or(*id, |person| person.kept()))
}

/// The files that were merged into a person's, in the order of their ids.
pub fn merged_files(read: &impl Read, kept: &PersonId) -> Result<Vec<PersonId>, TableError> {
    let keys = MERGED.keys(read, kept.as_bytes(), None, usize::MAX);
    let file = |key: &bytes::Bytes| {
        let mut parts = KeyParts::of(key);
        let id = parts.id::<16>().and_then(|_| parts.id());
        id.map(PersonId::from_bytes)
            .map_err(|what| MERGED.malformed(what))
    };
    keys.iter().map(file).collect()
}

/// A person's file, and those that were merged into it.
pub fn files(read: &impl Read, kept: &PersonId) -> Result<Vec<PersonId>, TableError> {
    let mut files = vec![*kept];
    files.extend(merged_files(read, kept)?);
    Ok(files)
}

/// Merges a file into another, or parts it from what it was merged into. Nothing in it changes.
pub fn put_merged(
    tx: &mut impl Write,
    file: &PersonId,
    into: Option<(PersonId, Timestamp)>,
) -> Result<(), TableError> {
    let Some(mut changed) = row(tx, file)? else {
        return Ok(());
    };
    let before = optional("merged_into", &changed.merged_into, PersonId::from_slice);
    if let Some(before) = before.map_err(|what| PERSONS.malformed(what))? {
        MERGED.delete(tx, &merged_key(&before, file));
    }
    changed.merged_into = maybe_bytes(into.as_ref().map(|(kept, _)| kept.as_bytes()));
    changed.merged_at = into.map_or(0, |(_, at)| at.as_millis());
    if let Some((kept, _)) = into {
        let key = merged_key(&kept, file);
        MERGED.put(tx, Some(file), &key, &rows::Mark {})?;
    }
    PERSONS.put(tx, Some(file), file.as_bytes(), &changed)
}

fn merged_key(kept: &PersonId, file: &PersonId) -> Key {
    Key::new().id(kept.as_bytes()).id(file.as_bytes())
}

/// A person by a reference of the agency system's; the file that leads on from it, if it was merged.
pub fn find_by_reference(read: &impl Read, reference: &str) -> Result<Option<Person>, TableError> {
    match file_of_reference(read, reference)? {
        Some(file) if file.merged_into.is_some() => find(read, &file.kept()),
        found => Ok(found),
    }
}

/// The file that a reference of the agency system's belongs to, even if it was merged into another.
pub fn file_of_reference(read: &impl Read, reference: &str) -> Result<Option<Person>, TableError> {
    let key = reference_key(read, reference);
    let Some(Found { row, .. }) = REFERENCES.find::<rows::Pointer>(read, &key)? else {
        return Ok(None);
    };
    let id =
        field("id", PersonId::from_slice(&row.id)).map_err(|what| REFERENCES.malformed(what))?;
    find(read, &id)
}

/// Ids of at most `limit` persons stored under a search key, in order, those after `after`.
pub fn search(
    read: &impl Read,
    search_key: &[u8],
    after: Option<&PersonId>,
    limit: usize,
) -> Result<Vec<PersonId>, TableError> {
    let token = read
        .sealing()
        .sealer()
        .keys()
        .index(SEARCH.name, &[search_key]);
    let prefix = Key::new().id(&token);
    let after = after.map(|id| search_row_key(&token, id));
    let keys = SEARCH.keys(read, &prefix, after.as_deref(), limit);
    keys.iter()
        .map(|key| {
            let mut parts = KeyParts::of(key);
            parts.id::<16>().and_then(|_| parts.id())
        })
        .map(|id| {
            id.map(PersonId::from_bytes)
                .map_err(|what| SEARCH.malformed(what))
        })
        .collect()
}

/// Registers a person, or changes one: found from now on under its references and `search_keys`, and
/// no longer under those it had. A new person gets a key.
pub fn put<K: AsRef<[u8]>>(
    tx: &mut impl Write,
    person: &Person,
    search_keys: &[K],
) -> Result<(), TableError> {
    if tx.get(KEYS, person.id.as_bytes()).is_none() {
        let wrapped = tx.sealing().sealer().new_person_key(&person.id)?;
        tx.put_row(KEYS, person.id.as_bytes(), wrapped.into_bytes());
        tx.sealing().forget(&person.id);
    }
    let keys = tx.sealing().sealer().keys();
    let tokens: BTreeSet<[u8; 16]> = search_keys
        .iter()
        .map(|key| keys.index(SEARCH.name, &[key.as_ref()]))
        .collect();
    let before = row(tx, &person.id)?.unwrap_or_default();
    let references = || person.references().map(|reference| reference.expose());
    let had = std::iter::once(&before.reference).chain(&before.other_references);
    for gone in had.filter(|had| !had.is_empty() && !references().any(|now| now == *had)) {
        let key = reference_key(tx, gone);
        REFERENCES.delete(tx, &key);
    }
    for gone in before
        .search_tokens
        .iter()
        .filter(|token| !tokens.iter().any(|new| new[..] == token[..]))
    {
        SEARCH.delete(tx, &Key::new().rest(gone).id(person.id.as_bytes()));
    }
    let pointer = rows::Pointer {
        id: bytes(person.id.as_bytes()),
    };
    for reference in references() {
        let key = reference_key(tx, reference);
        REFERENCES.put(tx, None, &key, &pointer)?;
    }
    for token in &tokens {
        SEARCH.put(tx, None, &search_row_key(token, &person.id), &rows::Mark {})?;
    }
    let row = rows::PersonRow {
        reference: person.reference.expose().clone(),
        identity: Some(person.identity.clone()),
        created_at: person.created_at.as_millis(),
        is_protected: person.protected,
        search_tokens: tokens.iter().map(bytes).collect(),
        merged_into: before.merged_into,
        merged_at: before.merged_at,
        other_references: person
            .other_references
            .iter()
            .map(|reference| reference.expose().clone())
            .collect(),
    };
    PERSONS.put(tx, Some(&person.id), person.id.as_bytes(), &row)
}

/// Destroys a person's key: from when this is durable, no row about them opens any more, nor any
/// sealed part. What is left for an erasure is to remove those rows and parts, to wrap the keys of
/// all others under a new epoch key, and to destroy the old one.
pub fn shred(tx: &mut impl Write, id: &PersonId) {
    tx.sealing().forget(id);
    tx.delete_row(KEYS, id.as_bytes());
}

/// The key of a person; `None` when there is none: never registered, or erased.
pub(crate) fn key(read: &impl Read, id: &PersonId) -> Result<Option<Arc<PersonKey>>, TableError> {
    let sealing = read.sealing();
    if let Some(key) = sealing.last(id) {
        return Ok(Some(key));
    }
    let Some(value) = read.get(KEYS, id.as_bytes()) else {
        return Ok(None);
    };
    let wrapped = WrappedKey::from_bytes(value).ok_or(TableError::Unopened { table: KEYS_NAME })?;
    let key = sealing.sealer().person_key(id, &wrapped)?;
    sealing.remember(id, &key);
    Ok(Some(key))
}

fn row(read: &impl Read, id: &PersonId) -> Result<Option<rows::PersonRow>, TableError> {
    let found = PERSONS.find(read, id.as_bytes())?;
    Ok(found.map(|Found { row, .. }| row))
}

fn person(id: PersonId, row: rows::PersonRow) -> Result<Person, TableError> {
    Ok(Person {
        id,
        reference: Pii::new(row.reference),
        identity: row.identity.unwrap_or_default(),
        created_at: at(row.created_at),
        protected: row.is_protected,
        merged_into: optional("merged_into", &row.merged_into, PersonId::from_slice)
            .map_err(|what| PERSONS.malformed(what))?
            .map(|kept| (kept, at(row.merged_at))),
        other_references: row.other_references.into_iter().map(Pii::new).collect(),
    })
}

fn reference_key(read: &impl Read, reference: &str) -> Key {
    let token = read
        .sealing()
        .sealer()
        .keys()
        .index(REFERENCES.name, &[reference.as_bytes()]);
    Key::new().id(&token)
}

fn search_row_key(token: &[u8; 16], id: &PersonId) -> Key {
    Key::new().id(token).id(id.as_bytes())
}

/// Wrapped, not sealed: a person's key is bound to the person and the epoch.
const KEYS: Table = Table::new(1);
const KEYS_NAME: &str = "person_keys";
pub(super) const PERSONS: Spec = Spec::new(3, "persons");
pub(super) const REFERENCES: Spec = Spec::new(4, "person_refs");
pub(super) const MERGED: Spec = Spec::new(46, "merged_files");
pub(super) const SEARCH: Spec = Spec::new(5, "person_search");
