//! The command line, as an operator and a coordinator use it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use passerelle_domain::Clock;
use passerelle_gateway::runtime::SystemClock;
use passerelle_tlog::{
    LogKey, MemoryTree, Tree, bundles_to_write, leaf_hash, push_entry, tile_bytes, tiles_to_write,
};
use passerelle_transport::jwt::{self, CoordinatorKeys, SigningKey};
use passerelle_transport::throwaway::coordinator_key;
use passerelle_transport::trust_list;
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn run(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Standard output of a command that must succeed.
    fn done(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    /// Standard error of a command that must be refused with status 1.
    fn refused(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "one sentence: {error}");
        assert!(error.starts_with("passerelle: "), "{error}");
        error
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The value of `key: value` in a command's output.
fn value<'a>(output: &'a str, key: &str) -> &'a str {
    output
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .unwrap()
}

#[test]
fn a_federation_is_made_as_the_page_says() {
    let place = Place::new();
    place.done("pki init federation-ca --name SPIE");
    let coordinator = place.done("keys coordinator coordinator.key");
    assert_eq!(value(&coordinator, "alg"), "EdDSA");

    let member = place.done("keys init ml-nord/keys --node ml-nord --federation spie.example");
    place
        .done("pki request --node ml-nord --federation spie.example --key node.key --csr node.csr");
    let issued = place.done(
        "pki issue federation-ca --csr node.csr --out node.pem --node ml-nord --federation spie.example",
    );
    let shown = place.done("pki show node.pem");
    assert_eq!(
        value(&shown, "certificate_sha256"),
        value(&issued, "certificate_sha256")
    );

    place.write("draft.yaml", draft(&coordinator, &member));
    let signed = place.done("trust-list sign draft.yaml --key coordinator.key --out list-1.jwt");
    assert_eq!(value(&signed, "number"), "1.1");
    let next = place.done(
        "trust-list sign draft.yaml --key coordinator.key --previous list-1.jwt --out list-2.jwt",
    );
    assert_eq!(value(&next, "number"), "1.2");

    place.write(
        "both.jwt",
        place.read("list-1.jwt") + &place.read("list-2.jwt"),
    );
    let verified = place
        .done("trust-list verify both.jwt --key coordinator.key.pub.pem --federation spie.example");
    assert_eq!(value(&verified, "number"), "1.2");
    let shown = place
        .done("trust-list show both.jwt --key coordinator.key.pub.pem --federation spie.example");
    assert!(
        shown.contains("ml-nord: Mission locale du Nord, active"),
        "{shown}"
    );

    let revoked = place.done(&format!(
        "pki revoke federation-ca federation-ca/issued/{}.pem --reason key-compromise",
        value(&issued, "serial")
    ));
    assert_eq!(value(&revoked, "revocation_list"), "federation-ca/crl.pem");
    place.done("pki crl federation-ca");
}

#[test]
fn a_list_that_was_changed_or_signed_by_another_is_refused() {
    let place = Place::new();
    let coordinator = place.done("keys coordinator coordinator.key");
    place.done("keys coordinator other.key");
    let member = place.done("keys init keys --node ml-nord --federation spie.example");
    place.write("draft.yaml", draft(&coordinator, &member));
    place.done("trust-list sign draft.yaml --key coordinator.key --out list.jwt");

    let verify = |list: &str, key: &str| {
        format!("trust-list verify {list} --key {key} --federation spie.example")
    };
    assert!(
        place
            .refused(&verify("list.jwt", "other.key.pub.pem"))
            .contains("list.jwt, line 1: ")
    );
    let changed = place.read("list.jwt").replacen('.', ".A", 1);
    place.write("changed.jwt", changed);
    place.refused(&verify("changed.jwt", "coordinator.key.pub.pem"));
    let twice = place.read("list.jwt") + &place.read("list.jwt");
    place.write("twice.jwt", twice);
    assert!(
        place
            .refused(&verify("twice.jwt", "coordinator.key.pub.pem"))
            .contains("line 2: ")
    );
}

