//! `federation.json`: how the agency system of each organisation reaches its node.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use passerelle_transport::jwt::SigningKey;
use serde::Serialize;

use super::error::{DemoError, of_file};
use super::federation::{Federation, Site};
use super::organisations::SYSTEM;

/// The file in the folder of the federation.
const FILE: &str = "federation.json";

#[derive(Serialize)]
struct Described<'a> {
    nodes: Vec<Node<'a>>,
}

/// Paths are absolute; every file is PEM.
#[derive(Serialize)]
pub(super) struct Node<'a> {
    /// The name of the node.
    node: &'a str,
    organisation: &'a str,
    /// An id of the list `organisation_kind`.
    organisation_kind: &'a str,
    siret: &'a str,
    /// `host:port`; the host is the name in the certificate of the listener.
    agency_address: String,
    /// The authority of that certificate.
    ca_file: &'a Path,
    client_certificate_file: &'a Path,
    client_key_file: &'a Path,
    /// `iss` of the proofs of agents.
    system: &'a str,
    /// The key that signs them, PKCS #8.
    assertion_key_file: &'a Path,
    /// `alg` of the proofs.
    assertion_alg: String,
    /// `kid` of the proofs.
    assertion_kid: String,
    config_file: PathBuf,
}

/// Writes the file: whoever sees it can call.
pub(super) fn write(federation: &Federation) -> Result<(), DemoError> {
    let nodes = federation
        .sites()
        .map(|site| node(site, &federation.folder));
    let described = Described {
        nodes: nodes.into_iter().collect::<Result<_, _>>()?,
    };
    at_once(&federation.folder, FILE, &described)
}

/// Writes a file of the folder so that whoever sees it can read it whole.
pub(super) fn at_once(folder: &Path, name: &str, what: &impl Serialize) -> Result<(), DemoError> {
    let file = folder.join(name);
    let unwritten = folder.join(format!(".{name}"));
    let json = serde_json::to_vec_pretty(what).map_err(io::Error::other);
    json.and_then(|json| fs::write(&unwritten, json))
        .and_then(|()| fs::rename(&unwritten, &file))
        .map_err(of_file(&file))
}

/// How the agency system of that organisation reaches its node.
pub(super) fn node<'a>(site: &'a Site, folder: &Path) -> Result<Node<'a>, DemoError> {
    let key = SigningKey::load(&site.system.assertion_key)?;
    Ok(Node {
        node: site.organisation.node,
        organisation: site.organisation.name,
        organisation_kind: site.organisation.kind.id(),
        siret: site.organisation.siret,
        agency_address: site.agency_address(),
        ca_file: &site.system.anchors,
        client_certificate_file: &site.system.certificate,
        client_key_file: &site.system.key,
        system: SYSTEM,
        assertion_key_file: &site.system.assertion_key,
        assertion_alg: format!("{:?}", key.algorithm()),
        assertion_kid: key.kid().to_owned(),
        config_file: site.config_file(folder),
    })
}
