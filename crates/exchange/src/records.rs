//! Records of the node's own organisation: kept in batches, each answered for itself.

mod deleting;
mod history;
mod reading;

pub use deleting::{DeleteRecord, DeletedAs};
pub use history::{Change, HistoryEntry, HistoryPage, Made};
pub use reading::{KeptRecord, RecordName};

use bytes::Bytes;
use passerelle_domain::vocabulary::{OrganisationKind, Wire};
use passerelle_domain::{
    Caller, Class, Digest, Malformed, PersonId, Pii, Record, RecordId, Section, Timestamp,
};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_proto::journey::v1 as proto;
use passerelle_proto::prost_types;
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::records::history::Former;
use passerelle_store::tables::records::{DeletedRecord, RecordAct, StoredRecord};
use passerelle_store::tables::{persons, records};
use prost::Message;

use crate::changes::records_changed;
use crate::persons::reference;
use crate::{ExchangeError, Passerelle};

/// The most records in one call.
pub(crate) const MOST_RECORDS: usize = 500;
/// The most that the records of one call may weigh together, in bytes.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// The rule that a record breaks whose class the session does not reach.
pub const BEYOND_SESSION: &str =
    "of a class that the session reaches: 3 and 4 need an agent with a second factor";

/// One record to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct UpsertRecord {
    /// The agency system's own reference for it, 1 to 64 characters, unique for the person.
    pub reference: Pii<String>,
    /// The agency system's version of it, 1 or more, rising.
    pub version: u64,
    /// The record. Its id, its version, its author and when it was recorded are set here, whatever
    /// it says.
    pub record: proto::OwnRecord,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// It is new, or comes back after it was deleted.
    Created(KeptAs),
    /// It replaced an older version.
    Updated(KeptAs),
    /// This version with this content was kept already.
    Unchanged(KeptAs),
    /// A newer version is kept already, or it was deleted with this version or a newer one.
    Outdated(KeptAs),
    /// Not kept.
    Refused(Malformed),
}

/// A record that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptAs {
    /// The node's id for it.
    pub record: RecordId,
    /// Its class.
    pub class: Class,
}

impl Passerelle {
    /// Keeps records of a person, in one transaction: those that are well-formed, whatever the
    /// others are. One result a record, in their order. Repeating a call changes nothing (I5).
    pub async fn upsert_records(
        &self,
        caller: &Caller,
        person: PersonId,
        batch: Vec<UpsertRecord>,
    ) -> Result<Vec<Upserted>, ExchangeError> {
        let access = own_access(caller, OwnAct::WriteJourney)?;
        check_size(&batch)?;
        let author = self.author(caller)?;
        let read: Vec<_> = batch
            .into_iter()
            .map(|one| Prepared::read(one, &author, &access))
            .collect();
        let by = acting(caller);
        let committed = self
            .transact("upsert_records", move |tx| {
                let person = persons::kept(tx, &person)?;
                persons::find(tx, &person)?.ok_or(ExchangeError::PersonNotFound)?;
                let by = RecordAct {
                    at: tx.now(),
                    ..by.clone()
                };
                let keep = |one: &Result<Prepared, Malformed>| match one {
                    Ok(prepared) => prepared.keep(tx, &person, &access, &by),
                    Err(refused) => Ok(Upserted::Refused(refused.clone())),
                };
                let kept: Vec<Upserted> = read.iter().map(keep).collect::<Result<_, _>>()?;
                note_written(tx, person, &kept)?;
                Ok(kept)
            })
            .await?;
        Ok(committed.value)
    }

    /// The author of whatever this agent writes.
    pub(crate) fn author(&self, caller: &Caller) -> Result<proto::Author, ExchangeError> {
        let list = self.0.trust.list();
        let own = list
            .member(&self.0.own.node)
            .ok_or(ExchangeError::MemberUnknown)?;
        let kind: OrganisationKind = own.organisation.kind;
        Ok(proto::Author {
            siret: caller.siret.to_string(),
            kind: kind.to_proto().into(),
            agent_role: caller.role.to_proto().into(),
        })
    }
}

/// Tells of what a call wrote, once: its records are read again together.
pub(crate) fn note_written(
    tx: &mut Tx<'_>,
    person: PersonId,
    kept: &[Upserted],
) -> Result<(), ExchangeError> {
    let written = kept.iter().filter_map(|one| match one {
        Upserted::Created(kept) | Upserted::Updated(kept) => Some(kept.record),
        _ => None,
    });
    records_changed(tx, person, &written.collect::<Vec<_>>())
}

