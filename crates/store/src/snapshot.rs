//! Snapshots of the engine: from two of them and the wal after them it can be made again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::core::Core;
use crate::engine::{Engine, EngineError, Mark};
use crate::files::{Files, is_temporary};
use crate::store::TendError;
use crate::wal::{self, Segment};

mod file;

pub(crate) use file::Covered;
use file::{SnapshotError, read, write};

/// The snapshots in a folder, newest last.
///
/// A snapshot is taken while the engine goes on, so it is no state that ever was: its rows are as of
/// some moment between two marks. Replaying the wal from the first mark to the second and beyond
/// makes it whole, because frames say what rows become. Values are sealed before they reach the
/// store, so a snapshot needs no sealing of its own.
pub(crate) struct Snapshots {
    files: Arc<dyn Files>,
    dir: PathBuf,
    interval_bytes: u64,
    /// Wal written when the last one was taken.
    taken_at: AtomicU64,
    last_bytes: AtomicU64,
    /// Marks that the snapshots begin with, oldest first. Held while one is taken.
    marks: Mutex<Vec<Mark>>,
}

impl Snapshots {
    pub(crate) fn find(
        files: Arc<dyn Files>,
        dir: PathBuf,
        interval_bytes: u64,
    ) -> io::Result<Self> {
        files.create_dir(&dir)?;
        remove_parts(&*files, &dir)?;
        let mut marks = Vec::new();
        let mut last_bytes = 0;
        for name in files.list(&dir)? {
            let path = dir.join(&name);
            if let Some(mark) = mark_of(&name) {
                last_bytes = files.open(&path)?.size()?;
                marks.push(mark);
            }
        }
        Ok(Self {
            files,
            dir,
            interval_bytes,
            taken_at: AtomicU64::new(0),
            last_bytes: AtomicU64::new(last_bytes),
            marks: Mutex::new(marks),
        })
    }

