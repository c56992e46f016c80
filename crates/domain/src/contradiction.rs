//! Where two sources say different things of one matter. Nothing is resolved: both stand, each with
//! who says it and since when.

use std::collections::BTreeMap;

use crate::record::{Employment, StateCode};
use crate::vocabulary::{
    DiagnosisSituation, PathwayType, SituationState, StatusKind, StatusState, Term,
};
use crate::{CivilDate, PartialDate, RecordBody, RecordId, Section, SharedRecord};

/// What can be so in one way at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// A right, a registration or a scheme.
    Status(StatusKind),
    /// The pathway of the orientation.
    Pathway,
    /// Something that a diagnosis asks about.
    Situation(DiagnosisSituation),
    /// Whether the last work that is known of has ended.
    Employment,
}

/// What one source says of a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Says {
    /// The value: an id of the vocabulary, or `yes`, `no`, `ended`, `ongoing`.
    pub id: &'static str,
    /// What people read, in French.
    pub label_fr: &'static str,
    /// What people read, in English.
    pub label_en: &'static str,
}

/// Two sources or more that say different things of one matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Of what.
    pub matter: Matter,
    /// What each source says that says anything, by their places.
    pub sides: Vec<Side>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The place of the source.
    pub source: usize,
    /// Its newest record about the matter.
    pub record: RecordId,
    /// When that was so.
    pub observed_at: PartialDate,
    /// What it says.
    pub says: Says,
}

impl Matter {
    /// The section that it belongs to.
    pub const fn section(self) -> Section {
        match self {
            Self::Status(_) => Section::Status,
            Self::Pathway => Section::Orientation,
            Self::Situation(_) => Section::Diagnosis,
            Self::Employment => Section::Employment,
        }
    }

    /// Which: an id of the list `status_kind` or `diagnosis_situation`, or `pathway_type` or
    /// `employment`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Status(kind) => kind.item().id,
            Self::Pathway => "pathway_type",
            Self::Situation(situation) => situation.item().id,
            Self::Employment => "employment",
        }
    }

    /// What people read, in French.
    pub fn label_fr(self) -> &'static str {
        match self {
            Self::Status(kind) => kind.item().label_fr,
            Self::Pathway => "Parcours",
            Self::Situation(situation) => situation.item().label_fr,
            Self::Employment => "Emploi",
        }
    }

    /// What people read, in English.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Status(kind) => kind.item().label_en,
            Self::Pathway => "Pathway",
            Self::Situation(situation) => situation.item().label_en,
            Self::Employment => "Employment",
        }
    }
}

impl Says {
    fn term(term: impl Term) -> Self {
        let item = term.item();
        Self {
            id: item.id,
            label_fr: item.label_fr,
            label_en: item.label_en,
        }
    }

    const fn of(id: &'static str, label_fr: &'static str, label_en: &'static str) -> Self {
        Self {
            id,
            label_fr,
            label_en,
        }
    }
}

/// The matters of which sources say different things on `today`, in the order of [`Matter`]. Of each
/// source its newest record about a matter counts; a code that is not known here says nothing that could
/// be compared, and what was not discussed is neither yes nor no (I11).
pub fn contradictions(sources: &[Vec<&SharedRecord>], today: CivilDate) -> Vec<Contradiction> {
    let mut matters: BTreeMap<Matter, Vec<Side>> = BTreeMap::new();
    for (source, records) in sources.iter().enumerate() {
        for (matter, (record, says)) in newest(records, today) {
            matters.entry(matter).or_default().push(Side {
                source,
                record: record.id(),
                observed_at: record.observed_at(),
                says,
            });
        }
    }
    let differ = |sides: &[Side]| sides.windows(2).any(|pair| pair[0].says != pair[1].says);
    matters
        .into_iter()
        .filter(|(_, sides)| differ(sides))
        .map(|(matter, sides)| Contradiction { matter, sides })
        .collect()
}

/// What one source says now of each matter. Of two records of one day the one recorded last counts.
fn newest<'a>(
    records: &[&'a SharedRecord],
    today: CivilDate,
) -> BTreeMap<Matter, (&'a SharedRecord, Says)> {
    let mut said: BTreeMap<Matter, (&SharedRecord, Says)> = BTreeMap::new();
    for &record in records {
        for (matter, says) in statements(record, today) {
            let newer = |known: &SharedRecord| age(known) <= age(record);
            if said.get(&matter).is_none_or(|(known, _)| newer(known)) {
                said.insert(matter, (record, says));
            }
        }
    }
    said
}

fn age(record: &SharedRecord) -> impl Ord + use<> {
    (
        record.observed_at().latest(),
        record.recorded_at(),
        record.id(),
    )
}

fn statements(record: &SharedRecord, today: CivilDate) -> Vec<(Matter, Says)> {
    match record.body() {
        RecordBody::Status(status) => {
            let said = status.kind.term().zip(state(&status.state));
            said.map(|(kind, says)| (Matter::Status(kind), says))
                .into_iter()
                .collect()
        }
        RecordBody::Orientation(orientation) => {
            let pathway: Option<PathwayType> = orientation.pathway.term();
            pathway
                .map(|pathway| (Matter::Pathway, Says::term(pathway)))
                .into_iter()
                .collect()
        }
        RecordBody::Diagnosis(diagnosis) => {
            let said = diagnosis.situations.iter().filter_map(|found| {
                let says = match found.state.known()? {
                    SituationState::Yes => Says::of("yes", "oui", "yes"),
                    SituationState::No => Says::of("no", "non", "no"),
                    _ => return None,
                };
                Some((Matter::Situation(found.situation.term()?), says))
            });
            said.collect()
        }
        RecordBody::Employment(employment) => vec![(Matter::Employment, work(employment, today))],
        _ => Vec::new(),
    }
}

fn state(state: &StateCode) -> Option<Says> {
    match state {
        StateCode::JobSeeker(code) => code.term().map(Says::term),
        StateCode::Rsa(code) => code.term().map(Says::term),
        StateCode::Other(code) => {
            let term: Option<StatusState> = code.term();
            term.map(Says::term)
        }
    }
}

fn work(employment: &Employment, today: CivilDate) -> Says {
    if employment.period.is_over(today) {
        Says::of("ended", "terminé", "ended")
    } else {
        Says::of("ongoing", "en cours", "ongoing")
    }
}

#[cfg(test)]
mod tests;
