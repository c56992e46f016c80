use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use passerelle_federation_tests::{Federation, client_file};
use passerelle_gateway::assemble::World;
use passerelle_gateway::client::{ClientSettings, NodeSession};
use passerelle_gateway::import::{Importing, Mapping, Reading, Report, Table, Tally, run};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use serde::Serialize;
use tokio::time::Instant;

use crate::cpu::Cpu;
use crate::driver::{DRIVER, runtime};
use crate::persons::HOLDER;
use crate::report::median;

/// What is imported, and how often.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// Where the nodes keep what they keep.
    pub folder: PathBuf,
    /// Rounds that must count, each a file of new persons and the same file again.
    pub rounds: usize,
    /// Rows of a file, each another person with two records.
    pub rows: usize,
    /// The most that may be stolen of a sample that counts.
    pub stolen: f64,
}

/// How fast files are taken over.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// Rows of a file.
    pub rows: usize,
    /// Rounds that count.
    pub rounds: Vec<ImportRound>,
    /// Rounds that do not, for too much was stolen of one of their samples.
    pub dropped: usize,
    /// The median of new rows, a second.
    pub new: Option<f64>,
    /// The median of rows that were kept already, a second.
    pub again: Option<f64>,
    /// The median of the bare loop, rows a second.
    pub bare: Option<f64>,
    /// Median over the rounds of new rows over bare loop.
    pub ratio: Option<f64>,
}

/// Rows a second, in three samples one after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ImportRound {
    /// Of a file of persons who are new.
    pub new: f64,
    /// Of the same file again.
    pub again: f64,
    /// Of the bare loop.
    pub bare: f64,
}

/// Measures `passerelle import`, from reading the file to the end of the report, beside a bare loop
/// that reads the same file by rows and appends and syncs them by 200.
pub fn run_imports(plan: &ImportPlan) -> ImportReport {
    let nodes = runtime("node");
    let mut federation = nodes.block_on(Federation::start_in(&plan.folder, |_, _| World::real()));
    let here = federation.folder().to_owned();
    let client = here.join("client.yaml");
    let who = "agent: jeanne.modele\n";
    fs::write(&client, client_file(&federation, HOLDER, who)).expect("room");
    let mapping = here.join("mapping.yaml");
    fs::write(&mapping, MAPPING).expect("room");
    let taking = Taking {
        settings: ClientSettings::read(&client).expect("settings"),
        mapping: Mapping::read(&mapping).expect("a mapping"),
        report: here.join("report.csv"),
    };
    let driver = runtime(DRIVER);
    let (mut rounds, mut dropped) = (Vec::new(), 0);
    for round in 0..3 * plan.rounds {
        let file = here.join("persons.csv");
        fs::write(&file, persons(round, plan.rows)).expect("room");
        let bare = Rate::of(plan, || bare(&file, &here.join("bare-import")));
        let mut kept = Tally::default();
        let new = Rate::of(plan, || kept = driver.block_on(taking.take(&file)));
        assert_eq!((kept.created, kept.not_kept()), (plan.rows, 0));
        let again = Rate::of(plan, || kept = driver.block_on(taking.take(&file)));
        assert_eq!((kept.unchanged, kept.not_kept()), (plan.rows, 0));
        if [&bare, &new, &again]
            .iter()
            .any(|one| one.stolen > plan.stolen)
        {
            dropped += 1;
        } else {
            rounds.push(ImportRound {
                new: new.per_second,
                again: again.per_second,
                bare: bare.per_second,
            });
        }
        if rounds.len() == plan.rounds {
            break;
        }
    }
    nodes.block_on(async { federation.stop(HOLDER).await });
    let of = |field: fn(&ImportRound) -> f64| median(rounds.iter().map(field));
    ImportReport {
        rows: plan.rows,
        dropped,
        new: of(|round| round.new),
        again: of(|round| round.again),
        bare: of(|round| round.bare),
        ratio: of(|round| round.new / round.bare),
        rounds,
    }
}

/// How a file is taken over.
struct Taking {
    settings: ClientSettings,
    mapping: Mapping,
    report: PathBuf,
}

impl Taking {
    async fn take(&self, file: &Path) -> Tally {
        let table = Table::read(file, self.mapping.sheet()).expect("a table");
        let reading = Reading::new(&self.mapping, &table.columns, "2026-11-02".parse().ok())
            .expect("the columns");
        let session = NodeSession::open(&self.settings, &SystemClock, &SystemRng::new()).await;
        let session = session.expect("a session");
        let report = File::create(&self.report).expect("a file that can be made");
        let mut report = Report::new(io::BufWriter::new(report)).expect("room");
        let importing = Importing {
            rows: &table.rows,
            reading: &reading,
            distinct: &BTreeSet::new(),
            dry_run: false,
        };
        let tally = run(importing, &session, &mut report, |_| {}).await;
        report.end().expect("room");
        tally.expect("an import")
    }
}

/// How fast something went.
struct Rate {
    per_second: f64,
    stolen: f64,
}

impl Rate {
    fn of(plan: &ImportPlan, work: impl FnOnce()) -> Self {
        let before = Cpu::now(DRIVER);
        let begun = Instant::now();
        work();
        Self {
            per_second: plan.rows as f64 / begun.elapsed().as_secs_f64(),
            stolen: Cpu::now(DRIVER).since(&before).stolen,
        }
    }
}

fn bare(file: &Path, into: &Path) {
    let text = fs::read_to_string(file).expect("the file that was made");
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let mut kept = File::create(into).expect("a file that can be made");
    for some in lines.chunks(ROWS_OF_A_CALL) {
        kept.write_all(some.concat().as_bytes()).expect("room");
        kept.sync_data().expect("a disk that syncs");
    }
    fs::remove_file(into).expect("the file that was made");
}

/// A file of persons of whom no two are alike.
fn persons(round: usize, rows: usize) -> String {
    let mut file = String::from("reference;nom;prenom;naissance;telephone;ass;rome\n");
    for row in 0..rows {
        let (day, month, year) = (row % 28 + 1, row / 28 % 12 + 1, 1960 + row / 336 % 45);
        let name = letters(round * rows + row);
        writeln!(
            file,
            "D-{round}-{row};Exemple {name};Camille;{day:02}/{month:02}/{year};;Oui;Soudeur / Soudeuse (H2913)"
        )
        .expect("a text takes all");
    }
    file
}

/// A number in letters, as a name has.
fn letters(mut number: usize) -> String {
    let mut name = String::new();
    for _ in 0..6 {
        name.push(char::from(b'A' + (number % 26) as u8));
        number /= 26;
    }
    name
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "files of {} rows", self.rows)?;
        for round in &self.rounds {
            writeln!(
                f,
                "new {:>7.0} rows/s, again {:>7.0} rows/s, bare loop {:>9.0}",
                round.new, round.again, round.bare
            )?;
        }
        match (self.new, self.again, self.bare, self.ratio) {
            (Some(new), Some(again), Some(bare), Some(ratio)) => writeln!(
                f,
                "median: new {new:.0} rows/s, again {again:.0} rows/s, bare loop {bare:.0}, \
                 new / bare loop {ratio:.4}"
            )?,
            _ => writeln!(f, "no round that counts")?,
        }
        write!(
            f,
            "rounds dropped for stolen processor time: {}",
            self.dropped
        )
    }
}

const ROWS_OF_A_CALL: usize = 200;
const MAPPING: &str = include_str!("imports/mapping.yaml");
