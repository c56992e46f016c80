//! The merged journey of one person, as an agent reads it before an interview: in a terminal, or on
//! two sheets of paper.
//!
//! Every source stands for itself, nothing is overwritten and nothing is concluded: what is unknown,
//! not shared or not discussed is shown as that. Notes are not shown.
//!
//! Read first: [`gather`], [`Sheet`].

mod drawing;
mod gathered;
mod headings;
mod html;
mod room;
mod source;
mod terminal;
mod texts;

use passerelle_domain::RecordBody;
use passerelle_domain::vocabulary::{ConstraintState, DiagnosisTheme, NeedState, SituationState};
use passerelle_domain::{
    CivilDate, Class, RecordId, SharedRecord, Side, Timestamp, contradictions,
};

use crate::shown::{Language, when};

pub use gathered::{SheetError, gather};
pub use html::html;
pub use source::{Marks, Source, State};
pub use terminal::text;

/// What is known here of one person's journey.
pub struct Sheet {
    /// Name as people say it.
    pub name: String,
    /// Partial date of birth.
    pub born: String,
    /// The agency system's own reference.
    pub reference: String,
    /// When it was put together.
    pub at: Timestamp,
    /// The own organisation first, then every other one.
    pub sources: Vec<Source>,
}

impl Sheet {
    /// The records that tell what happened, each with the place of its source; the newest first.
    fn events(&self) -> Vec<(usize, &SharedRecord)> {
        let mut events: Vec<_> = self
            .all()
            // Who the person is stands in the head of the sheet.
            .filter(|(_, record)| !matches!(record.body(), RecordBody::Identity(_)))
            .collect();
        events.sort_by_key(|(source, record)| {
            let day = std::cmp::Reverse(when(record).earliest());
            (day, record.section(), *source, record.id())
        });
        events
    }

    /// Themes of which somebody wrote that they were not talked about. It says nothing of what is so.
    fn not_discussed(&self) -> Vec<(usize, DiagnosisTheme)> {
        let mut found: Vec<_> = self
            .all()
            .filter_map(|(source, record)| match record.body() {
                RecordBody::Diagnosis(diagnosis) => Some((source, diagnosis)),
                _ => None,
            })
            .flat_map(|(source, one)| {
                let needs = one.needs.iter().filter_map(|need| {
                    (need.state.known() == Some(NeedState::NotExplored)).then_some(need.theme)
                });
                let constraints = one.constraints.iter().filter_map(|one| {
                    (one.state.known() == Some(ConstraintState::NotDiscussed)).then_some(one.theme)
                });
                let situations = one.situations.iter().filter_map(|one| {
                    (one.state.known() == Some(SituationState::NotDiscussed)).then_some(one.theme)
                });
                let themes = needs.chain(constraints).chain(situations);
                themes.filter_map(move |theme| Some((source, theme.known()?)))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where sources say different things: the matter, then what each says of it. Nothing is concluded.
    fn contradictions(&self, language: Language) -> Vec<(&'static str, Vec<(usize, String)>)> {
        let sources = self.sources.iter().map(|one| one.records.iter().collect());
        let sources: Vec<_> = sources.collect();
        let found = contradictions(&sources, CivilDate::of(self.at)).into_iter();
        let sides = |sides: Vec<Side>| {
            sides.into_iter().map(|side| {
                let says = language.of(side.says.label_fr, side.says.label_en);
                let date = language.date(&side.observed_at.to_string());
                (side.source, format!("{says} ({date})"))
            })
        };
        found
            .map(|one| {
                let matter = language.of(one.matter.label_fr(), one.matter.label_en());
                (matter, sides(one.sides).collect())
            })
            .collect()
    }

    /// What the person has said of a record of the source in that place.
    fn marked(&self, place: usize, record: RecordId, language: Language) -> String {
        let source = self.sources.get(place);
        source.map_or_else(String::new, |source| source.marked(record, language))
    }

    /// The class of the most sensitive record.
    fn class(&self) -> Option<Class> {
        self.all().map(|(_, record)| record.class()).max()
    }

    fn all(&self) -> impl Iterator<Item = (usize, &SharedRecord)> {
        let sources = self.sources.iter().enumerate();
        sources.flat_map(|(place, source)| source.records.iter().map(move |one| (place, one)))
    }
}

#[cfg(test)]
mod tests;
