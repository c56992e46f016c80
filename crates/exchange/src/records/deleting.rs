//! A record is deleted: it leaves the own journey, and leaves this node no more.

use passerelle_domain::vocabulary::Section;
use passerelle_domain::{Caller, Class, PersonId, RecordId, Timestamp};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::records;
use passerelle_store::tables::records::history::Former;
use passerelle_store::tables::records::{DeletedRecord, RecordAct};

use super::{RecordName, acting};
use crate::changes::records_changed;
use crate::gate::under_gate;
use crate::{ExchangeError, Passerelle};

/// What to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRecord {
    /// The person.
    pub person: PersonId,
    /// The record.
    pub record: RecordName,
    /// The agency system's version of the deletion; 0 for the one that is kept.
    pub version: u64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletedAs {
    /// It is deleted.
    Deleted(RecordId, Timestamp),
    /// It was deleted before, then.
    Already(RecordId, Timestamp),
    /// A newer version is kept: nothing changed.
    Outdated(RecordId),
}

impl Passerelle {
    /// Deletes a record. Only an upsert of a higher version brings it back. Repeating a call changes
    /// nothing (I5).
    pub async fn delete_record(
        &self,
        caller: &Caller,
        mut delete: DeleteRecord,
    ) -> Result<DeletedAs, ExchangeError> {
        let access = own_access(caller, OwnAct::WriteJourney)?;
        let by = acting(caller);
        // So that in the wal nothing discloses it after it was deleted.
        let (person, gate) = self.kept_gate(delete.person).await?;
        delete.person = person;
        let transaction = move |tx: &mut Tx<'_>| {
            let by = RecordAct {
                at: tx.now(),
                ..by.clone()
            };
            delete.carry_out(tx, &access, by)
        };
        let committed = self
            .transact("delete_record", under_gate(gate, transaction))
            .await?;
        Ok(committed.value)
    }
}

impl DeleteRecord {
    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        access: &OwnAccess,
        by: RecordAct,
    ) -> Result<DeletedAs, ExchangeError> {
        let id = self.record.id(tx, &self.person)?;
        let id = id.ok_or_else(|| self.record.not_found())?;
        if let Some(before) = records::find_deleted(tx, &self.person, &id)? {
            may_write(access, before.section, before.class)?;
            let at = before.deleted.at;
            if before.agency_version < self.version {
                // Said again with a later version, which nothing older may pass.
                let later = DeletedRecord {
                    agency_version: self.version,
                    ..before
                };
                records::delete(tx, &self.person, &later)?;
            }
            return Ok(DeletedAs::Already(id, at));
        }
        let known = records::find(tx, &self.person, &id)?.ok_or_else(|| self.record.not_found())?;
        may_write(access, known.section, known.class)?;
        if (1..known.agency_version).contains(&self.version) {
            return Ok(DeletedAs::Outdated(id));
        }
        let at = by.at;
        let deleted = DeletedRecord {
            id,
            agency_version: known.agency_version.max(self.version),
            reference: known.reference.clone(),
            class: known.class,
            section: known.section,
            revision: known.revision + 1,
            deleted: by,
        };
        records::history::push(tx, &self.person, &Former::Kept(known))?;
        records::delete(tx, &self.person, &deleted)?;
        records_changed(tx, self.person, &[id])?;
        Ok(DeletedAs::Deleted(id, at))
    }
}

/// Whether an agent may change a record of that section and class.
fn may_write(access: &OwnAccess, section: Section, class: Class) -> Result<(), ExchangeError> {
    if access.reaches(section, class) {
        Ok(())
    } else if class >= Class::Social {
        Err(ExchangeError::SecondFactorRequired)
    } else {
        Err(ExchangeError::RoleNotAllowed)
    }
}

#[cfg(test)]
mod tests;
