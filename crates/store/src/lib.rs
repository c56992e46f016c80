//! The wal and its writer, storage traits by table, engines, the exchange log on disk, sealing at
//! rest.
//!
//! The wal is the truth: a transaction is durable when its frame is in it and synced. The engine is
//! an index of it, the exchange log a tree over the entries in it; both are made again from it.
//!
//! # What it does not do
//!
//! It knows neither gRPC nor TLS nor what may be decided, and it takes no time, chance or file but
//! through its [`Ports`].
//!
//! # Read first
//!
//! - [`Store`]: open, transact, read, the log, the gate of a person.
//! - [`Tx`]: what a transaction may do.
//! - [`tables`]: what is kept, by table, sealed; [`keys`]: under what.
//! - [`sim`]: a disk that forgets, for tests here and in other crates.

mod cache;
mod clock;
mod config;
mod core;
mod engine;
mod error;
mod files;
mod gate;
pub mod keys;
mod log;
mod open;
mod overlay;
mod ports;
mod rollback;
mod rows;
mod scrub;
mod seal;
pub mod sim;
mod snapshot;
mod store;
mod table;
pub mod tables;
mod threads;
mod tx;
mod view;
mod wal;
mod writer;

pub use config::{Drive, StoreConfig};
pub use engine::{
    Changes, Engine, EngineError, Engines, MAX_KEY_BYTES, Mark, MemoryEngines, SledEngines,
};
pub use error::{OpenError, Refusal, TransactError};
pub use files::{Disk, FileLock, Files, WalFile};
pub use gate::{ExclusiveGuard, Gate, SharedGuard};
pub use log::{Head, Log, LogError};
pub use open::OpenReport;
pub use ports::{AbortProcess, Fatal, Ports};
pub use rollback::Shown;
pub use rows::ReadRows;
pub use scrub::{ScrubFinding, ScrubPart, ScrubReport};
pub use seal::{KnownAgent, OpenedPart, SealedEntry, SealedFields};
pub use store::{ChangesWatch, ClockFault, CloseError, Health, Store, TendError};
pub use table::{Row, Table};
pub use tx::{Serials, Tx};
pub use view::View;
pub use wal::WalError;
pub use writer::{Committed, Logged};
