//! The real binary: starts from a configuration file, says where it listens, ends at SIGTERM.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Timestamp};
use passerelle_gateway::assemble::{World, assemble};
use passerelle_gateway::config::Config;
use passerelle_gateway::runtime::SystemClock;
use serde_json::Value;
use support::{HOLDER, Stand, TOKEN, find};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// A configuration file that says what `config` does.
fn file(stand: &Stand, config: &Config, environment: &str, acceptance: &str) -> PathBuf {
    let path = |path: &Path| path.display().to_string();
    let (nodes, agency, keys) = (&config.node_listener, &config.agency_listener, &config.keys);
    let system = &config.agency.systems[0];
    let pin = &config.trust.pin;
    let sirets: Vec<_> = system
        .sirets
        .iter()
        .map(|siret| format!("\"{siret}\""))
        .collect();
    let text = format!(
        "node: {{id: {id}, federation: {federation}, data_dir: {data}, environment: {environment}}}
node_listener:
  address: 127.0.0.1:0
  certificate_file: {node_certificate}
  key_file: {node_key}
  anchors_file: {anchors}
  crl_file: {crl}
agency_listener:
  address: 127.0.0.1:0
  certificate_file: {agency_certificate}
  key_file: {agency_key}
  client_ca_file: {agency_ca}
agency:
  systems:
    - name: {name}
      certificate_sha256: {certificate}
      assertion_key_file: {assertion}
      assertion_kid: {kid}
      alg: {alg:?}
      sirets: [{sirets}]
keys:
  node_key_file: {own}
  epoch_dir: {epochs}
  log_key_file: {log}
  receipt_key_file: {receipt}
  session_key_file: {session}
trust:
  list_file: {list}
  pin: {{epoch: {epoch}, coordinator_key_file: {coordinator}, kid: {pinned}, alg: {pinned_alg:?}}}
rules:
  path: {rules}
{acceptance}
notices: {{catalogue_file: {catalogue}, key_file: {notices_key}}}
",
        id = config.node.id,
        federation = config.node.federation,
        data = path(&config.node.data_dir),
        node_certificate = path(&nodes.certificate_file),
        node_key = path(&nodes.key_file),
        anchors = path(&nodes.anchors_file),
        crl = path(&nodes.crl_file),
        agency_certificate = path(&agency.certificate_file),
        agency_key = path(&agency.key_file),
        agency_ca = path(&agency.client_ca_file),
        name = system.name,
        certificate = system.certificate_sha256,
        assertion = path(&system.assertion_key_file),
        kid = system.assertion_kid,
        alg = system.alg,
        sirets = sirets.join(", "),
        own = path(&keys.node_key_file),
        epochs = path(&keys.epoch_dir),
        log = path(&keys.log_key_file),
        receipt = path(&keys.receipt_key_file),
        session = path(&keys.session_key_file),
        list = path(&config.trust.list_file),
        epoch = pin.epoch,
        coordinator = path(&pin.coordinator_key_file),
        pinned = pin.kid,
        pinned_alg = pin.alg,
        rules = path(&rules()),
        catalogue = path(&config.notices.catalogue_file),
        notices_key = path(&config.notices.key_file),
    );
    let file = stand.folder.path().join("node.yaml");
    fs::write(&file, text).unwrap();
    file
}

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy/rules.example.json")
        .canonicalize()
        .unwrap()
}

