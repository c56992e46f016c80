//! The journeys: records that the node's own organisation entered or imported.
//!
//! `records`: person ∥ record → the record; `record_refs`: person ∥ HMAC of the agency's reference →
//! record.

use bytes::Bytes;
use passerelle_domain::{Class, Digest, PersonId, Pii, RecordId, Section};
use passerelle_proto::storage::v1 as rows;

use super::column::{bytes, class, field, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// One record as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// The node's id for it, kept across its versions.
    pub id: RecordId,
    /// The bytes of a `passerelle.journey.v1.OwnRecord`.
    pub own_record: Pii<Bytes>,
    /// The agency system's version of it.
    pub agency_version: u64,
    /// The agency system's own reference for it.
    pub reference: Pii<String>,
    /// Its class.
    pub class: Class,
    /// Its section.
    pub section: Section,
    /// SHA-256 of the content, to tell a repetition from a change.
    pub content: Digest,
}

/// Every record of a person, by id.
///
/// For another organisation only `exchange::reading` calls this, with a permit.
pub fn journey(read: &impl Read, person: &PersonId) -> Result<Vec<StoredRecord>, TableError> {
    RECORDS
        .all(read, person.as_bytes())?
        .into_iter()
        .map(record)
        .collect()
}

/// One record.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    id: &RecordId,
) -> Result<Option<StoredRecord>, TableError> {
    RECORDS
        .find(read, &record_key(person, id))?
        .map(record)
        .transpose()
}

/// One record by the agency system's own reference.
pub fn find_by_reference(
    read: &impl Read,
    person: &PersonId,
    reference: &str,
) -> Result<Option<StoredRecord>, TableError> {
    let key = reference_key(read, person, reference);
    let Some(Found { row, .. }) = REFERENCES.find::<rows::Pointer>(read, &key)? else {
        return Ok(None);
    };
    let id =
        field("id", RecordId::from_slice(&row.id)).map_err(|what| REFERENCES.malformed(what))?;
    find(read, person, &id)
}

/// Keeps a record of a person, over the version of it that there was. Its reference stays the one
/// it was first kept under.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    record: &StoredRecord,
) -> Result<(), TableError> {
    let key = reference_key(tx, person, record.reference.expose());
    let pointer = rows::Pointer {
        id: bytes(record.id.as_bytes()),
    };
    REFERENCES.put(tx, Some(person), &key, &pointer)?;
    let row = rows::RecordRow {
        own_record: record.own_record.expose().clone(),
        agency_version: record.agency_version,
        reference: record.reference.expose().clone(),
        sensitivity: record.class.as_u8().into(),
        section: record.section.id().to_owned(),
        content_digest: bytes(record.content.as_bytes()),
    };
    RECORDS.put(tx, Some(person), &record_key(person, &record.id), &row)
}

fn record(found: Found<rows::RecordRow>) -> Result<StoredRecord, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        Ok(StoredRecord {
            id: RecordId::from_bytes(parts.id()?),
            agency_version: row.agency_version,
            reference: Pii::new(row.reference),
            class: class("sensitivity", row.sensitivity)?,
            section: word("section", Section::parse(&row.section))?,
            content: field("content_digest", Digest::from_slice(&row.content_digest))?,
            own_record: Pii::new(row.own_record),
        })
    };
    read().map_err(|what| RECORDS.malformed(what))
}

fn record_key(person: &PersonId, id: &RecordId) -> Key {
    Key::new().id(person.as_bytes()).id(id.as_bytes())
}

fn reference_key(read: &impl Read, person: &PersonId, reference: &str) -> Key {
    let keys = read.sealing().sealer().keys();
    let token = keys.index(REFERENCES.name, &[person.as_bytes(), reference.as_bytes()]);
    Key::new().id(person.as_bytes()).id(&token)
}

pub(super) const RECORDS: Spec = Spec::new(6, "records").long();
pub(super) const REFERENCES: Spec = Spec::new(7, "record_refs");
