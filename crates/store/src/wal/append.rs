use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use passerelle_domain::Digest;

use super::batch::BatchBuffer;
use super::read::Tail;
use super::segment::{SegmentHead, file_name};
use super::spare::{Spare, Spares};
use crate::engine::Mark;
use crate::files::{Files, WalFile, is_full};

/// The end of the wal, to which batches are appended.
pub(crate) struct Wal {
    files: Arc<dyn Files>,
    dir: PathBuf,
    origin: Digest,
    spares: Arc<Spares>,
    current: Option<Current>,
    mark: Mark,
}

/// The segment that is written.
struct Current {
    file: Arc<dyn WalFile>,
    at: u64,
    bytes: u64,
    /// Only for what may be written although the disk is full.
    reserve: bool,
    /// A write failed at its end: nothing more goes into it.
    spoiled: bool,
}

/// Why a batch was not appended.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// There is no segment to put it in, and none can be made. Nothing was written.
    NoSpace,
    /// The disk fails: what it holds is not known any more.
    Fatal(&'static str, io::Error),
}

impl Wal {
    /// Goes on where reading the wal ended.
    pub(crate) fn resume(
        files: Arc<dyn Files>,
        dir: PathBuf,
        origin: Digest,
        spares: Arc<Spares>,
        tail: &Tail,
    ) -> io::Result<Self> {
        let current = match &tail.segment {
            Some(segment) => {
                let file = files.open(&segment.path)?;
                let bytes = file.size()?;
                Some(Current {
                    file,
                    at: tail.at,
                    bytes,
                    reserve: segment.head.reserve,
                    spoiled: false,
                })
            }
            None => None,
        };
        let wal = Self {
            files,
            dir,
            origin,
            spares,
            current,
            mark: tail.mark,
        };
        wal.tell_room();
        Ok(wal)
    }

    /// Appends a batch and makes it durable. With `urgent` it may go into the reserve.
    pub(crate) fn append(
        &mut self,
        batch: &mut BatchBuffer,
        first_leaf: u64,
        urgent: bool,
    ) -> Result<Mark, AppendError> {
        let appended = self.append_batch(batch, first_leaf, urgent);
        self.tell_room();
        appended
    }

    fn append_batch(
        &mut self,
        batch: &mut BatchBuffer,
        first_leaf: u64,
        urgent: bool,
    ) -> Result<Mark, AppendError> {
        let (bytes, mark) = batch.finish(self.mark, first_leaf);
        let length = bytes.len() as u64;
        let fits = |current: &&mut Current| {
            current.bytes - current.at >= length && !current.spoiled && (urgent || !current.reserve)
        };
        let current = match self.current.as_mut().filter(fits) {
            Some(current) => current,
            None => {
                let head = SegmentHead {
                    mark: self.mark,
                    first_leaf,
                    origin: self.origin,
                    reserve: false,
                };
                let next = roll(&*self.files, &self.dir, &self.spares, head, length, urgent)?;
                self.current.insert(next)
            }
        };
        if let Err(error) = current.file.write_at(bytes, current.at) {
            current.spoiled = true;
            return Err(AppendError::from("writing to the wal", error));
        }
        // Whatever a failed fsync says of the disk, a second one will not say again.
        if let Err(error) = current.file.sync() {
            return Err(AppendError::Fatal("fdatasync of the wal", error));
        }
        current.at += length;
        self.mark = mark;
        Ok(mark)
    }

    /// Whether a batch that is not urgent has a segment to go into.
    pub(crate) fn has_room(&self) -> bool {
        let ready = self
            .current
            .as_ref()
            .is_some_and(|current| !current.reserve && !current.spoiled);
        ready || !self.spares.disk_full()
    }

    fn tell_room(&self) {
        let current = self.current.as_ref();
        let current = current.filter(|current| !current.reserve && !current.spoiled);
        self.spares
            .put_room(current.map_or(0, |current| current.bytes - current.at));
    }
}

/// Begins the segment after the current one.
fn roll(
    files: &dyn Files,
    dir: &std::path::Path,
    spares: &Spares,
    head: SegmentHead,
    length: u64,
    urgent: bool,
) -> Result<Current, AppendError> {
    let spare = spare(spares, length, urgent)?;
    let head = SegmentHead {
        reserve: spare.reserve,
        ..head
    };
    let head_bytes = head.to_bytes();
    let step = |step: &'static str, done: io::Result<()>| {
        done.map_err(|error| {
            // Nobody else knows of it any more, and it takes space.
            let _ = files.remove(&spare.path);
            AppendError::from(step, error)
        })
    };
    let synced = |step: &'static str, done: io::Result<()>| {
        done.map_err(|error| AppendError::Fatal(step, error))
    };
    step(
        "writing the head of a segment",
        spare.file.write_at(&head_bytes, 0),
    )?;
    synced("fdatasync of a new segment", spare.file.sync())?;
    let path = dir.join(file_name(head.mark.batch));
    step("naming a new segment", files.rename(&spare.path, &path))?;
    synced("fsync of the folder of the wal", files.sync_dir(dir))?;
    Ok(Current {
        file: spare.file,
        at: head_bytes.len() as u64,
        bytes: spare.bytes,
        reserve: spare.reserve,
        spoiled: false,
    })
}

fn spare(spares: &Spares, length: u64, urgent: bool) -> Result<Spare, AppendError> {
    if let Some(next) = spares.take_next() {
        return Ok(next);
    }
    // Nothing that was acknowledged is in a file that cannot be made, whatever the reason.
    if let Err(error) = spares.prepare() {
        tracing::error!(%error, "no segment for the wal");
    }
    let reserve = || if urgent { spares.take_reserve() } else { None };
    let spare = spares.take_next().or_else(reserve);
    let fits = |spare: &Spare| spare.bytes - super::BLOCK as u64 >= length;
    spare.filter(fits).ok_or(AppendError::NoSpace)
}

impl AppendError {
    fn from(step: &'static str, error: io::Error) -> Self {
        if is_full(&error) {
            Self::NoSpace
        } else {
            Self::Fatal(step, error)
        }
    }
}
