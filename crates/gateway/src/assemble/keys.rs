use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use passerelle_domain::Timestamp;
use passerelle_store::keys::{KeyError as StoreKeyError, KeyPaths, Keys, NodeKeySource};
use passerelle_store::{Files, StoreConfig};
use passerelle_tlog::{KeyError as LogKeyError, KeyName, LogKey};
use passerelle_transport::jwt::SigningKey;
use passerelle_transport::key_file::{self, KeyError};

use crate::config::{Config, Identity};
use crate::origin::{HalfYear, origin};
use crate::ports::OwnKeys;

/// The keys of a node.
pub(super) struct NodeKeys {
    /// Seal what it keeps.
    pub(super) store: Arc<Keys>,
    /// Signs its log.
    pub(super) log: Arc<LogKey>,
    /// Sign its tokens.
    pub(super) own: OwnKeys,
}

impl NodeKeys {
    pub(super) fn load(
        config: &Config,
        store: &StoreConfig,
        files: &dyn Files,
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let credentials = env::var_os("CREDENTIALS_DIRECTORY");
        let paths = KeyPaths {
            node_key: node_key(&config.keys.node_key_file, credentials.as_deref()),
            epoch_keys: config.keys.epoch_dir.clone(),
        };
        let log = key_file::load(&config.keys.log_key_file)?;
        let name = log_name(&config.node, store, files, now)?;
        let of_log = |source| KeysError::Log {
            file: config.keys.log_key_file.clone(),
            source,
        };
        Ok(Self {
            store: Arc::new(Keys::open(paths)?),
            log: Arc::new(LogKey::from_pkcs8(&log, name).map_err(of_log)?),
            own: OwnKeys {
                receipt: SigningKey::load(&config.keys.receipt_key_file)?,
                session: SigningKey::load(&config.keys.session_key_file)?,
            },
        })
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A key that seals.
    #[error(transparent)]
    Store(#[from] StoreKeyError),
    /// A key that signs.
    #[error(transparent)]
    Signing(#[from] KeyError),
    /// The key of the log.
    #[error("{}: {source}", file.display())]
    Log {
        /// Its file.
        file: PathBuf,
        /// Why.
        source: LogKeyError,
    },
    /// The name of the log.
    #[error("the exchange log has no name that it could have: {0}")]
    Name(LogKeyError),
    /// The folder of the log cannot be looked into.
    #[error("{}: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What systemd gives as a credential has the mode that systemd gives it.
fn node_key(file: &Path, credentials: Option<&OsStr>) -> NodeKeySource {
    let credentials = credentials.filter(|folder| !folder.is_empty());
    if credentials.is_some_and(|folder| file.starts_with(folder)) {
        NodeKeySource::Credential(file.to_owned())
    } else {
        NodeKeySource::File(file.to_owned())
    }
}

/// A log goes on under the name that it began with; a new one is named after this half-year.
fn log_name(
    node: &Identity,
    store: &StoreConfig,
    files: &dyn Files,
    now: Timestamp,
) -> Result<KeyName, KeysError> {
    let new = origin(&node.id, &node.federation, HalfYear::of(now)).map_err(KeysError::Name)?;
    let Some((logs, _)) = new.as_str().rsplit_once('/') else {
        return Ok(new);
    };
    let folder = store.logs().join(logs);
    let begun = files
        .list(&folder)
        .map_err(|source| KeysError::Folder { folder, source })?;
    // Whatever else an operator put beside them is no log.
    let newest = begun.iter().filter_map(|name| name.parse().ok()).max();
    let goes_on = newest.unwrap_or_else(|| HalfYear::of(now));
    origin(&node.id, &node.federation, goes_on).map_err(KeysError::Name)
}

#[cfg(test)]
mod tests;
