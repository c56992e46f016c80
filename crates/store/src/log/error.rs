use std::io;

use passerelle_tlog::{ProveError, ReadError};

use super::tiles;

/// Why the log does not answer.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no such leaf, or no such tree.
    #[error("the log has {size} leaves, {asked} is beyond them")]
    OutOfRange {
        /// Leaf or size asked for.
        asked: u64,
        /// What there is.
        size: u64,
    },
    /// A file of the log is not what was written. Nothing in it was used.
    #[error("{path} in the folder of the log is missing or damaged; put it back from a copy")]
    Damaged {
        /// Its path in the folder of the log.
        path: String,
    },
    /// The disk says so.
    #[error("{path} in the folder of the log: {source}")]
    Io {
        /// Its path in the folder of the log.
        path: String,
        /// What it said.
        source: io::Error,
    },
    /// The smaller tree is not in the larger one, or the leaf not in the tree.
    #[error("there is no such proof: {0}")]
    NoProof(String),
}

impl From<ReadError> for LogError {
    fn from(error: ReadError) -> Self {
        let path = match error {
            ReadError::Absent { level, index } => {
                format!("the hash of subtree {index} at level {level}")
            }
            ReadError::Tile(error) => tiles::path_of(&error),
        };
        Self::Damaged { path }
    }
}

impl From<ProveError> for LogError {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Read(error) => error.into(),
            ProveError::OutOfRange { wanted, size } => Self::OutOfRange {
                asked: wanted,
                size,
            },
            error => Self::NoProof(error.to_string()),
        }
    }
}
