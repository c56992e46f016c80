//! `passerelle-bench`: measures, prints a table, and writes it as JSON.

use std::fmt;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use passerelle_bench::{
    Disk, ImportPlan, Plan, ReadPlan, UpsertPlan, What, run, run_imports, run_reads, run_upserts,
};
use passerelle_gateway::config::Telemetry;
use passerelle_gateway::telemetry;
use serde::Serialize;

/// Measures a holder beside a bare server that only answers.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// What is measured.
    #[arg(value_enum, default_value_t = Mode::Summaries)]
    mode: Mode,
    /// Persons at the holder.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    persons: u32,
    /// Records of each, all in each answer.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=200))]
    records: u32,
    /// Rounds that must count.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(5..))]
    rounds: u32,
    /// How long one sample is.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Questions in flight.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=256))]
    in_flight: u32,
    /// Connections that they are spread over.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=16))]
    connections: u32,
    /// Where the nodes keep what they keep, and where the JSON is written.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Summaries that a holder gives, beside a bare server.
    Summaries,
    /// Records that a node keeps by 500, beside a bare loop; of the numbers below only rounds and folder
    /// count.
    Upserts,
    /// Whole merged journeys of three organisations with 200 records each, 16 in flight; of the numbers
    /// below only rounds, seconds and folder count.
    Journey,
    /// First pages of 100,000 changes that are pending, one call after the other; of the numbers below
    /// only rounds, seconds and folder count.
    Changes,
    /// Files of 50,000 rows that are taken over, new and again; of the numbers below only rounds and
    /// folder count.
    Import,
}

/// What is written as JSON.
#[derive(Serialize)]
struct Measured<'a, R> {
    version: &'static str,
    disk: &'a Disk,
    #[serde(flatten)]
    report: &'a R,
}

/// The one that a node runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = &arguments.folder;
    fs::create_dir_all(folder).expect("a folder that can be made");
    let disk = Disk::of(folder);
    if !disk.is_durable() {
        eprintln!(
            "{} is on {}, which nothing outlives: name a folder on a disk with --folder",
            folder.display(),
            disk.kind
        );
        return ExitCode::FAILURE;
    }
    // A node says one line a call, and so it does here.
    let lines = File::create(folder.join("nodes.log")).expect("a file that can be made");
    let lines = telemetry::subscriber(Telemetry::default(), Arc::new(lines));
    tracing::subscriber::set_global_default(lines).expect("the first");
    println!(
        "{} ({} on {}, {}), fsync on; node log to a file",
        disk.kind, disk.device, disk.mounted_at, disk.options
    );
    match arguments.mode {
        Mode::Summaries => written(&arguments, &disk, &run(&summaries(&arguments))),
        Mode::Upserts => written(&arguments, &disk, &run_upserts(&upserts(&arguments))),
        Mode::Journey => {
            let journeys = What::Journeys {
                persons: 200,
                records: 200,
            };
            written(
                &arguments,
                &disk,
                &run_reads(&reads(&arguments, journeys, 16)),
            );
        }
        Mode::Changes => {
            let changes = What::Changes { pending: 100_000 };
            written(
                &arguments,
                &disk,
                &run_reads(&reads(&arguments, changes, 1)),
            );
        }
        Mode::Import => written(&arguments, &disk, &run_imports(&imports(&arguments))),
    }
    ExitCode::SUCCESS
}

fn summaries(arguments: &Arguments) -> Plan {
    Plan {
        folder: arguments.folder.clone(),
        persons: arguments.persons as usize,
        records: arguments.records as usize,
        rounds: arguments.rounds as usize,
        sample: Duration::from_secs_f64(arguments.seconds),
        in_flight: arguments.in_flight as usize,
        connections: arguments.connections as usize,
        stolen: MOST_STOLEN,
    }
}

fn upserts(arguments: &Arguments) -> UpsertPlan {
    UpsertPlan {
        folder: arguments.folder.clone(),
        rounds: arguments.rounds as usize,
        calls: 60,
        records: 500,
        in_flight: 4,
        stolen: MOST_STOLEN,
    }
}

fn reads(arguments: &Arguments, what: What, in_flight: usize) -> ReadPlan {
    ReadPlan {
        folder: arguments.folder.clone(),
        what,
        rounds: arguments.rounds as usize,
        sample: Duration::from_secs_f64(arguments.seconds),
        in_flight,
        stolen: MOST_STOLEN,
    }
}

fn imports(arguments: &Arguments) -> ImportPlan {
    ImportPlan {
        folder: arguments.folder.clone(),
        rounds: arguments.rounds as usize,
        rows: 50_000,
        stolen: MOST_STOLEN,
    }
}

fn written<R: Serialize + fmt::Display>(arguments: &Arguments, disk: &Disk, report: &R) {
    println!("{report}");
    let json = arguments.folder.join("report.json");
    let measured = Measured {
        version: env!("CARGO_PKG_VERSION"),
        disk,
        report,
    };
    let text = serde_json::to_string_pretty(&measured).expect("numbers and texts");
    fs::write(&json, text).expect("a file that can be written");
    println!("as JSON: {}", json.display());
}

const MOST_STOLEN: f64 = 0.03;
