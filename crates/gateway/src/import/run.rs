//! A whole file, in calls of as many rows as one takes.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::mem;

use passerelle_linkage::names::match_form;
use passerelle_proto::agency::v1::{
    Identity, ImportRow, ImportRowResult, ImportRowStatus, ImportRowsRequest,
};
use prost::Message;

use super::{Finding, Outcome, Reading, RefusedCell, Report, TableRow};
use crate::client::{ClientError, InSession, NodeSession};
use crate::stubs::agency::v1::import_service_client::ImportServiceClient;

/// What is to be done with a file.
pub struct Importing<'a> {
    /// Its rows.
    pub rows: &'a [TableRow],
    /// How they are read.
    pub reading: &'a Reading<'a>,
    /// References of rows about which somebody decided that they are nobody else.
    pub distinct: &'a BTreeSet<String>,
    /// Everything but the writing.
    pub dry_run: bool,
}

/// What became of the rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub rows: usize,
    /// Persons who are new.
    pub created: usize,
    /// Persons who changed, or records of theirs.
    pub updated: usize,
    /// Rows that were kept already.
    pub unchanged: usize,
    /// Rows of which a cell was refused.
    pub refused: usize,
    /// Rows that look like another person.
    pub look_like: usize,
}

impl Tally {
    /// Rows that were not taken over.
    pub const fn not_kept(&self) -> usize {
        self.refused + self.look_like
    }
}

/// Why an import ended before its file.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The node did not take a call.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The report cannot be written.
    #[error("the report could not be written: {0}")]
    Report(#[from] std::io::Error),
}

/// Takes a file over. `progress` is told after each call how many rows are done. Where it ends
/// early, rows that were answered are kept, each whole, and another run goes on from there.
pub async fn run<W: Write>(
    importing: Importing<'_>,
    session: &NodeSession,
    report: &mut Report<W>,
    mut progress: impl FnMut(&Tally),
) -> Result<Tally, RunError> {
    let mut run = Run {
        client: ImportServiceClient::new(session.service()),
        importing,
        report,
        seen: Seen::default(),
        tally: Tally::default(),
        waiting: Waiting::default(),
    };
    for row in run.importing.rows {
        run.take(row)?;
        if run.waiting.is_full() {
            run.send().await?;
            progress(&run.tally);
        }
    }
    run.send().await?;
    progress(&run.tally);
    Ok(run.tally)
}

struct Run<'a, W: Write> {
    client: ImportServiceClient<InSession>,
    importing: Importing<'a>,
    report: &'a mut Report<W>,
    seen: Seen,
    tally: Tally,
    waiting: Waiting,
}

/// Rows read and not yet sent, with their lines.
#[derive(Default)]
struct Waiting {
    rows: Vec<ImportRow>,
    lines: Vec<u64>,
    records: usize,
    bytes: usize,
}

/// What rows of the file there were.
#[derive(Default)]
struct Seen {
    references: HashMap<String, u64>,
    /// By matching forms of name and first name, and birth date.
    persons: HashMap<(String, String, String), u64>,
    /// By the node's id for them.
    ids: HashMap<String, u64>,
}

