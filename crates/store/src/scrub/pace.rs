use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::files::{FileLock, Files, WalFile};

/// Counts what a scrub reads, and makes it rest in between.
pub(super) struct Pace {
    rest: Box<dyn Fn(u64) -> bool + Send + Sync>,
    read: AtomicU64,
    /// Read since the last rest.
    owed: AtomicU64,
    stopped: AtomicBool,
}

impl Pace {
    /// `rest` is told how many bytes were read since the last time; `false` from it ends the scrub.
    pub(super) fn new(rest: impl Fn(u64) -> bool + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            rest: Box::new(rest),
            read: AtomicU64::new(0),
            owed: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    /// Says whether to go on.
    pub(super) fn count(&self, bytes: u64) -> bool {
        self.read.fetch_add(bytes, Ordering::AcqRel);
        let owed = self.owed.fetch_add(bytes, Ordering::AcqRel) + bytes;
        if owed >= PORTION {
            self.owed.store(0, Ordering::Release);
            if !(self.rest)(owed) {
                self.stopped.store(true, Ordering::Release);
            }
        }
        !self.has_stopped()
    }

    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Acquire)
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

/// The files of a store, to be read at a pace; nothing else can be done with them.
pub(super) struct PacedFiles {
    pub(super) files: Arc<dyn Files>,
    pub(super) pace: Arc<Pace>,
}

struct PacedFile {
    file: Arc<dyn WalFile>,
    pace: Arc<Pace>,
}

impl Files for PacedFiles {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn WalFile>> {
        Ok(Arc::new(PacedFile {
            file: self.files.open(path)?,
            pace: self.pace.clone(),
        }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.files.list(dir)
    }

    fn create(&self, _: &Path) -> io::Result<Arc<dyn WalFile>> {
        Err(only_reads())
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        Err(only_reads())
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(only_reads())
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        Err(only_reads())
    }

    fn remove_dir(&self, _: &Path) -> io::Result<()> {
        Err(only_reads())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Err(only_reads())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<FileLock>> {
        Err(only_reads())
    }
}

impl WalFile for PacedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.file.read_at(buffer, offset)?;
        if self.pace.count(read as u64) {
            Ok(read)
        } else {
            Err(io::Error::other("the scrub was stopped"))
        }
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(only_reads())
    }

    fn sync(&self) -> io::Result<()> {
        Err(only_reads())
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

fn only_reads() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "a scrub only reads")
}

/// Read without a rest.
const PORTION: u64 = 256 << 10;
