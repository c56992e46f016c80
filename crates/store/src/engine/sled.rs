use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use sled::{Batch, Db, IVec};

use super::digest::RowSum;
use super::{ALL_ROWS, Changes, Engine, EngineError, Engines, Mark};
use crate::table::Row;
use totals::{Totals, Walk};
use value::{Header, Stored};

mod totals;
mod value;

/// sled 0.34, the default: embedded, one folder.
///
/// It is used as an index only. Its `flush` is not durable on Linux (it syncs no file), and a power
/// cut may leave its folder in any state; so every value carries a check, the [`Mark`] carries a sum
/// over all rows, and an engine that does not pass is rebuilt.
#[derive(Debug, Clone, Copy)]
pub struct SledEngines {
    /// What sled may keep in memory, in bytes; it takes up to four times as much.
    pub cache_bytes: u64,
}

impl Default for SledEngines {
    /// 64 MiB of cache.
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
        }
    }
}

impl Engines for SledEngines {
    fn open(&self, dir: &Path) -> Result<Arc<dyn Engine>, EngineError> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(self.cache_bytes)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        let db = open_once_free(&config)?;
        let totals = match guarded(|| db.get(MARK_KEY))? {
            Some(bytes) => Totals::read(&bytes)?,
            None if guarded(|| Ok(db.is_empty()))? => Totals::default(),
            None => return Err(EngineError::Damaged("it has rows and no mark".to_owned())),
        };
        Ok(Arc::new(SledEngine {
            db,
            dir: dir.to_owned(),
            totals: Mutex::new(totals),
        }))
    }

    fn exists(&self, dir: &Path) -> bool {
        dir.exists()
    }

    fn set_aside(&self, dir: &Path, aside: &Path) -> io::Result<()> {
        if aside.exists() {
            fs::remove_dir_all(aside)?;
        }
        fs::rename(dir, aside)
    }
}

struct SledEngine {
    db: Db,
    dir: PathBuf,
    /// Held while changes are applied, and while a check reads a page.
    totals: Mutex<Totals>,
}

impl SledEngine {
    fn totals(&self) -> MutexGuard<'_, Totals> {
        // Totals are replaced whole, after sled took the batch.
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row as it is stored, unchecked.
    fn find(&self, row: &[u8]) -> Result<Option<IVec>, EngineError> {
        guarded(|| self.db.get(row))
    }

    /// The value of a row. Its chunks, if it has some, are read one by one: an application may come
    /// between them.
    fn value(&self, row: &[u8], stored: &[u8]) -> Result<Bytes, EngineError> {
        let stored = Stored::read(row, stored)?;
        match stored {
            Stored::Inline(value) => Ok(value),
            Stored::Chunked(header) => {
                let mut value = Vec::with_capacity(header.bytes as usize);
                for key in header.chunk_keys(row) {
                    let chunk = self.find(&key)?.ok_or_else(|| value::damaged(row))?;
                    value.extend_from_slice(&chunk);
                }
                header.checked(row, value)
            }
        }
    }

    /// As [`SledEngine::value`], but again without applications in between when that went wrong.
    fn value_or_again(&self, row: &[u8], stored: &[u8]) -> Result<Option<Bytes>, EngineError> {
        match self.value(row, stored) {
            Err(EngineError::Damaged(_)) => {}
            read => return read.map(Some),
        }
        let _no_applications = self.totals();
        match self.find(row)? {
            Some(stored) => self.value(row, &stored).map(Some),
            None => Ok(None),
        }
    }

    fn page(&self, range: Range<&[u8]>, limit: usize) -> Result<Vec<(IVec, IVec)>, EngineError> {
        guarded(|| self.db.range(range).take(limit).collect())
    }

    /// Reads the next rows of a walk; says how many bytes they were, if there were more.
    fn walk_on(&self) -> Result<Option<u64>, EngineError> {
        let mut totals = self.totals();
        let Some(walk) = totals.walk.as_mut() else {
            return Ok(None);
        };
        let mut bytes = 0;
        let page = self.page(&walk.reached..ALL_ROWS.end, WALK_ROWS)?;
        for (row, stored) in &page {
            bytes += (row.len() + self.value(row, stored)?.len()) as u64;
            walk.sum.add(row, Header::of(row, stored)?.check);
        }
        let Some((last, _)) = page.last() else {
            return Ok(None);
        };
        walk.reached = last.to_vec();
        walk.reached.push(0);
        Ok(Some(bytes))
    }
}