#[test]
fn a_list_that_no_node_would_take_after_the_one_before_does_not_hold() {
    let place = Place::new();
    let coordinator = place.done("keys coordinator coordinator.key");
    let member = place.done("keys init keys --node ml-nord --federation spie.example");
    place.write("draft.yaml", draft(&coordinator, &member));
    place.done("trust-list sign draft.yaml --key coordinator.key --out list.jwt");

    let key = SigningKey::load(&place.file("coordinator.key")).unwrap();
    let federation = "spie.example".parse().unwrap();
    let keys = CoordinatorKeys::of(&federation, [&coordinator_key(&key)]).unwrap();
    let first = trust_list::verify(&place.read("list.jwt"), &keys, SystemClock.now()).unwrap();
    for (serial, holds) in [(1, false), (2, true), (3, false)] {
        let mut list = first.list().clone();
        list.serial = serial;
        list.previous = Some(*first.sha256());
        let signed = jwt::sign(&list, &key).unwrap();
        place.write("both.jwt", format!("{}{signed}\n", place.read("list.jwt")));
        let verify =
            "trust-list verify both.jwt --key coordinator.key.pub.pem --federation spie.example";
        if holds {
            place.done(verify);
        } else {
            let said = place.refused(verify);
            assert!(said.contains("line 2: list 1."), "{said}");
        }
    }
}

#[test]
fn a_draft_that_breaks_a_rule_is_refused_at_its_place() {
    let place = Place::new();
    let coordinator = place.done("keys coordinator coordinator.key");
    let member = place.done("keys init keys --node ml-nord --federation spie.example");
    let good = draft(&coordinator, &member);
    for (from, to, expected) in [
        (
            "22670001100019",
            "22670001100018",
            "`members[0].organisation.sirets",
        ),
        (
            "[\"ml-nord.example:8443\"]",
            "[\"ml-nord.example\"]",
            "`members[0].endpoints[0]`: host:port",
        ),
        (
            "kind: association",
            "kind: club",
            "`members[0].organisation.kind`",
        ),
        ("epoch: 1", "epoch: one", "`epoch`"),
        (
            "status: active",
            "status: active\n    colour: blue",
            "`members[0].colour`: no such setting",
        ),
    ] {
        place.write("draft.yaml", good.replacen(from, to, 1));
        let error =
            place.refused("trust-list sign draft.yaml --key coordinator.key --out list.jwt");
        assert!(error.contains(expected), "{to}: {error}");
        assert!(error.contains("draft.yaml, line "), "{error}");
    }
    assert!(!place.file("list.jwt").exists());
}

