//! Which agents accompany which persons.
//!
//! `caseload`: person ∥ HMAC of agent, role and first day → the assignment; `agent_caseload`: HMAC of
//! the agent ∥ person ∥ the rest of that key.

use passerelle_domain::vocabulary::GroupMemberRole;
use passerelle_domain::{CivilDate, Malformed, PersonId, Pii, Siret, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, field, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An agent, as the agency system knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseloadAgent {
    /// The agent.
    pub subject: Pii<String>,
    /// The establishment for which the agent works.
    pub siret: Siret,
}

/// That an agent accompanies a person. Person, agent, role and first day name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The person.
    pub person: PersonId,
    /// The agent.
    pub agent: CaseloadAgent,
    /// As what.
    pub role: GroupMemberRole,
    /// The first day.
    pub from: CivilDate,
    /// The last day; `None` as long as it goes on.
    pub until: Option<CivilDate>,
}

impl Assignment {
    /// Whether it holds on that day.
    pub fn holds_on(&self, day: CivilDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// An assignment that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAssignment {
    /// The assignment.
    pub assignment: Assignment,
    /// When it was set, or last changed.
    pub set_at: Timestamp,
    /// Where it stands in the lists: opaque.
    pub place: [u8; 16],
}

/// The one of that name.
pub fn find(read: &impl Read, wanted: &Assignment) -> Result<Option<SetAssignment>, TableError> {
    let key = row_key(&wanted.person, &place(read, wanted));
    Ok(CASELOAD.find(read, &key)?.map(kept).transpose()?.flatten())
}

/// At most `limit` about a person, those after the place `after`.
pub fn of_person(
    read: &impl Read,
    person: &PersonId,
    after: Option<&[u8; 16]>,
    limit: usize,
) -> Result<Vec<SetAssignment>, TableError> {
    let after = after.map(|place| row_key(person, place));
    let found = CASELOAD.page(read, person.as_bytes(), after.as_deref(), limit)?;
    let kept = |found| kept(found).transpose();
    found.into_iter().filter_map(kept).collect()
}

/// At most `limit` of an agent, those after one about that person at that place.
pub fn of_agent(
    read: &impl Read,
    agent: &CaseloadAgent,
    after: Option<(&PersonId, &[u8; 16])>,
    limit: usize,
) -> Result<Vec<SetAssignment>, TableError> {
    let token = agent_token(read, agent);
    let after = after.map(|(person, place)| agent_key(&token, person, place));
    let mut all = Vec::new();
    for key in BY_AGENT.keys(read, &token, after.as_deref(), limit) {
        let mut parts = KeyParts::of(&key);
        let place = parts
            .id::<16>()
            .and_then(|_| Ok((PersonId::from_bytes(parts.id()?), parts.id()?)));
        let (person, place) = place.map_err(|what| BY_AGENT.malformed(what))?;
        let found = CASELOAD.find(read, &row_key(&person, &place))?;
        all.extend(found.map(kept).transpose()?.flatten());
    }
    Ok(all)
}

/// Sets an assignment, over the one of that name.
pub fn put(
    tx: &mut impl Write,
    assignment: &Assignment,
    set_at: Timestamp,
) -> Result<(), TableError> {
    let (person, place) = (&assignment.person, place(tx, assignment));
    let row = rows::AssignmentRow {
        subject: assignment.agent.subject.expose().clone(),
        siret: assignment.agent.siret.to_string(),
        role: assignment.role.id().to_owned(),
        from_date: assignment.from.to_string(),
        until_date: assignment
            .until
            .map_or_else(String::new, |day| day.to_string()),
        set_at: set_at.as_millis(),
    };
    CASELOAD.put(tx, Some(person), &row_key(person, &place), &row)?;
    let key = agent_key(&agent_token(tx, &assignment.agent), person, &place);
    BY_AGENT.put(tx, Some(person), &key, &rows::Mark {})
}

/// Takes an assignment back; none is no error.
pub fn remove(tx: &mut impl Write, assignment: &Assignment) {
    let (person, place) = (&assignment.person, place(tx, assignment));
    CASELOAD.delete(tx, &row_key(person, &place));
    let key = agent_key(&agent_token(tx, &assignment.agent), person, &place);
    BY_AGENT.delete(tx, &key);
}

/// `None` for a row that is about nobody, which none of ours is.
fn kept(found: Found<rows::AssignmentRow>) -> Result<Option<SetAssignment>, TableError> {
    let Found { key, owner, row } = found;
    let Some(person) = owner else {
        return Ok(None);
    };
    let read = || {
        let mut parts = KeyParts::of(&key);
        parts.id::<16>()?;
        let until = (!row.until_date.is_empty()).then_some(&row.until_date);
        Ok(SetAssignment {
            place: parts.id()?,
            set_at: at(row.set_at),
            assignment: Assignment {
                person,
                agent: CaseloadAgent {
                    subject: Pii::new(row.subject.clone()),
                    siret: field("siret", row.siret.parse())?,
                },
                role: word("role", GroupMemberRole::parse(&row.role))?,
                from: field("from_date", row.from_date.parse())?,
                until: until
                    .map(|day| field("until_date", day.parse()))
                    .transpose()?,
            },
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| CASELOAD.malformed(what))
}

fn row_key(person: &PersonId, place: &[u8; 16]) -> Key {
    Key::new().id(person.as_bytes()).id(place)
}

fn agent_key(token: &[u8; 16], person: &PersonId, place: &[u8; 16]) -> Key {
    Key::new().id(token).id(person.as_bytes()).id(place)
}

fn agent_token(read: &impl Read, agent: &CaseloadAgent) -> [u8; 16] {
    let parts = [
        agent.siret.as_str().as_bytes(),
        agent.subject.expose().as_bytes(),
    ];
    read.sealing().sealer().keys().index(BY_AGENT.name, &parts)
}

fn place(read: &impl Read, assignment: &Assignment) -> [u8; 16] {
    let from = assignment.from.to_string();
    let parts = [
        &agent_token(read, &assignment.agent)[..],
        assignment.role.id().as_bytes(),
        from.as_bytes(),
    ];
    read.sealing().sealer().keys().index(CASELOAD.name, &parts)
}

pub(super) const CASELOAD: Spec = Spec::new(44, "caseload");
pub(super) const BY_AGENT: Spec = Spec::new(45, "agent_caseload");
