use std::collections::BTreeMap;

use passerelle_domain::{CivilDate, Overview, RecordId, SharedRecord, Timestamp};
use passerelle_proto::agency::v1::SourceState;
use passerelle_proto::journey::v1::Cell;

use super::texts::Texts;
use crate::shown::{Language, fill};

/// One organisation, and what is held of it.
pub struct Source {
    /// Its name; the own organisation has none here.
    pub name: Option<String>,
    /// What is known of it.
    pub state: State,
    /// Sections that were asked for, each with the class up to which, and when the answer came.
    pub asked: Vec<(String, u32, Option<Timestamp>)>,
    /// What was asked and not opened. It never tells whether a record exists.
    pub not_opened: Vec<Cell>,
    /// What it wrote.
    pub records: Vec<SharedRecord>,
    /// Of these, what the person has said of some.
    pub marks: BTreeMap<RecordId, Marks>,
    /// Computed from these records, as of the time of the sheet.
    pub overview: Overview,
}

/// What a person has said of a record, and its author not yet answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Since when they contest it.
    pub contested: Option<Timestamp>,
    /// Since when its use is restricted.
    pub restricted: Option<Timestamp>,
}

/// What is known of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The own organisation.
    Own,
    /// Another one: its state, and since when.
    Other(SourceState, Option<Timestamp>),
}

impl Source {
    /// What people read as its name.
    pub(super) fn name(&self, texts: &'static Texts) -> &str {
        self.name.as_deref().unwrap_or(texts.own)
    }

    /// What is known of it, in a sentence.
    pub(super) fn told(&self, language: Language) -> String {
        let texts = Texts::of(language);
        let State::Other(state, since) = self.state else {
            return texts.state_own.to_owned();
        };
        let since = since.map_or_else(|| texts.no_date.to_owned(), |at| instant(at, language));
        let template = match (state, self.records.is_empty()) {
            (SourceState::Received, _) => texts.state_received,
            (SourceState::NeverAsked, _) => texts.state_never_asked,
            (SourceState::NothingToShare, _) => texts.state_nothing_to_share,
            (SourceState::Unreachable, false) => texts.state_unreachable,
            (SourceState::Unreachable, true) => texts.state_unknown,
            (SourceState::Purged, _) => texts.state_purged,
            (SourceState::Unspecified, _) => texts.state_unspecified,
        };
        fill(template, &[&since])
    }

    /// What stands behind a record of it, or behind a line that comes from one; nothing behind most.
    pub(super) fn marked(&self, record: RecordId, language: Language) -> String {
        let texts = Texts::of(language);
        let marks = self.marks.get(&record).copied().unwrap_or_default();
        let said = [
            (texts.contested, marks.contested),
            (texts.restricted, marks.restricted),
        ];
        let said = said.into_iter().filter_map(|(template, since)| {
            let day = CivilDate::of(since?).to_string();
            Some(format!(" · {}", fill(template, &[&language.date(&day)])))
        });
        said.collect()
    }
}

/// An instant as people write it, in UTC.
pub(super) fn instant(at: Timestamp, language: Language) -> String {
    let text = at.to_string();
    // Always `2026-11-24T09:30:00.000Z`.
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let minutes = time.get(..5).unwrap_or_default();
    format!("{} {minutes} UTC", language.date(day))
}
