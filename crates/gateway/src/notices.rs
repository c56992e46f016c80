//! The catalogue of notices, as the configuration names it.

mod draft;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use passerelle_domain::claim::NoticeCatalogue;
use passerelle_domain::{Clock, FederationId, Timestamp};
use passerelle_exchange::ports::Notices;
use passerelle_transport::jwt::{NoticeKey, TokenError, VerifyingKey};
use passerelle_transport::key_file::KeyError;
use passerelle_transport::notices;

use crate::config;
pub use draft::drafted;

/// The catalogue in force: read at start, and again when the operator says so. A bad new file leaves
/// in force what was.
pub struct SignedNotices {
    files: config::Notices,
    federation: FederationId,
    clock: Arc<dyn Clock>,
    current: RwLock<Arc<NoticeCatalogue>>,
    refused: RwLock<Option<Arc<NoticesError>>>,
}

impl SignedNotices {
    /// Reads what the configuration names.
    pub fn load(
        files: &config::Notices,
        federation: &FederationId,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NoticesError> {
        let catalogue = read(files, federation, clock.now())?;
        Ok(Self {
            files: files.clone(),
            federation: federation.clone(),
            clock,
            current: RwLock::new(Arc::new(catalogue)),
            refused: RwLock::new(None),
        })
    }

    /// Reads the files again.
    pub fn reload(&self) -> Result<(), Arc<NoticesError>> {
        let read = read(&self.files, &self.federation, self.clock.now()).map_err(Arc::new);
        let mut refused = self.refused.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(catalogue) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(catalogue);
                *refused = None;
                Ok(())
            }
            Err(error) => {
                *refused = Some(Arc::clone(&error));
                Err(error)
            }
        }
    }

    /// Why the file that was read last is not in force, if it is not.
    pub fn refused(&self) -> Option<Arc<NoticesError>> {
        let refused = self.refused.read();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Notices for SignedNotices {
    fn catalogue(&self) -> Arc<NoticeCatalogue> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(
    files: &config::Notices,
    federation: &FederationId,
    now: Timestamp,
) -> Result<NoticeCatalogue, NoticesError> {
    verified(&files.catalogue_file, &files.key_file, federation, now)
}

/// The catalogue in a file, checked.
pub fn verified(
    file: &Path,
    key_file: &Path,
    federation: &FederationId,
    now: Timestamp,
) -> Result<NoticeCatalogue, NoticesError> {
    let key = VerifyingKey::from_pem(&text(key_file)?).map_err(|source| NoticesError::Key {
        file: key_file.to_owned(),
        source,
    })?;
    let key = NoticeKey::of(federation.clone(), key);
    let catalogue = notices::verify(&text(file)?, &key, now);
    let catalogue = catalogue.map_err(|source| NoticesError::Refused {
        file: file.to_owned(),
        key_file: key_file.to_owned(),
        source,
    })?;
    Ok(catalogue.into_claim())
}

fn text(file: &Path) -> Result<String, NoticesError> {
    fs::read_to_string(file).map_err(|source| NoticesError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

/// Why a catalogue of notices cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    /// A file could not be read.
    #[error("{} (`notices`): {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key that must have signed is none.
    #[error("{} (`notices.key_file`): {source}", file.display())]
    Key {
        /// Its file.
        file: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The catalogue is not one that this key signed for this federation.
    #[error(
        "{} (`notices.catalogue_file`): {source}; it must be signed for this federation by the key \
         in {}: ask for it anew, or sign it with `passerelle notices sign`",
        file.display(),
        key_file.display()
    )]
    Refused {
        /// The catalogue.
        file: PathBuf,
        /// The key.
        key_file: PathBuf,
        /// Why.
        source: TokenError,
    },
}

#[cfg(test)]
mod tests;
