use std::ffi::OsString;
use std::path::Path;

use passerelle_domain::Section;
use passerelle_policy::{Environment, LocalDenial};

use super::{Base, Config, Limits, ListenerBounds, Log, Telemetry};
use crate::yaml::{Document, YamlError};

const EXAMPLE: &str = include_str!("../../../../deploy/node.example.yaml");

fn parse(text: &str) -> Result<Config, YamlError> {
    let document = Document::new("/etc/passerelle/node.yaml", text);
    Config::parse(
        &document,
        &Base::new(Path::new("/etc/passerelle"), |_| None),
    )
}

fn refused(text: &str) -> String {
    parse(text)
        .expect_err("the configuration should be refused")
        .to_string()
}

#[test]
fn the_example_is_accepted() {
    let config = parse(EXAMPLE).unwrap();
    assert_eq!(config.node.id.as_str(), "departement-67");
    assert_eq!(config.node.environment, Environment::Training);
    assert_eq!(config.agency.systems.len(), 1);
}

#[test]
fn the_example_writes_every_default() {
    let config = parse(EXAMPLE).unwrap();
    assert_eq!(config.node_listener.bounds, ListenerBounds::default());
    assert_eq!(config.agency_listener.bounds, ListenerBounds::default());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.log, Log::default());
    assert_eq!(config.telemetry, Telemetry::default());
    // What the example shows of a struct is all of it: left out, a setting would not be refused.
    for (name, value) in numbers(&format!(
        "{:?}{:?}",
        Limits::default(),
        ListenerBounds::default()
    )) {
        assert!(
            EXAMPLE.contains(&format!("{name}: {value}")),
            "the example does not write {name}: {value}"
        );
    }
}

#[test]
fn what_has_a_default_may_be_left_out() {
    let shortened = without(
        EXAMPLE,
        &[
            "bounds",
            "log",
            "telemetry",
            "limits",
            "client_crl_file",
            "name",
            "officer_contact",
        ],
    );
    let config = parse(&shortened).unwrap();
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.agency_listener.client_crl_file, None);
}

#[test]
fn every_path_counts_from_the_folder_of_the_file() {
    // Paths are the only quoted texts with a slash, or with an ending, that `Debug` shows.
    let shown = format!("{:?}", parse(EXAMPLE).unwrap());
    for text in shown.split('"').skip(1).step_by(2) {
        let looks_like_a_path = text.contains('/')
            || [".pem", ".key", ".jwt", ".json"]
                .iter()
                .any(|e| text.ends_with(e));
        assert!(
            !looks_like_a_path || text.starts_with('/'),
            "{text} was not resolved"
        );
    }
    assert!(shown.contains("/etc/passerelle/agency/solis.pub.pem"));
    assert!(shown.contains("\"/var/lib/passerelle\""));
    assert!(shown.contains("/etc/passerelle/notices/catalogue.jwt"));
}

#[test]
fn a_path_may_begin_with_an_environment_variable() {
    let text = EXAMPLE.replace("keys/node.key", "${CREDENTIALS_DIRECTORY}/node.key");
    let document = Document::new("/etc/passerelle/node.yaml", text);
    let environment =
        |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| OsString::from("/run/credentials"));
    let config = Config::parse(
        &document,
        &Base::new(Path::new("/etc/passerelle"), environment),
    )
    .unwrap();
    assert_eq!(
        config.keys.node_key_file,
        Path::new("/run/credentials/node.key")
    );

    let error = Config::parse(
        &document,
        &Base::new(Path::new("/etc/passerelle"), |_| None),
    )
    .unwrap_err();
    assert!(error.to_string().ends_with(
        "`keys.node_key_file`: the environment variable CREDENTIALS_DIRECTORY is not set; set it"
    ), "{error}");
}

#[test]
fn production_needs_rules_that_somebody_accepted() {
    let production = EXAMPLE.replace("environment: training", "environment: production");
    assert!(
        refused(&production).contains("`rules.accepted_sha256`: "),
        "{}",
        refused(&production)
    );

    let accepted = production.replace("  # accepted_", "  accepted_");
    let acceptance = parse(&accepted).unwrap().rules.acceptance.unwrap();
    assert_eq!(acceptance.on, "2026-11-24");

    let half = production.replace("  # accepted_by", "  accepted_by");
    assert!(
        refused(&half)
            .contains("`rules`: accepted_sha256, accepted_by and accepted_on go together")
    );
}

#[test]
fn the_organisation_may_close_more_but_not_everything() {
    assert!(parse(EXAMPLE).unwrap().rules.denials.is_empty());
    let shown = EXAMPLE.replace("  # denials:\n  #   - ", "  denials:\n    - ");
    let shown = shown.replace("  #     section: orientation", "      section: orientation");
    let denials = parse(&shown).unwrap().rules.denials;
    assert_eq!(
        denials,
        [LocalDenial {
            requester: Some("association-exemple".parse().unwrap()),
            purpose: None,
            section: Some(Section::Orientation),
        }]
    );

    let all = shown.replace(
        "requester: association-exemple\n      section: orientation",
        "{}",
    );
    let error = refused(&all);
    assert!(
        error.contains("`rules.denials[0]`: a denial names a requester"),
        "{error}"
    );
    let unknown = refused(&shown.replace("section: orientation", "section: orienteering"));
    assert!(
        unknown.contains("`rules.denials[0].section`: "),
        "{unknown}"
    );
}

