//! The journeys: records that the node's own organisation entered or imported.
//!
//! `records`: person ∥ record → the record; `record_refs`: person ∥ HMAC of the agency's reference →
//! record; `deleted_records`: person ∥ record → that it was deleted. What a record was before is in
//! [`history`].

pub mod history;

use bytes::Bytes;
use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{Class, Digest, Malformed, PersonId, Pii, RecordId, Section, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, class, field, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, persons};

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
    /// Counts what was made of the record here, from 1; 0 where it was kept before there was a count.
    pub revision: u64,
    /// Who wrote this version; `None` where it was kept before that was.
    pub written: Option<RecordAct>,
}

/// Who made something of a record, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAct {
    /// When.
    pub at: Timestamp,
    /// The agency system, by its name in the configuration.
    pub system: String,
    /// The agent, as the agency system knows them.
    pub agent: Pii<String>,
    /// The agent's role.
    pub role: AgentRole,
    /// How the session was proved.
    pub assurance: SessionAssurance,
}

/// A record that was deleted. Nothing of its content is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedRecord {
    /// The node's id for it, which it takes again if it comes back.
    pub id: RecordId,
    /// The agency system's version with which it was deleted.
    pub agency_version: u64,
    /// The agency system's own reference for it.
    pub reference: Pii<String>,
    /// The class that it had.
    pub class: Class,
    /// The section that it was in.
    pub section: Section,
    /// Counts on from its last version.
    pub revision: u64,
    /// Who deleted it.
    pub deleted: RecordAct,
}

/// Every record of a person, by id; then those of each file that was merged into theirs.
///
/// For another organisation only `exchange::reading` calls this, with a permit.
pub fn journey(read: &impl Read, person: &PersonId) -> Result<Vec<StoredRecord>, TableError> {
    let mut journey = Vec::new();
    for file in persons::files(read, person)? {
        for found in RECORDS.all(read, file.as_bytes())? {
            journey.push(record(found)?);
        }
    }
    Ok(journey)
}

/// One record.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    id: &RecordId,
) -> Result<Option<StoredRecord>, TableError> {
    let file = file_of(read, person, id)?;
    RECORDS
        .find(read, &record_key(&file, id))?
        .map(record)
        .transpose()
}

/// The file in which a person's record is, or was before it was deleted: that of a file that was merged
/// into theirs stays in it. Their own where there is none.
pub fn file_of(read: &impl Read, person: &PersonId, id: &RecordId) -> Result<PersonId, TableError> {
    let holds = |file: &PersonId| {
        let key = record_key(file, id);
        RECORDS.exists(read, &key) || DELETED.exists(read, &key)
    };
    if holds(person) {
        return Ok(*person);
    }
    let merged = persons::merged_files(read, person)?;
    Ok(merged.into_iter().find(holds).unwrap_or(*person))
}

