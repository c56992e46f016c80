mod progress;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use passerelle_domain::CivilDate;

use super::Failure;
use crate::client::{ClientSettings, NodeSession};
use crate::import::{Importing, Mapping, Reading, Report, Table, Tally, decoded};
use crate::runtime::{SystemClock, SystemRng};
use progress::Progress;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file: CSV (`;`, `,` or tab; UTF-8, UTF-16 or Windows-1252) or XLSX
    file: PathBuf,
    /// How its columns become persons and records, such as deploy/import/carnet-de-bord.yaml
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// How to reach the own node, such as deploy/client.example.yaml
    #[arg(long, value_name = "FILE")]
    client: PathBuf,
    /// The day of the file, for records of which no column says when they were so
    #[arg(long, value_name = "YYYY-MM-DD")]
    extracted_on: Option<CivilDate>,
    /// References, one a line, of rows about which somebody decided that they are nobody else
    #[arg(long, value_name = "FILE")]
    distinct: Option<PathBuf>,
    /// Everything but the writing
    #[arg(long)]
    dry_run: bool,
    /// File for the report, CSV, replaced if it is there; standard output if not given
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Import {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let mapping = Mapping::read(&self.mapping)?;
        let settings = ClientSettings::read(&self.client)?;
        let table = Table::read(&self.file, mapping.sheet())
            .map_err(|error| Failure::of_file(&self.file, error))?;
        let reading = Reading::new(&mapping, &table.columns, self.extracted_on)
            .map_err(|missing| Failure::of_file(&self.file, missing))?;
        let distinct = self.distinct()?;
        let importing = Importing {
            rows: &table.rows,
            reading: &reading,
            distinct: &distinct,
            dry_run: self.dry_run,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let session = runtime.block_on(async {
            NodeSession::open(&settings, &SystemClock, &SystemRng::new()).await
        })?;
        let mut progress = Progress::new(table.rows.len());
        let imported = |report: &mut dyn Write| -> Result<Tally, Failure> {
            let mut report = Report::new(report)?;
            let run = crate::import::run(importing, &session, &mut report, |tally| {
                progress.show(tally.rows);
            });
            let tally = runtime.block_on(run);
            // What was found before it ended is in the report, however it ended.
            report.end()?;
            Ok(tally?)
        };
        let tally = match &self.report {
            Some(file) => {
                let made = File::create(file).map_err(|error| Failure::of_file(file, error))?;
                imported(&mut BufWriter::new(made))?
            }
            None => imported(&mut *out)?,
        };
        told(&tally, &reading.unread(), out)
    }

    fn distinct(&self) -> Result<BTreeSet<String>, Failure> {
        let Some(file) = &self.distinct else {
            return Ok(BTreeSet::new());
        };
        let bytes = fs::read(file).map_err(|error| Failure::of_file(file, error))?;
        // Written by the same programs as the file itself.
        let text = decoded(&bytes);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }
}

fn told(tally: &Tally, unread: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    for (what, rows) in [
        ("created", tally.created),
        ("updated", tally.updated),
        ("unchanged", tally.unchanged),
        ("refused", tally.refused),
        ("looks_like", tally.look_like),
    ] {
        writeln!(out, "{what}: {rows}")?;
    }
    for column in unread {
        writeln!(
            out,
            // A name is what the file says it is; on a terminal it stays a name.
            "attention: the mapping does not name the column {column:?}"
        )?;
    }
    match tally.not_kept() {
        0 => Ok(()),
        rows => Err(Failure::new(format!(
            "{rows} of {} rows were not taken over; the report says why",
            tally.rows
        ))),
    }
}
