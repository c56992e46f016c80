use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, Range};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use bytes::Bytes;

use crate::cache::{RowCache, is_group};
use crate::engine::{Changes, Engine, EngineError, Mark};
use crate::table::Row;

/// The rows of durable batches that the engine has not taken yet, over the engine.
///
/// Readers look here first: a row leaves only after the engine has it.
pub(crate) struct Overlay {
    engine: Arc<dyn Engine>,
    /// Rows of the engine.
    cache: RowCache,
    most_bytes: usize,
    rows: RwLock<BTreeMap<Row, Newest>>,
    waiting: Mutex<Waiting>,
    taken: Condvar,
    /// Something read from the engine was not what was written: nothing in it is believed any more.
    damaged: OnceLock<EngineError>,
    /// Held by who applies, so that batches reach the engine in their order.
    applying: Mutex<()>,
}

/// What a row became, and in which batch.
struct Newest {
    batch: u64,
    value: Option<Bytes>,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<(Changes, Mark)>,
    bytes: usize,
    failed: Option<EngineError>,
}

impl Overlay {
    pub(crate) fn new(engine: Arc<dyn Engine>, most_bytes: usize, cached_bytes: usize) -> Self {
        Self {
            engine,
            cache: RowCache::new(cached_bytes),
            most_bytes,
            rows: RwLock::default(),
            waiting: Mutex::default(),
            taken: Condvar::new(),
            damaged: OnceLock::new(),
            applying: Mutex::default(),
        }
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Takes the rows of a durable batch: from now on every reader sees them.
    pub(crate) fn push(&self, changes: Changes, mark: Mark) {
        let bytes = bytes(&changes);
        {
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            for (row, value) in &changes {
                let newest = Newest {
                    batch: mark.batch,
                    value: value.clone(),
                };
                rows.insert(row.clone(), newest);
            }
        }
        let mut waiting = self.waiting();
        waiting.bytes += bytes;
        waiting.batches.push_back((changes, mark));
    }

    /// Whether more waits than may.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes() >= self.most_bytes
    }

    /// What waits.
    pub(crate) fn bytes(&self) -> usize {
        self.waiting().bytes
    }

    /// Waits until there is room again, or the engine has failed.
    pub(crate) fn wait_for_room(&self) {
        let full =
            |waiting: &mut Waiting| waiting.bytes >= self.most_bytes && waiting.failed.is_none();
        let waited = self.taken.wait_while(self.waiting(), full);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Why the engine takes nothing any more, or is not read any more.
    pub(crate) fn failure(&self) -> Option<EngineError> {
        let damaged = self.damaged.get().cloned();
        damaged.or_else(|| self.waiting().failed.clone())
    }

    /// Says that the engine was found damaged: from now on nothing is read from it. The next start
    /// sets it aside and makes it again.
    pub(crate) fn condemn(&self, error: &EngineError) {
        if self.damaged.set(error.clone()).is_ok() {
            tracing::error!(%error, "nothing is read any more; the next start makes the engine again");
        }
    }

    /// Nobody lets the engine take anything any more: nobody shall wait for it.
    pub(crate) fn stop(&self) {
        let stopped = || EngineError::Failed("the store has failed".to_owned());
        self.waiting().failed.get_or_insert_with(stopped);
        self.taken.notify_all();
    }

    /// Lets the engine take some of the batches that wait; says whether more do.
    pub(crate) fn apply(&self) -> bool {
        let _one_at_a_time = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((changes, mark, batches)) = self.next() else {
            return false;
        };
        let outcome = self.engine.apply(&changes, mark);
        if outcome.is_ok() {
            // Before they leave the overlay: until then nobody looks for them behind it.
            self.cache.forget(changes.keys());
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            for row in changes.keys() {
                if rows
                    .get(row)
                    .is_some_and(|newest| newest.batch <= mark.batch)
                {
                    rows.remove(row);
                }
            }
        }
        let mut waiting = self.waiting();
        match outcome {
            Ok(()) => {
                for (changes, _) in waiting.batches.drain(..batches).collect::<Vec<_>>() {
                    waiting.bytes -= bytes(&changes);
                }
            }
            Err(error) => {
                tracing::error!(%error, "the engine takes nothing any more; what was acknowledged is in the wal");
                waiting.failed = Some(error);
            }
        }
        self.taken.notify_all();
        waiting.failed.is_none() && !waiting.batches.is_empty()
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        {
            let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(newest) = rows.get(row) {
                return Ok(newest.value.clone());
            }
        }
        self.read(|engine| {
            let ticket = match self.cache.row(row) {
                Ok(known) => return Ok(Some(known)),
                Err(ticket) => ticket,
            };
            let found = engine.get(row)?;
            if let Some(value) = &found {
                self.cache.keep_row(ticket, row, value);
            }
            Ok(found)
        })
    }

    /// At most `limit` rows of the engine.
    pub(crate) fn scan_engine(
        &self,
        range: Range<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Row, Bytes)>, EngineError> {
        let group = range.start;
        if limit < usize::MAX || !is_group(group, range.end) {
            return self.read(|engine| engine.scan(range, limit));
        }
        self.read(|engine| {
            let ticket = match self.cache.group(group) {
                Ok(known) => return Ok(known.to_vec()),
                Err(ticket) => ticket,
            };
            let rows = engine.scan(range, limit)?;
            self.cache.keep_group(ticket, group, &rows);
            Ok(rows)
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&dyn Engine) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if let Some(error) = self.damaged.get() {
            return Err(error.clone());
        }
        let found = read(&*self.engine);
        if let Err(error @ EngineError::Damaged(_)) = &found {
            self.condemn(error);
        }
        found
    }

    /// Copies what is newer than the engine in a range, up to where `live` rows with a value were
    /// found; says where that is, if it is before the end.
    pub(crate) fn copy_range(
        &self,
        start: &[u8],
        end: &[u8],
        live: usize,
        into: &mut Changes,
    ) -> Option<Row> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let bounds = (Bound::Included(start), Bound::Excluded(end));
        let mut found = 0;
        for (row, newest) in rows.range::<[u8], _>(bounds) {
            if found == live {
                return Some(row.clone());
            }
            found += usize::from(newest.value.is_some());
            into.insert(row.clone(), newest.value.clone());
        }
        None
    }

    /// The next batches, merged into one.
    fn next(&self) -> Option<(Changes, Mark, usize)> {
        let waiting = self.waiting();
        if waiting.failed.is_some() {
            return None;
        }
        let (mut merged, mut mark) = waiting.batches.front()?.clone();
        let mut batches = 1;
        for (changes, next) in waiting.batches.iter().skip(1) {
            if merged.len() + changes.len() > MERGED_ROWS {
                break;
            }
            merged.extend(
                changes
                    .iter()
                    .map(|(row, value)| (row.clone(), value.clone())),
            );
            mark = *next;
            batches += 1;
        }
        Some((merged, mark, batches))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(changes: &Changes) -> usize {
    let row = |(row, value): (&Row, &Option<Bytes>)| {
        row.as_bytes().len() + value.as_ref().map_or(0, Bytes::len) + ROW
    };
    changes.iter().map(row).sum()
}

/// What a row costs beside its bytes, about.
const ROW: usize = 96;

/// The engine's readers wait while it takes rows: not too many at once. Nor few: each time costs as
/// much as many rows do.
const MERGED_ROWS: usize = 512;

#[cfg(test)]
mod tests;
