//! What an agent sees of a journey, as far as a terminal can show it.

use std::io;

use passerelle_domain::{Section, SharedRecord};
use passerelle_proto::journey::v1::{Cell, Overview, OverviewLine};

use super::narrator::{Narrator, fill};
use super::organisations;
use crate::shown::{described, when};

/// What a colleague reads first, heading by heading.
pub(super) fn overview(overview: &Overview, tell: &mut Narrator<'_>) -> io::Result<()> {
    let texts = tell.texts;
    let headings: [(&str, &[OverviewLine]); 6] = [
        (texts.overview_stands, &overview.stands),
        (texts.overview_accompanied_by, &overview.accompanied_by),
        (texts.overview_wants, &overview.wants),
        (texts.overview_tried, &overview.tried),
        (texts.overview_open, &overview.open_items),
        (texts.overview_next, &overview.upcoming),
    ];
    for (heading, lines) in headings {
        if lines.is_empty() {
            continue;
        }
        tell.heading(heading)?;
        for line in lines {
            let date = tell.language.date(&line.dated);
            tell.row(&[(&date, DATE)], &line.headline_fr)?;
        }
    }
    if !overview.nothing_since.is_empty() {
        let since = tell.language.date(&overview.nothing_since);
        tell.heading(&fill(texts.overview_nothing_since, &[&since]))?;
    }
    Ok(())
}

/// The records of several organisations, the oldest first, each with its organisation.
pub(super) fn timeline(records: &[SharedRecord], tell: &mut Narrator<'_>) -> io::Result<()> {
    let mut records: Vec<_> = records
        .iter()
        .map(|record| (when(record), record))
        .collect();
    records.sort_by_key(|(when, record)| (when.earliest(), record.section(), record.id()));
    for (when, record) in records {
        let date = tell.language.date(&when.to_string());
        let organisation = organisation(record);
        let what = described(record, tell.language);
        tell.row(&[(&date, DATE), (organisation, ORGANISATION)], &what)?;
        if let Some(message) = record.message() {
            let message = fill(tell.texts.timeline_message, &[&message.as_str()]);
            tell.row(&[("", DATE), ("", ORGANISATION)], &message)?;
        }
    }
    Ok(())
}

/// What was asked and not opened.
pub(super) fn not_opened(cells: &[Cell], tell: &mut Narrator<'_>) -> io::Result<()> {
    for cell in cells {
        let section = Section::parse(&cell.section);
        let section = section.map_or(cell.section.as_str(), |section| {
            tell.language.label(section)
        });
        let text = fill(tell.texts.not_opened_cell, &[&section, &cell.sensitivity]);
        tell.item(&text)?;
    }
    Ok(())
}

/// The organisation that wrote it.
fn organisation(record: &SharedRecord) -> &'static str {
    let siret = record.author().siret;
    let mut all = organisations::ALL.into_iter();
    let author = all.find(|organisation| organisation.siret == siret.as_str());
    author.map_or("?", |organisation| organisation.short)
}

/// Width of a date, and of the short name of an organisation.
const DATE: usize = 10;
const ORGANISATION: usize = 14;