/// The record in a row.
pub(crate) fn own_record(stored: &StoredRecord) -> Result<Record, ExchangeError> {
    let broken = |what: String| ExchangeError::Internal {
        what: format!("a record's row: {what}"),
    };
    let message = proto::OwnRecord::decode(stored.own_record.expose().clone())
        .map_err(|_| broken("an encoded OwnRecord".to_owned()))?;
    Record::try_from(&message).map_err(|malformed| broken(malformed.to_string()))
}

/// A record that is well-formed, as far as it can be known before its id and time are.
#[derive(Clone)]
pub(crate) struct Prepared {
    reference: Pii<String>,
    version: u64,
    message: proto::OwnRecord,
    section: Section,
    class: Class,
    content: Digest,
}

/// What is to be done with a record, against what is kept.
pub(crate) enum Fate {
    /// In the place of one that was deleted, if any.
    Create(Option<Box<DeletedRecord>>),
    Replace(Box<StoredRecord>),
    Unchanged(KeptAs),
    Outdated(KeptAs),
    Refused(Malformed),
}

impl Prepared {
    pub(crate) fn read(
        one: UpsertRecord,
        author: &proto::Author,
        access: &OwnAccess,
    ) -> Result<Self, Malformed> {
        let reference = reference(one.reference)?;
        if one.version == 0 {
            return Err(Malformed::new("version", "1 or more"));
        }
        let mut message = one.record;
        let shown = message
            .record
            .as_mut()
            .ok_or_else(|| Malformed::new("record", "required"))?;
        shown.version = one.version;
        shown.author = Some(author.clone());
        set_identity(shown, RecordId::from_bytes([0; 16]), Timestamp::default());
        let record = Record::try_from(&message)?;
        reached(access, record.section(), record.class())?;
        // As this version of the program writes it, and no longer as it came.
        let message = proto::OwnRecord::from(&record);
        Ok(Self {
            reference,
            version: one.version,
            section: record.section(),
            class: record.class(),
            content: content_of(message.clone()),
            message,
        })
    }

    fn keep(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        access: &OwnAccess,
        by: &RecordAct,
    ) -> Result<Upserted, ExchangeError> {
        let fate = self.fate(tx, person, access)?;
        self.meet(tx, person, fate, by)
    }

    /// What is to be done with it, against what is kept. Changes nothing yet.
    pub(crate) fn fate(
        &self,
        read: &impl Read,
        person: &PersonId,
        access: &OwnAccess,
    ) -> Result<Fate, ExchangeError> {
        let Some(id) = records::id_of(read, person, self.reference.expose())? else {
            return Ok(Fate::Create(None));
        };
        if let Some(known) = records::find(read, person, &id)? {
            return Ok(self.against(known, access));
        }
        let Some(deleted) = records::find_deleted(read, person, &id)? else {
            return Ok(Fate::Create(None));
        };
        if self.version <= deleted.agency_version {
            return Ok(Fate::Outdated(KeptAs {
                record: id,
                class: deleted.class,
            }));
        }
        Ok(match reached(access, deleted.section, deleted.class) {
            Ok(()) => Fate::Create(Some(Box::new(deleted))),
            Err(refused) => Fate::Refused(refused),
        })
    }

    fn against(&self, known: StoredRecord, access: &OwnAccess) -> Fate {
        let kept = KeptAs {
            record: known.id,
            class: known.class,
        };
        if self.version < known.agency_version {
            return Fate::Outdated(kept);
        }
        if self.version == known.agency_version {
            return if self.content == known.content {
                Fate::Unchanged(kept)
            } else {
                Fate::Refused(Malformed::new(
                    "version",
                    "a higher one where the content has changed",
                ))
            };
        }
        match reached(access, known.section, known.class) {
            Ok(()) => Fate::Replace(Box::new(known)),
            Err(refused) => Fate::Refused(refused),
        }
    }

