//! Which agents accompany which persons. It opens and closes nothing; it explains accesses.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::{Caller, CivilDate, Malformed, PersonId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::caseload::{self, Assignment, CaseloadAgent, SetAssignment};
use passerelle_store::tables::{Read, persons};
use passerelle_store::{OpenedPart, Tx};

use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

/// The most changes in one call.
const MOST_CHANGES: usize = 500;
/// Longest name of an agent, in bytes; sealed parts of the log hold as much.
const LONGEST_SUBJECT: usize = 256;
/// Rows that are looked at in one call, however many hold on the day.
const MOST_LOOKED_AT: usize = 2_048;

/// One assignment to set, or to take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentChange {
    /// The assignment.
    pub assignment: Assignment,
    /// Whether it is taken back.
    pub remove: bool,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// It is new.
    Created,
    /// Its last day is another than before.
    Updated,
    /// It is as it was.
    Unchanged,
    /// It was taken back.
    Removed,
    /// Not set.
    Refused(Malformed),
}

/// Whose assignments to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseloadOf {
    /// Those about a person.
    Person(PersonId),
    /// Those of an agent.
    Agent(CaseloadAgent),
}

impl Passerelle {
    /// Sets assignments, in one transaction: those that are well-formed, whatever the others are. One
    /// result a change, in their order. Repeating a call changes nothing (I5).
    pub async fn set_caseload(
        &self,
        caller: &Caller,
        changes: Vec<Result<AssignmentChange, Malformed>>,
    ) -> Result<Vec<Assigned>, ExchangeError> {
        let _access = own_access(caller, OwnAct::KeepCaseload)?;
        if changes.is_empty() || changes.len() > MOST_CHANGES {
            return Err(Malformed::new("changes", "1 to 500 changes").into());
        }
        let checked = |change: Result<AssignmentChange, Malformed>| {
            change.and_then(|change| check(&change.assignment).map(|()| change))
        };
        let changes: Vec<_> = changes.into_iter().map(checked).collect();
        let set = self.transact("set_caseload", move |tx| {
            let set = |change: &Result<AssignmentChange, Malformed>| match change {
                Ok(change) => change.carry_out(tx),
                Err(refused) => Ok(Assigned::Refused(refused.clone())),
            };
            changes.iter().map(set).collect()
        });
        Ok(set.await?.value)
    }

    /// Assignments; on one day, or all. `token` is that of the page before, empty for the first. A page
    /// may hold less than was asked for and still not be the last.
    pub fn list_caseload(
        &self,
        caller: &Caller,
        of: &CaseloadOf,
        on: Option<CivilDate>,
        size: PageSize,
        token: &str,
    ) -> Result<Page<SetAssignment>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let mut after: Option<Place> = page_token(token)?;
        self.read(|view| {
            if let CaseloadOf::Person(person) = of
                && persons::find(view, person)?.is_none()
            {
                return Err(ExchangeError::PersonNotFound);
            }
            let mut items = Vec::new();
            let mut looked_at = 0;
            while looked_at < MOST_LOOKED_AT {
                let found = of.page(view, after.as_ref(), size.get())?;
                let last = found.len() < size.get();
                looked_at += found.len().max(1);
                for one in found {
                    if items.len() == size.get() {
                        return Ok(page(items, after));
                    }
                    after = Some(Place::of(&one));
                    if on.is_none_or(|day| one.assignment.holds_on(day)) {
                        items.push(one);
                    }
                }
                if last {
                    return Ok(page(items, None));
                }
            }
            Ok(page(items, after))
        })
    }
}

fn page(items: Vec<SetAssignment>, after: Option<Place>) -> Page<SetAssignment> {
    Page {
        items,
        next: after.map(|after| after.to_string()),
    }
}

/// What the caseload says of the agent and the person of an entry, on its day.
pub(crate) fn caseload_then(
    read: &impl Read,
    part: &OpenedPart,
    at: Timestamp,
) -> Result<Vec<SetAssignment>, ExchangeError> {
    let agent = part.fields.agent.as_ref();
    let agent = agent.and_then(|agent| agent.subject.as_ref().zip(agent.siret.as_ref()));
    let (Some(person), Some((subject, siret))) = (&part.person, agent) else {
        return Ok(Vec::new());
    };
    let day = CivilDate::of(at);
    let mut all = Vec::new();
    for file in persons::files(read, &persons::kept(read, person)?)? {
        all.extend(caseload::of_person(read, &file, None, MOST_LOOKED_AT)?);
    }
    all.retain(|set| {
        let agent = &set.assignment.agent;
        agent.subject == *subject && agent.siret == *siret && set.assignment.holds_on(day)
    });
    Ok(all)
}

