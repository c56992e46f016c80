//! Own records as an agency system reads them again, each by its name.

use std::collections::BTreeMap;

use passerelle_domain::{Caller, Class, PersonId, Pii, RecordId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_proto::journey::v1 as proto;
use passerelle_store::tables::records::StoredRecord;
use passerelle_store::tables::{Read, persons, records};
use prost::Message;

use super::own_record;
use crate::paging::page_token;
use crate::rectifications::{RecordMark, marks};
use crate::{ExchangeError, Page, PageSize, Passerelle};

/// What names a record of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordName {
    /// The node's id.
    Id(RecordId),
    /// The agency system's own reference.
    Reference(Pii<String>),
}

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRecord {
    /// The node's id for it.
    pub id: RecordId,
    /// The agency system's own reference for it.
    pub reference: Pii<String>,
    /// The agency system's version of it.
    pub version: u64,
    /// Its class.
    pub class: Class,
    /// What it says.
    pub record: proto::OwnRecord,
    /// Whether it is contested, or its use restricted.
    pub mark: RecordMark,
}

impl Passerelle {
    /// One own record. One that the agent's role does not reach is as if it were not there.
    pub fn kept_record(
        &self,
        caller: &Caller,
        person: &PersonId,
        name: &RecordName,
    ) -> Result<KeptRecord, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        self.read(|view| {
            let person = &persons::kept(view, person)?;
            let found = match name.id(view, person)? {
                Some(id) => records::find(view, person, &id)?,
                None => None,
            };
            let stored = found
                .filter(|stored| access.reaches(stored.section, stored.class))
                .ok_or_else(|| name.not_found())?;
            let marks = marks(view, person)?;
            kept(stored, &marks)
        })
    }

    /// The own records of a person that the agent's role reaches, in the order of their ids, page by
    /// page: at most `size`, and at most `bytes` when encoded, but always one.
    pub fn list_records(
        &self,
        caller: &Caller,
        person: &PersonId,
        (size, bytes): (PageSize, usize),
        token: &str,
    ) -> Result<Page<KeptRecord>, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        let after: Option<RecordId> = page_token(token)?;
        self.read(|view| {
            let person = &persons::kept(view, person)?;
            persons::find(view, person)?.ok_or(ExchangeError::PersonNotFound)?;
            #[allow(
                clippy::disallowed_methods,
                reason = "an own agent reads own records, as far as their access reaches"
            )]
            let mut journey = records::journey(view, person)?;
            // Of several files, too, in one order.
            journey.sort_by_key(|stored| stored.id);
            let marks = marks(view, person)?;
            let mut page = Page {
                items: Vec::new(),
                next: None,
            };
            let mut used = 0;
            let reached = journey.into_iter().filter(|stored| {
                after.is_none_or(|after| stored.id > after)
                    && access.reaches(stored.section, stored.class)
            });
            for stored in reached {
                let weight = stored.own_record.expose().len() + BESIDE;
                let last = page.items.last().map(|last: &KeptRecord| last.id);
                if let Some(last) = last
                    && (page.items.len() == size.get() || used + weight > bytes)
                {
                    page.next = Some(last.to_string());
                    break;
                }
                used += weight;
                page.items.push(kept(stored, &marks)?);
            }
            Ok(page)
        })
    }
}

impl RecordName {
    /// The id that it has, or had before it was deleted.
    pub(crate) fn id(
        &self,
        read: &impl Read,
        person: &PersonId,
    ) -> Result<Option<RecordId>, ExchangeError> {
        persons::find(read, person)?.ok_or(ExchangeError::PersonNotFound)?;
        Ok(match self {
            Self::Id(id) => Some(*id),
            Self::Reference(reference) => records::id_of(read, person, reference.expose())?,
        })
    }

    pub(crate) fn not_found(&self) -> ExchangeError {
        ExchangeError::not_found(match self {
            Self::Id(_) => "record_id",
            Self::Reference(_) => "reference",
        })
    }
}

fn kept(
    stored: StoredRecord,
    marks: &BTreeMap<RecordId, RecordMark>,
) -> Result<KeptRecord, ExchangeError> {
    // Read as any reader of journeys does, so that a row that says nonsense is a fault here too.
    own_record(&stored)?;
    let record = proto::OwnRecord::decode(stored.own_record.expose().clone());
    Ok(KeptRecord {
        id: stored.id,
        reference: stored.reference,
        version: stored.agency_version,
        class: stored.class,
        record: record.unwrap_or_default(),
        mark: marks.get(&stored.id).copied().unwrap_or_default(),
    })
}

/// What a record of a page costs beside itself, at most: id, reference, version, marks and their frames.
const BESIDE: usize = 448;

#[cfg(test)]
mod tests;
