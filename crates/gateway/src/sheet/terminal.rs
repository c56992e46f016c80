use std::io::{self, Write};

use passerelle_domain::Section;

use super::headings::headings;
use super::source::instant;
use super::texts::Texts;
use super::{Sheet, Source};
use crate::shown::{Language, described, fill, when, wrapped};

/// Writes a sheet for a terminal: all of it, at most 100 columns.
pub fn text(sheet: &Sheet, language: Language, out: &mut dyn Write) -> io::Result<()> {
    let texts = Texts::of(language);
    let mut page = Page { out, language };
    page.line(&fill(texts.title, &[&sheet.name]))?;
    let of = [
        fill(texts.born, &[&language.date(&sheet.born)]),
        fill(texts.reference, &[&sheet.reference]),
        fill(texts.at, &[&instant(sheet.at, language)]),
    ];
    page.line(&of.join(" · "))?;

    page.heading(texts.sources)?;
    for (place, source) in sheet.sources.iter().enumerate() {
        let number = format!("[{}]", place + 1);
        let about = format!("{} · {}", source.name(texts), source.told(language));
        page.row(&[&number], &about)?;
        for line in about_source(source, language) {
            page.row(&["   "], &line)?;
        }
    }
    for heading in headings(sheet, texts) {
        page.heading(heading.title)?;
        for (place, line) in heading.lines {
            let date = line.dated.map(|date| date.to_string()).unwrap_or_default();
            let mark = sheet.marked(place, line.record, language);
            let text = format!("{}{mark}", line.headline.as_str());
            page.row(&[&page.date(&date), &tag(place)], &text)?;
        }
    }
    let not_discussed = sheet.not_discussed();
    if !not_discussed.is_empty() {
        page.heading(texts.not_discussed)?;
        for (place, theme) in not_discussed {
            page.row(&[&tag(place)], language.label(theme))?;
        }
    }
    let contradictions = sheet.contradictions(language);
    if !contradictions.is_empty() {
        page.heading(texts.contradict)?;
        for (matter, sides) in contradictions {
            page.row(&[], matter)?;
            for (place, says) in sides {
                page.row(&["", &tag(place)], &says)?;
            }
        }
    }
    page.heading(texts.journey)?;
    for (place, record) in sheet.events().into_iter().rev() {
        let date = page.date(&when(record).to_string());
        let mark = sheet.marked(place, record.id(), language);
        let text = format!("{}{mark}", described(record, language));
        page.row(&[&date, &tag(place)], &text)?;
        if let Some(message) = record.message() {
            let message = fill(texts.message, &[&message.as_str()]);
            page.row(&[&page.date(""), "   "], &message)?;
        }
    }
    page.heading(texts.legend)
}

/// What is said of a source beside its state: the last event, what was asked, what was not opened.
pub(super) fn about_source(source: &Source, language: Language) -> Vec<String> {
    let texts = Texts::of(language);
    let mut lines = Vec::new();
    if !source.records.is_empty() {
        lines.push(fill(texts.records, &[&source.records.len()]));
    }
    if let Some(day) = source.overview.nothing_since {
        lines.push(fill(
            texts.nothing_since,
            &[&language.date(&day.to_string())],
        ));
    }
    if !source.asked.is_empty() {
        let asked = source.asked.iter();
        let asked: Vec<_> = asked
            .map(|(section, class, _)| fill(texts.cell, &[&label(section, language), class]))
            .collect();
        lines.push(fill(texts.asked, &[&asked.join(", ")]));
    }
    if !source.not_opened.is_empty() {
        let cells = source.not_opened.iter();
        let cells: Vec<_> = cells
            .map(|cell| {
                fill(
                    texts.cell,
                    &[&label(&cell.section, language), &cell.sensitivity],
                )
            })
            .collect();
        lines.push(fill(texts.not_opened, &[&cells.join(", ")]));
    }
    lines
}

fn label(section: &str, language: Language) -> &str {
    Section::parse(section).map_or(section, |section| language.label(section))
}

fn tag(place: usize) -> String {
    format!("[{}]", place + 1)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    language: Language,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(text)
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        self.paragraph("", text)
    }

    /// A text behind columns.
    fn row(&mut self, columns: &[&str], text: &str) -> io::Result<()> {
        let mut first = "  ".to_owned();
        for column in columns {
            first.push_str(column);
            first.push_str("  ");
        }
        self.paragraph(&first, text)
    }

    fn paragraph(&mut self, first: &str, text: &str) -> io::Result<()> {
        let text = self.language.typeset(text);
        let indent = first.chars().count();
        let others = " ".repeat(indent);
        let mut begin = first;
        for line in wrapped(&text, WIDTH.saturating_sub(indent)) {
            writeln!(self.out, "{begin}{line}")?;
            begin = &others;
        }
        Ok(())
    }

    fn date(&self, date: &str) -> String {
        format!("{:<10}", self.language.date(date))
    }
}

const WIDTH: usize = 100;
