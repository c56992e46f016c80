//! Who changed what of a record, when.

mod leaves;

use std::collections::BTreeSet;

use passerelle_domain::{Caller, PersonId, Pii, RecordId};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_store::tables::records::history::{self, Former};
use passerelle_store::tables::records::{RecordAct, StoredRecord};
use passerelle_store::tables::{persons, records};

use self::leaves::{Leaves, leaves};
use super::RecordName;
use crate::paging::page_token;
use crate::{ExchangeError, Page, PageSize, Passerelle};

/// A page of what was made of a record, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The record.
    pub record: RecordId,
    /// What was made of it.
    pub page: Page<HistoryEntry>,
}

/// One thing that was made of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What.
    pub made: Made,
    /// By whom and when; `None` where it was made before that was kept.
    pub by: Option<RecordAct>,
    /// The agency system's version.
    pub version: u64,
    /// What changed; `None` where the agent's role does not reach what it was or became, or where
    /// what it was before is no longer kept.
    pub changes: Option<Vec<Change>>,
}

/// What was made of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It was created.
    Created,
    /// A newer version replaced it.
    Updated,
    /// It was deleted.
    Deleted,
    /// It came back after it was deleted.
    Restored,
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path, such as `record.step.status`.
    pub path: String,
    /// What it said before; empty where it was not set.
    pub former: Pii<String>,
    /// What it says since; empty where it is no longer set.
    pub later: Pii<String>,
}

impl Passerelle {
    /// What was made of a record, the newest first: at least its last
    /// [`MOST_KEPT`](history::MOST_KEPT) changes. A record that was deleted has its history too.
    pub fn record_history(
        &self,
        caller: &Caller,
        person: &PersonId,
        name: &RecordName,
        (size, token): (PageSize, &str),
    ) -> Result<HistoryPage, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        let below: Option<u64> = page_token(token)?;
        self.read(|view| {
            let person = &persons::kept(view, person)?;
            let id = name.id(view, person)?.ok_or_else(|| name.not_found())?;
            let mut states = history::of_record(view, person, &id)?;
            let now = match records::find(view, person, &id)? {
                Some(kept) => Former::Kept(kept),
                None => records::find_deleted(view, person, &id)?
                    .map(Former::Deleted)
                    .ok_or_else(|| name.not_found())?,
            };
            if !reaches(&access, &now) {
                return Err(name.not_found());
            }
            states.push(now);
            let asked = states.len().min(
                states.partition_point(|state| below.is_none_or(|below| state.revision() < below)),
            );
            let from = asked.saturating_sub(size.get());
            let items = (from..asked).rev().map(|at| {
                let before = at.checked_sub(1).and_then(|before| states.get(before));
                entry(&access, before, &states[at])
            });
            Ok(HistoryPage {
                record: id,
                page: Page {
                    items: items.collect::<Result<_, _>>()?,
                    next: (from > 0).then(|| states[from].revision().to_string()),
                },
            })
        })
    }
}

fn entry(
    access: &OwnAccess,
    before: Option<&Former>,
    after: &Former,
) -> Result<HistoryEntry, ExchangeError> {
    let reached = before.is_none_or(|before| reaches(access, before)) && reaches(access, after);
    // The first revision has nothing before it; of any other, what was is no longer kept.
    let known = before.is_some() || after.revision() <= 1;
    let changes = match (reached && known, before, after) {
        (false, ..) => None,
        (true, Some(Former::Kept(was)), Former::Kept(is)) => Some(changes(&said(was)?, &said(is)?)),
        (true, Some(Former::Kept(was)), Former::Deleted(_)) => {
            Some(changes(&said(was)?, &Leaves::new()))
        }
        (true, _, Former::Kept(is)) => Some(changes(&Leaves::new(), &said(is)?)),
        (true, _, Former::Deleted(_)) => Some(Vec::new()),
    };
    let (made, by, version) = match (before, after) {
        (_, Former::Deleted(gone)) => (Made::Deleted, Some(&gone.deleted), gone.agency_version),
        (Some(Former::Deleted(_)), Former::Kept(is)) => {
            (Made::Restored, is.written.as_ref(), is.agency_version)
        }
        (None, Former::Kept(is)) if known => {
            (Made::Created, is.written.as_ref(), is.agency_version)
        }
        (_, Former::Kept(is)) => (Made::Updated, is.written.as_ref(), is.agency_version),
    };
    Ok(HistoryEntry {
        made,
        by: by.cloned(),
        version,
        changes,
    })
}

fn reaches(access: &OwnAccess, state: &Former) -> bool {
    match state {
        Former::Kept(record) => access.reaches(record.section, record.class),
        Former::Deleted(record) => access.reaches(record.section, record.class),
    }
}

fn said(record: &StoredRecord) -> Result<Leaves, ExchangeError> {
    leaves(record.own_record.expose()).ok_or_else(|| ExchangeError::Internal {
        what: "a record's row: an encoded OwnRecord".to_owned(),
    })
}

fn changes(before: &Leaves, after: &Leaves) -> Vec<Change> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |leaves: &Leaves, path: &String| leaves.get(path).cloned().unwrap_or_default();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| Change {
            path: path.clone(),
            former: Pii::new(value(before, path)),
            later: Pii::new(value(after, path)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
