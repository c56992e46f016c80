//! Two files of one person become one, and part again.
//!
//! A file that was merged stays as it is: both ids and all references lead to the file that is kept,
//! and what is read of that one is read of both. It has no link that stands, so whoever shares or asks
//! about the person does so over the file that is kept, under its gate.

use passerelle_domain::{Caller, Malformed, PersonId, Pii, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::persons::Person;
use passerelle_store::tables::{Read, links, objections, persons, records};
use passerelle_store::{ExclusiveGuard, Tx};

use super::PersonFile;
use crate::changes::append;
use crate::gate::under_gate;
use crate::{ExchangeError, Passerelle};

/// Files that are merged into one.
const MOST_MERGED: usize = 16;

/// A file that was merged into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedFile {
    /// Its id.
    pub person: PersonId,
    /// Its own reference.
    pub reference: Pii<String>,
    /// When it was merged.
    pub at: Timestamp,
}

impl Passerelle {
    /// Merges a file into another. Repeating a call changes nothing.
    pub async fn merge_persons(
        &self,
        caller: &Caller,
        keep: PersonId,
        merged: PersonId,
    ) -> Result<PersonFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        if keep == merged {
            return Err(
                Malformed::new("merged_person_id", "another file than the one kept").into(),
            );
        }
        let gates = self.gates(keep, merged).await;
        let transaction = move |tx: &mut Tx<'_>| merge(tx, &keep, &merged);
        self.transact("merge_persons", under_gate(gates, transaction))
            .await?;
        self.person(caller, &keep)
    }

    /// Parts a file from the one it was merged into: each has what was its own, and what came since
    /// stays with the one that was kept. Repeating a call changes nothing.
    pub async fn unmerge_persons(
        &self,
        caller: &Caller,
        merged: PersonId,
    ) -> Result<PersonFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let kept = self.kept(merged)?;
        if kept != merged {
            let gates = self.gates(kept, merged).await;
            let transaction = move |tx: &mut Tx<'_>| part(tx, &kept, &merged);
            self.transact("unmerge_persons", under_gate(gates, transaction))
                .await?;
        }
        self.person(caller, &merged)
    }

    /// The gates of two files: what is being answered about either ends before, or begins after (I3).
    /// In one order, whichever is kept.
    async fn gates(&self, one: PersonId, other: PersonId) -> (ExclusiveGuard, ExclusiveGuard) {
        let store = &self.0.store;
        let first = store.gate(one.min(other)).exclusive().await;
        (first, store.gate(one.max(other)).exclusive().await)
    }

    /// The file that leads on from the one that a caller names, under its gate: it leads on from it as
    /// long as the gate is held.
    pub(crate) async fn kept_gate(
        &self,
        person: PersonId,
    ) -> Result<(PersonId, ExclusiveGuard), ExchangeError> {
        loop {
            let kept = self.kept(person)?;
            let gate = self.0.store.gate(kept).exclusive().await;
            // Whoever merges files, or parts them, holds the gates of both.
            if self.kept(person)? == kept {
                return Ok((kept, gate));
            }
        }
    }

    /// The file that leads on from the one that a caller names.
    pub(crate) fn kept(&self, person: PersonId) -> Result<PersonId, ExchangeError> {
        self.read(|view| Ok(persons::kept(view, &person)?))
    }

    pub(super) fn merged_files(
        read: &impl Read,
        kept: &PersonId,
    ) -> Result<Vec<MergedFile>, ExchangeError> {
        let mut files = Vec::new();
        for id in persons::merged_files(read, kept)? {
            if let Some(file) = persons::find(read, &id)?
                && let Some((_, at)) = file.merged_into
            {
                files.push(MergedFile {
                    person: id,
                    reference: file.reference,
                    at,
                });
            }
        }
        Ok(files)
    }
}

fn merge(tx: &mut Tx<'_>, keep: &PersonId, merged: &PersonId) -> Result<(), ExchangeError> {
    let kept = persons::find(tx, keep)?.ok_or(ExchangeError::PersonNotFound)?;
    let file =
        persons::find(tx, merged)?.ok_or_else(|| ExchangeError::not_found("merged_person_id"))?;
    match file.merged_into {
        Some((into, _)) if into == *keep => return Ok(()),
        Some(_) => return Err(ExchangeError::CannotMerge("merged_already")),
        None => {}
    }
    if let Some(why) = hindrance(tx, &kept, &file)? {
        return Err(ExchangeError::CannotMerge(why));
    }
    let now = tx.now();
    persons::put_merged(tx, merged, Some((*keep, now)))?;
    append(
        tx,
        &Change::of(*keep, ChangeKind::PersonsMerged).about(merged),
    )
}

fn part(tx: &mut Tx<'_>, kept: &PersonId, merged: &PersonId) -> Result<(), ExchangeError> {
    let file = persons::find(tx, merged)?.ok_or(ExchangeError::PersonNotFound)?;
    match file.merged_into {
        None => Ok(()),
        Some((into, _)) if into == *kept => {
            persons::put_merged(tx, merged, None)?;
            append(
                tx,
                &Change::of(*merged, ChangeKind::PersonsParted).about(kept),
            )
        }
        // Parted and merged into yet another since the gates were chosen.
        Some(_) => Err(ExchangeError::CannotMerge("merged_already")),
    }
}

/// What would be lost or go unweighed if `file` were merged into `kept`.
fn hindrance(
    read: &impl Read,
    kept: &Person,
    file: &Person,
) -> Result<Option<&'static str>, ExchangeError> {
    let stands = |link: &links::Link| link.state == LinkState::Live;
    let objects = |one: &objections::KeptObjection| one.lifts.is_none() && one.lifted_at.is_none();
    Ok(if kept.merged_into.is_some() {
        Some("kept_file_is_merged")
    } else if !persons::merged_files(read, &file.id)?.is_empty() {
        Some("has_merged_files")
    } else if persons::merged_files(read, &kept.id)?.len() >= MOST_MERGED {
        Some("too_many_files")
    } else if links::of_person(read, &file.id)?.iter().any(stands) {
        Some("linked")
    } else if objections::of_person(read, &file.id)?.iter().any(objects) {
        Some("objection")
    } else if file.protected && !kept.protected {
        Some("hidden")
    } else if records::share_a_reference(read, &file.id, &kept.id)? {
        Some("same_record_reference")
    } else {
        None
    })
}

#[cfg(test)]
mod tests;
