//! Rows of an import: each a person with their records, kept whole or not at all.
//!
//! Whoever looks like a person that is known is named, never merged: that is for somebody to decide.

use std::collections::BTreeSet;

use passerelle_domain::{Caller, Malformed, PersonId, Pii};
use passerelle_linkage::traits::{Search, SearchKey, TraitsForm, search_keys};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_proto::journey::v1 as proto;
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::persons::{self, IdentityTraits as StoredTraits, Person};
use passerelle_store::tables::records::RecordAct;
use prost::Message;

use crate::changes::append;
use crate::paging::page_token;
use crate::persons::{person_of, reference, stored};
use crate::records::note_written;
use crate::records::{Fate, MOST_BYTES, MOST_RECORDS, Prepared, acting};
use crate::{ExchangeError, Passerelle, UpsertRecord};

/// The most rows in one call.
const MOST_ROWS: usize = 200;
/// The most records of one row.
const MOST_OF_ONE: usize = 64;
/// The most persons named whom a row looks like.
const MOST_ALIKE: usize = 16;

/// A person, and records of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRow {
    /// The agency system's own reference for the person: one that is known changes that person.
    pub reference: Pii<String>,
    /// Who they are.
    pub identity: TraitsForm,
    /// What is known of their path. In version 0, the node counts: the same content is the same
    /// version, another the next.
    pub records: Vec<UpsertRecord>,
    /// Somebody has decided that this is not the person whom the row looks like.
    pub distinct: bool,
}

/// Whether an import is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Yes.
    Keep,
    /// No: it is only said what would become of it.
    Rehearse,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportedRow {
    /// The person is new; without an id where nothing is kept.
    Created(Option<PersonId>),
    /// The person or a record has changed.
    Updated(PersonId),
    /// All was kept already.
    Unchanged(PersonId),
    /// Nothing of it is kept: each rule that it breaks.
    Refused(Vec<RefusedPart>),
    /// Nothing of it is kept: it looks like these.
    LooksLike(Vec<PersonId>),
}

/// A part of a row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPart {
    /// The reference of the record; `None` for the person.
    pub record: Option<Pii<String>>,
    /// The field and the rule.
    pub malformed: Malformed,
}