#[test]
fn keys_are_for_their_owner_alone_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.done("keys init keys --node ml-nord --federation spie.example --epoch-dir elsewhere");
    for file in [
        "keys/node.key",
        "keys/log.key",
        "keys/receipt.key",
        "keys/session.key",
        "elsewhere/epoch-1.key",
    ] {
        let mode = fs::metadata(place.file(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let before = fs::read(place.file("keys/node.key")).unwrap();
    let error = place.refused("keys init keys --node ml-nord --federation spie.example");
    assert!(error.contains("keys/node.key: exists already"), "{error}");
    assert_eq!(fs::read(place.file("keys/node.key")).unwrap(), before);
}

#[test]
fn a_key_is_shown_the_same_from_either_half() {
    let place = Place::new();
    for alg in ["EdDSA", "ES256"] {
        let made = place.done(&format!("keys coordinator {alg}.key --alg {alg}"));
        let private = place.done(&format!("keys show {alg}.key"));
        let public = place.done(&format!("keys show {alg}.key.pub.pem"));
        assert_eq!(value(&made, "kid"), value(&private, "kid"));
        assert_eq!(private, public);
        assert_eq!(value(&public, "alg"), alg);
    }
}

#[test]
fn a_log_that_holds_is_said_to_hold_and_its_entries_are_proved() {
    let place = Place::new();
    let key = log(&place, 300);
    let verified = place.done(&format!("log verify log --key {key}"));
    assert_eq!(value(&verified, "entries_checked"), "300");
    assert_eq!(value(&verified, "size"), "300");
    let hashes = place.done(&format!("log verify log --key {key} --without-entries"));
    assert_eq!(value(&hashes, "entries_checked"), "0");

    for index in [0, 255, 256, 299] {
        place.done(&format!("log prove log {index} --key {key} --out proofs"));
        let proved = place.done(&format!(
            "log verify-proof proofs/{index}.tlog-proof --key {key}"
        ));
        assert_eq!(value(&proved, "index"), index.to_string());
        assert_eq!(
            place.read(&format!("proofs/{index}.entry")),
            format!("entry {index}")
        );
    }
    let error = place.refused(&format!("log prove log 300 --key {key}"));
    assert!(error.contains("has no entry 300"), "{error}");
    place.write("proofs/0.entry", "another entry");
    place.refused(&format!("log verify-proof proofs/0.tlog-proof --key {key}"));
}

#[test]
fn one_flipped_bit_is_found_and_the_entry_named() {
    let place = Place::new();
    let key = log(&place, 300);
    let bundle = place.file("log/tile/entries/001.p/44");
    let mut bytes = fs::read(&bundle).unwrap();
    // The last byte of the last entry.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let error = place.refused(&format!("log verify log --key {key}"));
    assert!(error.contains("entry 299"), "{error}");
    place.done(&format!("log verify log --key {key} --without-entries"));
    place.refused(&format!("log prove log 299 --key {key}"));
}

#[test]
fn a_log_that_did_not_only_grow_is_found() {
    let (place, other) = (Place::new(), Place::new());
    let key = log(&place, 10);
    fs::copy(place.file("log/checkpoint"), place.file("ten")).unwrap();
    log(&place, 300);
    place.done(&format!("log verify log --key {key} --old ten"));
    log_with(&other, 10, "changed");
    fs::copy(other.file("log/checkpoint"), place.file("other")).unwrap();
    let error = place.refused(&format!("log verify log --key {key} --old other"));
    assert!(error.contains("is not the beginning of"), "{error}");
}

#[test]
fn a_command_that_is_not_understood_ends_with_status_2() {
    let place = Place::new();
    for arguments in [
        "",
        "nonsense",
        "pki init",
        "log verify log",
        "keys init keys --node UPPER --federation x",
    ] {
        assert_eq!(place.run(arguments).status.code(), Some(2), "{arguments}");
    }
    assert_eq!(place.run("--help").status.code(), Some(0));
    assert!(place.done("--version").starts_with("passerelle "));
}

/// Writes a log of `size` entries under `log`; its verifier key.
fn log(place: &Place, size: u64) -> String {
    log_with(place, size, "entry")
}

fn log_with(place: &Place, size: u64, word: &str) -> String {
    let key = LogKey::from_seed(
        &[7; 32],
        "ml-nord.spie.example/exchange/2026h2".parse().unwrap(),
    )
    .unwrap();
    let entries: Vec<_> = (0..size).map(|index| format!("{word} {index}")).collect();
    let mut tree = Tree::new();
    let mut hashes = MemoryTree::default();
    for leaf in entries.iter().map(|entry| leaf_hash(entry.as_bytes())) {
        tree.append(leaf);
        hashes.append(leaf);
    }
    for path in tiles_to_write(0, size) {
        place.write(&format!("log/{path}"), tile_bytes(&hashes, &path).unwrap());
    }
    for path in bundles_to_write(0, size) {
        let mut bundle = Vec::new();
        for index in path.range() {
            push_entry(
                &mut bundle,
                entries[usize::try_from(index).unwrap()].as_bytes(),
            )
            .unwrap();
        }
        place.write(&format!("log/{path}"), bundle);
    }
    let head = key.sign_checkpoint(size, tree.root());
    place.write("log/checkpoint", head.to_string());
    key.verifying_key().to_string()
}

/// A draft with one member, as `keys init` prints it and a coordinator completes it.
fn draft(coordinator: &str, member: &str) -> String {
    let key = coordinator.split_once("kid: ").unwrap().1;
    let mut draft = "federation: spie.example\nepoch: 1\ncoordinator_keys:\n  - kid: ".to_owned();
    draft.push_str(&key.replace('\n', "\n    "));
    draft.push_str("\nmembers:\n");
    let completed = member
        .replacen("name: \"\"", "name: Mission locale du Nord", 1)
        .replacen("sirets: []", "sirets: [\"22670001100019\"]", 1)
        .replacen("endpoints: []", "endpoints: [\"ml-nord.example:8443\"]", 1)
        .replacen("purposes: {}", "purposes: {pathway_follow_up: 2}", 1);
    for line in completed.lines() {
        draft.push_str(&format!("  {line}\n"));
    }
    draft
}

#[test]
fn words_of_the_vocabulary_are_found_by_what_people_and_other_systems_call_them() {
    let place = Place::new();
    let lists = place.done("vocabulary list");
    assert!(lists.contains("organisation_kind"), "{lists}");
    let themes = place.done("vocabulary list diagnosis_theme");
    let housing = themes.lines().find(|line| line.starts_with("housing "));
    let housing = housing.expect("housing");
    assert!(
        housing.contains("Logement") && housing.contains("ft:27"),
        "{housing}"
    );

    let found = |words: &str, list: &str, item: &str| {
        let told = place.done(&format!("vocabulary search {words}"));
        let of_line = |line: &str| {
            let mut cells = line.split_whitespace();
            cells.next() == Some(list) && cells.next() == Some(item)
        };
        assert!(told.lines().any(of_line), "{words}: {told}");
        told.lines().count()
    };
    for words in ["hebergement", "HÉBERGEMENT", "accommodation"] {
        found(words, "diagnosis_theme", "accommodation");
    }
    let codes = found("27", "diagnosis_theme", "housing");
    assert!(codes < 5, "a code is looked for whole");
    let unknown = place.refused("vocabulary list themes");
    assert!(unknown.contains("vocabulary list"), "{unknown}");
    assert!(place.refused("vocabulary search zzzz").contains("nothing"));
}

#[test]
fn what_the_rules_open_is_shown_cell_by_cell() {
    let place = Place::new();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rules.example.json");
    let rules = rules.display();
    let opened = place.done(&format!(
        "policy explain {rules} --holder mission_locale --requester department --purpose assessment"
    ));
    let line = |section: &str| {
        let found = opened.lines().find(|line| line.starts_with(section));
        found
            .expect(section)
            .split("  ")
            .filter(|cell| !cell.is_empty())
            .map(str::trim)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        line("contact_card"),
        ["contact_card", "read, import", "read, import", "-", "-"]
    );
    assert_eq!(line("identity"), ["identity", "-", "-", "-", "-"]);
    assert!(opened.contains("network-journey"), "{opened}");

    let production = place.done(&format!("policy explain {rules} --production"));
    assert!(production.starts_with("0 of "), "{production}");
    let nothing = place.done(&format!(
        "policy explain {rules} --holder csapa --requester department --purpose assessment"
    ));
    assert!(nothing.contains("no row: refused"), "{nothing}");

    place.write(
        "rules.json",
        "{\"version\": 1,\n \"rows\": [{\"nmae\": \"x\"}]}",
    );
    let refused = place.refused("policy explain rules.json");
    assert!(
        refused.contains("rules.json") && refused.contains("2"),
        "{refused}"
    );
}
