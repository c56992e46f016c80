//! A file is taken over into a node that runs, through its public API.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use passerelle_federation_tests::*;
use passerelle_gateway::cli;
use passerelle_gateway::client::{ClientSettings, NodeSession};
use passerelle_gateway::import::{Importing, Mapping, Reading, Report, Table, Tally, run};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::yaml::Document;

const MAPPING: &str = include_str!("../../../../deploy/import/carnet-de-bord.yaml");
const HEAD: &str = "Identifiant dans le SI*;Prénom*;Nom*;Date de naissance*;NIR;Droits RSA;\
                    Droits ARE;Droits ASS;Prime d'activité;RQTH;Emploi recherché (code ROME)\n";
const LEA: &str = "1;Léa;Esquisse;1999-05-04;;rsa_droit_ouvert_versable;;Oui;Non;;\
                   Soudeur / Soudeuse (H2913)\n";
const NOE: &str = "2;Noé;Patron;04/05/1987;;;;;;oui;\n";

/// What an organisation's own program has, with a second factor or without.
pub(super) fn settings(federation: &Federation, node: &str, amr: &str) -> String {
    client_file(federation, node, &format!("agent: import\namr: {amr}\n"))
}

async fn imported(
    federation: &Federation,
    file: &str,
    distinct: &[&str],
    dry_run: bool,
) -> (Tally, String) {
    let strong = "agent: import\namr: [pwd, otp]\n";
    imported_as(federation, strong, file, distinct, dry_run).await
}

async fn imported_as(
    federation: &Federation,
    who: &str,
    file: &str,
    distinct: &[&str],
    dry_run: bool,
) -> (Tally, String) {
    let settings = Document::new("client.yaml", client_file(federation, MISSION_LOCALE, who));
    let settings = ClientSettings::parse(&settings, Path::new("")).unwrap();
    let rng = SystemRng::new();
    let session = NodeSession::open(&settings, &SystemClock, &rng);
    let session = session.await.unwrap();
    let mapping = Mapping::parse(&Document::new("mapping.yaml", MAPPING)).unwrap();
    let table = Table::parse(file.as_bytes(), None).unwrap();
    let reading = Reading::new(&mapping, &table.columns, "2026-11-02".parse().ok());
    let distinct: BTreeSet<String> = distinct.iter().map(|one| (*one).to_owned()).collect();
    let importing = Importing {
        rows: &table.rows,
        reading: &reading.ok().unwrap(),
        distinct: &distinct,
        dry_run,
    };
    let mut written = Vec::new();
    let mut report = Report::new(&mut written).unwrap();
    let tally = run(importing, &session, &mut report, |_| {}).await.unwrap();
    report.end().unwrap();
    (tally, String::from_utf8(written).unwrap())
}

