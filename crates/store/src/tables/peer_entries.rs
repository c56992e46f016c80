//! Entries that the other parties of exchanges showed: with their answers, and acknowledging ours.
//!
//! `peer_entries`: leaf of our own entry → theirs.

use bytes::Bytes;
use passerelle_domain::PersonId;
use passerelle_proto::storage::v1 as rows;

use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An entry of another log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerEntry {
    /// The entry as stored and hashed there.
    pub entry: Bytes,
    /// C2SP tlog-proof of it.
    pub proof: Bytes,
}

/// What the other party showed for our entry at `leaf`.
pub fn find(read: &impl Read, leaf: u64) -> Result<Option<PeerEntry>, TableError> {
    let found = ENTRIES.find::<rows::PeerEntryRow>(read, &Key::new().u64(leaf))?;
    Ok(found.map(|Found { row, .. }| PeerEntry {
        entry: row.entry,
        proof: row.proof,
    }))
}

/// Keeps what the other party showed for our entry at `leaf`, about a person or about nobody.
pub fn put(
    tx: &mut impl Write,
    leaf: u64,
    person: Option<&PersonId>,
    shown: &PeerEntry,
) -> Result<(), TableError> {
    let row = rows::PeerEntryRow {
        entry: shown.entry.clone(),
        proof: shown.proof.clone(),
    };
    ENTRIES.put(tx, person, &Key::new().u64(leaf), &row)
}

pub(super) const ENTRIES: Spec = Spec::new(35, "peer_entries").long();
