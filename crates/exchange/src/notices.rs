//! The notices: the texts that persons are shown before they are informed or agree.

use std::fmt;
use std::str::FromStr;

use passerelle_domain::claim::{Notice, NoticeText};
use passerelle_domain::{Caller, CivilDate, Malformed};
use passerelle_policy::{OwnAct, own_access};

use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

/// Which notices to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// In this language alone; empty: in every one.
    pub lang: String,
    /// Those also that are not shown today.
    pub all: bool,
}

/// Which text to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeAsked {
    /// The one of that name and language that is shown today.
    Today {
        /// Its name.
        id: String,
        /// Its language.
        lang: String,
    },
    /// Exactly this one, shown today or not.
    Exactly(Notice),
}

/// A text, and whether it may be shown today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeFound {
    /// The text.
    pub text: NoticeText,
    /// Whether it may be shown today.
    pub shown: bool,
}

impl Passerelle {
    /// The notices of the catalogue, by name, language and first day. `token` is that of the page
    /// before, empty for the first.
    pub fn list_notices(
        &self,
        caller: &Caller,
        filter: &NoticeFilter,
        size: PageSize,
        token: &str,
    ) -> Result<Page<NoticeFound>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let after: Option<Place> = page_token(token)?;
        let now = self.now();
        let catalogue = self.0.notices.catalogue();
        let let_through = |text: &&NoticeText| {
            let lang = filter.lang.is_empty() || text.lang == filter.lang;
            let later = after.as_ref().is_none_or(|after| *after < Place::of(text));
            lang && later && (filter.all || text.is_shown(now))
        };
        let mut texts = catalogue.texts.iter().filter(let_through).peekable();
        let page: Vec<_> = texts.by_ref().take(size.get()).collect();
        let last = page.last().filter(|_| texts.peek().is_some());
        Ok(Page {
            next: last.map(|last| Place::of(last).to_string()),
            items: page
                .into_iter()
                .map(|text| NoticeFound {
                    text: text.clone(),
                    shown: text.is_shown(now),
                })
                .collect(),
        })
    }

    /// One text.
    pub fn notice(
        &self,
        caller: &Caller,
        asked: &NoticeAsked,
    ) -> Result<NoticeFound, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let now = self.now();
        let catalogue = self.0.notices.catalogue();
        let found = match asked {
            NoticeAsked::Today { id, lang } => catalogue.shown(id, lang, now),
            NoticeAsked::Exactly(notice) => catalogue.named(notice),
        };
        let text = found.ok_or_else(|| ExchangeError::not_found("notice_id"))?;
        Ok(NoticeFound {
            text: text.clone(),
            shown: text.is_shown(now),
        })
    }

    /// That a text which an agreement names is in the catalogue and may be shown today.
    pub(crate) fn check_notice(&self, notice: &Notice) -> Result<(), ExchangeError> {
        let catalogue = self.0.notices.catalogue();
        match catalogue.named(notice) {
            Some(text) if text.is_shown(self.now()) => Ok(()),
            Some(_) => Err(Malformed::new(
                "notice",
                "a text that may be shown today; ListNotices gives those",
            )
            .into()),
            None => {
                let named = |text: &&NoticeText| text.id == notice.id;
                let mut texts = catalogue.texts.iter().filter(named).peekable();
                let (field, rule) = if texts.peek().is_none() {
                    ("notice.notice_id", "that of a text of the catalogue")
                } else if texts.all(|text| text.lang != notice.lang) {
                    ("notice.lang", "a language in which the catalogue has it")
                } else {
                    ("notice.sha256", "that of the text in the catalogue")
                };
                Err(Malformed::new(field, rule).into())
            }
        }
    }
}

/// Where a text stands in the catalogue: what a page goes on behind, even in a newer catalogue.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place(String, String, CivilDate);

impl Place {
    fn of(text: &NoticeText) -> Self {
        Self(text.id.clone(), text.lang.clone(), text.from)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.0, self.1, self.2)
    }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.split(' ');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(lang), Some(from), None) => {
                Ok(Self(id.to_owned(), lang.to_owned(), from.parse()?))
            }
            _ => Err(Malformed::new("", "a name, a language and a day")),
        }
    }
}

#[cfg(test)]
mod tests;
