//! The privacy officer's view of the exchange log: what is in it, the proof of each entry, and
//! whether the log on disk is whole.

mod verify;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use bytes::Bytes;
use passerelle_domain::entry::Entry;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, NodeId, PersonId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::caseload::SetAssignment;
use passerelle_store::tables::exchange_index::{self, IndexedEntry};
use passerelle_store::tables::{Read, TableError, peer_entries, persons};
use passerelle_store::{LogError, OpenedPart};

use crate::caseload::caseload_then;
use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

pub(crate) use verify::Verifying;
pub use verify::{LatestCheckpoint, Verification};

/// Index rows that are looked at in one call, however many of them the filters let through.
const MOST_LOOKED_AT: usize = 4_096;
/// How many of them are read at a time.
const STRIDE: usize = 256;

/// Which entries to list; what is not set lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeFilter {
    /// Entries about this person of the node.
    pub person: Option<PersonId>,
    /// Entries with this node.
    pub peer: Option<NodeId>,
    /// Entries of these kinds; all when empty.
    pub kinds: BTreeSet<EntryKind>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedExchange {
    /// Its place in the log.
    pub index: u64,
    /// As stored and hashed.
    pub entry: String,
}

/// An entry with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeFile {
    /// The entry.
    pub exchange: LoggedExchange,
    /// Its C2SP tlog-proof under the last checkpoint.
    pub proof: String,
    /// What only this node can read of it; `None` where it was erased or there is none.
    pub sealed: Option<OpenedPart>,
    /// What the other party showed of its own log, if it did.
    pub peer: Option<ShownByPeer>,
    /// What the caseload says of its agent and its person on its day.
    pub caseload: Vec<SetAssignment>,
}

/// What the other party of an exchange showed of its log; checked when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownByPeer {
    /// Its entry, as stored and hashed there.
    pub entry: String,
    /// The C2SP tlog-proof of it.
    pub proof: String,
}

impl Passerelle {
    /// Entries of the log, the newest first. `token` is that of the page before, empty for the
    /// first. A page may hold less than was asked for and still not be the last.
    pub fn list_exchanges(
        &self,
        caller: &Caller,
        filter: &ExchangeFilter,
        size: PageSize,
        token: &str,
    ) -> Result<Page<LoggedExchange>, ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let before = page_token(token)?;
        let (leaves, next) = self.read(|view| filter.leaves(view, before, size.get()))?;
        let exchange = |index| self.exchange(index);
        Ok(Page {
            items: leaves.into_iter().map(exchange).collect::<Result<_, _>>()?,
            next: next.map(|leaf| leaf.to_string()),
        })
    }

    /// One entry with its proof, its sealed part opened, and what the other party showed.
    pub fn exchange_file(
        &self,
        caller: &Caller,
        index: u64,
    ) -> Result<ExchangeFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let log = self.0.store.log();
        let head = log.head();
        if index >= head.size() {
            return Err(ExchangeError::not_found("log_index"));
        }
        let exchange = self.exchange(index)?;
        let proof = log
            .tlog_proof(index, &head)
            .map_err(unreadable)?
            .to_string();
        let entry = Entry::parse(exchange.entry.as_bytes()).ok();
        let at = entry.as_ref().map(|entry| entry.at);
        let commitment = entry.and_then(|entry| entry.commitment);
        let part = log.sealed(index).map_err(unreadable)?;
        let (sealed, caseload, peer) = self.read(|view| {
            let sealed = match part.zip(commitment) {
                Some((part, commitment)) => view.open_sealed(index, &part, &commitment)?,
                None => None,
            };
            let caseload = match sealed.as_ref().zip(at) {
                Some((part, at)) => caseload_then(view, part, at)?,
                None => Vec::new(),
            };
            Ok((sealed, caseload, peer_entries::find(view, index)?))
        })?;
        let shown = |peer: peer_entries::PeerEntry| {
            Ok::<_, ExchangeError>(ShownByPeer {
                entry: text(&peer.entry)?,
                proof: text(&peer.proof)?,
            })
        };
        Ok(ExchangeFile {
            exchange,
            proof,
            sealed,
            caseload,
            peer: peer.map(shown).transpose()?,
        })
    }

    fn exchange(&self, index: u64) -> Result<LoggedExchange, ExchangeError> {
        let entry = self.0.store.log().entry(index).map_err(unreadable)?;
        Ok(LoggedExchange {
            index,
            entry: text(&entry)?,
        })
    }
}

impl ExchangeFilter {
    /// The leaves of a page, and where the next one starts.
    fn leaves(
        &self,
        view: &impl Read,
        mut before: Option<u64>,
        size: usize,
    ) -> Result<(Vec<u64>, Option<u64>), ExchangeError> {
        let mut leaves = Vec::new();
        for _ in 0..MOST_LOOKED_AT / STRIDE {
            let rows = self.rows(view, before)?;
            let last = rows.len() < STRIDE;
            for row in rows {
                if leaves.len() == size {
                    return Ok((leaves, before));
                }
                // Time never runs back in a log: nothing older can pass.
                if self.from.is_some_and(|from| row.at < from) {
                    return Ok((leaves, None));
                }
                before = Some(row.leaf);
                if self.lets_through(&row) {
                    leaves.push(row.leaf);
                }
            }
            if last {
                return Ok((leaves, None));
            }
        }
        Ok((leaves, before))
    }

    fn rows(&self, view: &impl Read, before: Option<u64>) -> Result<Vec<IndexedEntry>, TableError> {
        match (&self.person, &self.peer) {
            (Some(person), _) => of_files(view, person, before),
            (None, Some(peer)) => exchange_index::with_peer(view, peer, before, STRIDE),
            (None, None) => exchange_index::newest(view, before, STRIDE),
        }
    }

    fn lets_through(&self, row: &IndexedEntry) -> bool {
        let peer = self.peer.is_none() || row.peer == self.peer;
        let kind = self.kinds.is_empty() || self.kinds.contains(&row.kind);
        peer && kind && self.to.is_none_or(|to| row.at < to)
    }
}

/// The newest entries about a person before a leaf, whichever of their files they were made under.
fn of_files(
    view: &impl Read,
    person: &PersonId,
    before: Option<u64>,
) -> Result<Vec<IndexedEntry>, TableError> {
    let mut rows = Vec::new();
    for file in persons::files(view, &persons::kept(view, person)?)? {
        rows.extend(exchange_index::of_person(view, &file, before, STRIDE)?);
    }
    rows.sort_by_key(|row| Reverse(row.leaf));
    rows.truncate(STRIDE);
    Ok(rows)
}

/// Entries are JSON, proofs are notes: text, or not what was written.
fn text(bytes: &Bytes) -> Result<String, ExchangeError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ExchangeError::Internal {
        what: "an entry of a log is no text".to_owned(),
    })
}

#[allow(clippy::needless_pass_by_value, reason = "fits `map_err`")]
fn unreadable(error: LogError) -> ExchangeError {
    tracing::error!(%error, "the log cannot be read");
    ExchangeError::LogUnavailable
}

#[cfg(test)]
mod tests;
