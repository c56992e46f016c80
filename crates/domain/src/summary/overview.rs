//! What a colleague reads first, computed from the records alone.

mod sorting;

use passerelle_proto::journey::v1 as proto;

use super::Headline;
use crate::record::redacted;
use crate::{CivilDate, Malformed, PartialDate, RecordId, Section, SharedRecord, Timestamp, wire};

/// What a colleague reads first; at most [`Overview::MAX_LINES`] lines a heading.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Where the person stands: statuses, contracts and jobs in force, pathways, ends of support;
    /// the newest first.
    pub stands: Vec<OverviewLine>,
    /// Who accompanies the person, the newest first.
    pub accompanied_by: Vec<OverviewLine>,
    /// What the person wants, the newest first.
    pub wants: Vec<OverviewLine>,
    /// What was tried: steps and objectives that are over, jobs that ended; the newest first.
    pub tried: Vec<OverviewLine>,
    /// What is open: needs, constraints, objectives and steps; the newest first.
    pub open: Vec<OverviewLine>,
    /// What is next: appointments and steps to come, the soonest first.
    pub next: Vec<OverviewLine>,
    /// The day after which nothing is known to have happened; none if no record tells of the past.
    pub nothing_since: Option<CivilDate>,
}

/// One line of an overview. It stands for a record of the same summary.
#[derive(Clone, PartialEq, Eq)]
pub struct OverviewLine {
    /// The record that it comes from.
    pub record: RecordId,
    /// Its section.
    pub section: Section,
    /// What to show.
    pub headline: Headline,
    /// The date of what it tells.
    pub dated: Option<PartialDate>,
}

redacted!(Overview, OverviewLine);

impl Overview {
    /// The most lines under one heading.
    pub const MAX_LINES: usize = 20;

    /// Computes the overview of `records` and of nothing else, as it stands at `now`. The order of
    /// the records does not matter.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a SharedRecord>, now: Timestamp) -> Self {
        let mut overview = Self::default();
        for record in records {
            overview.sort_in(record, now);
        }
        let newest_first = [
            &mut overview.stands,
            &mut overview.accompanied_by,
            &mut overview.wants,
            &mut overview.tried,
            &mut overview.open,
        ];
        for lines in newest_first {
            lines.sort_by(|a, b| {
                b.day()
                    .cmp(&a.day())
                    .then_with(|| a.place().cmp(&b.place()))
            });
            lines.truncate(Self::MAX_LINES);
        }
        // What has no date comes last.
        let soonest = |line: &OverviewLine| (line.day().is_none(), line.day());
        overview.next.sort_by(|a, b| {
            soonest(a)
                .cmp(&soonest(b))
                .then_with(|| a.place().cmp(&b.place()))
        });
        overview.next.truncate(Self::MAX_LINES);
        overview
    }

    /// Every line, heading after heading.
    pub fn lines(&self) -> impl Iterator<Item = &OverviewLine> {
        let headings = [
            &self.stands,
            &self.accompanied_by,
            &self.wants,
            &self.tried,
            &self.open,
            &self.next,
        ];
        headings.into_iter().flatten()
    }
}

impl OverviewLine {
    fn day(&self) -> Option<CivilDate> {
        self.dated.map(PartialDate::earliest)
    }

    /// What orders lines of one day, so that the order of the records does not.
    fn place(&self) -> (RecordId, &str) {
        (self.record, self.headline.as_str())
    }
}

impl TryFrom<&proto::Overview> for Overview {
    type Error = Malformed;

    fn try_from(from: &proto::Overview) -> Result<Self, Malformed> {
        let lines =
            |lines, field| wire::messages(lines, field, Self::MAX_LINES, "at most 20 lines");
        Ok(Self {
            stands: lines(&from.stands, "stands")?,
            accompanied_by: lines(&from.accompanied_by, "accompanied_by")?,
            wants: lines(&from.wants, "wants")?,
            tried: lines(&from.tried, "tried")?,
            open: lines(&from.open_items, "open_items")?,
            next: lines(&from.upcoming, "upcoming")?,
            nothing_since: wire::optional_text(&from.nothing_since, "nothing_since", str::parse)?,
        })
    }
}

impl From<&Overview> for proto::Overview {
    fn from(overview: &Overview) -> Self {
        let lines = |lines: &[OverviewLine]| lines.iter().map(Into::into).collect();
        Self {
            stands: lines(&overview.stands),
            accompanied_by: lines(&overview.accompanied_by),
            wants: lines(&overview.wants),
            tried: lines(&overview.tried),
            open_items: lines(&overview.open),
            upcoming: lines(&overview.next),
            nothing_since: wire::written(overview.nothing_since.as_ref()),
        }
    }
}

impl TryFrom<&proto::OverviewLine> for OverviewLine {
    type Error = Malformed;

    fn try_from(from: &proto::OverviewLine) -> Result<Self, Malformed> {
        Ok(Self {
            record: RecordId::from_slice(&from.record_id).map_err(|e| e.within("record_id"))?,
            section: wire::text(&from.section, "section", |id| {
                Section::parse(id).ok_or_else(|| Malformed::new("", "a section of the vocabulary"))
            })?,
            headline: wire::text(&from.headline_fr, "headline_fr", Headline::new)?,
            dated: wire::optional_text(&from.dated, "dated", str::parse)?,
        })
    }
}

impl From<&OverviewLine> for proto::OverviewLine {
    fn from(line: &OverviewLine) -> Self {
        Self {
            record_id: wire::written_id(Some(line.record)),
            section: line.section.id().to_owned(),
            headline_fr: line.headline.as_str().to_owned(),
            dated: wire::written(line.dated.as_ref()),
        }
    }
}
