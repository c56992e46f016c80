//! What the listeners trust, and the notices that persons are shown, loaded from the files that the
//! configuration names, and loaded again while the node runs.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use passerelle_domain::Clock;
use passerelle_domain::claim::CoordinatorKey;
use passerelle_transport::jwt::{SystemKeys, VerifyingKey};
use passerelle_transport::key_file::KeyError;
use passerelle_transport::tls::{
    AgencyFiles, AgencyHandle, AgencyUnit, LoadError, SystemCertificate, TrustFiles, TrustHandle,
    TrustUnit,
};
use passerelle_transport::trust_list::Pin;

use crate::config::{Agency, Config};
use crate::notices::{NoticesError, SignedNotices};

/// What the two listeners trust, and what persons are shown: in force as three wholes.
#[derive(Clone)]
pub struct TrustUnits {
    /// Towards other nodes: certificate, anchors, revocation lists, trust list.
    pub nodes: TrustHandle,
    /// Towards the organisation's own systems.
    pub agency: AgencyHandle,
    /// The catalogue of notices.
    pub notices: Arc<SignedNotices>,
}

impl TrustUnits {
    /// Loads everything.
    pub fn load(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self, TrustError> {
        Ok(Self {
            nodes: TrustUnit::start(trust_files(config)?, Arc::clone(clock))
                .map_err(|source| of_list(source, config))?,
            agency: AgencyUnit::start(agency_files(config), Arc::clone(clock))?,
            notices: Arc::new(SignedNotices::load(
                &config.notices,
                &config.node.federation,
                Arc::clone(clock),
            )?),
        })
    }

    /// Reads the files again. A bad one leaves in force what was, and is said; the three do not depend
    /// on each other. Reads a few small files: call it where blocking is allowed.
    pub fn reload(&self) -> Result<(), ReloadError> {
        let mut refused: Vec<Arc<dyn Error + Send + Sync>> = Vec::new();
        if let Err(error) = self.nodes.reload() {
            refused.push(error);
        }
        if let Err(error) = self.agency.reload() {
            refused.push(error);
        }
        if let Err(error) = self.notices.reload() {
            refused.push(error);
        }
        if refused.is_empty() {
            Ok(())
        } else {
            Err(ReloadError { refused })
        }
    }
}

/// The keys that check the proofs of the organisation's systems.
pub fn system_keys(agency: &Agency) -> Result<SystemKeys, TrustError> {
    let mut keys = SystemKeys::default();
    for system in &agency.systems {
        let file = &system.assertion_key_file;
        let key = VerifyingKey::from_record(&system.assertion_kid, system.alg, &read(file)?)
            .map_err(|source| TrustError::Key {
                file: file.clone(),
                source,
            })?;
        keys.register(&system.name, key);
    }
    Ok(keys)
}

/// Why what is in force stays in force.
#[derive(Debug)]
pub struct ReloadError {
    /// One for each whole that does.
    pub refused: Vec<Arc<dyn Error + Send + Sync>>,
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: Vec<_> = self.refused.iter().map(ToString::to_string).collect();
        f.write_str(&refused.join("; "))
    }
}

impl Error for ReloadError {}

/// Why what is trusted could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file could not be read.
    #[error("{}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key cannot be used.
    #[error("{}: {source}", file.display())]
    Key {
        /// Its file.
        file: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The trust list, or the key that is pinned for it, was refused.
    #[error("{} (`trust.list_file`, `trust.pin`): {source}", file.display())]
    List {
        /// The file in which lists are offered.
        file: PathBuf,
        /// Why.
        source: LoadError,
    },
    /// The catalogue of notices was refused.
    #[error(transparent)]
    Notices(#[from] NoticesError),
    /// A unit was refused.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// A trust list travels; where it lies is for the configuration to say.
fn of_list(source: LoadError, config: &Config) -> TrustError {
    match source {
        LoadError::List(_) => TrustError::List {
            file: config.trust.list_file.clone(),
            source,
        },
        source => source.into(),
    }
}

fn trust_files(config: &Config) -> Result<TrustFiles, TrustError> {
    let listener = &config.node_listener;
    let pin = &config.trust.pin;
    Ok(TrustFiles {
        node: config.node.id.clone(),
        certificate: listener.certificate_file.clone(),
        key: listener.key_file.clone(),
        anchors: listener.anchors_file.clone(),
        revocation_lists: listener.crl_file.clone(),
        offered_lists: config.trust.list_file.clone(),
        kept_lists: kept(config),
        pin: Pin {
            federation: config.node.federation.clone(),
            epoch: pin.epoch,
            key: CoordinatorKey {
                kid: pin.kid.clone(),
                alg: pin.alg,
                public_key: read(&pin.coordinator_key_file)?,
            },
        },
    })
}

fn agency_files(config: &Config) -> AgencyFiles {
    let listener = &config.agency_listener;
    let systems = config
        .agency
        .systems
        .iter()
        .map(|system| SystemCertificate {
            name: system.name.clone(),
            certificate_sha256: system.certificate_sha256,
        });
    AgencyFiles {
        certificate: listener.certificate_file.clone(),
        key: listener.key_file.clone(),
        anchors: listener.client_ca_file.clone(),
        revocation_lists: listener.client_crl_file.clone(),
        kept_numbers: kept(config).join("agency-revocation-numbers"),
        tls12: listener.tls12,
        systems: systems.collect(),
    }
}

/// What may not go back is kept with the data.
pub(crate) fn kept(config: &Config) -> PathBuf {
    config.node.data_dir.join("trust-lists")
}

fn read(file: &PathBuf) -> Result<String, TrustError> {
    fs::read_to_string(file).map_err(|source| TrustError::Unreadable {
        file: file.clone(),
        source,
    })
}
