use std::io;

use passerelle_domain::Timestamp;

use crate::engine::EngineError;
use crate::log::LogError;

/// A wall clock that is behind what was already written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockFault {
    /// What it shows.
    pub wall: Timestamp,
    /// The time of the newest frame.
    pub newest: Timestamp,
}

/// How a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// It has failed for good and refuses everything.
    pub failed: bool,
    /// The disk is full, or makes no file for another reason, which is in the log of the process; and
    /// the wal has no place left for the largest batch: soon, or now, only urgent transactions are
    /// taken.
    pub disk_full: bool,
    /// Why the engine takes nothing any more: restart, and it is brought up or rebuilt.
    pub engine: Option<EngineError>,
    /// Transactions with an entry are refused: those since then are not published, which is longer
    /// or more than a checkpoint that was handed out promises.
    pub publication_stalled: Option<Timestamp>,
    /// The wall clock is behind.
    pub clock: Option<ClockFault>,
    /// The node was found to be an old copy of itself.
    pub rolled_back: bool,
}

/// What did not work behind the writer.
#[derive(Debug, thiserror::Error)]
pub enum TendError {
    /// The log was not published.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The engine could not be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A file could not be written or removed.
    #[error("snapshots and segments: {0}")]
    Io(#[from] io::Error),
}

/// Why a store was not closed in good order. It is closed all the same.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The last entries were not published; the next start does it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The engine was not handed to the disk; the next start checks it whole.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The disk says so.
    #[error("closing the store: {0}")]
    Io(#[source] io::Error),
    /// The thread that closed it ended early.
    #[error("closing the store was interrupted")]
    Interrupted,
}
