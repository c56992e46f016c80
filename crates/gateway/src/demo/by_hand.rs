//! Files for whoever tries the command line against the nodes: how each is reached, and persons to
//! take over.

use std::fs;
use std::path::{Path, PathBuf};

use super::config_file::{quoted, relative};
use super::error::{DemoError, of_file};
use super::federation::{Federation, Site};
use super::organisations::SYSTEM;

/// What there is to take over.
pub(super) struct Persons {
    pub(super) file: PathBuf,
    pub(super) mapping: PathBuf,
}

/// Writes them all.
pub(super) fn write(federation: &Federation) -> Result<(), DemoError> {
    for site in federation.sites() {
        let file = client(site, &federation.folder);
        let folder = federation.folder.join(site.organisation.node);
        fs::write(&file, settings(site, &folder)).map_err(of_file(&file))?;
    }
    let Persons { file, mapping } = persons(&federation.folder);
    for (file, text) in [(&file, PERSONS), (&mapping, MAPPING)] {
        fs::write(file, text).map_err(of_file(file))?;
    }
    Ok(())
}

/// How the caseworker of an organisation reaches its node.
pub(super) fn client(site: &Site, folder: &Path) -> PathBuf {
    folder.join(site.organisation.node).join(CLIENT)
}

/// In the folder of the federation.
pub(super) fn persons(folder: &Path) -> Persons {
    Persons {
        file: folder.join("persons.csv"),
        mapping: folder.join("persons-mapping.yaml"),
    }
}

fn settings(site: &Site, folder: &Path) -> String {
    let path = |path: &Path| quoted(&relative(path, folder));
    let (_, agent) = site.organisation.caseworker;
    format!(
        "\
# How the caseworker of this organisation reaches its node: `passerelle show`, `passerelle import`.
node: {node}
address: {address}
ca_file: {ca}
certificate_file: {certificate}
key_file: {key}
system: {system}
assertion_key_file: {assertion_key}
siret: {siret}
agent: {agent}
amr: [pwd, otp]
",
        node = quoted(site.organisation.node),
        address = site.agency_address(),
        ca = path(&site.system.anchors),
        certificate = path(&site.system.certificate),
        key = path(&site.system.key),
        system = quoted(SYSTEM),
        assertion_key = path(&site.system.assertion_key),
        siret = quoted(site.organisation.siret),
        agent = quoted(agent),
    )
}

const CLIENT: &str = "client.yaml";
const PERSONS: &str = include_str!("../../../../deploy/import/carnet-de-bord.example.csv");
const MAPPING: &str = include_str!("../../../../deploy/import/carnet-de-bord.yaml");
