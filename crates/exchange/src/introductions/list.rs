//! What agents see of introductions.

use passerelle_domain::{Caller, PersonId, Pii, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::introductions::{self, Introduction, IntroductionState};
use passerelle_store::tables::{Read, persons};

use super::sent;
use crate::paging::{Page, PageSize, page_token};
use crate::queue::{Delivery, delivery};
use crate::{ExchangeError, Passerelle};

/// Rows that are looked at in one call: a page may hold less than was asked for.
const MOST_ROWS: usize = 1_024;

/// An introduction, as agents see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroductionFile {
    /// Which way it goes.
    pub side: IntroductionSide,
    /// Where it stands.
    pub introduction: Introduction,
    /// Whether its time was over before it was answered.
    pub expired: bool,
    /// The other organisation's name.
    pub organisation: String,
    /// How far it is, where it was sent from here.
    pub delivery: Option<Delivery>,
    /// What is shown of it here before it is answered, where it arrived here.
    pub shown: Option<IntroductionShown>,
}

/// What is shown of an introduction before the birth date was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroductionShown {
    /// First letters of the first name and of the birth name.
    pub initials: Pii<String>,
    /// What was written for the agents here; empty if nothing was.
    pub message: Pii<String>,
}

/// Which way an introduction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntroductionSide {
    /// From here to another organisation.
    Sent,
    /// From another organisation to this one.
    Received,
}

/// Which introductions to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntroductionFilter {
    /// Which way they go.
    pub side: IntroductionSide,
    /// Of this person alone.
    pub person: Option<PersonId>,
    /// Those alone that wait for an answer.
    pub waiting: bool,
}

impl Passerelle {
    /// Introductions, in a stable order. `token` is that of the page before, empty for the first. A
    /// page may hold less than was asked for and still not be the last.
    pub fn list_introductions(
        &self,
        caller: &Caller,
        filter: IntroductionFilter,
        size: PageSize,
        token: &str,
    ) -> Result<Page<IntroductionFile>, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let after: Option<TokenId> = page_token(token)?;
        self.read(|view| {
            let files = match &filter.person {
                Some(person) => Some(persons::files(view, &persons::kept(view, person)?)?),
                None => None,
            };
            let rows = match filter.side {
                IntroductionSide::Sent => introductions::all_sent(view, after.as_ref(), MOST_ROWS)?,
                IntroductionSide::Received => {
                    introductions::all_received(view, after.as_ref(), MOST_ROWS)?
                }
            };
            let mut more = rows.len() == MOST_ROWS;
            let mut items = Vec::new();
            let mut last = None;
            for row in rows {
                if items.len() == size.get() {
                    more = true;
                    break;
                }
                last = Some(row.id);
                let waits = row.state == IntroductionState::Open && row.expires_at > self.now();
                let meant = files
                    .as_ref()
                    .is_none_or(|files| row.person.is_some_and(|person| files.contains(&person)));
                if meant && (waits || !filter.waiting) {
                    items.push(self.introduction_file(view, filter.side, row)?);
                }
            }
            Ok(Page {
                items,
                next: last.filter(|_| more).map(|last| last.to_string()),
            })
        })
    }

    /// One that was sent from here, once it arrived or the time for that is over.
    pub(super) async fn sent_file(&self, id: &TokenId) -> Result<IntroductionFile, ExchangeError> {
        let row = self.read(|view| sent(view, id))?;
        self.wait_delivered(&[(*id, row.peer)]).await?;
        self.read(|view| {
            let row = sent(view, id)?;
            self.introduction_file(view, IntroductionSide::Sent, row)
        })
    }

    pub(super) fn received_file(&self, id: &TokenId) -> Result<IntroductionFile, ExchangeError> {
        self.read(|view| {
            let row = introductions::received(view, id)?;
            let row = row.ok_or_else(|| ExchangeError::not_found("introduction_id"))?;
            self.introduction_file(view, IntroductionSide::Received, row)
        })
    }

    fn introduction_file(
        &self,
        read: &impl Read,
        side: IntroductionSide,
        row: Introduction,
    ) -> Result<IntroductionFile, ExchangeError> {
        let expired = row.state == IntroductionState::Open && row.expires_at <= self.now();
        let (delivery, who) = match side {
            IntroductionSide::Sent => (delivery(read, row.id, &row.peer)?, None),
            IntroductionSide::Received if expired => (None, None),
            IntroductionSide::Received => (None, introductions::introduced(read, &row.id)?),
        };
        Ok(IntroductionFile {
            side,
            organisation: self.organisation(&row.peer),
            expired,
            delivery,
            shown: who.map(|who| IntroductionShown {
                initials: initials(who.first_names.expose(), who.birth_name.expose()),
                message: who.message,
            }),
            introduction: row,
        })
    }
}

fn initials(first_names: &str, birth_name: &str) -> Pii<String> {
    let letters = [first_names, birth_name].into_iter();
    let letters = letters.filter_map(|name| name.trim().chars().next());
    Pii::new(
        letters
            .map(|letter| format!("{}.", letter.to_uppercase()))
            .collect::<Vec<_>>()
            .join(" "),
    )
}
