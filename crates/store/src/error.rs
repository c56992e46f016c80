use std::io;

use crate::engine::EngineError;
use crate::keys::KeyError;
use crate::log::LogError;
use crate::wal::WalError;

/// Why a transaction has no effect.
#[derive(Debug, thiserror::Error)]
pub enum TransactError<E> {
    /// It decided so itself.
    #[error("the transaction gave up: {0}")]
    Aborted(E),
    /// The store refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why the store refuses a transaction, or a read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The trust list or the rules have changed since it was decided: decide again.
    #[error("what the transaction was decided under is no longer in force")]
    Stale,
    /// Too many wait: come again.
    #[error("the store has as much to do as it can hold")]
    Busy,
    /// Only urgent transactions are taken until there is space.
    #[error("the disk is full, or takes no new file")]
    DiskFull,
    /// Tiles cannot be written, so no further entry is promised. Its cause is in the log of the
    /// process.
    #[error("the exchange log cannot be published")]
    PublicationStalled,
    /// It wrote more than one transaction may, or a key that is too long.
    #[error("the transaction {name} writes {bytes} bytes where {most} are allowed")]
    TooLarge {
        /// Name of the transaction.
        name: &'static str,
        /// What it writes.
        bytes: usize,
        /// What it may.
        most: usize,
    },
    /// It asks for what no transaction may do: a fault of the caller.
    #[error("the transaction {name}: {what}")]
    Misuse {
        /// Name of the transaction.
        name: &'static str,
        /// What it did.
        what: &'static str,
    },
    /// It panicked. Nothing of it was kept.
    #[error("the transaction {name} panicked")]
    Panicked {
        /// Name of the transaction.
        name: &'static str,
    },
    /// The engine cannot be read, or no longer written.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store was closed, or has failed for good.
    #[error("the store is closed")]
    Closed,
}

/// Why a store does not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works in the folder.
    #[error("another process has the folder of the store open; stop it first")]
    Locked,
    /// The configuration cannot work.
    #[error("{field}: {rule}")]
    Config {
        /// Name of the field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The origin could not name a folder.
    #[error(
        "the origin of the log must be names of letters, digits, '.', '-' and '_', separated by '/'"
    )]
    Origin,
    /// The wal cannot be read.
    #[error(
        "{0}; do not start from it: put back a whole copy of the folder, or declare a restore from backup"
    )]
    Wal(#[from] WalError),
    /// The engine holds more than the wal.
    #[error(
        "the engine holds batch {engine} of a wal that ends at {wal}: the wal is not the newest; put the newer \
         folder back, or declare a restore from backup"
    )]
    EngineAhead {
        /// Batches in the engine.
        engine: u64,
        /// Batches in the wal.
        wal: u64,
    },
    /// The engine was filled from another wal.
    #[error(
        "the engine was filled from another wal than the one beside it; put the folder back as one, or declare a \
         restore from backup"
    )]
    EngineForeign,
    /// The engine is lost and cannot be made again.
    #[error(
        "the engine must be rebuilt ({reason}) and no snapshot reaches back to what the wal still holds; put a \
         whole copy of the folder back"
    )]
    EngineLost {
        /// Why it must be rebuilt.
        reason: String,
    },
    /// The engine fails, without being damaged.
    #[error("{0}; mend the disk and start again")]
    Engine(EngineError),
    /// The published log is larger than the wal.
    #[error(
        "a checkpoint of {published} entries was signed and published, and the wal holds {wal}: the wal is not \
         the newest; put the newer folder back, or declare a restore from backup"
    )]
    BehindCheckpoint {
        /// Size of the checkpoint.
        published: u64,
        /// Entries in the wal.
        wal: u64,
    },
    /// The published log is not the one in the wal.
    #[error(
        "the checkpoint of {size} entries that was signed and published does not belong to this wal; put the \
         folder back as one, or declare a restore from backup"
    )]
    OtherCheckpoint {
        /// Size of the checkpoint.
        size: u64,
    },
    /// The folder of the log is older than the wal.
    #[error(
        "the log was published up to {published} entries and the wal holds those from {wal} on: the folder of the \
         log is not the newest; put the newer one back"
    )]
    LogOlder {
        /// Size of the published log.
        published: u64,
        /// First entry in the wal.
        wal: u64,
    },
    /// The published checkpoint cannot be read.
    #[error(
        "the checkpoint in the folder of the log is missing or damaged; put it back from a copy"
    )]
    NoCheckpoint,
    /// The right edge of the published log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The keys are not those that the store was sealed under.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The disk says so.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
