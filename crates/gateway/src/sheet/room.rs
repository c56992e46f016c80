//! How much of a sheet things take: estimated from above, so that there are two sheets and not three.

use passerelle_domain::SharedRecord;

use super::Sheet;
use super::headings::Heading;
use super::source::Source;
use super::terminal::about_source;
use crate::shown::{Language, described};

/// Lines under one heading, and rows of the drawing, that the first sheet has room for.
pub(super) struct First {
    pub(super) lines: usize,
    pub(super) rows: usize,
}

impl First {
    pub(super) fn of(sheet: &Sheet, headings: &[Heading<'_>], language: Language) -> Self {
        let not_discussed = sheet.not_discussed().len();
        let contradictions: usize = sheet
            .contradictions(language)
            .iter()
            .map(|(_, sides)| 1 + sides.len())
            .sum();
        let taken = |most: usize| -> usize {
            let of = headings.iter().map(|heading| {
                let lines = heading.lines.iter().take(most);
                let lines = lines.map(|(place, line)| {
                    let mark = sheet.marked(*place, line.record, language);
                    rows(line.headline.as_str().chars().count() + mark.chars().count() + DATED)
                });
                HEADING_ROWS + lines.sum::<usize>()
            });
            of.sum::<usize>() + 2 * HEADING_ROWS + not_discussed.div_ceil(2) + contradictions
        };
        let lines = [20, 12, 8, 6]
            .into_iter()
            .find(|most| taken(*most) <= FIRST_ROWS / 2);
        let lines = lines.unwrap_or(5);
        // Two columns.
        let left = FIRST_ROWS.saturating_sub(taken(lines)) / 2;
        Self {
            lines,
            rows: left.max(LEAST_ROWS),
        }
    }
}

/// How many of `records`, the newest first, the second sheet has room for below the sources.
pub(super) fn records(
    records: &[(usize, &SharedRecord)],
    sources: &[Source],
    language: Language,
) -> usize {
    let about = sources.iter().map(|source| {
        let lines = about_source(source, language);
        4 + lines
            .iter()
            .map(|line| line.chars().count().div_ceil(36))
            .sum::<usize>()
    });
    // Three stand side by side, each as high as the highest.
    let about: Vec<_> = about.collect();
    let above: usize = about.chunks(3).filter_map(|row| row.iter().max()).sum();
    let mut left = 2 * SECOND_ROWS.saturating_sub(above);
    let fits = records.iter().take_while(|(place, record)| {
        let message = record
            .message()
            .map_or(0, |message| message.as_str().chars().count());
        let mark = sources
            .get(*place)
            .map(|one| one.marked(record.id(), language));
        let texts = [described(record, language), mark.unwrap_or_default()];
        let chars: usize = texts.iter().map(|text| text.chars().count()).sum();
        let taken = rows(chars + DATED) + message.div_ceil(COLUMN);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    });
    fits.count()
}

/// Rows of a column that a text takes.
fn rows(chars: usize) -> usize {
    chars.div_ceil(COLUMN)
}

/// Characters of a row in one of two columns.
const COLUMN: usize = 50;
/// Characters of a date and of the number of a source.
const DATED: usize = 16;
/// A heading, and what stands between it and the one before.
const HEADING_ROWS: usize = 2;
/// Rows in both columns of the first sheet together.
const FIRST_ROWS: usize = 100;
/// What is always left to the drawing.
const LEAST_ROWS: usize = 12;
/// Rows in one column of the second sheet.
const SECOND_ROWS: usize = 60;
