//! All parts of the measure work together, with numbers too small to say anything.

use std::path::PathBuf;
use std::time::Duration;

use passerelle_bench::{
    ImportPlan, Plan, ReadPlan, UpsertPlan, What, run, run_imports, run_reads, run_upserts,
};

#[test]
fn a_small_measure_asks_all_three_and_checks_what_comes_back() {
    let report = run(&Plan {
        folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        persons: 20,
        records: 10,
        rounds: 1,
        sample: Duration::from_millis(200),
        in_flight: 8,
        connections: 2,
        // Whatever is stolen: nothing is concluded from it.
        stolen: 1.0,
    });
    assert_eq!((report.rounds.len(), report.dropped), (1, 0));
    for line in [report.ceiling, report.holder, report.fetch] {
        assert!(line.unwrap().per_second > 0.0);
    }
    let written = report.to_string();
    assert!(written.contains("holder / ceiling"), "{written}");
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["ratio"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_small_measure_of_upserts_keeps_every_record_beside_a_bare_loop() {
    let report = run_upserts(&UpsertPlan {
        folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        rounds: 1,
        calls: 3,
        records: 20,
        in_flight: 2,
        stolen: 1.0,
    });
    assert_eq!((report.rounds.len(), report.dropped), (1, 0));
    assert!(report.ratio.unwrap() > 0.0);
    assert!(report.to_string().contains("node / bare loop"));
}

fn read(what: What) {
    let report = run_reads(&ReadPlan {
        folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        what,
        rounds: 1,
        sample: Duration::from_millis(200),
        in_flight: 2,
        stolen: 1.0,
    });
    assert_eq!((report.rounds.len(), report.dropped), (1, 0));
    assert!(report.p99_ms.is_some_and(|ms| ms > 0.0));
    assert!(report.to_string().contains("node / bare loop"));
}

#[test]
fn a_small_measure_of_journeys_reads_every_record_of_three_sources() {
    read(What::Journeys {
        persons: 3,
        records: 90,
    });
}

#[test]
fn a_small_measure_of_changes_reads_a_full_page_and_hears_of_more() {
    read(What::Changes { pending: 300 });
}

#[test]
fn a_small_measure_of_imports_creates_every_row_and_then_changes_nothing() {
    let report = run_imports(&ImportPlan {
        folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
        rounds: 1,
        rows: 450,
        stolen: 1.0,
    });
    assert_eq!((report.rounds.len(), report.dropped), (1, 0));
    assert!(report.ratio.unwrap() > 0.0);
    assert!(report.to_string().contains("new / bare loop"));
}
