use std::io;
use std::path::PathBuf;

/// What is wrong with a key file: for the operator to mend.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or written.
    #[error("key file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It does not hold 32 bytes.
    #[error("key file {}: must hold exactly 32 bytes", path.display())]
    Length {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or write it.
    #[error("key file {}: mode is {mode:04o}, must let nobody but its owner in (chmod 600)", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not the node key that the rows were sealed under.
    #[error(
        "node key {}: not the key that this store was sealed under; put the right file back",
        path.display()
    )]
    WrongNodeKey {
        /// The file.
        path: PathBuf,
    },
    /// It is not the epoch key that persons' keys were wrapped under.
    #[error(
        "epoch key {}: not the key that persons' keys were wrapped under; put the right file back",
        path.display()
    )]
    WrongEpochKey {
        /// The file.
        path: PathBuf,
    },
    /// It is missing.
    #[error("epoch key {}: missing; no person's key can be wrapped or opened without it, so put it back", path.display())]
    NoEpochKey {
        /// Where it should be.
        path: PathBuf,
    },
}