impl Passerelle {
    /// Keeps rows in one transaction: those that are well-formed, whatever the others are. One
    /// result a row, in their order. Repeating a call changes nothing (I5).
    pub async fn import_rows(
        &self,
        caller: &Caller,
        rows: Vec<ImportRow>,
        writing: Writing,
    ) -> Result<Vec<ImportedRow>, ExchangeError> {
        let access = own_access(caller, OwnAct::WriteJourney)?;
        check_size(&rows)?;
        let author = self.author(caller)?;
        let read = |row| self.read_row(row, &author, &access);
        let rows: Vec<_> = rows.into_iter().map(read).collect();
        let node = self.clone();
        match writing {
            Writing::Rehearse => self.read(|view| {
                let mut met = Met::default();
                let shown = |row: &Result<Row, Vec<RefusedPart>>| match row {
                    Ok(row) => Ok(match node.decide(view, row, &access, &mut met)? {
                        Decided::Leave(left) => left,
                        Decided::Take(taken) => taken.outcome(),
                    }),
                    Err(refused) => Ok(ImportedRow::Refused(refused.clone())),
                };
                rows.iter().map(shown).collect()
            }),
            Writing::Keep => {
                let by = acting(caller);
                let transaction = move |tx: &mut Tx<'_>| {
                    let by = RecordAct {
                        at: tx.now(),
                        ..by.clone()
                    };
                    let mut met = Met::default();
                    let keep = |row: &Result<Row, Vec<RefusedPart>>| match row {
                        Ok(row) => match node.decide(tx, row, &access, &mut met)? {
                            Decided::Leave(left) => Ok(left),
                            Decided::Take(taken) => taken.keep(tx, row, &by),
                        },
                        Err(refused) => Ok(ImportedRow::Refused(refused.clone())),
                    };
                    rows.iter().map(keep).collect()
                };
                let committed = self.transact("import_rows", transaction).await?;
                Ok(committed.value)
            }
        }
    }

    /// A row that is well-formed, or all that is not.
    fn read_row(
        &self,
        row: ImportRow,
        author: &proto::Author,
        access: &OwnAccess,
    ) -> Result<Row, Vec<RefusedPart>> {
        let mut refused = Vec::new();
        let person = reference(row.reference)
            .and_then(|reference| Ok((reference, self.traits(row.identity)?)));
        let mut references = BTreeSet::new();
        let mut records = Vec::new();
        for one in row.records {
            let reference = one.reference.clone();
            let counted = one.version == 0;
            // Its version is known when it is compared with what is kept.
            let version = one.version.max(1);
            let read = Prepared::read(UpsertRecord { version, ..one }, author, access);
            let once = references.insert(reference.expose().clone());
            let read = read.and_then(|read| {
                let twice = || Malformed::new("reference", "each once in a row");
                once.then_some(read).ok_or_else(twice)
            });
            match read {
                Ok(record) => records.push(RowRecord { counted, record }),
                Err(malformed) => refused.push(RefusedPart {
                    record: Some(reference),
                    malformed,
                }),
            }
        }
        match person {
            Ok((reference, traits)) if refused.is_empty() => Ok(Row {
                reference,
                keys: search_keys(&traits),
                identity: stored(traits.into()),
                records,
                distinct: row.distinct,
            }),
            Ok(_) => Err(refused),
            Err(malformed) => {
                let person = RefusedPart {
                    record: None,
                    malformed,
                };
                refused.insert(0, person);
                Err(refused)
            }
        }
    }

    /// What is to become of a row, against what is kept. Changes nothing yet.
    fn decide(
        &self,
        read: &impl Read,
        row: &Row,
        access: &OwnAccess,
        met: &mut Met,
    ) -> Result<Decided, ExchangeError> {
        let known = persons::file_of_reference(read, row.reference.expose())?;
        if let Err(malformed) = met.once(row, known.as_ref()) {
            let twice = RefusedPart {
                record: None,
                malformed,
            };
            return Ok(Decided::Leave(ImportedRow::Refused(vec![twice])));
        }
        let identity = self.identity_over(&row.identity, known.as_ref());
        let Some(known) = known else {
            let alike = if row.distinct {
                Vec::new()
            } else {
                self.alike(read, &row.identity)?
            };
            if !alike.is_empty() {
                return Ok(Decided::Leave(ImportedRow::LooksLike(alike)));
            }
            let new = |one: &RowRecord| (Fate::Create(None), one.record.clone());
            return Ok(Decided::Take(Box::new(Taken {
                known: None,
                identity,
                changes_person: true,
                records: row.records.iter().map(new).collect(),
            })));
        };
        let kept = known.kept();
        let mut refused = Vec::new();
        let mut records = Vec::new();
        for RowRecord { counted, record } in &row.records {
            let record = match counted {
                true => record.clone().counted(read, &kept)?,
                false => record.clone(),
            };
            match record.fate(read, &kept, access)? {
                Fate::Unchanged(_) | Fate::Outdated(_) => {}
                Fate::Refused(malformed) => refused.push(RefusedPart {
                    record: Some(record.reference().clone()),
                    malformed,
                }),
                fate @ (Fate::Create(_) | Fate::Replace(_)) => records.push((fate, record)),
            }
        }
        if !refused.is_empty() {
            return Ok(Decided::Leave(ImportedRow::Refused(refused)));
        }
        Ok(Decided::Take(Box::new(Taken {
            changes_person: known.identity != identity,
            identity,
            known: Some(known),
            records,
        })))
    }

    /// Who has that name, first name and birth date.
    fn alike(
        &self,
        read: &impl Read,
        identity: &StoredTraits,
    ) -> Result<Vec<PersonId>, ExchangeError> {
        let first_name = identity.first_names.split_whitespace().next();
        let search = Search::parse(
            &identity.birth_name,
            first_name.unwrap_or_default(),
            &identity.birth_date,
        )?;
        let (mut alike, mut after) = (Vec::new(), None);
        loop {
            // A search looks at some at a time; what it has not come to may be the one.
            let found = self.search(read, &search, MOST_ALIKE - alike.len(), after)?;
            alike.extend(found.items.into_iter().map(|file| file.person));
            match found.next {
                Some(next) if alike.len() < MOST_ALIKE => after = page_token(&next)?,
                _ => return Ok(alike),
            }
        }
    }
}