fn found(report: &str) -> Vec<&str> {
    report.lines().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_the_second_run_of_a_file_changes_nothing_and_a_changed_cell_one_record() {
    let federation = Federation::start().await;
    let file = format!("{HEAD}{LEA}{NOE}");
    let (tally, report) = imported(&federation, &file, &[], false).await;
    assert_eq!((tally.created, tally.not_kept()), (2, 0), "{report}");

    let (tally, _) = imported(&federation, &file, &[], false).await;
    assert_eq!((tally.rows, tally.unchanged), (2, 2));

    let changed = file.replace("versable", "et_suspendu");
    let (tally, _) = imported(&federation, &changed, &[], false).await;
    assert_eq!((tally.updated, tally.unchanged), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_finds_what_a_run_would_and_keeps_nothing() {
    let federation = Federation::start().await;
    let twin = LEA.replace("1;Léa;Esquisse", "3;LEA;esquisse");
    let again = NOE.replace("Noé", "Ana");
    let wrong = "4;Zoé;Gabarit;1999-02-30;;canari;;;;;canari\n";
    let file = format!("{HEAD}{LEA}{NOE}{twin}{again}{wrong}");
    let (dry, found_dry) = imported(&federation, &file, &[], true).await;
    let counts = |tally: &Tally| (tally.created, tally.look_like, tally.refused);
    assert_eq!(counts(&dry), (2, 1, 2), "{found_dry}");
    let (wet, found_wet) = imported(&federation, &file, &[], false).await;
    assert_eq!(counts(&wet), (2, 1, 2), "{found_wet}");
    for report in [&found_dry, &found_wet] {
        let mut lines = found(report);
        lines.sort_unstable();
        assert!(lines[0].starts_with("4,Identifiant dans le SI*,looks_like,,line 2"));
        assert!(lines[1].starts_with("5,Identifiant dans le SI*,refused,each once"));
        for column in [
            "Date de naissance*",
            "Droits RSA",
            "Emploi recherché (code ROME)",
        ] {
            let of_cell = format!("6,{column},refused,");
            assert!(
                lines.iter().any(|line| line.starts_with(&of_cell)),
                "{report}"
            );
        }
        // I10: no report says what was in a cell.
        for canary in ["canari", "Esquisse", "1999"] {
            assert!(!report.contains(canary), "{report}");
        }
    }
    // Somebody decided.
    let (decided, report) = imported(&federation, &file, &["3"], false).await;
    assert_eq!(counts(&decided), (1, 0, 2), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_known_already_is_named_by_the_id_in_the_node() {
    let federation = Federation::start().await;
    imported(&federation, &format!("{HEAD}{LEA}"), &[], false).await;
    let moved = LEA.replace("1;", "7;");
    let (tally, report) = imported(&federation, &format!("{HEAD}{moved}"), &[], false).await;
    assert_eq!(tally.look_like, 1);
    let other = found(&report)[0].rsplit("person ").next().unwrap();
    assert_eq!(other.len(), 22, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_in_several_calls() {
    let federation = Federation::start().await;
    let letters = |at: usize| -> String {
        let digits = [at / 26, at % 26];
        let letter = |digit: usize| char::from(b'a' + u8::try_from(digit).unwrap());
        digits.into_iter().map(letter).collect()
    };
    let rows: String = (0..450)
        .map(|at| LEA.replace("1;Léa;Esquisse", &format!("{at};Léa;Es{}", letters(at))))
        .collect();
    let (tally, report) = imported(&federation, &format!("{HEAD}{rows}"), &[], false).await;
    assert_eq!((tally.rows, tally.created), (450, 450), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_longer_than_a_call_is_refused_and_no_other() {
    let federation = Federation::start().await;
    let long = LEA.replace("Esquisse", &"Esquisse ".repeat(200_000));
    let file = format!("{HEAD}{long}{NOE}");
    let (tally, report) = imported(&federation, &file, &[], false).await;
    assert_eq!((tally.created, tally.refused), (1, 1), "{report}");
    assert!(
        found(&report)[0].starts_with("2,,refused,at most"),
        "{report}"
    );
}

/// The command itself: what a session does not reach is refused, whole rows alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_writes_its_report_and_ends_with_its_status() {
    let federation = Federation::start().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let mapping = write("mapping.yaml", MAPPING);
    let file = write("rows.csv", &format!("{HEAD}{LEA}{NOE}"));
    let report = folder.path().join("report.csv");
    let command = |client: PathBuf| {
        let arguments = [
            "passerelle".into(),
            "import".into(),
            file.clone().into_os_string(),
            "--mapping".into(),
            mapping.clone().into_os_string(),
            "--client".into(),
            client.into_os_string(),
            "--extracted-on".into(),
            "2026-11-02".into(),
            "--report".into(),
            report.clone().into_os_string(),
        ];
        // It has a runtime of its own.
        tokio::task::spawn_blocking(move || cli::run(arguments))
    };
    let weak = write("weak.yaml", &settings(&federation, MISSION_LOCALE, "[pwd]"));
    let status = command(weak).await.unwrap();
    assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::FAILURE));
    let written = std::fs::read_to_string(&report).unwrap();
    let lines = found(&written);
    assert_eq!(lines.len(), 1, "{written}");
    assert!(lines[0].contains("second factor"), "{written}");

    let strong = write(
        "strong.yaml",
        &settings(&federation, MISSION_LOCALE, "[pwd, otp]"),
    );
    let status = command(strong).await.unwrap();
    assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::SUCCESS));
    assert!(found(&std::fs::read_to_string(&report).unwrap()).is_empty());
}

/// By night nobody shows a second factor, and nobody is needed.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_over_without_an_agent() {
    let federation = Federation::start().await;
    let file = format!("{HEAD}{LEA}");
    let (tally, report) = imported_as(&federation, "role: caseworker\n", &file, &[], false).await;
    assert_eq!((tally.created, tally.not_kept()), (1, 0), "{report}");
}