#[test]
fn each_mistake_is_named_with_its_place() {
    let cases = [
        (
            "publish_seconds: 1",
            "publish_seconds: soon",
            "`log.publish_seconds`: a whole number from 1 to ",
        ),
        (
            "address: 0.0.0.0:8443",
            "address: here",
            "`node_listener.address`: an IP address and a port, such as ",
        ),
        ("id: departement-67", "id: Bas_Rhin", "`node.id`: "),
        (
            "data_dir: /var/lib/passerelle\n",
            "data_dir: \"\"\n",
            "`node.data_dir`: the path is empty",
        ),
        (
            "environment: training",
            "environment: test",
            "`node.environment`: one of production, training",
        ),
        (
            "address: 0.0.0.0:8443",
            "address: 8443",
            "`node_listener.address`: ",
        ),
        (
            "handshake_seconds: 5",
            "handshake_seconds: 0",
            "`node_listener.bounds.handshake_seconds`: a whole number from 1 to 60",
        ),
        (
            "message_bytes: 65536",
            "message_bytes: 65535",
            "`limits.message_bytes`: a whole number from 65536 to 4194304: other nodes send deliveries",
        ),
        (
            "call_seconds: 10",
            "call_seconds: 10s",
            "`limits.call_seconds`: ",
        ),
        (
            "call_seconds: 10",
            "call_second: 10",
            "`limits.call_second`: no such setting; known here: ",
        ),
        (
            "- name: solis",
            "- name: SOLIS",
            "`agency.systems[0].name`: 1 to 64 characters",
        ),
        (
            "alg: ES256",
            "alg: HS256",
            "`agency.systems[0].alg`: one of EdDSA, ES256",
        ),
        (
            "[\"22670001100019\"]",
            "[\"22670001100018\"]",
            "`agency.systems[0].sirets",
        ),
        (
            "[\"22670001100019\"]",
            "[]",
            "`agency.systems[0].sirets`: at least one",
        ),
        (
            "epoch_dir: /var/lib/passerelle-epochs",
            "epoch_dir: /var/lib/passerelle",
            "`keys.epoch_dir`: inside `node.data_dir`",
        ),
        (
            "node_key_file: keys/node.key",
            "node_key_file: ../../etc/../var/./lib/passerelle/keys/node.key",
            "`keys.node_key_file`: inside `node.data_dir`",
        ),
        ("epoch: 1", "epoch: -1", "`trust.pin.epoch`: "),
        (
            "format: json",
            "format: xml",
            "`telemetry.format`: one of json, human",
        ),
        (
            "notices:\n  # The signed catalogue, with the texts inside. Read at start and on SIGHUP.\n  catalogue_file: notices/catalogue.jwt",
            "notices:",
            "`notices.catalogue_file`: this setting is missing; write it",
        ),
    ];
    for (from, to, expected) in cases {
        let changed = EXAMPLE.replacen(from, to, 1);
        assert_ne!(changed, EXAMPLE, "the example no longer holds {from}");
        let error = refused(&changed);
        assert!(error.contains(expected), "{to}: {error}");
        assert!(
            error.starts_with("/etc/passerelle/node.yaml, line "),
            "{error}"
        );
        assert!(!error.contains("line 1,"), "{error}");
    }
}

#[test]
fn a_link_does_not_hide_that_keys_lie_in_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("old")).unwrap();
    std::os::unix::fs::symlink(data.join("old"), folder.path().join("keys")).unwrap();
    let text = EXAMPLE
        .replace("/var/lib/passerelle-epochs", "keys/epochs")
        .replace("/var/lib/passerelle", "data");
    let refusal = |text: &str| {
        let document = Document::new("/etc/passerelle/node.yaml", text);
        let parsed = Config::parse(&document, &Base::new(folder.path(), |_| None));
        parsed.map(drop).map_err(|error| error.to_string())
    };
    let said = refusal(&text).unwrap_err();
    assert!(said.contains("`keys.node_key_file`: inside"), "{said}");
    let said = refusal(&text.replace("keys/node.key", "node.key")).unwrap_err();
    assert!(said.contains("`keys.epoch_dir`: inside"), "{said}");
    // The link goes elsewhere: what is in the folder above the data is not in the data.
    let beside = text.replace("keys/epochs", "data/../epochs");
    assert_eq!(
        refusal(&beside.replace("keys/node.key", "node.key")),
        Ok(())
    );
}

#[test]
fn two_systems_share_neither_name_nor_certificate() {
    let system = EXAMPLE
        .split("    - name: solis")
        .nth(1)
        .unwrap()
        .split("\n# The node's own keys")
        .next()
        .unwrap();
    let twice = |name: &str, certificate: &str| {
        let second = format!("    - name: {name}{system}").replace("9f86", certificate);
        EXAMPLE.replace(
            "\n# The node's own keys",
            &format!("\n{second}\n# The node's own keys"),
        )
    };
    assert!(parse(&twice("other", "0000")).is_ok());
    assert!(refused(&twice("solis", "0000")).contains("`agency.systems[1].name`: another system"));
    assert!(
        refused(&twice("other", "9f86"))
            .contains("`agency.systems[1].certificate_sha256`: another system")
    );
}

/// The text without the settings of these names and what is indented under them.
fn without(text: &str, names: &[&str]) -> String {
    let mut kept = String::new();
    let mut cut_at = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let blank = line.trim().is_empty() || line.trim_start().starts_with('#');
        if cut_at.is_some_and(|at| !blank && indent <= at) {
            cut_at = None;
        }
        if names
            .iter()
            .any(|name| line.trim_start().starts_with(&format!("{name}:")))
            && cut_at.is_none()
        {
            cut_at = Some(indent);
        }
        if cut_at.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// `name: 12` pairs of a `Debug` text.
fn numbers(debug: &str) -> Vec<(String, String)> {
    debug
        .split(['{', ',', '}'])
        .filter_map(|part| part.trim().split_once(": "))
        .filter(|(_, value)| value.bytes().all(|b| b.is_ascii_digit()))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
