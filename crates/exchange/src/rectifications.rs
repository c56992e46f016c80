//! A person says that an own record is wrong, or that it must not be used: in force when the call
//! returns, until the request is answered.
//!
//! A record about which a request waits is shown as contested, here and in every summary. One whose use
//! is to be restricted is in no summary, until that is refused (GDPR articles 16 and 18).

mod answering;
mod list;
mod marks;

pub use answering::AnswerRectification;
pub use marks::RecordMark;
pub(crate) use marks::marks;

use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{
    Caller, Malformed, MessageToPartner, PersonId, Pii, RecordId, RectificationId, Timestamp,
};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::records::{self, RecordAct};
use passerelle_store::tables::rectifications::{self, Rectification, RectificationKind};

use crate::gate::under_gate;
use crate::logging::Draft;
use crate::records::{RecordName, acting};
use crate::requests::{Request, RequestId};
use crate::{ExchangeError, Passerelle};

/// The most requests about one record that wait for an answer.
const MOST_WAITING: usize = 16;

/// What a person asks about an own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRectification {
    /// The person.
    pub person: PersonId,
    /// Chosen by the caller: repeating a call with it takes nothing again.
    pub request: RequestId,
    /// The record.
    pub record: RecordName,
    /// What is asked.
    pub kind: RectificationKind,
    /// What is wrong.
    pub wrong: Pii<String>,
    /// What it should say; empty if that is not known.
    pub should_be: Pii<String>,
}

/// A request, with its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RectificationFile {
    /// The request and its last answer.
    pub request: Rectification,
    /// Whole days since it was asked, until the answer where there is one.
    pub age_days: u64,
}

impl Passerelle {
    /// Takes what a person asks about a record. In force when this returns.
    pub async fn request_rectification(
        &self,
        caller: &Caller,
        mut request: RequestRectification,
    ) -> Result<RectificationFile, ExchangeError> {
        let access = own_access(caller, OwnAct::MeetPerson)?;
        written("wrong", &request.wrong)?;
        if !request.should_be.expose().is_empty() {
            written("should_be", &request.should_be)?;
        }
        // So that in the wal nothing discloses the record as it was before.
        let (person, gate) = self.kept_gate(request.person).await?;
        request.person = person;
        let taking = Taking {
            asked: Request::of(
                caller,
                "rectification",
                &request.request,
                &request_text(&request),
            ),
            id: RectificationId::random(self.rng()),
            by: acting(caller),
            draft: self.rectification_entry(caller, request.person, said_of(request.kind)),
            request,
            access,
        };
        let transaction = move |tx: &mut Tx<'_>| taking.take(tx);
        let committed = self
            .transact("request_rectification", under_gate(gate, transaction))
            .await?;
        Ok(file(committed.value, self.now()))
    }

    fn rectification_entry(&self, caller: &Caller, person: PersonId, said: &str) -> Draft {
        let entry = self.entry(EntryKind::Rectification, Outcome::Done);
        let mut draft = Draft::new(entry, Some(person)).by(caller);
        said.clone_into(&mut draft.fields.reason);
        draft
    }
}

struct Taking {
    asked: Request,
    id: RectificationId,
    by: RecordAct,
    draft: Draft,
    request: RequestRectification,
    access: OwnAccess,
}

impl Taking {
    fn take(&self, tx: &mut Tx<'_>) -> Result<Rectification, ExchangeError> {
        let RequestRectification { person, record, .. } = &self.request;
        if let Some(before) = self.asked.answered(tx)? {
            let id = RectificationId::from_slice(&before).map_err(|e| e.within("request"))?;
            let kept = rectifications::find(tx, person, &id)?
                .filter(|kept| self.access.reaches(kept.section, kept.class));
            return kept.ok_or_else(|| record.not_found());
        }
        let found = match record.id(tx, person)? {
            Some(id) => records::find(tx, person, &id)?,
            None => None,
        };
        let stored = found
            .filter(|stored| self.access.reaches(stored.section, stored.class))
            .ok_or_else(|| record.not_found())?;
        self.has_room(tx, &stored.id)?;
        let taken = Rectification {
            id: self.id,
            // It stays with the record.
            person: records::file_of(tx, person, &stored.id)?,
            record: stored.id,
            section: stored.section,
            class: stored.class,
            kind: self.request.kind,
            wrong: self.request.wrong.clone(),
            should_be: self.request.should_be.clone(),
            requested: RecordAct {
                at: tx.now(),
                ..self.by.clone()
            },
            answer: None,
        };
        rectifications::put(tx, &taken)?;
        self.draft.clone().log(tx)?;
        self.asked.answer(tx, taken.id.as_bytes())?;
        Ok(taken)
    }

    fn has_room(&self, tx: &Tx<'_>, record: &RecordId) -> Result<(), ExchangeError> {
        let asked = rectifications::of_person(tx, &self.request.person)?;
        let waiting = asked
            .iter()
            .filter(|one| one.record == *record && one.waits());
        if waiting.count() < MOST_WAITING {
            return Ok(());
        }
        let rule = "one about which less than 16 requests wait for an answer";
        Err(Malformed::new("record_id", rule).into())
    }
}

fn file(request: Rectification, now: Timestamp) -> RectificationFile {
    let until = request
        .answer
        .as_ref()
        .map_or(now, |answer| answer.answered.at);
    let age = until.since(request.requested.at);
    RectificationFile {
        request,
        age_days: age.as_secs() / (24 * 3600),
    }
}

/// A text that may reach another organisation, and the person.
fn written(field: &str, text: &Pii<String>) -> Result<(), Malformed> {
    let screened = MessageToPartner::new(text.expose().as_str());
    screened.map(|_| ()).map_err(|error| error.within(field))
}

const fn said_of(kind: RectificationKind) -> &'static str {
    match kind {
        RectificationKind::Rectify => "rectify",
        RectificationKind::Restrict => "restrict",
    }
}

/// What makes two requests the same. Only its digest is kept.
fn request_text(request: &RequestRectification) -> String {
    let record = match &request.record {
        RecordName::Id(id) => format!("id {id}"),
        RecordName::Reference(reference) => format!("reference {:?}", reference.expose()),
    };
    let (wrong, should_be) = (request.wrong.expose(), request.should_be.expose());
    format!(
        "{}\n{record}\n{}\n{wrong:?}\n{should_be:?}",
        request.person,
        said_of(request.kind)
    )
}

#[cfg(test)]
mod tests;