impl AssignmentChange {
    fn carry_out(&self, tx: &mut Tx<'_>) -> Result<Assigned, ExchangeError> {
        let (wanted, before) = in_file(tx, &self.assignment)?;
        let wanted = &wanted;
        if self.remove {
            return Ok(match before {
                None => Assigned::Unchanged,
                Some(_) => {
                    caseload::remove(tx, wanted);
                    Assigned::Removed
                }
            });
        }
        let assigned = match before {
            Some(before) if before.assignment == *wanted => return Ok(Assigned::Unchanged),
            Some(_) => Assigned::Updated,
            None if persons::find(tx, &wanted.person)?.is_none() => {
                let unknown = Malformed::new("assignment.person_id", "a person of this node");
                return Ok(Assigned::Refused(unknown));
            }
            None => Assigned::Created,
        };
        caseload::put(tx, wanted, tx.now())?;
        Ok(assigned)
    }
}

impl CaseloadOf {
    fn page(
        &self,
        view: &impl Read,
        after: Option<&Place>,
        size: usize,
    ) -> Result<Vec<SetAssignment>, ExchangeError> {
        Ok(match self {
            Self::Person(person) => {
                let files = persons::files(view, &persons::kept(view, person)?)?;
                let at = |after: &Place| files.iter().position(|file| *file == after.person);
                let first = after.and_then(at).unwrap_or_default();
                let mut after = after.map(|after| &after.place);
                let mut found = Vec::new();
                for file in files.iter().skip(first) {
                    let room = size - found.len();
                    found.extend(caseload::of_person(view, file, after.take(), room)?);
                    if found.len() == size {
                        break;
                    }
                }
                found
            }
            Self::Agent(agent) => {
                let after = after.map(|after| (&after.person, &after.place));
                caseload::of_agent(view, agent, after, size)?
            }
        })
    }
}

/// An assignment in the file that it is in: that of one that was merged stays in it. A new one is in the
/// file that is kept.
fn in_file(
    tx: &Tx<'_>,
    named: &Assignment,
) -> Result<(Assignment, Option<SetAssignment>), ExchangeError> {
    let kept = persons::kept(tx, &named.person)?;
    let within = |person| Assignment {
        person,
        ..named.clone()
    };
    for file in persons::files(tx, &kept)? {
        let wanted = within(file);
        let found = caseload::find(tx, &wanted)?;
        if found.is_some() {
            return Ok((wanted, found));
        }
    }
    Ok((within(kept), None))
}

fn check(assignment: &Assignment) -> Result<(), Malformed> {
    let subject = assignment.agent.subject.expose();
    let fits = (1..=LONGEST_SUBJECT).contains(&subject.len());
    if !fits || subject.chars().any(char::is_control) {
        return Err(Malformed::new(
            "assignment.agent.sub",
            "1 to 256 bytes, no control character",
        ));
    }
    if assignment
        .until
        .is_some_and(|until| until < assignment.from)
    {
        return Err(Malformed::new(
            "assignment.until_date",
            "not before from_date",
        ));
    }
    Ok(())
}

/// Where a page of a caseload ends: random ids and an HMAC.
#[derive(Clone, Copy)]
struct Place {
    person: PersonId,
    place: [u8; 16],
}

impl Place {
    const fn of(set: &SetAssignment) -> Self {
        Self {
            person: set.assignment.person,
            place: set.place,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.person, BASE64URL_NOPAD.encode(&self.place))
    }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("", "a person and 16 bytes");
        let (person, place) = text.split_once('.').ok_or_else(malformed)?;
        let place = BASE64URL_NOPAD.decode(place.as_bytes());
        Ok(Self {
            person: person.parse()?,
            place: place
                .ok()
                .and_then(|place| place.try_into().ok())
                .ok_or_else(malformed)?,
        })
    }
}

#[cfg(test)]
mod tests;
