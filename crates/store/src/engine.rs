use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::table::Row;

#[cfg(test)]
mod conformance;
mod digest;
mod memory;
mod sled;

pub use self::memory::MemoryEngines;
pub use self::sled::SledEngines;

/// The port to where rows are found by key: an index of the wal, which is the truth.
///
/// An engine promises less than a database: what it took may be lost in a crash, as long as the
/// [`Mark`] is lost with it. It never keeps a mark without all that came before it.
pub trait Engine: Send + Sync {
    /// The value of a row.
    fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError>;

    /// At most `limit` rows of a range, in order. Each row is as it was at some moment of the call.
    fn scan(&self, range: Range<&[u8]>, limit: usize) -> Result<Vec<(Row, Bytes)>, EngineError>;

    /// Makes rows what `changes` says, and remembers `mark`: all or nothing.
    fn apply(&self, changes: &Changes, mark: Mark) -> Result<(), EngineError>;

    /// The last mark taken; `None` for an engine that never took one.
    fn mark(&self) -> Result<Option<Mark>, EngineError>;

    /// How many rows it holds.
    fn rows(&self) -> Result<u64, EngineError>;

    /// Reads every row and finds out whether any is damaged, missing, or left over. Others may read
    /// and write meanwhile. `rest` is called now and then with the bytes that were read since; `false`
    /// from it ends the check, and nothing was found.
    fn check(&self, rest: &dyn Fn(u64) -> bool) -> Result<(), EngineError>;

    /// Makes all that was taken durable, for a shutdown in good order.
    fn flush(&self) -> Result<(), EngineError>;
}

/// Opens engines of one kind.
pub trait Engines: Send + Sync {
    /// Opens the engine in a folder, or makes an empty one.
    fn open(&self, dir: &Path) -> Result<Arc<dyn Engine>, EngineError>;

    /// Whether there is one.
    fn exists(&self, dir: &Path) -> bool;

    /// Moves a closed engine to another folder, over what is there.
    fn set_aside(&self, dir: &Path, aside: &Path) -> io::Result<()>;
}

/// What rows become: the new value, or `None` for a row that goes.
pub type Changes = BTreeMap<Row, Option<Bytes>>;

/// How far in the wal an engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// How many batches of the wal it holds: the number of the next.
    pub batch: u64,
    /// The check value that the last of them carries, which depends on all before it: tells apart
    /// two wals of one length.
    pub chain: u32,
}

impl Mark {
    /// Of an engine that a snapshot is being put into: its rows are no state that ever was, so there
    /// is no place in the wal to go on from.
    pub(crate) const UNFINISHED: Self = Self {
        batch: u64::MAX,
        chain: 0,
    };

    /// The mark in 12 bytes.
    pub(crate) fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.batch.to_be_bytes());
        bytes[8..].copy_from_slice(&self.chain.to_be_bytes());
        bytes
    }

    /// Reads what [`Mark::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, chain @ ..] = bytes;
        Self {
            batch: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            chain: u32::from_be_bytes(chain),
        }
    }
}

/// Why an engine does not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// What it holds is not what it took. At the next start it is set aside and rebuilt.
    #[error("the engine is damaged: {0}")]
    Damaged(String),
    /// It could not read or write now.
    #[error("the engine fails: {0}")]
    Failed(String),
}

/// Longest key of a row, its table not counted.
pub const MAX_KEY_BYTES: usize = 1024;

/// Every row of every table.
pub(crate) const ALL_ROWS: Range<&[u8]> = &[1]..&[240];

/// The range of the rows that start with `prefix`, from `from` on.
pub(crate) fn rows_with(prefix: &Row, from: &Row) -> (Bytes, Bytes) {
    let start = prefix.clone().max(from.clone()).into_bytes();
    let mut end = prefix.as_bytes().to_vec();
    while end.last() == Some(&u8::MAX) {
        end.pop();
    }
    // A row starts with the number of its table, which is below 255: something is left.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    (start, end.into())
}
