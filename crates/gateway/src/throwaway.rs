//! Configurations for the nodes of a throw-away federation: for demonstrations and tests.

pub mod notices;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use passerelle_domain::claim::NoticeCatalogue;
use passerelle_domain::member::{KeyAlgorithm, KeyUsage, MemberKey};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{NodeId, Rng, Siret, Timestamp};
use passerelle_policy::Environment;
use passerelle_store::keys::{
    KeyError as StoreKeyError, KeyPaths, Keys as StoreKeys, NodeKeySource,
};
use passerelle_tlog::{KeyError as LogKeyError, LogKey};
use passerelle_transport::jwt::{SignError, SigningKey};
use passerelle_transport::key_file::{self, KeyError};
use passerelle_transport::notices as signed;
use passerelle_transport::throwaway::{Federation, NodeFiles, SystemFiles, ThrowawayError};

use crate::config::{
    Agency, AgencyListener, Config, Identity, Keys, Limits, ListenerBounds, Log, NodeListener,
    Notices, Pin, Rules, System, Telemetry, Trust,
};
use crate::origin::{HalfYear, origin};

/// Why a configuration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key that seals what is kept.
    #[error(transparent)]
    StoreKey(#[from] StoreKeyError),
    /// A key that signs.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key of an exchange log.
    #[error(transparent)]
    LogKey(#[from] LogKeyError),
    /// The catalogue of notices.
    #[error(transparent)]
    Notices(#[from] SignError),
    /// The federation.
    #[error(transparent)]
    Federation(#[from] ThrowawayError),
}

/// Puts in the trust list what the log of `node` is checked with, if it begins at `now`.
pub fn publish_log_key(
    federation: &mut Federation,
    node: &NodeId,
    now: Timestamp,
) -> Result<(), ConfigError> {
    let half = HalfYear::of(now);
    let name = origin(node, &federation.list().list().federation, half)?;
    let key = key_file::load(&federation.node(node)?.log_key)?;
    let key = MemberKey {
        usage: KeyUsage::Log,
        kid: format!("log-{half}"),
        alg: KeyAlgorithm::EdDSA,
        public_key: LogKey::from_pkcs8(&key, name)?.verifying_key().to_string(),
    };
    Ok(federation.add_key(node, key, now)?)
}

/// The configuration of `node`, which listens on free ports of the loopback and keeps everything
/// under `folder`: keys, data, the example of notices. `rules` is the table of rules.
pub fn config(
    federation: &Federation,
    node: &NodeId,
    folder: &Path,
    rules: &Path,
    rng: &dyn Rng,
) -> Result<Config, ConfigError> {
    let files = federation.node(node)?;
    let list = federation.list().list();
    let coordinator = federation.coordinator();
    let keys = keys(files, folder, rng)?;
    let coordinator_key_file = folder.join("coordinator.pub.pem");
    write(&coordinator_key_file, coordinator.public_key_pem())?;
    let notices = Notices {
        catalogue_file: folder.join("notices.jwt"),
        key_file: coordinator_key_file.clone(),
    };
    let made = list.issued_at.at();
    let texts = notices::catalogue(&list.federation, made);
    sign_notices(federation, &texts, &notices.catalogue_file)?;
    let sirets = list
        .member(node)
        .map(|member| member.organisation.sirets.clone())
        .unwrap_or_default();
    let mut systems = Vec::new();
    for (name, system) in &files.systems {
        let file = folder.join(format!("{name}.pub.pem"));
        systems.push(of_system(name, system, files, file, sirets.clone())?);
    }
    Ok(Config {
        node: Identity {
            id: node.clone(),
            federation: list.federation.clone(),
            data_dir: folder.join("data"),
            environment: Environment::Training,
            name: String::new(),
            officer_contact: String::new(),
        },
        node_listener: NodeListener {
            address: LOOPBACK,
            certificate_file: files.trust.certificate.clone(),
            key_file: files.trust.key.clone(),
            anchors_file: files.trust.anchors.clone(),
            crl_file: files.trust.revocation_lists.clone(),
            bounds: ListenerBounds::default(),
        },
        agency_listener: AgencyListener {
            address: LOOPBACK,
            certificate_file: files.agency.certificate.clone(),
            key_file: files.agency.key.clone(),
            client_ca_file: files.agency.anchors.clone(),
            client_crl_file: files.agency.revocation_lists.clone(),
            tls12: files.agency.tls12,
            bounds: ListenerBounds::default(),
        },
        agency: Agency {
            systems,
            issuers: Vec::new(),
        },
        keys,
        trust: Trust {
            list_file: files.trust.offered_lists.clone(),
            pin: Pin {
                epoch: files.trust.pin.epoch,
                coordinator_key_file,
                kid: coordinator.kid().to_owned(),
                alg: coordinator.algorithm(),
            },
        },
        rules: Rules {
            path: rules.to_owned(),
            acceptance: None,
            denials: Vec::new(),
        },
        notices,
        log: Log::default(),
        telemetry: Telemetry::default(),
        limits: Limits::default(),
    })
}

/// Signs a catalogue of notices, as the coordinator of the federation does.
pub fn sign_notices(
    federation: &Federation,
    catalogue: &NoticeCatalogue,
    file: &Path,
) -> Result<(), ConfigError> {
    write(file, &signed::sign(catalogue, federation.coordinator())?)
}

fn keys(files: &NodeFiles, folder: &Path, rng: &dyn Rng) -> Result<Keys, ConfigError> {
    let epoch_dir = folder.join("epochs");
    make_folder(&epoch_dir)?;
    let node_key_file = folder.join("node.key");
    let paths = KeyPaths {
        node_key: NodeKeySource::File(node_key_file.clone()),
        epoch_keys: epoch_dir.clone(),
    };
    StoreKeys::create(&paths, rng)?;
    Ok(Keys {
        node_key_file,
        epoch_dir,
        log_key_file: files.log_key.clone(),
        receipt_key_file: files.receipt_key.clone(),
        session_key_file: files.session_key.clone(),
    })
}

fn of_system(
    name: &str,
    system: &SystemFiles,
    files: &NodeFiles,
    public_key_file: PathBuf,
    sirets: BTreeSet<Siret>,
) -> Result<System, ConfigError> {
    let assertion = SigningKey::load(&system.assertion_key)?;
    write(&public_key_file, assertion.public_key_pem())?;
    // Each system of a throw-away federation has the certificate that its node lists.
    let certificate = files
        .agency
        .systems
        .iter()
        .find(|listed| listed.name == name);
    let certificate_sha256 = certificate
        .map(|listed| listed.certificate_sha256)
        .ok_or_else(|| ConfigError::File {
            file: system.certificate.clone(),
            source: io::ErrorKind::NotFound.into(),
        })?;
    Ok(System {
        name: name.to_owned(),
        certificate_sha256,
        assertion_key_file: public_key_file,
        assertion_kid: assertion.kid().to_owned(),
        alg: assertion.algorithm(),
        sirets,
        without_agent: [AgentRole::Caseworker, AgentRole::Operator].into(),
    })
}

fn make_folder(folder: &Path) -> Result<(), ConfigError> {
    fs::create_dir_all(folder).map_err(|source| ConfigError::File {
        file: folder.to_owned(),
        source,
    })
}

fn write(file: &Path, text: &str) -> Result<(), ConfigError> {
    fs::write(file, text).map_err(|source| ConfigError::File {
        file: file.to_owned(),
        source,
    })
}

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
