use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use passerelle_domain::Timestamp;
use passerelle_proto::storage::v1::Frame;
use passerelle_tlog::{LogKey, RightEdge, Tree, leaf_hash};

use super::NEVER;
use super::engine::EngineState;
use super::published::Published;
use crate::clock::AcceptedClock;
use crate::config::StoreConfig;
use crate::engine::Changes;
use crate::error::OpenError;
use crate::files::Files;
use crate::log::{Head, Leaf, Log, LogFolder};
use crate::table::{Row, Table};
use crate::wal::{self, BatchRead, Segment, Tail};

/// What the wal holds beyond the engine and the full tiles.
pub(super) struct Replayed {
    pub(super) tail: Tail,
    pub(super) tree: Tree,
    /// The edge of the full tiles.
    edge: RightEdge,
    /// The leaves after them.
    leaves: Vec<Leaf>,
    newest: Timestamp,
}

/// Reads as much of the wal as is needed: from where engine or full tiles end, and at least the two
/// newest segments.
pub(super) fn replay(
    files: &dyn Files,
    segments: &[Segment],
    published: &Published,
    engine: &mut EngineState,
    folder: &LogFolder,
    accepted: Option<AcceptedClock>,
) -> Result<Replayed, OpenError> {
    let from = published.in_full_tiles();
    if let Some(first) = segments
        .first()
        .filter(|first| first.head.first_leaf > from)
    {
        return Err(OpenError::LogOlder {
            published: published.size(),
            wal: first.head.first_leaf,
        });
    }
    let (edge, mut tree) = published.edge(folder)?;
    published.check(&tree)?;
    let mut leaves = Vec::new();
    let mut newest = accepted.map_or(NEVER, AcceptedClock::wall);
    let start = start(segments, engine.found.batch, from);
    let tail = wal::read_from(files, &segments[start..], |batch| {
        engine.replay(&batch, || changes(&batch))?;
        if accepted.is_none_or(|accepted| accepted.is_before(batch.after)) {
            newest = newest.max(times(&batch));
        }
        let entries = batch
            .frames
            .iter()
            .filter_map(|frame| Some((frame.entry.as_ref()?, frame)));
        for ((entry, frame), index) in entries.zip(batch.first_leaf..) {
            if index >= from {
                let leaf = leaf(entry, frame);
                tree.append(leaf.hash);
                leaves.push(leaf);
                published.check(&tree)?;
            }
        }
        Ok::<_, OpenError>(())
    })?;
    // Not the tree: it begins with the full tiles, whether the wal has their entries or not.
    if tail.leaves < published.size() {
        return Err(OpenError::BehindCheckpoint {
            published: published.size(),
            wal: tail.leaves,
        });
    }
    engine.finish(tail.mark)?;
    Ok(Replayed {
        tail,
        tree,
        edge,
        leaves,
        newest,
    })
}

/// The parts of the writer that come out of the wal.
pub(super) struct Resumed {
    pub(super) log: Log,
    pub(super) tree: Tree,
    pub(super) newest: Timestamp,
}

impl Replayed {
    /// Makes what was read durable, since it may so far be in the memory of the system alone, and
    /// cuts off a batch that was not written whole.
    pub(super) fn settle(&self, files: &dyn Files, dir: &Path) -> Result<(), OpenError> {
        let io = OpenError::io;
        if let Some(segment) = &self.tail.segment {
            let file = files.open(&segment.path).map_err(io("opening the wal"))?;
            if self.tail.incomplete {
                let cut = wal::zero_from(&*file, self.tail.at).map_err(io("cutting the wal"))?;
                tracing::warn!(
                    bytes = cut,
                    "a batch that a crash had interrupted was cut off the wal"
                );
            }
            file.sync().map_err(io("fdatasync of the wal"))?;
        }
        files
            .sync_dir(dir)
            .map_err(io("fsync of the folder of the wal"))
    }

    pub(super) fn into_log(
        self,
        config: &StoreConfig,
        files: Arc<dyn Files>,
        key: Arc<LogKey>,
        folder: LogFolder,
        published: u64,
    ) -> Resumed {
        let head = Head::sign(&key, self.tree.size(), self.tree.root());
        let log = Log::new(
            files,
            key,
            folder,
            self.edge,
            head.clone(),
            config.recent_leaves,
            config.tile_cache_tiles,
        );
        log.extend(self.leaves, head);
        log.set_published(published);
        Resumed {
            log,
            tree: self.tree,
            newest: self.newest,
        }
    }
}

/// The segment to begin with.
fn start(segments: &[Segment], engine_batch: u64, leaf: u64) -> usize {
    let reaches = |segment: &&Segment| {
        segment.head.mark.batch <= engine_batch && segment.head.first_leaf <= leaf
    };
    let needed = segments.iter().filter(reaches).count().saturating_sub(1);
    needed.min(segments.len().saturating_sub(2))
}

/// What a batch makes of rows.
fn changes(batch: &BatchRead) -> Changes {
    let changes = batch.frames.iter().flat_map(|frame| &frame.changes);
    changes
        .filter_map(|change| {
            // A batch with a change of no table was refused when it was read.
            let table = Table::from_number(change.table)?;
            // Not a slice of the whole segment, which it would keep in memory.
            let value = change
                .value
                .as_ref()
                .map(|value| Bytes::copy_from_slice(value));
            Some((Row::new(table, &change.key), value))
        })
        .collect()
}

fn leaf(entry: &Bytes, frame: &Frame) -> Leaf {
    Leaf {
        hash: leaf_hash(entry),
        entry: Bytes::copy_from_slice(entry),
        sealed: frame
            .sealed
            .as_ref()
            .map(|sealed| Bytes::copy_from_slice(sealed)),
        at: Timestamp::from_millis(frame.time_ms),
    }
}

fn times(batch: &BatchRead) -> Timestamp {
    let newest = batch.frames.iter().map(|frame| frame.time_ms).max();
    Timestamp::from_millis(newest.unwrap_or_default())
}
