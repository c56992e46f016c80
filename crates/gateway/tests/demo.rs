//! `passerelle demo`, as a new user starts it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    command.arg("demo").args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a story that must come to its end tells.
fn told(arguments: &[&str]) -> String {
    let output = demo(arguments).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "nothing fails in the nodes");
    text(&output.stdout)
}

/// The status and the sentence of a demonstration that must fail.
fn failed(output: &Output) -> String {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.starts_with("passerelle: "), "{error}");
    error
}

fn assert_in_order(story: &str, sentences: &[&str]) {
    let mut rest = story;
    for sentence in sentences {
        let (_, after) = rest
            .split_once(sentence)
            .unwrap_or_else(|| panic!("{sentence:?} is not told, or too early, in {story}"));
        rest = after;
    }
}

fn assert_plain_and_narrow(story: &str) {
    assert!(!story.contains('\u{1b}'), "colours are for terminals");
    for line in story.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn the_story_comes_to_its_end_in_english() {
    let story = told(&["--exit"]);
    assert_in_order(
        &story,
        &[
            "1 · Three organisations",
            "✓ The département finds the others in its directory. Mission locale du Valfictif",
            "Mission locale du Valfictif: 25 records about her, 2 of them about health",
            "✓ Thomas Maquette is her lead adviser from today",
            "PIN ",
            "✓ Public task",
            "✓ Health: explicit consent",
            "✓ She takes both home on paper",
            "✓ Beforehand, the mission locale’s own agent sees exactly what would leave: 23 records",
            "Where she stands",
            "Mission locale  Steps · CV workshop: done",
            "Département     Status and rights · RSA (minimum income): open and payable",
            "Status and rights, class 4",
            "23 records came. No note is among them",
            "✓ The privacy officer of the département sees who asked, thomas.maquette",
            "hears of it at once: Département du Valfictif received",
            "✓ Refused",
            "✓ Both logs have the refusal",
            "✓ Both receipts are withdrawn",
            "copy of her journey is destroyed",
            "✓ Its next question is refused",
            "entries, each one in the tree that the node has signed",
            "✓ The check names it: entry ",
            "Every step did what it must.",
        ],
    );
    assert_plain_and_narrow(&story);
    let folder = story
        .split_whitespace()
        .find(|word| word.contains("passerelle-demo-"))
        .unwrap();
    assert!(!Path::new(folder.trim_end_matches('.')).exists());
}

#[test]
fn the_story_comes_to_its_end_in_french() {
    let story = told(&["--exit", "--lang", "fr"]);
    assert_in_order(
        &story,
        &[
            "1 · Trois organismes",
            "✓ Le département trouve les autres dans son annuaire",
            "25 éléments à son sujet, dont 2 sur sa santé",
            "✓ Mission d’intérêt public\u{a0}:",
            "✓ Santé\u{a0}:",
            "✓ Avant toute demande, l’agent de la mission locale voit exactement ce qui partirait",
            "Où elle en est",
            "Mission locale  Actions et étapes · Atelier de rédaction du CV\u{a0}: réalisée",
            "Statuts et droits, sensibilité 4",
            "23 éléments reçus.",
            "voit qui a demandé, thomas.maquette",
            "l’apprend aussitôt\u{a0}: Département du Valfictif a reçu 23",
            "✓ Refus",
            "son agent lit quelle pièce manque\u{a0}: «\u{a0}",
            "✓ Le refus est dans les deux journaux",
            "Les deux attestations sont retirées",
            "son agent lit\u{a0}: «\u{a0}",
            "✓ La vérification la désigne",
            "Chaque étape a fait ce qu’elle devait faire.",
        ],
    );
    assert_plain_and_narrow(&story);
}

#[test]
fn a_step_that_fails_ends_it_with_a_sentence() {
    let place = TempDir::new().unwrap();
    let folder = place.path().join("demo");
    let mut running = Running::of(&["--exit", "--dir", folder.to_str().unwrap()]);
    running.tells("1 · ");
    // Where the story will put the copy of a log, in its last step.
    fs::write(folder.join("altered-log"), "in the way").unwrap();
    let output = running.ended();
    assert!(failed(&output).contains("altered-log"));
    let story = text(&output.stdout);
    assert!(story.contains("8 · "), "{story}");
    assert!(!story.contains("Every step"), "{story}");
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("mine"), "kept").unwrap();
    let output = demo(&["--exit", "--dir", place.path().to_str().unwrap()]).output();
    assert!(failed(&output.unwrap()).contains("not empty"));
}

