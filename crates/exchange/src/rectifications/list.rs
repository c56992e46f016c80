//! The work list of requests, and the file of one person's.

use std::str::FromStr;

use passerelle_domain::{Caller, Malformed, PersonId, RectificationId, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::rectifications::{self, Rectification};
use passerelle_store::tables::{Read, persons};

use super::{RectificationFile, file};
use crate::paging::page_token;
use crate::{ExchangeError, Page, PageSize, Passerelle};

impl Passerelle {
    /// What waits for an answer, the oldest first; of one person, all that was ever asked. Only about
    /// records that the agent's role reaches: a page may hold less and not be the last.
    pub fn list_rectifications(
        &self,
        caller: &Caller,
        person: Option<&PersonId>,
        size: PageSize,
        token: &str,
    ) -> Result<Page<RectificationFile>, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        let after = page_token::<Place>(token)?.map(|place| place.0);
        let now = self.now();
        self.read(|view| {
            let found = match person {
                Some(person) => of_person(view, person, after, size)?,
                None => rectifications::waiting(view, after, size.get())?,
            };
            let last = found.last().filter(|_| found.len() == size.get());
            let next = last.map(token_of);
            let reached = found
                .into_iter()
                .filter(|one| access.reaches(one.section, one.class));
            Ok(Page {
                items: reached.map(|one| file(one, now)).collect(),
                next,
            })
        })
    }
}

fn of_person(
    read: &impl Read,
    person: &PersonId,
    after: Option<(Timestamp, RectificationId)>,
    size: PageSize,
) -> Result<Vec<Rectification>, ExchangeError> {
    let person = &persons::kept(read, person)?;
    persons::find(read, person)?.ok_or(ExchangeError::PersonNotFound)?;
    let mut all = rectifications::of_person(read, person)?;
    all.retain(|one| after.is_none_or(|after| one.place() > after));
    all.truncate(size.get());
    Ok(all)
}

/// Where a page ended.
struct Place((Timestamp, RectificationId));

fn token_of(last: &Rectification) -> String {
    let (at, id) = last.place();
    format!("{}.{id}", at.as_millis())
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(token: &str) -> Result<Self, Malformed> {
        let rule = || Malformed::new("", "a place in a list of requests");
        let (at, id) = token.split_once('.').ok_or_else(rule)?;
        let at = at.parse().map_err(|_| rule())?;
        Ok(Self((Timestamp::from_millis(at), id.parse()?)))
    }
}
