//! What lies in `deploy/` is what the node understands.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use passerelle_domain::Timestamp;
use passerelle_gateway::config::{Base, Config};
use passerelle_gateway::yaml::{Document, YamlError};
use passerelle_gateway::{notices, throwaway};
use passerelle_policy::{Environment, Rules, RulesTable};
use serde::Deserialize;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(file)
}

fn text(file: &str) -> String {
    fs::read_to_string(deploy(file)).unwrap()
}

#[test]
fn the_example_configuration_is_read() {
    let document = Document::read(&deploy("node.example.yaml")).unwrap();
    let config = Config::parse(
        &document,
        &Base::new(Path::new("/etc/passerelle"), |_| None),
    )
    .unwrap();
    assert_eq!(config.node.data_dir, Path::new("/var/lib/passerelle"));
    assert!(
        !config.keys.epoch_dir.starts_with(&config.node.data_dir),
        "a backup of the data would hold the epoch keys"
    );
}

#[test]
fn the_example_rules_are_read_and_count_for_nothing_in_production() {
    let table: RulesTable = Document::read(&deploy("rules.example.json"))
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        Rules::compile(&table, Environment::Training)
            .unwrap()
            .rows()
            > 0
    );
    assert_eq!(
        Rules::compile(&table, Environment::Production)
            .unwrap()
            .rows(),
        0
    );
}

/// `Key=value` of a unit, all values of a key in their order.
fn unit(file: &str) -> BTreeMap<String, Vec<String>> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text(file)
        .lines()
        .filter(|line| !line.starts_with(['#', '[']))
    {
        if let Some((key, value)) = line.split_once('=') {
            settings
                .entry(key.to_owned())
                .or_default()
                .push(value.to_owned());
        }
    }
    settings
}

#[test]
fn the_unit_calls_commands_that_exist_and_leaves_time_to_drain() {
    let unit = unit("passerelle.service");
    for line in unit["ExecStart"].iter().chain(&unit["ExecStartPre"]) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[0], "/usr/bin/passerelle");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .args([words[1], "--help"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}");
    }
    let stop: u64 = unit["TimeoutStopSec"][0].parse().unwrap();
    assert!(stop > passerelle_gateway::config::Limits::default().drain_seconds);
    assert_eq!(unit["ExecReload"], ["/bin/kill -HUP $MAINPID"]);
}

/// The example with these lines under `agency.issuers`.
fn with_issuer(lines: &str) -> Result<Config, YamlError> {
    let mut item = String::new();
    for (number, line) in lines.lines().enumerate() {
        let lead = if number == 0 { "    - " } else { "      " };
        item.push_str(&format!("{lead}{line}\n"));
    }
    let example = text("node.example.yaml");
    let whole = example.replace("\nagency:\n", &format!("\nagency:\n  issuers:\n{item}"));
    let document = Document::new("node.yaml", whole);
    Config::parse(
        &document,
        &Base::new(Path::new("/etc/passerelle"), |_| None),
    )
}

#[test]
fn every_identity_provider_in_the_documents_is_read() {
    let page = fs::read_to_string(deploy("../docs/integrate/sessions.md")).unwrap();
    let blocks: Vec<_> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let config = with_issuer(block).unwrap();
        assert_eq!(config.agency.issuers.len(), 1, "{block}");
    }
    // What the example shows as a comment.
    let example = text("node.example.yaml");
    let (_, shown) = example.split_once("\n  # issuers:\n").unwrap();
    let shown: Vec<_> = shown
        .lines()
        .map_while(|line| line.strip_prefix("  #   "))
        .map(|line| line.replacen("- ", "", usize::from(line.starts_with("- "))))
        .map(|line| line.trim_start().to_owned())
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(with_issuer(&shown.join("\n")).is_ok(), "{shown:#?}");
}