#[test]
fn the_nodes_stay_until_a_signal_and_say_how_they_are_reached() {
    let place = TempDir::new().unwrap();
    let folder = place.path().join("demo");
    let mut running = Running::of(&["--dir", folder.to_str().unwrap()]);
    running.tells("  --extracted-on ");
    let described = folder.join("federation.json");
    // The last thing that is written, at once with the last line.
    while !described.exists() {
        std::thread::yield_now();
    }

    let described: Value = serde_json::from_slice(&fs::read(described).unwrap()).unwrap();
    let nodes = described["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3);
    for node in nodes {
        let file = |name: &str| fs::read_to_string(node[name].as_str().unwrap()).unwrap();
        assert!(file("ca_file").contains("BEGIN CERTIFICATE"));
        assert!(file("client_certificate_file").contains("BEGIN CERTIFICATE"));
        assert!(file("client_key_file").contains("BEGIN PRIVATE KEY"));
        assert!(file("assertion_key_file").contains("BEGIN PRIVATE KEY"));
        let address = node["agency_address"].as_str().unwrap();
        assert!(std::net::TcpStream::connect(address).is_ok(), "{address}");
        let config = Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .args(["check-config", node["config_file"].as_str().unwrap()])
            .output()
            .unwrap();
        assert!(config.status.success(), "{}", text(&config.stderr));
    }

    let shown = commanded(&running.told, " show ");
    assert!(shown[0].contains("n’est plus partagé"), "{}", shown[0]);
    assert!(shown[0].contains("Mission locale du Valfictif"));
    assert_plain_and_narrow(&shown[0]);
    let page = fs::read_to_string(folder.join("journey.html")).unwrap();
    assert!(page.contains("Notre organisme"), "{page}");
    let imported = commanded(&running.told, " import ");
    assert!(imported[0].contains("created: 3"), "{}", imported[0]);

    running.signal("-TERM");
    let output = running.ended();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let calls = text(&output.stdout);
    assert!(calls.contains("grpcurl -cacert"), "{calls}");
    assert!(calls.contains("TOKEN=ey"), "{calls}");
    assert!(calls.contains("serve --config"), "{calls}");
    assert!(
        folder
            .join("notices")
            .join("spie-information.fr.txt")
            .exists()
    );
}

#[test]
fn a_signal_before_the_end_of_the_story_is_no_success() {
    let mut running = Running::of(&["--exit"]);
    let line = running.tells("and data are in ");
    running.signal("-INT");
    assert!(failed(&running.ended()).contains("interrupted"));
    let (_, folder) = line.split_once("and data are in ").unwrap();
    assert!(!Path::new(folder.trim_end_matches('.')).exists());
}

/// Runs the commands with `name` in them as they were printed; what each wrote.
fn commanded(told: &str, name: &str) -> Vec<String> {
    let whole = told.replace("\\\n", "");
    let commands = whole.lines().filter(|line| line.contains(name));
    let run = commands
        .filter(|line| line.starts_with(env!("CARGO_BIN_EXE_passerelle")))
        .map(|line| {
            let output = Command::new("sh").args(["-c", line]).output().unwrap();
            assert!(output.status.success(), "{line}: {}", text(&output.stderr));
            text(&output.stdout)
        });
    run.collect()
}

/// A demonstration that runs.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    told: String,
}

impl Running {
    fn of(arguments: &[&str]) -> Self {
        let mut child = demo(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            lines: BufReader::new(child.stdout.take().unwrap()),
            child,
            told: String::new(),
        }
    }

    /// Reads until a line that holds `words`.
    fn tells(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).unwrap();
            assert!(read > 0, "{words:?} is not told");
            self.told.push_str(&line);
            if line.contains(words) {
                return line.trim_end().to_owned();
            }
        }
    }

    fn signal(&self, signal: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// What it told from its beginning to its end.
    fn ended(mut self) -> Output {
        self.lines.read_to_string(&mut self.told).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Output {
            stdout: self.told.into_bytes(),
            ..output
        }
    }
}