    /// Fills an empty engine from the newest snapshot that is whole and that the wal, from batch
    /// `oldest` on, goes on from; says what it covers.
    pub(crate) fn restore(
        &self,
        engine: &dyn Engine,
        oldest: u64,
    ) -> Result<Option<Covered>, EngineError> {
        for mark in self
            .marks()
            .iter()
            .rev()
            .filter(|mark| mark.batch >= oldest)
        {
            match read(&*self.files, &self.path(*mark), *mark, None) {
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, batch = mark.batch, "a snapshot cannot be used");
                    continue;
                }
            }
            // Checked to its end before the engine takes the first row.
            let covered = read(&*self.files, &self.path(*mark), *mark, Some(engine));
            return covered.map(Some).map_err(|error| match error {
                SnapshotError::Engine(error) => error,
                error => EngineError::Failed(error.to_string()),
            });
        }
        Ok(None)
    }

    /// How many of these segments came after the newest one.
    pub(crate) fn segments_since(&self, segments: &[Segment]) -> u64 {
        let newest = self.marks().last().map_or(0, |mark| mark.batch);
        let since = segments
            .iter()
            .filter(|segment| segment.head.mark.batch > newest);
        since.count() as u64
    }

    /// Whether enough was written since the last one.
    pub(crate) fn is_due(&self, wal_bytes: u64) -> bool {
        let since = wal_bytes.saturating_sub(self.taken_at.load(Ordering::Acquire));
        since
            >= self
                .interval_bytes
                .max(self.last_bytes.load(Ordering::Acquire) / 2)
    }

    pub(crate) fn take_if_due(&self, core: &Core) -> Result<bool, TendError> {
        let wal_bytes = core.wal_bytes();
        if !self.is_due(wal_bytes) {
            return Ok(false);
        }
        self.take(core)?;
        self.taken_at.store(wal_bytes, Ordering::Release);
        Ok(true)
    }

    /// Takes one: streamed, synced, named, read back; the third newest goes.
    pub(crate) fn take(&self, core: &Core) -> Result<(), TendError> {
        let mut marks = self.marks();
        let engine = core.overlay.engine();
        let Some(from) = engine.mark()? else {
            return Ok(());
        };
        if marks.last().is_some_and(|last| last.batch >= from.batch) {
            return Ok(());
        }
        // Of a try before this one, which a full disk ended.
        remove_parts(&*self.files, &self.dir)?;
        let written = self.write(&**engine, from);
        if written.is_err() {
            // Gives back what a full disk needs more than we do. A failure here changes nothing.
            let _ = remove_parts(&*self.files, &self.dir);
            let _ = self.files.remove(&self.path(from));
        }
        let bytes = written?;
        self.last_bytes.store(bytes, Ordering::Release);
        marks.push(from);
        while marks.len() > KEPT {
            self.files.remove(&self.path(marks[0]))?;
            marks.remove(0);
        }
        self.files.sync_dir(&self.dir)?;
        Ok(())
    }

    /// Writes one and reads it back; gives its size.
    fn write(&self, engine: &dyn Engine, from: Mark) -> Result<u64, TendError> {
        let path = self.path(from);
        let bytes = write(&*self.files, &path, engine, from).map_err(SnapshotError::into_tend)?;
        self.files.sync_dir(&self.dir)?;
        read(&*self.files, &path, from, None)
            .map_err(|error| io::Error::other(format!("a snapshot reads back as {error}")))?;
        Ok(bytes)
    }

    /// Removes the segments of the wal that nothing needs any more: two snapshots begin after them,
    /// and their entries and sealed parts are in full tiles. The two newest stay.
    pub(crate) fn trim_wal(&self, core: &Core) -> Result<usize, TendError> {
        let marks = self.marks();
        let Some(covered) = marks.len().checked_sub(KEPT).map(|oldest| marks[oldest]) else {
            return Ok(0);
        };
        let in_full_tiles = core.log.published() / crate::log::TILE * crate::log::TILE;
        let origin = crate::open::origin_digest(core.log.verifying_key());
        let dir = core.wal_dir();
        let segments = wal::segments(&*self.files, &dir, origin).map_err(io::Error::other)?;
        let mut removed = 0;
        for pair in segments.windows(2).take(segments.len().saturating_sub(2)) {
            let next = pair[1].head;
            if next.mark.batch > covered.batch || next.first_leaf > in_full_tiles {
                break;
            }
            self.files.remove(&pair[0].path)?;
            removed += 1;
        }
        if removed > 0 {
            self.files.sync_dir(&dir)?;
        }
        Ok(removed)
    }

    /// Does something while no segment is removed.
    pub(crate) fn without_trim<T>(&self, f: impl FnOnce() -> T) -> T {
        let _held = self.marks();
        f()
    }

    /// Reads every snapshot to its end, through other files; says what is wrong.
    pub(crate) fn check(&self, files: &dyn Files) -> Vec<String> {
        let marks = self.marks().clone();
        let broken = |mark: Mark| {
            let path = self.path(mark);
            let error = read(files, &path, mark, None).err()?;
            // Not if the next one has taken its place meanwhile.
            if !self.marks().contains(&mark) {
                return None;
            }
            Some(format!(
                "{}: {error}; remove it, the next one takes its place",
                file_name(mark)
            ))
        };
        marks.into_iter().filter_map(broken).collect()
    }

    fn path(&self, mark: Mark) -> PathBuf {
        Path::new(&self.dir).join(file_name(mark))
    }

    fn marks(&self) -> std::sync::MutexGuard<'_, Vec<Mark>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove_parts(files: &dyn Files, dir: &Path) -> io::Result<()> {
    let names = files.list(dir)?.into_iter();
    let mut parts = names.filter(|name| is_temporary(name));
    parts.try_for_each(|part| files.remove(&dir.join(part)))
}

fn file_name(mark: Mark) -> String {
    format!("{:020}-{:08x}{EXTENSION}", mark.batch, mark.chain)
}

fn mark_of(name: &str) -> Option<Mark> {
    let (batch, chain) = name.strip_suffix(EXTENSION)?.split_once('-')?;
    let mark = Mark {
        batch: batch.parse().ok()?,
        chain: u32::from_str_radix(chain, 16).ok()?,
    };
    (file_name(mark) == name).then_some(mark)
}

const EXTENSION: &str = ".snapshot";
/// A segment goes only when so many cover it.
const KEPT: usize = 2;

#[cfg(test)]
mod tests;
