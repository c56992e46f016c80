use std::path::{Path, PathBuf};

use crate::file::FileError;

/// Why the authority did not do what it was asked; names the file and the rule.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file was read and breaks a rule.
    #[error("{}: {rule}", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// What was asked for breaks a rule.
    #[error("{0}")]
    Asked(&'static str),
    /// The certificate could not be made.
    #[error("the certificate library refused: {0}")]
    Library(#[from] rcgen::Error),
}

impl PkiError {
    pub(super) fn refused(path: &Path, rule: &'static str) -> Self {
        Self::Refused {
            path: path.to_owned(),
            rule,
        }
    }
}
