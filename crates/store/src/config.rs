use std::path::PathBuf;

use crate::core::LOG;

/// Where a store lives and how much it may use. Units are in the names.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The folder of the store. It is made if it is not there.
    pub dir: PathBuf,

    /// Who moves it.
    pub drive: Drive,

    /// Size of a segment of the wal. Twice what one batch may hold is the least. Default 64 MiB.
    pub segment_bytes: u64,

    /// Wal kept ready for urgent transactions when the disk is full. Default 16 MiB.
    pub reserve_bytes: u64,

    /// Transactions in one batch. Default 1,024.
    pub batch_transactions: usize,

    /// Size at which a batch takes no further transaction. Default 4 MiB.
    pub batch_bytes: usize,

    /// The most that one transaction may write, and so the longest value. A longer one is refused
    /// ([`Refusal::TooLarge`](crate::Refusal::TooLarge)). Default 4 MiB.
    pub transaction_bytes: usize,

    /// Transactions that may wait for the writer; the next is refused
    /// ([`Refusal::Busy`](crate::Refusal::Busy)). Urgent ones have an eighth more. Default 4,096.
    pub queue_transactions: usize,

    /// Written rows that may wait in memory for the engine to take them; at that size the writer
    /// waits for it. Default 32 MiB.
    pub unapplied_bytes: usize,

    /// Rows that stay in memory, sealed, once they were read. Default 128 MiB.
    pub cached_bytes: usize,

    /// How long written rows wait in memory, so that the engine takes many at once. Default 50.
    pub apply_interval_ms: u64,

    /// How long an entry may wait for its tile and a published checkpoint. Nothing is written while
    /// nothing is new. Default 1,000.
    pub publish_interval_ms: u64,

    /// How long after an entry its publication may come at the latest: what a checkpoint that was
    /// handed out promises. Past it transactions with an entry are refused
    /// ([`Refusal::PublicationStalled`](crate::Refusal::PublicationStalled)) until the folder can be
    /// written again. Default 60,000.
    pub promise_ms: u64,

    /// Entries that may wait for publication; at that size transactions with an entry are refused
    /// ([`Refusal::PublicationStalled`](crate::Refusal::PublicationStalled)). Default 64 MiB.
    pub unpublished_bytes: usize,

    /// Newest leaves whose hashes stay in memory, 64 bytes each: how old a checkpoint may be and
    /// still cost no read. Default 262,144.
    pub recent_leaves: u64,

    /// Older tiles of hashes that stay in memory once they were read, 16 KiB each. Default 512.
    pub tile_cache_tiles: usize,

    /// Wal written between two snapshots of the engine, at least; and at least half the size of the
    /// last snapshot, so that a large node does not write snapshots all day. Default 256 MiB.
    pub snapshot_interval_bytes: u64,

    /// When all that lies on the disk is read again for the first time after the start. Default
    /// 60,000.
    pub scrub_delay_ms: u64,

    /// And how long after each time the next. Default 86,400,000: a day.
    pub scrub_interval_ms: u64,

    /// How fast it is read, so that nobody else waits for the disk. Default 32 MiB.
    pub scrub_bytes_per_second: u64,

    /// Rows up to which the engine is checked whole at every start. A larger one is checked whole
    /// at start only if it was not closed in good order. Default 200,000.
    pub engine_check_rows: u64,

    /// How far the wall clock may be behind the newest frame before it is a fault. Default 60,000.
    pub clock_fault_ms: u64,
}

/// Who moves a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drive {
    /// Threads of its own: a node.
    Threads,
    /// Whoever waits for a transaction steps the writer; the rest waits for
    /// [`Store::tend`](crate::Store::tend): simulations.
    Inline,
    /// Nothing moves but by [`Store::step`](crate::Store::step) and
    /// [`Store::tend`](crate::Store::tend): tests of what happens between.
    Manual,
}

impl StoreConfig {
    /// The defaults, for a node that lives in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            drive: Drive::Threads,
            segment_bytes: 64 << 20,
            reserve_bytes: 16 << 20,
            batch_transactions: 1024,
            batch_bytes: 4 << 20,
            transaction_bytes: 4 << 20,
            queue_transactions: 4096,
            unapplied_bytes: 32 << 20,
            cached_bytes: 128 << 20,
            apply_interval_ms: 50,
            publish_interval_ms: 1000,
            promise_ms: 60_000,
            unpublished_bytes: 64 << 20,
            recent_leaves: 1 << 18,
            tile_cache_tiles: 512,
            snapshot_interval_bytes: 256 << 20,
            scrub_delay_ms: 60_000,
            scrub_interval_ms: 24 * 60 * 60 * 1000,
            scrub_bytes_per_second: 32 << 20,
            engine_check_rows: 200_000,
            clock_fault_ms: 60_000,
        }
    }

    /// Small sizes, moved inline: for simulations and tests.
    pub fn small(dir: impl Into<PathBuf>) -> Self {
        Self {
            drive: Drive::Inline,
            segment_bytes: 64 << 10,
            reserve_bytes: 32 << 10,
            batch_bytes: 8 << 10,
            transaction_bytes: 16 << 10,
            cached_bytes: 64 << 10,
            recent_leaves: 512,
            tile_cache_tiles: 8,
            snapshot_interval_bytes: 128 << 10,
            ..Self::new(dir)
        }
    }

    /// The folder of the exchange logs: under it a folder a part of the name of each.
    pub fn logs(&self) -> PathBuf {
        self.dir.join(LOG)
    }

    /// The largest batch in a segment or in the reserve, with room for its head.
    pub(crate) fn largest_batch_bytes(&self) -> u64 {
        (self.batch_bytes + self.transaction_bytes) as u64 + 4096
    }
}