/// Whom the rows of a call are about so far. Nobody twice: the later row would change what the earlier
/// said, and the earlier again when the call is repeated.
#[derive(Default)]
struct Met {
    references: BTreeSet<String>,
    persons: BTreeSet<PersonId>,
}

impl Met {
    fn once(&mut self, row: &Row, known: Option<&Person>) -> Result<(), Malformed> {
        let named = self.references.insert(row.reference.expose().clone());
        let met = known.is_none_or(|known| self.persons.insert(known.id));
        if named && met {
            Ok(())
        } else {
            Err(Malformed::new(
                "reference",
                "of a person whom no row before it in the call is about",
            ))
        }
    }
}

/// A row that is well-formed, as far as it can be known without looking at what is kept.
struct Row {
    reference: Pii<String>,
    identity: StoredTraits,
    keys: Vec<SearchKey>,
    records: Vec<RowRecord>,
    distinct: bool,
}

struct RowRecord {
    /// Whether the node counts its versions.
    counted: bool,
    record: Prepared,
}

/// What is to become of a row.
enum Decided {
    Take(Box<Taken>),
    Leave(ImportedRow),
}

/// What of a row is to be written.
struct Taken {
    known: Option<Person>,
    identity: StoredTraits,
    changes_person: bool,
    records: Vec<(Fate, Prepared)>,
}

impl Taken {
    fn outcome(&self) -> ImportedRow {
        match &self.known {
            None => ImportedRow::Created(None),
            Some(known) if self.changes_person || !self.records.is_empty() => {
                ImportedRow::Updated(known.kept())
            }
            Some(known) => ImportedRow::Unchanged(known.kept()),
        }
    }

    fn keep(
        self,
        tx: &mut Tx<'_>,
        row: &Row,
        by: &RecordAct,
    ) -> Result<ImportedRow, ExchangeError> {
        let outcome = self.outcome();
        let new = || (PersonId::from_bytes(tx.random()), tx.now());
        let person = person_of(
            &row.reference,
            &self.identity,
            self.known.as_ref(),
            None,
            new,
        );
        if self.changes_person {
            let keys: Vec<&[u8]> = row.keys.iter().map(SearchKey::as_bytes).collect();
            persons::put(tx, &person, &keys)?;
            let kind = match self.known {
                None => ChangeKind::PersonRegistered,
                Some(_) => ChangeKind::PersonUpdated,
            };
            append(tx, &Change::of(person.kept(), kind))?;
        }
        let kept = person.kept();
        let records = self.records.into_iter();
        let met = records.map(|(fate, record)| record.meet(tx, &kept, fate, by));
        let written: Vec<_> = met.collect::<Result<_, _>>()?;
        note_written(tx, kept, &written)?;
        Ok(match outcome {
            ImportedRow::Created(_) => ImportedRow::Created(Some(kept)),
            other => other,
        })
    }
}

fn check_size(rows: &[ImportRow]) -> Result<(), Malformed> {
    if !(1..=MOST_ROWS).contains(&rows.len()) {
        return Err(Malformed::new("rows", "1 to 200"));
    }
    if rows.iter().any(|row| row.records.len() > MOST_OF_ONE) {
        return Err(Malformed::new("rows.records", "at most 64 a row"));
    }
    let records = || rows.iter().flat_map(|row| &row.records);
    if records().count() > MOST_RECORDS {
        return Err(Malformed::new("rows.records", "at most 500 together"));
    }
    if records().map(|one| one.record.encoded_len()).sum::<usize>() > MOST_BYTES {
        return Err(Malformed::new("rows.records", "at most 1 MiB together"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