impl<W: Write> Run<'_, W> {
    /// Reads a row into what waits.
    fn take(&mut self, row: &TableRow) -> Result<(), RunError> {
        self.tally.rows += 1;
        let mut read = match self.importing.reading.row(row) {
            Ok(read) => read,
            Err(cells) => return self.refuse(row.line, cells),
        };
        read.distinct = self.importing.distinct.contains(&read.reference);
        if let Some(before) = self.seen.references.get(&read.reference) {
            let twice = RefusedCell {
                column: self.importing.reading.reference_columns(),
                rule: format!("each once in the file; line {before} has it too"),
            };
            return self.refuse(row.line, vec![twice]);
        }
        if read.encoded_len() > BYTES {
            let long = RefusedCell {
                column: String::new(),
                rule: format!("at most {BYTES} bytes in all cells that are taken over"),
            };
            return self.refuse(row.line, vec![long]);
        }
        self.seen
            .references
            .insert(read.reference.clone(), row.line);
        self.waiting.add(read, row.line);
        Ok(())
    }

    fn refuse(&mut self, line: u64, cells: Vec<RefusedCell>) -> Result<(), RunError> {
        self.tally.refused += 1;
        for RefusedCell { column, rule } in cells {
            self.report.write(&Finding {
                line,
                column,
                outcome: Outcome::Refused,
                rule,
                other: String::new(),
            })?;
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), RunError> {
        let Waiting { rows, lines, .. } = mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = rows.iter().map(|row| (key(row), row.distinct)).collect();
        let request = ImportRowsRequest {
            rows,
            dry_run: self.importing.dry_run,
        };
        let answered = self.client.import_rows(request).await;
        let answered = answered.map_err(|status| ClientError::refused("ImportRows", &status))?;
        let results = answered.into_inner().results;
        for ((result, line), (key, distinct)) in results.into_iter().zip(lines).zip(keys) {
            self.count(result, line, key, distinct)?;
        }
        Ok(())
    }

    fn count(
        &mut self,
        result: ImportRowResult,
        line: u64,
        key: (String, String, String),
        distinct: bool,
    ) -> Result<(), RunError> {
        match result.status() {
            ImportRowStatus::Created => {
                // A dry run keeps nobody with whom the node could compare.
                let before = self.seen.persons.get(&key).copied();
                if let (true, false, Some(before)) = (self.importing.dry_run, distinct, before) {
                    return self.looks_like(line, vec![format!("line {before}")]);
                }
                self.tally.created += 1;
            }
            ImportRowStatus::Updated => self.tally.updated += 1,
            ImportRowStatus::Unchanged => self.tally.unchanged += 1,
            ImportRowStatus::LooksLike => {
                let others = result.looks_like.into_iter();
                let others = others.map(|id| match self.seen.ids.get(&id) {
                    Some(line) => format!("line {line}"),
                    None => format!("person {id}"),
                });
                let others = others.collect();
                return self.looks_like(line, others);
            }
            ImportRowStatus::Refused | ImportRowStatus::Unspecified => {
                let refusals = result.refusals.iter();
                let cells = refusals.map(|one| self.importing.reading.refused(one));
                let cells = cells.collect();
                return self.refuse(line, cells);
            }
        }
        self.seen.persons.entry(key).or_insert(line);
        if !result.person_id.is_empty() {
            self.seen.ids.entry(result.person_id).or_insert(line);
        }
        Ok(())
    }

    fn looks_like(&mut self, line: u64, others: Vec<String>) -> Result<(), RunError> {
        self.tally.look_like += 1;
        for other in others {
            self.report.write(&Finding {
                line,
                column: self.importing.reading.reference_columns(),
                outcome: Outcome::LooksLike,
                rule: String::new(),
                other,
            })?;
        }
        Ok(())
    }
}

impl Waiting {
    fn add(&mut self, row: ImportRow, line: u64) {
        self.records += row.records.len();
        self.bytes += row.encoded_len();
        self.rows.push(row);
        self.lines.push(line);
    }

    /// Whether another row may no longer fit.
    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.records + OF_ONE > RECORDS || self.bytes > BYTES
    }
}

/// What makes two rows look like one person.
fn key(row: &ImportRow) -> (String, String, String) {
    let none = Identity::default();
    let identity = row.identity.as_ref().unwrap_or(&none);
    let first = match_form(&identity.first_names);
    let first = first.split(' ').next().unwrap_or_default().to_owned();
    let name = match_form(&identity.birth_name);
    (name, first, identity.birth_date.clone())
}

/// What one call takes at most, in all and of one row; of bytes, half of it, so that one more row fits.
const ROWS: usize = 200;
const RECORDS: usize = 500;
pub(super) const OF_ONE: usize = 64;
const BYTES: usize = 1 << 19;