impl Engine for SledEngine {
    fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        match self.find(row.as_bytes())? {
            Some(stored) => self.value_or_again(row.as_bytes(), &stored),
            None => Ok(None),
        }
    }

    fn scan(&self, range: Range<&[u8]>, limit: usize) -> Result<Vec<(Row, Bytes)>, EngineError> {
        let mut rows = Vec::new();
        for (key, stored) in self.page(range, limit)? {
            let row = Row::from_bytes(Bytes::copy_from_slice(&key))
                .ok_or_else(|| value::damaged(&key))?;
            if let Some(value) = self.value_or_again(&key, &stored)? {
                rows.push((row, value));
            }
        }
        Ok(rows)
    }

    fn apply(&self, changes: &Changes, mark: Mark) -> Result<(), EngineError> {
        let mut held = self.totals();
        let mut totals = held.clone();
        let mut batch = Batch::default();
        for (row, value) in changes {
            let row = row.as_bytes();
            let old = match self.find(row)? {
                Some(stored) => Some(Header::of(row, &stored)?),
                None => None,
            };
            let mut chunks = 0;
            if let Some(value) = value {
                let header = Header::new(row, value);
                chunks = header.chunks();
                for (key, chunk) in header.chunk_keys(row).zip(value.chunks(value::CHUNK_BYTES)) {
                    batch.insert(key, chunk);
                }
                totals.sums(row).for_each(|sum| sum.add(row, header.check));
                batch.insert(row, header.stored(value));
            } else {
                batch.remove(row);
            }
            if let Some(old) = old {
                totals.sums(row).for_each(|sum| sum.remove(row, old.check));
                for key in old.chunk_keys(row).skip(chunks) {
                    batch.remove(key);
                }
            }
        }
        totals.mark = Some(mark);
        batch.insert(MARK_KEY, Totals::to_bytes(mark, totals.sum));
        guarded(|| self.db.apply_batch(batch))?;
        *held = totals;
        Ok(())
    }

    fn mark(&self) -> Result<Option<Mark>, EngineError> {
        Ok(self.totals().mark)
    }

    fn rows(&self) -> Result<u64, EngineError> {
        Ok(self.totals().sum.rows())
    }

    fn check(&self, rest: &dyn Fn(u64) -> bool) -> Result<(), EngineError> {
        self.totals().walk = Some(Walk {
            reached: ALL_ROWS.start.to_vec(),
            sum: RowSum::default(),
        });
        loop {
            match self.walk_on() {
                Ok(Some(bytes)) if rest(bytes) => {}
                Ok(Some(_)) => {
                    self.totals().walk = None;
                    return Ok(());
                }
                Ok(None) => break,
                Err(error) => {
                    self.totals().walk = None;
                    return Err(error);
                }
            }
        }
        let mut totals = self.totals();
        match totals.walk.take() {
            Some(walk) if walk.sum != totals.sum => Err(EngineError::Damaged(format!(
                "it holds {} rows that do not add up to the {} it took",
                walk.sum.rows(),
                totals.sum.rows()
            ))),
            _ => Ok(()),
        }
    }

    fn flush(&self) -> Result<(), EngineError> {
        guarded(|| self.db.flush())?;
        // What sled does not do: see `SledEngines`.
        sync_files(&self.dir).map_err(|error| EngineError::Failed(error.to_string()))
    }
}

/// Makes durable all files in a folder, and their names.
fn sync_files(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_files(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(dir)?.sync_all()
}

/// Opens a database that was closed a moment ago: sled's threads let go of its lock only when they
/// have noticed. No other process can hold it, for the folder of the store is ours.
fn open_once_free(config: &sled::Config) -> Result<Db, EngineError> {
    let mut tries = LOCK_TRIES;
    loop {
        match guarded(|| config.open()) {
            Err(EngineError::Failed(error))
                if tries > 0 && error.contains("could not acquire lock") =>
            {
                tries -= 1;
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
}

/// sled panics on some damaged files.
fn guarded<T>(f: impl FnOnce() -> sled::Result<T>) -> Result<T, EngineError> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(outcome) => outcome.map_err(EngineError::from),
        Err(_) => Err(EngineError::Damaged("sled panicked".to_owned())),
    }
}

impl From<sled::Error> for EngineError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => Self::Failed(error.to_string()),
            error => Self::Damaged(error.to_string()),
        }
    }
}

/// Before every table.
const MARK_KEY: &[u8] = b"\0mark";

/// Rows read at a time by a check, while applications wait.
const WALK_ROWS: usize = 256;

const FLUSH_EVERY_MS: u64 = 500;

/// Ten seconds in all.
const LOCK_TRIES: u32 = 2000;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests;