/// Whether a record of one file has a reference under which another file has, or had, one.
pub fn share_a_reference(
    read: &impl Read,
    one: &PersonId,
    other: &PersonId,
) -> Result<bool, TableError> {
    for found in RECORDS.all(read, one.as_bytes())? {
        if id_of(read, other, record(found)?.reference.expose())?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One record by the agency system's own reference.
pub fn find_by_reference(
    read: &impl Read,
    person: &PersonId,
    reference: &str,
) -> Result<Option<StoredRecord>, TableError> {
    match id_of(read, person, reference)? {
        Some(id) => find(read, person, &id),
        None => Ok(None),
    }
}

/// The id that a record has, or had before it was deleted, by the agency system's own reference.
pub fn id_of(
    read: &impl Read,
    person: &PersonId,
    reference: &str,
) -> Result<Option<RecordId>, TableError> {
    for file in persons::files(read, person)? {
        let key = reference_key(read, &file, reference);
        if let Some(Found { row, .. }) = REFERENCES.find::<rows::Pointer>(read, &key)? {
            let id = field("id", RecordId::from_slice(&row.id));
            return id.map(Some).map_err(|what| REFERENCES.malformed(what));
        }
    }
    Ok(None)
}

/// That a record was deleted, while it has not come back.
pub fn find_deleted(
    read: &impl Read,
    person: &PersonId,
    id: &RecordId,
) -> Result<Option<DeletedRecord>, TableError> {
    let file = file_of(read, person, id)?;
    let found = DELETED.find::<rows::DeletedRecordRow>(read, &record_key(&file, id))?;
    found
        .map(|found| deleted(*id, found.row))
        .transpose()
        .map_err(|what| DELETED.malformed(what))
}

/// Keeps a record of a person, over the version of it that there was, or where it was deleted. Its
/// reference stays the one it was first kept under.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    record: &StoredRecord,
) -> Result<(), TableError> {
    let person = &match record.revision {
        // Of a new one there is nothing yet.
        1 => *person,
        _ => file_of(tx, person, &record.id)?,
    };
    let key = reference_key(tx, person, record.reference.expose());
    let pointer = rows::Pointer {
        id: bytes(record.id.as_bytes()),
    };
    REFERENCES.put(tx, Some(person), &key, &pointer)?;
    let key = record_key(person, &record.id);
    // A record that is new was never deleted.
    if record.revision > 1 && DELETED.exists(tx, &key) {
        DELETED.delete(tx, &key);
    }
    RECORDS.put(tx, Some(person), &key, &record_row(record))
}

/// Deletes a record of a person: no journey shows it from now on. Its reference still leads to it.
pub fn delete(
    tx: &mut impl Write,
    person: &PersonId,
    deleted: &DeletedRecord,
) -> Result<(), TableError> {
    let person = &file_of(tx, person, &deleted.id)?;
    let key = record_key(person, &deleted.id);
    RECORDS.delete(tx, &key);
    DELETED.put(tx, Some(person), &key, &deleted_row(deleted))
}

fn record(found: Found<rows::RecordRow>) -> Result<StoredRecord, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        stored(RecordId::from_bytes(parts.id()?), row)
    };
    read().map_err(|what| RECORDS.malformed(what))
}

fn stored(id: RecordId, row: rows::RecordRow) -> Result<StoredRecord, Malformed> {
    Ok(StoredRecord {
        id,
        agency_version: row.agency_version,
        reference: Pii::new(row.reference),
        class: class("sensitivity", row.sensitivity)?,
        section: word("section", Section::parse(&row.section))?,
        content: field("content_digest", Digest::from_slice(&row.content_digest))?,
        own_record: Pii::new(row.own_record),
        revision: row.revision,
        written: row.written.map(act).transpose()?,
    })
}

fn record_row(record: &StoredRecord) -> rows::RecordRow {
    rows::RecordRow {
        own_record: record.own_record.expose().clone(),
        agency_version: record.agency_version,
        reference: record.reference.expose().clone(),
        sensitivity: record.class.as_u8().into(),
        section: record.section.id().to_owned(),
        content_digest: bytes(record.content.as_bytes()),
        revision: record.revision,
        written: record.written.as_ref().map(act_row),
    }
}

fn deleted(id: RecordId, row: rows::DeletedRecordRow) -> Result<DeletedRecord, Malformed> {
    let by = row
        .deleted
        .ok_or_else(|| Malformed::new("deleted", "must be set"))?;
    Ok(DeletedRecord {
        id,
        agency_version: row.agency_version,
        reference: Pii::new(row.reference),
        class: class("sensitivity", row.sensitivity)?,
        section: word("section", Section::parse(&row.section))?,
        revision: row.revision,
        deleted: act(by)?,
    })
}

fn deleted_row(record: &DeletedRecord) -> rows::DeletedRecordRow {
    rows::DeletedRecordRow {
        agency_version: record.agency_version,
        reference: record.reference.expose().clone(),
        sensitivity: record.class.as_u8().into(),
        section: record.section.id().to_owned(),
        revision: record.revision,
        deleted: Some(act_row(&record.deleted)),
    }
}

pub(super) fn act(row: rows::RecordAct) -> Result<RecordAct, Malformed> {
    Ok(RecordAct {
        at: at(row.at),
        system: row.agency_system,
        agent: Pii::new(row.agent),
        role: word("role", AgentRole::parse(&row.role))?,
        assurance: word("assurance", SessionAssurance::parse(&row.assurance))?,
    })
}

pub(super) fn act_row(act: &RecordAct) -> rows::RecordAct {
    rows::RecordAct {
        at: act.at.as_millis(),
        agency_system: act.system.clone(),
        agent: act.agent.expose().clone(),
        role: act.role.id().to_owned(),
        assurance: act.assurance.id().to_owned(),
    }
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
pub(super) const DELETED: Spec = Spec::new(52, "deleted_records");