fn passerelle(arguments: &[&str], config: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_passerelle"))
        .args(arguments)
        .arg(config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Where the agency listener is, from the lines that the node writes.
fn agency_address(lines: &mut impl Iterator<Item = Value>) -> SocketAddr {
    let line = lines
        .find(|line| line["listener"] == "agency")
        .expect("the node says where it listens");
    line["address"].as_str().unwrap().parse().unwrap()
}

/// On threads of its own: the channel must answer when the node says goodbye.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_the_binary_in_good_order() {
    let stand = Stand::new();
    let config = file(&stand, &stand.config(HOLDER), "training", "");
    let checked = passerelle(&["check-config"], &config)
        .wait_with_output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );

    let mut node = passerelle(&["serve", "--config"], &config);
    let mut lines = BufReader::new(node.stderr.take().unwrap())
        .lines()
        .map(|line| {
            let line = line.unwrap();
            let value: Option<Value> = serde_json::from_str(&line).ok();
            value.unwrap_or_else(|| panic!("each line is one JSON object: {line}"))
        });
    let address = agency_address(&mut lines);
    let channel = stand.system_of(HOLDER).channel(address).unwrap();
    let health = HealthClient::new(channel.clone())
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    assert_eq!(health.into_inner().status(), ServingStatus::Serving);
    let refused = find(channel, "", Some(&format!("Bearer {TOKEN}")))
        .await
        .unwrap_err();
    assert_eq!(
        refused.code(),
        Code::Unauthenticated,
        "a session that was never opened"
    );

    assert!(
        Command::new("kill")
            .arg(node.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    assert!(lines.any(|line| line["message"] == "closed"));
    assert!(node.wait().unwrap().success());
}

/// What a node says that does not start. One that does start is ended, and the test fails.
fn refused(config: &Path) -> String {
    let mut node = passerelle(&["serve", "--config"], config);
    let mut error = String::new();
    for line in BufReader::new(node.stderr.take().unwrap()).lines() {
        error.push_str(&line.unwrap());
        error.push('\n');
        if error.contains("listening") {
            node.kill().unwrap();
        }
    }
    assert_eq!(node.wait().unwrap().code(), Some(1), "{error}");
    error
}

#[test]
fn production_does_not_start_with_rules_that_nobody_accepted() {
    let stand = Stand::new();
    let config = stand.config(HOLDER);
    let error = refused(&file(&stand, &config, "production", ""));
    assert!(error.contains("`rules.accepted_sha256`: "), "{error}");

    let other = format!(
        "  accepted_sha256: {}\n  accepted_by: Anne Martin, DPO\n  accepted_on: 2026-11-24",
        "0".repeat(64)
    );
    let error = refused(&file(&stand, &config, "production", &other));
    assert!(
        error.contains("rules.example.json: its SHA-256 is "),
        "{error}"
    );
    assert!(!config.node.data_dir.exists(), "the store is not touched");
}

#[test]
fn a_port_that_is_taken_is_named_before_the_store_is_touched() {
    let stand = Stand::new();
    let config = stand.config(HOLDER);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = file(&stand, &config, "training", "");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replacen("127.0.0.1:0", &taken.local_addr().unwrap().to_string(), 1),
    )
    .unwrap();
    let error = refused(&file);
    assert!(error.contains("`node_listener.address`: "), "{error}");
    assert!(!config.node.data_dir.exists(), "the store is not touched");
}

/// Two hours ahead of the clock of the machine.
struct Ahead;

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_secs(7200))
    }
}

#[tokio::test]
async fn a_clock_that_is_right_is_accepted_when_the_node_is_stopped() {
    let stand = Stand::new();
    let mut config = stand.config(HOLDER);
    config.rules.path = rules();
    let file = file(&stand, &config, "training", "");
    let accept = || {
        let done = passerelle(&["clock", "accept", "--config"], &file);
        let output = done.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let ahead = World {
        clock: Arc::new(Ahead),
        ..World::small()
    };
    let running = assemble(&config, ahead).await.unwrap();
    let (done, _, error) = accept();
    assert!(!done, "it runs: {error}");
    drop(running.passerelle);
    running.node.run(async {}).await.unwrap();

    let (done, said, error) = accept();
    assert!(done && said.contains("accepted: "), "{said}{error}");
    let (done, said, error) = accept();
    assert!(done && said.contains("nothing to accept"), "{said}{error}");
}
