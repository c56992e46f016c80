//! How the story looks in a terminal: at most 100 columns, colours only where they are wanted.

use std::io::{self, Write};

use super::texts::Texts;
use crate::shown::{Language, wrapped};

pub(super) use crate::shown::fill;

/// Tells the story.
pub(super) struct Narrator<'a> {
    out: &'a mut dyn Write,
    /// In which language.
    pub(super) language: Language,
    /// What it says.
    pub(super) texts: &'static Texts,
    colours: bool,
    steps: u32,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(out: &'a mut dyn Write, language: Language, colours: bool) -> Self {
        Self {
            out,
            language,
            texts: Texts::of(language),
            colours,
            steps: 0,
        }
    }

    /// What it is about, first of all.
    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        self.styled(BOLD, text)
    }

    /// Begins the next step.
    pub(super) fn step(&mut self, heading: &str) -> io::Result<()> {
        self.steps += 1;
        writeln!(self.out)?;
        let heading = format!("{} · {heading}", self.steps);
        self.styled(BOLD, &heading)
    }

    /// A heading within a step.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.styled(DIM, &format!("    {text}"))
    }

    /// What happens.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        self.paragraph(INDENT, INDENT, text)
    }

    /// What was checked, and holds.
    pub(super) fn holds(&mut self, text: &str) -> io::Result<()> {
        let mark = self.in_style(GREEN, "✓");
        self.paragraph(&format!("  {mark} "), INDENT, text)
    }

    /// One of a list.
    pub(super) fn item(&mut self, text: &str) -> io::Result<()> {
        self.row(&[], text)
    }

    /// One of a list, behind columns of a text and a width each.
    pub(super) fn row(&mut self, columns: &[(&str, usize)], text: &str) -> io::Result<()> {
        let mut first = ITEM_INDENT.to_owned();
        for (column, width) in columns {
            first.push_str(&format!("{column:<width$}  "));
        }
        let others = " ".repeat(length(&first));
        self.paragraph(&first, &others, text)
    }

    /// A line to be copied: as it is, however long.
    pub(super) fn verbatim(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn styled(&mut self, style: &str, text: &str) -> io::Result<()> {
        let text = self.language.typeset(text);
        let text = self.in_style(style, &text);
        writeln!(self.out, "{text}")
    }

    fn in_style(&self, style: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn paragraph(&mut self, first: &str, others: &str, text: &str) -> io::Result<()> {
        let text = self.language.typeset(text);
        let mut begin = first;
        // Every line begins at the same column, whatever stands before the first.
        for line in wrapped(&text, WIDTH.saturating_sub(length(others))) {
            writeln!(self.out, "{begin}{line}")?;
            begin = others;
        }
        Ok(())
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

const WIDTH: usize = 100;
const INDENT: &str = "    ";
const ITEM_INDENT: &str = "      ";
const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";

#[cfg(test)]
mod tests;