    /// Does what [`Self::fate`] said.
    pub(crate) fn meet(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        fate: Fate,
        by: &RecordAct,
    ) -> Result<Upserted, ExchangeError> {
        match fate {
            Fate::Create(None) => {
                let id = RecordId::from_bytes(tx.random());
                self.put(tx, person, (id, 1), by).map(Upserted::Created)
            }
            Fate::Create(Some(deleted)) => {
                let place = (deleted.id, deleted.revision + 1);
                records::history::push(tx, person, &Former::Deleted(*deleted))?;
                self.put(tx, person, place, by).map(Upserted::Created)
            }
            Fate::Replace(known) => {
                let place = (known.id, known.revision + 1);
                records::history::push(tx, person, &Former::Kept(*known))?;
                self.put(tx, person, place, by).map(Upserted::Updated)
            }
            Fate::Unchanged(kept) => Ok(Upserted::Unchanged(kept)),
            Fate::Outdated(kept) => Ok(Upserted::Outdated(kept)),
            Fate::Refused(refused) => Ok(Upserted::Refused(refused)),
        }
    }

    /// The same, in the version that follows from what is kept: that one where the content is the
    /// same, else the next. What was deleted stays deleted.
    pub(crate) fn counted(
        self,
        read: &impl Read,
        person: &PersonId,
    ) -> Result<Self, ExchangeError> {
        let Some(id) = records::id_of(read, person, self.reference.expose())? else {
            return Ok(self);
        };
        if let Some(known) = records::find(read, person, &id)? {
            let same = self.in_version(known.agency_version);
            if same.content == known.content {
                return Ok(same);
            }
            return Ok(same.in_version(known.agency_version.saturating_add(1)));
        }
        let deleted = records::find_deleted(read, person, &id)?;
        Ok(match deleted {
            Some(deleted) => self.in_version(deleted.agency_version),
            None => self,
        })
    }

    fn in_version(mut self, version: u64) -> Self {
        self.version = version;
        if let Some(shown) = &mut self.message.record {
            shown.version = version;
        }
        self.content = content_of(self.message.clone());
        self
    }

    pub(crate) const fn reference(&self) -> &Pii<String> {
        &self.reference
    }

    fn put(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        (id, revision): (RecordId, u64),
        by: &RecordAct,
    ) -> Result<KeptAs, ExchangeError> {
        let mut message = self.message.clone();
        if let Some(shown) = &mut message.record {
            set_identity(shown, id, by.at);
        }
        let stored = StoredRecord {
            id,
            own_record: Pii::new(Bytes::from(message.encode_to_vec())),
            agency_version: self.version,
            reference: self.reference.clone(),
            class: self.class,
            section: self.section,
            content: self.content,
            revision,
            written: Some(by.clone()),
        };
        records::put(tx, person, &stored)?;
        Ok(KeptAs {
            record: id,
            class: self.class,
        })
    }
}

/// Who makes something of a record; when is said by the transaction.
pub(crate) fn acting(caller: &Caller) -> RecordAct {
    RecordAct {
        at: Timestamp::default(),
        system: caller.system.clone(),
        agent: caller.subject.clone(),
        role: caller.role,
        assurance: caller.assurance,
    }
}

fn check_size(batch: &[UpsertRecord]) -> Result<(), Malformed> {
    if !(1..=MOST_RECORDS).contains(&batch.len()) {
        return Err(Malformed::new("records", "1 to 500"));
    }
    let bytes: usize = batch.iter().map(|one| one.record.encoded_len()).sum();
    if bytes > MOST_BYTES {
        return Err(Malformed::new("records", "at most 1 MiB together"));
    }
    Ok(())
}

/// Whether an agent may write records of that section and class.
fn reached(access: &OwnAccess, section: Section, class: Class) -> Result<(), Malformed> {
    if access.reaches(section, class) {
        Ok(())
    } else {
        Err(Malformed::new("record", BEYOND_SESSION))
    }
}

fn set_identity(record: &mut proto::Record, id: RecordId, at: Timestamp) {
    record.record_id = Bytes::copy_from_slice(id.as_bytes());
    record.recorded_at = Some(prost_types::Timestamp {
        // `Timestamp` never exceeds the year 9999.
        seconds: i64::try_from(at.as_secs()).unwrap_or_default(),
        nanos: i32::try_from(at.as_millis() % 1000).unwrap_or_default() * 1_000_000,
    });
}

/// What tells a repetition from a change: all that the agency system says, whoever says it.
fn content_of(mut message: proto::OwnRecord) -> Digest {
    if let Some(record) = &mut message.record {
        record.record_id = Bytes::new();
        record.recorded_at = None;
        record.author = None;
        record.sensitivity = 0;
    }
    Digest::of(&message.encode_to_vec())
}

#[cfg(test)]
mod tests;