#[test]
fn an_identity_provider_that_is_not_told_whole_is_refused_by_field() {
    let whole = "issuer: https://i.example\nclient_id: c\njwks_url: https://i.example/jwks\n\
                 algorithms: [ES256]\nsiret_claim: siret\nrole: caseworker\n";
    assert!(with_issuer(whole).is_ok());
    for (from, to, said) in [
        ("client_id: c\n", "client_id: \"\"\n", "client_id`: `aud`"),
        (
            "jwks_url: https://i.example/jwks\n",
            "",
            "jwks_url`: either",
        ),
        (
            "jwks_url: https:",
            "jwks_url: http:",
            "jwks_url`: an address",
        ),
        ("role:", "jwks_file: k.json\nrole:", "jwks_url`: either"),
        ("[ES256]", "[]", "algorithms`: at least one"),
        ("[ES256]", "[HS256]", "algorithms"),
        ("siret_claim: siret\n", "", "siret`: either"),
        (
            "role:",
            "siret: \"22670001100019\"\nrole:",
            "siret`: either",
        ),
        ("role: caseworker\n", "", "role`: role, or"),
        (
            "role:",
            "role_claim: groups\nrole:",
            "roles`: role_claim and roles",
        ),
        (
            "role: caseworker",
            "roles: { a: caseworker }",
            "roles`: role_claim and roles",
        ),
        (
            "issuer: https://i.example",
            "issuer: solis",
            "issuer`: another issuer or system",
        ),
        ("role: caseworker", "role: chief", "role"),
    ] {
        assert!(whole.contains(from), "{from}");
        let refused = with_issuer(&whole.replacen(from, to, 1)).unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("agency.issuers[0]."), "{refused}");
        assert!(refused.contains(said), "{said}: {refused}");
    }
}

#[test]
fn the_unit_and_the_example_keep_data_in_the_same_folders() {
    let unit = unit("passerelle.service");
    let folders: BTreeSet<_> = unit["StateDirectory"][0]
        .split_whitespace()
        .map(|name| format!("/var/lib/{name}"))
        .collect();
    let example = text("node.example.yaml");
    for folder in &folders {
        assert!(example.contains(&format!(": {folder}\n")), "{folder}");
    }
    for folder in &folders {
        assert!(
            text("Containerfile").contains(&format!("\"{folder}\"")),
            "{folder}"
        );
    }
}

#[derive(Deserialize)]
struct Compose {
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Service {
    build: Build,
    hostname: String,
    volumes: Vec<String>,
    read_only: bool,
    stop_grace_period: String,
}

#[derive(Deserialize)]
struct Build {
    context: String,
    dockerfile: String,
}

#[test]
fn the_compose_file_describes_a_federation_of_three() {
    // Merge keys are refused in our own files, and are the way of this format.
    let compose: Compose = serde_saphyr::from_str(&text("compose.yaml")).unwrap();
    assert_eq!(compose.services.len(), 3);
    let mut used = BTreeSet::new();
    for (name, service) in &compose.services {
        assert_eq!(*name, service.hostname);
        assert!(
            deploy(&service.build.context)
                .join(&service.build.dockerfile)
                .exists()
        );
        assert!(service.read_only);
        let grace: u64 = service
            .stop_grace_period
            .trim_end_matches('s')
            .parse()
            .unwrap();
        assert!(grace > passerelle_gateway::config::Limits::default().drain_seconds);
        for volume in &service.volumes {
            let (source, rest) = volume.split_once(':').unwrap();
            if !source.starts_with("./") {
                assert!(compose.volumes.contains_key(source), "{source}");
                assert!(used.insert(source.to_owned()), "two nodes share {source}");
            }
            let target = rest.trim_end_matches(":ro");
            let known = target == "/etc/passerelle"
                || text("Containerfile").contains(&format!("\"{target}\""));
            assert!(known, "{target}");
        }
    }
    assert_eq!(used.len(), compose.volumes.len());
}

#[test]
fn the_container_file_builds_what_there_is() {
    let file = text("Containerfile");
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        file.contains(&format!("rust:{version}-")),
        "the image has another Rust than rust-version"
    );
    assert!(file.contains(&format!("-p {}", env!("CARGO_PKG_NAME"))));
    assert!(file.contains(r#"CMD ["serve", "--config", "#));
}

#[test]
fn the_example_of_notices_is_what_throw_away_federations_show() {
    let now = Timestamp::from_secs(1_767_225_600);
    let drafted = notices::drafted(&deploy("notices.example/notices.yaml"), now).unwrap();
    let shown = throwaway::notices::catalogue(&drafted.federation, now);
    assert_eq!(drafted, shown);
}
