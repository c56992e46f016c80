//! What persons ask about own records: to rectify them, or to restrict their use.
//!
//! `rectifications`: person ∥ request → the request and its last answer; `rectifications_waiting`:
//! when it was asked ∥ request → the person, while there is no answer.

use passerelle_domain::vocabulary::Section;
use passerelle_domain::{Class, Malformed, PersonId, Pii, RecordId, RectificationId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{bytes, class, field, state, word};
use super::key::{Key, KeyParts};
use super::records::{RecordAct, act, act_row};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, persons};

/// What a person asks about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rectification {
    /// Names it.
    pub id: RectificationId,
    /// The file that the record is in.
    pub person: PersonId,
    /// The record.
    pub record: RecordId,
    /// The record's section when it was asked.
    pub section: Section,
    /// The record's class when it was asked.
    pub class: Class,
    /// What is asked.
    pub kind: RectificationKind,
    /// What is wrong.
    pub wrong: Pii<String>,
    /// What it should say; empty if that was not said.
    pub should_be: Pii<String>,
    /// Who took it, and when.
    pub requested: RecordAct,
    /// The last answer.
    pub answer: Option<RectificationAnswer>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RectificationAnswer {
    /// Why it was refused; `None` where it was done.
    pub refusal: Option<RectificationRefusal>,
    /// What the person is told; empty if nothing was written.
    pub explanation: Pii<String>,
    /// Who answered, and when.
    pub answered: RecordAct,
}

state! {
    /// What a person asks about a record.
    RectificationKind {
        /// To rectify it.
        Rectify,
        /// To restrict its use.
        Restrict,
    }
}

state! {
    /// Why what a person asked about a record was refused.
    RectificationRefusal {
        /// It says what is so.
        Accurate,
        /// The law obliges to keep or use it as it is.
        LegalDuty,
        /// Manifestly unfounded or excessive.
        Unfounded,
        /// Another reason, which the explanation gives.
        Other,
    }
}

impl Rectification {
    /// Whether it waits for an answer: the record is contested.
    pub const fn waits(&self) -> bool {
        self.answer.is_none()
    }

    /// Whether it keeps the record from leaving: until it is refused.
    pub fn restricts(&self) -> bool {
        let refused = self
            .answer
            .as_ref()
            .is_some_and(|answer| answer.refusal.is_some());
        self.kind == RectificationKind::Restrict && !refused
    }

    /// What lists of requests are ordered by.
    pub const fn place(&self) -> (Timestamp, RectificationId) {
        (self.requested.at, self.id)
    }
}

/// All that a person ever asked, the oldest first; in files that were merged into theirs, too.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<Rectification>, TableError> {
    let mut all = Vec::new();
    for file in persons::files(read, person)? {
        for found in RECTIFICATIONS.all(read, file.as_bytes())? {
            all.push(rectification(found)?);
        }
    }
    all.sort_by_key(Rectification::place);
    Ok(all)
}

/// One request of a person.
pub fn find(
    read: &impl Read,
    person: &PersonId,
    id: &RectificationId,
) -> Result<Option<Rectification>, TableError> {
    for file in persons::files(read, person)? {
        if let Some(found) = RECTIFICATIONS.find(read, &request_key(&file, id))? {
            return rectification(found).map(Some);
        }
    }
    Ok(None)
}

/// At most `limit` requests that wait for an answer, the oldest first, those behind a place.
pub fn waiting(
    read: &impl Read,
    after: Option<(Timestamp, RectificationId)>,
    limit: usize,
) -> Result<Vec<Rectification>, TableError> {
    let after = after.map(place_key);
    let found = WAITING.page::<rows::Pointer>(read, &[], after.as_deref(), limit)?;
    let mut all = Vec::with_capacity(found.len());
    for Found { key, row, .. } in found {
        let named = || {
            let mut parts = KeyParts::of(&key);
            parts.u64()?;
            let id = RectificationId::from_bytes(parts.id()?);
            Ok((field("id", PersonId::from_slice(&row.id))?, id))
        };
        let (person, id) = named().map_err(|what: Malformed| WAITING.malformed(what))?;
        all.extend(find(read, &person, &id)?);
    }
    Ok(all)
}

/// Keeps a request, over what was kept of it.
pub fn put(tx: &mut impl Write, request: &Rectification) -> Result<(), TableError> {
    let row = rows::RectificationRow {
        record: bytes(request.record.as_bytes()),
        kind: request.kind.to_row(),
        wrong: request.wrong.expose().clone(),
        should_be: request.should_be.expose().clone(),
        section: request.section.id().to_owned(),
        sensitivity: request.class.as_u8().into(),
        requested: Some(act_row(&request.requested)),
        answer: request.answer.as_ref().map(answer_row),
    };
    let person = &request.person;
    let key = request_key(person, &request.id);
    RECTIFICATIONS.put(tx, Some(person), &key, &row)?;
    let place = place_key(request.place());
    if request.waits() {
        let pointer = rows::Pointer {
            id: bytes(person.as_bytes()),
        };
        WAITING.put(tx, Some(person), &place, &pointer)
    } else {
        if WAITING.exists(tx, &place) {
            WAITING.delete(tx, &place);
        }
        Ok(())
    }
}

fn rectification(
    Found { key, row, .. }: Found<rows::RectificationRow>,
) -> Result<Rectification, TableError> {
    let read = || {
        let mut parts = KeyParts::of(&key);
        let requested = row.requested.ok_or_else(|| required("requested"))?;
        Ok(Rectification {
            person: PersonId::from_bytes(parts.id()?),
            id: RectificationId::from_bytes(parts.id()?),
            record: field("record", RecordId::from_slice(&row.record))?,
            section: word("section", Section::parse(&row.section))?,
            class: class("sensitivity", row.sensitivity)?,
            kind: RectificationKind::from_row(row.kind)?,
            wrong: Pii::new(row.wrong),
            should_be: Pii::new(row.should_be),
            requested: act(requested)?,
            answer: row.answer.map(answer).transpose()?,
        })
    };
    read().map_err(|what: Malformed| RECTIFICATIONS.malformed(what))
}

fn answer(row: rows::RectificationAnswerRow) -> Result<RectificationAnswer, Malformed> {
    let answered = row.answered.ok_or_else(|| required("answered"))?;
    let refused = row.refusal != rows::RectificationRefusal::Unspecified as i32;
    Ok(RectificationAnswer {
        refusal: refused
            .then(|| RectificationRefusal::from_row(row.refusal))
            .transpose()?,
        explanation: Pii::new(row.explanation),
        answered: act(answered)?,
    })
}

fn answer_row(answer: &RectificationAnswer) -> rows::RectificationAnswerRow {
    rows::RectificationAnswerRow {
        refusal: answer.refusal.map_or(0, RectificationRefusal::to_row),
        explanation: answer.explanation.expose().clone(),
        answered: Some(act_row(&answer.answered)),
    }
}

fn required(name: &str) -> Malformed {
    Malformed::new(name, "must be set")
}

fn request_key(person: &PersonId, id: &RectificationId) -> Key {
    Key::new().id(person.as_bytes()).id(id.as_bytes())
}

fn place_key((at, id): (Timestamp, RectificationId)) -> Key {
    Key::new().u64(at.as_millis()).id(id.as_bytes())
}

pub(super) const RECTIFICATIONS: Spec = Spec::new(54, "rectifications");
pub(super) const WAITING: Spec = Spec::new(55, "rectifications_waiting");
