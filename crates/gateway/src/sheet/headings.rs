use std::cmp::Reverse;

use passerelle_domain::{Overview, OverviewLine};

use super::Sheet;
use super::texts::Texts;

/// One heading of the overview, with the lines of every source.
pub(super) struct Heading<'a> {
    pub(super) title: &'static str,
    /// Each with the place of its source.
    pub(super) lines: Vec<(usize, &'a OverviewLine)>,
}

/// What stands under one heading of one overview.
type Lines = fn(&Overview) -> &[OverviewLine];

/// The headings in the order in which they are read; those with nothing under them are left out.
pub(super) fn headings<'a>(sheet: &'a Sheet, texts: &'static Texts) -> Vec<Heading<'a>> {
    let pick: [(&str, Lines); 6] = [
        (texts.stands, |one| &one.stands),
        (texts.accompanied_by, |one| &one.accompanied_by),
        (texts.wants, |one| &one.wants),
        (texts.open, |one| &one.open),
        (texts.next, |one| &one.next),
        (texts.tried, |one| &one.tried),
    ];
    let all = pick.into_iter().map(|(title, of)| {
        let sources = sheet.sources.iter().enumerate();
        let mut lines: Vec<_> = sources
            .flat_map(|(place, source)| of(&source.overview).iter().map(move |one| (place, one)))
            .collect();
        let day = |line: &OverviewLine| line.dated.map(|date| date.earliest());
        // The sort is stable: lines of one day stay in the order of their sources.
        if title == texts.next {
            lines.sort_by_key(|(_, line)| (day(line).is_none(), day(line)));
        } else {
            lines.sort_by_key(|(_, line)| Reverse(day(line)));
        }
        Heading { title, lines }
    });
    all.filter(|heading| !heading.lines.is_empty()).collect()
}
