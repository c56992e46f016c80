use std::io::{self, Write};

/// What was found in a file: one line of CSV for each cell that was refused and each row that looks
/// like another. Never what a cell says.
pub struct Report<W: Write>(csv::Writer<W>);

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where the row begins in the file.
    pub line: u64,
    /// The column, or what was refused where none is behind it.
    pub column: String,
    /// What became of the row.
    pub outcome: Outcome,
    /// The rule that the cell breaks; empty for a row that looks like another.
    pub rule: String,
    /// Whom the row looks like: `line 12` of this file, or a person of the node.
    pub other: String,
}

/// What became of a row that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A cell of it does not hold.
    Refused,
    /// It looks like someone, and somebody must decide.
    LooksLike,
}

impl<W: Write> Report<W> {
    /// Begins one: its row of names.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["line", "column", "outcome", "rule", "other"])?;
        Ok(Self(writer))
    }

    /// Writes a line.
    pub fn write(&mut self, finding: &Finding) -> io::Result<()> {
        let outcome = match finding.outcome {
            Outcome::Refused => "refused",
            Outcome::LooksLike => "looks_like",
        };
        let line = finding.line.to_string();
        let cells = [
            &line,
            &finding.column,
            outcome,
            &finding.rule,
            &finding.other,
        ];
        Ok(self.0.write_record(cells)?)
    }

    /// Ends it.
    pub fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}
