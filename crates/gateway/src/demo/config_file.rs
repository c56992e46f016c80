use std::fmt::Write;
use std::path::{Component, Path};

use crate::config::{Config, Quotas, System};

/// The configuration of a node as `passerelle serve --config` reads it. Paths in it count from
/// `folder`, where the file is meant to lie, so that the whole federation can be moved.
///
/// Settings that have a default are left at it.
pub(super) fn written(config: &Config, folder: &Path) -> String {
    let path = |path: &Path| quoted(&relative(path, folder));
    let Config {
        node,
        node_listener: nodes,
        agency_listener: agency,
        keys,
        trust,
        ..
    } = config;
    let mut systems = String::new();
    for one in &config.agency.systems {
        systems.push_str(&system(one, &path(&one.assertion_key_file)));
    }
    let mut client_crl = String::new();
    if let Some(file) = &agency.client_crl_file {
        client_crl = format!("\n  client_crl_file: {}", path(file));
    }
    format!(
        "\
# A node of a throw-away federation: fictitious persons only. One machine holds every key of it.
node:
  id: {id}
  federation: {federation}
  data_dir: {data_dir}
  environment: training
  name: {name}

node_listener:
  address: \"{node_address}\"
  certificate_file: {node_certificate}
  key_file: {node_key}
  anchors_file: {anchors}
  crl_file: {crl}

agency_listener:
  address: \"{agency_address}\"
  certificate_file: {agency_certificate}
  key_file: {agency_key}
  client_ca_file: {client_ca}{client_crl}

agency:
  systems:
{systems}
keys:
  node_key_file: {node_key_file}
  epoch_dir: {epoch_dir}
  log_key_file: {log_key}
  receipt_key_file: {receipt_key}
  session_key_file: {session_key}

trust:
  list_file: {list}
  pin:
    epoch: {epoch}
    coordinator_key_file: {coordinator}
    kid: {kid}
    alg: {alg:?}

rules:
  path: {rules}

notices:
  catalogue_file: {catalogue}
  key_file: {notices_key}

telemetry:
  format: human
{limits}",
        id = quoted(node.id.as_str()),
        federation = quoted(node.federation.as_str()),
        data_dir = path(&node.data_dir),
        name = quoted(&node.name),
        node_address = nodes.address,
        node_certificate = path(&nodes.certificate_file),
        node_key = path(&nodes.key_file),
        anchors = path(&nodes.anchors_file),
        crl = path(&nodes.crl_file),
        agency_address = agency.address,
        agency_certificate = path(&agency.certificate_file),
        agency_key = path(&agency.key_file),
        client_ca = path(&agency.client_ca_file),
        node_key_file = path(&keys.node_key_file),
        epoch_dir = path(&keys.epoch_dir),
        log_key = path(&keys.log_key_file),
        receipt_key = path(&keys.receipt_key_file),
        session_key = path(&keys.session_key_file),
        list = path(&trust.list_file),
        epoch = trust.pin.epoch,
        coordinator = path(&trust.pin.coordinator_key_file),
        kid = quoted(&trust.pin.kid),
        alg = trust.pin.alg,
        rules = path(&config.rules.path),
        catalogue = path(&config.notices.catalogue_file),
        notices_key = path(&config.notices.key_file),
        limits = quotas(&config.limits.quotas),
    )
}

fn quotas(quotas: &Quotas) -> String {
    if *quotas == Quotas::default() {
        return String::new();
    }
    format!(
        "
limits:
  quotas:
    caseworker_per_day: {}
    reception_per_day: {}
    new_agent_per_day: {}
    new_agent_days: {}
",
        quotas.caseworker_per_day,
        quotas.reception_per_day,
        quotas.new_agent_per_day,
        quotas.new_agent_days,
    )
}

fn system(system: &System, assertion_key: &str) -> String {
    let mut text = format!(
        "    - name: {name}
      certificate_sha256: \"{certificate}\"
      assertion_key_file: {assertion_key}
      assertion_kid: {kid}
      alg: {alg:?}
      sirets:
",
        name = quoted(&system.name),
        certificate = system.certificate_sha256,
        kid = quoted(&system.assertion_kid),
        alg = system.alg,
    );
    for siret in &system.sirets {
        // Writing to a text does not fail.
        let _written = writeln!(text, "        - \"{siret}\"");
    }
    text
}

/// `path` as seen from `folder`.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    for (up, base) in folder.ancestors().enumerate() {
        if let Ok(rest) = path.strip_prefix(base)
            && base.components().any(|part| part != Component::RootDir)
        {
            return format!("{}{}", "../".repeat(up), rest.display());
        }
    }
    path.display().to_string()
}

/// A double-quoted scalar (YAML 1.2 §7.3.1).
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
