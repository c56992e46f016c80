//! What is known of each source of a person's journey; none of its states means `no`.
//!
//! `source_states`: person ∥ holder.

use passerelle_domain::{Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, state};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// What is known of a source, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceStanding {
    /// What is known.
    pub state: SourceState,
    /// Since when.
    pub since: Timestamp,
}

state! {
    /// What is known of a source.
    SourceState {
        /// The last answer is held.
        Received,
        /// Nobody asked it yet.
        NeverAsked,
        /// It answered that it has nothing to share.
        NothingToShare,
        /// It could not be reached.
        Unreachable,
        /// What it had sent was destroyed.
        Purged,
    }
}

/// What is known of every source of a person's journey.
pub fn of_person(
    read: &impl Read,
    person: &PersonId,
) -> Result<Vec<(NodeId, SourceStanding)>, TableError> {
    STATES
        .all(read, person.as_bytes())?
        .into_iter()
        .map(standing)
        .collect()
}

/// What is known of one source.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    holder: &NodeId,
) -> Result<Option<SourceStanding>, TableError> {
    let found = STATES.find(read, &source_key(person, holder))?;
    Ok(found
        .map(standing)
        .transpose()?
        .map(|(_, standing)| standing))
}

/// Notes what is known of a source from now on.
pub fn put(
    tx: &mut impl Write,
    person: &PersonId,
    holder: &NodeId,
    standing: SourceStanding,
) -> Result<(), TableError> {
    let row = rows::SourceRow {
        state: standing.state.to_row(),
        since: standing.since.as_millis(),
    };
    STATES.put(tx, Some(person), &source_key(person, holder), &row)
}

fn standing(found: Found<rows::SourceRow>) -> Result<(NodeId, SourceStanding), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        let standing = SourceStanding {
            state: SourceState::from_row(row.state)?,
            since: at(row.since),
        };
        Ok((parts.node()?, standing))
    };
    read().map_err(|what: Malformed| STATES.malformed(what))
}

fn source_key(person: &PersonId, holder: &NodeId) -> Key {
    Key::new().id(person.as_bytes()).node(holder)
}

pub(super) const STATES: Spec = Spec::new(21, "source_states");
