use std::collections::BTreeMap;

use passerelle_domain::{
    Malformed, Overview, PersonId, RecordId, SharedRecord, SummaryRecord, Timestamp,
};
use passerelle_proto::agency::v1::{
    FindPersonsRequest, GetJourneyRequest, GetPersonRequest, JourneySource, PersonFile, RecordMark,
    SourceState,
};
use passerelle_proto::journey::v1::{self as proto, Record};

use super::{Marks, Sheet, Source, State};
use crate::client::{ClientError, NodeSession};
use crate::stubs::agency::v1::journey_service_client::JourneyServiceClient;
use crate::stubs::agency::v1::person_service_client::PersonServiceClient;

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The node cannot be reached, or says no.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What it answered cannot be read.
    #[error("the node's answer: {0}")]
    Malformed(#[from] Malformed),
    /// Nobody is found.
    #[error("no person of this node has that reference or that id")]
    Nobody,
}

/// Asks the node for all that it holds of `person`, a reference of the agency system or the node's
/// id.
pub async fn gather(
    session: &NodeSession,
    person: &str,
    now: Timestamp,
) -> Result<Sheet, SheetError> {
    let file = find(session, person).await?;
    let sources = sources(session, &file.person_id, now).await?;
    let identity = file.identity.unwrap_or_default();
    let name = match identity.usage_name.as_str() {
        "" => format!("{} {}", identity.first_names, identity.birth_name),
        usage => format!("{} {usage} ({})", identity.first_names, identity.birth_name),
    };
    Ok(Sheet {
        name,
        born: identity.birth_date,
        reference: file.reference,
        at: now,
        sources,
    })
}

async fn find(session: &NodeSession, person: &str) -> Result<PersonFile, SheetError> {
    let mut persons = PersonServiceClient::new(session.service());
    let request = FindPersonsRequest {
        reference: person.to_owned(),
        ..FindPersonsRequest::default()
    };
    let found = persons.find_persons(request).await;
    let found = found.map_err(|status| ClientError::refused("FindPersons", &status))?;
    if let Some(file) = found.into_inner().persons.into_iter().next() {
        return Ok(file);
    }
    if person.parse::<PersonId>().is_err() {
        return Err(SheetError::Nobody);
    }
    let request = GetPersonRequest {
        person_id: person.to_owned(),
    };
    let got = persons.get_person(request).await;
    let got = got.map_err(|status| ClientError::refused("GetPerson", &status))?;
    got.into_inner().person.ok_or(SheetError::Nobody)
}

/// Every page of the merged journey.
async fn sources(
    session: &NodeSession,
    person: &str,
    now: Timestamp,
) -> Result<Vec<Source>, SheetError> {
    let mut journeys = JourneyServiceClient::new(session.service());
    let mut own = Held::default();
    let mut others: Vec<(JourneySource, Held)> = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = GetJourneyRequest {
            person_id: person.to_owned(),
            page_size: LARGEST_PAGE,
            page_token,
        };
        let page = journeys.get_journey(request).await;
        let page = page.map_err(|status| ClientError::refused("GetJourney", &status))?;
        let page = page.into_inner();
        let records = page.own_records.iter().map(|one| one.record.as_ref());
        own.take(records)?;
        for mark in &page.own_marks {
            own.mark(mark)?;
        }
        for source in page.sources {
            let known = others.iter().position(|(one, _)| one.node == source.node);
            let records = source.summary.iter().flat_map(|summary| &summary.records);
            let records: Vec<_> = records.cloned().collect();
            let place = known.unwrap_or_else(|| {
                others.push((source, Held::default()));
                others.len() - 1
            });
            if let Some((_, held)) = others.get_mut(place) {
                for shared in &records {
                    held.share(shared)?;
                }
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let others = others
        .into_iter()
        .map(|(source, held)| other(source, held, now));
    Ok(std::iter::once(own.into_source(now))
        .chain(others)
        .collect())
}

/// The records of one source by id: where one comes twice, the later one holds.
#[derive(Default)]
struct Held {
    records: BTreeMap<RecordId, SharedRecord>,
    marks: BTreeMap<RecordId, Marks>,
}

impl Held {
    fn take<'a>(
        &mut self,
        records: impl IntoIterator<Item = Option<&'a Record>>,
    ) -> Result<(), Malformed> {
        for record in records.into_iter().flatten() {
            let record = SharedRecord::try_from(record)?;
            self.records.insert(record.id(), record);
        }
        Ok(())
    }

    /// A record that another organisation shared, with what the person says of it.
    fn share(&mut self, shared: &proto::SummaryRecord) -> Result<(), Malformed> {
        let shared = SummaryRecord::try_from(shared)?;
        let (id, contested) = (shared.record.id(), shared.contested);
        let marks = Marks {
            contested,
            ..Marks::default()
        };
        self.marks.insert(id, marks);
        self.records.insert(id, shared.record);
        Ok(())
    }

    /// What the person says of an own record.
    fn mark(&mut self, mark: &RecordMark) -> Result<(), Malformed> {
        let marks = Marks {
            contested: Timestamp::parse(&mark.contested_since).ok(),
            restricted: Timestamp::parse(&mark.restricted_since).ok(),
        };
        self.marks.insert(mark.record_id.parse()?, marks);
        Ok(())
    }

    /// A source of these records, of which nothing else is known yet.
    fn into_source(self, now: Timestamp) -> Source {
        let records: Vec<_> = self.records.into_values().collect();
        Source {
            name: None,
            state: State::Own,
            asked: Vec::new(),
            not_opened: Vec::new(),
            overview: Overview::of(&records, now),
            records,
            marks: self.marks,
        }
    }
}

fn other(source: JourneySource, held: Held, now: Timestamp) -> Source {
    let state = SourceState::try_from(source.state).unwrap_or(SourceState::Unspecified);
    let asked = source.asked.into_iter().map(|one| {
        let at = Timestamp::parse(&one.received_at).ok();
        (one.section, one.sensitivity, at)
    });
    Source {
        name: Some(source.organisation)
            .filter(|name| !name.is_empty())
            .or(Some(source.node)),
        state: State::Other(state, Timestamp::parse(&source.since).ok()),
        asked: asked.collect(),
        not_opened: source.summary.map(|one| one.not_opened).unwrap_or_default(),
        ..held.into_source(now)
    }
}

/// The most records that a page of `GetJourney` holds.
const LARGEST_PAGE: u32 = 256;
