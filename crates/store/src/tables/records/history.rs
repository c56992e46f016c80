//! What records were before the last thing that was made of them.
//!
//! `record_history`: person ∥ record ∥ revision → the record as that revision left it. What it is now
//! stands in the table of records, so that a record that never changed has no row here.

use passerelle_domain::{Malformed, PersonId, RecordId};
use passerelle_proto::storage::v1 as rows;
use rows::record_history_row::State;

use super::super::key::Key;
use super::super::spec::Spec;
use super::super::{Read, TableError, Write};
use super::{DeletedRecord, StoredRecord, deleted, deleted_row, file_of, record_row, stored};

/// How many former revisions of a record are kept; beyond, the oldest goes.
pub const MOST_KEPT: u64 = 32;

/// A record as one revision left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Former {
    /// It was kept.
    Kept(StoredRecord),
    /// It was deleted.
    Deleted(DeletedRecord),
}

impl Former {
    /// Its revision.
    pub const fn revision(&self) -> u64 {
        match self {
            Self::Kept(record) => record.revision,
            Self::Deleted(record) => record.revision,
        }
    }

    const fn id(&self) -> RecordId {
        match self {
            Self::Kept(record) => record.id,
            Self::Deleted(record) => record.id,
        }
    }
}

/// The former revisions of a record that are kept, the oldest first.
pub fn of_record(
    read: &impl Read,
    person: &PersonId,
    id: &RecordId,
) -> Result<Vec<Former>, TableError> {
    let file = file_of(read, person, id)?;
    let prefix = Key::new().id(file.as_bytes()).id(id.as_bytes());
    let found = HISTORY.all::<rows::RecordHistoryRow>(read, &prefix)?;
    let former = |row: rows::RecordHistoryRow| match row.state {
        Some(State::Kept(row)) => Ok(Former::Kept(stored(*id, row)?)),
        Some(State::Deleted(row)) => Ok(Former::Deleted(deleted(*id, row)?)),
        None => Err(Malformed::new("state", "must be set")),
    };
    let former = found.into_iter().map(|found| former(found.row));
    former
        .collect::<Result<_, _>>()
        .map_err(|what| HISTORY.malformed(what))
}

/// Keeps what a record was, before something else is made of it. The oldest goes when there are
/// [`MOST_KEPT`].
pub fn push(tx: &mut impl Write, person: &PersonId, former: &Former) -> Result<(), TableError> {
    let (id, revision) = (former.id(), former.revision());
    let person = &file_of(tx, person, &id)?;
    let state = match former {
        Former::Kept(record) => State::Kept(record_row(record)),
        Former::Deleted(record) => State::Deleted(deleted_row(record)),
    };
    let row = rows::RecordHistoryRow { state: Some(state) };
    HISTORY.put(tx, Some(person), &revision_key(person, &id, revision), &row)?;
    if let Some(gone) = revision.checked_sub(MOST_KEPT) {
        HISTORY.delete(tx, &revision_key(person, &id, gone));
    }
    Ok(())
}

fn revision_key(person: &PersonId, id: &RecordId, revision: u64) -> Key {
    Key::new()
        .id(person.as_bytes())
        .id(id.as_bytes())
        .u64(revision)
}

pub(in crate::tables) const HISTORY: Spec = Spec::new(53, "record_history").long();
