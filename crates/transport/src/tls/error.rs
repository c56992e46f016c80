use std::path::{Path, PathBuf};

use crate::file::FileError;
use crate::identity::IdentityError;
use crate::trust_list::ListError;

/// Why what a node trusts could not be loaded; names the file and the rule. The unit in force, if
/// there is one, stays.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file could not be read.
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
    /// The node's own certificate names no node.
    #[error("{}: {source}", path.display())]
    Identity {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: IdentityError,
    },
    /// The TLS library takes the files for no valid whole.
    #[error("{}: {source}", path.display())]
    Tls {
        /// Which file.
        path: PathBuf,
        /// What the library says.
        source: rustls::Error,
    },
    /// The trust list is not accepted.
    #[error(transparent)]
    List(#[from] ListError),
}

impl LoadError {
    pub(crate) fn refused(path: &Path, rule: &'static str) -> Self {
        Self::Refused {
            path: path.to_owned(),
            rule,
        }
    }

    pub(crate) fn tls(path: &Path) -> impl Fn(rustls::Error) -> Self {
        move |source| Self::Tls {
            path: path.to_owned(),
            source,
        }
    }
}
