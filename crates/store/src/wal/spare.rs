use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::BLOCK;
use super::batch::is_zero;
use crate::files::{Files, WalFile};

/// Segments made ahead of need: the next one, so that the writer does not wait for zeros to be
/// written, and the reserve, for what must be taken although the disk is full.
pub(crate) struct Spares {
    files: Arc<dyn Files>,
    dir: PathBuf,
    next_bytes: u64,
    reserve_bytes: u64,
    /// Held while spares are made, so that two do not make the same one.
    making: Mutex<Making>,
    ready: Mutex<Ready>,
    /// What a batch that is not urgent finds in the segment that is written.
    room: AtomicU64,
}

/// A file of zeros.
pub(crate) struct Spare {
    pub(crate) file: Arc<dyn WalFile>,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) reserve: bool,
}

#[derive(Default)]
struct Making {
    /// Spares that the process before left, until they are used again or removed.
    left_over: Vec<PathBuf>,
    /// No two spares of one folder have the same name: one that is taken keeps its name until it is
    /// a segment.
    next_name: u64,
}

#[derive(Default)]
struct Ready {
    next: Option<Spare>,
    reserve: Option<Spare>,
    /// The last spare could not be made: most likely for lack of space.
    failed: bool,
}

impl Spares {
    /// The spares in a folder that no writer uses yet.
    pub(crate) fn find(
        files: Arc<dyn Files>,
        dir: PathBuf,
        next_bytes: u64,
        reserve_bytes: u64,
    ) -> io::Result<Self> {
        let mut making = Making::default();
        for name in files.list(&dir)? {
            if let Some(number) = name.strip_suffix(EXTENSION) {
                making.left_over.push(dir.join(&name));
                let number: u64 = number.parse().unwrap_or_default();
                making.next_name = making.next_name.max(number + 1);
            }
        }
        Ok(Self {
            files,
            dir,
            next_bytes,
            reserve_bytes,
            making: Mutex::new(making),
            ready: Mutex::default(),
            room: AtomicU64::new(0),
        })
    }

    /// Makes the spares that are missing.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let made = self.make_missing(&mut making);
        self.ready().failed = made.is_err();
        made
    }

    /// Whether the disk was full, or made no file for another reason, when a spare was last made.
    pub(crate) fn disk_full(&self) -> bool {
        self.ready().failed
    }

    /// Says what is left for batches that are not urgent in the segment that is written.
    pub(crate) fn put_room(&self, bytes: u64) {
        self.room.store(bytes, Ordering::Release);
    }

    /// Whether a batch of so many bytes has a place, urgent or not.
    pub(crate) fn have_room_for(&self, bytes: u64) -> bool {
        let ready = self.ready();
        !ready.failed || ready.next.is_some() || self.room.load(Ordering::Acquire) >= bytes
    }

    pub(crate) fn is_complete(&self) -> bool {
        let ready = self.ready();
        ready.next.is_some() && ready.reserve.is_some()
    }

    pub(crate) fn take_next(&self) -> Option<Spare> {
        self.ready().next.take()
    }

    pub(crate) fn take_reserve(&self) -> Option<Spare> {
        self.ready().reserve.take()
    }

    fn make_missing(&self, making: &mut Making) -> io::Result<()> {
        // The reserve first: it is of no use once the disk is full.
        if self.ready().reserve.is_none() {
            let reserve = self.make(making, self.reserve_bytes, true)?;
            self.ready().reserve = Some(reserve);
        }
        if self.ready().next.is_none() {
            let next = self.make(making, self.next_bytes, false)?;
            self.ready().next = Some(next);
        }
        while let Some(path) = making.left_over.pop() {
            self.files.remove(&path)?;
        }
        Ok(())
    }

    fn make(&self, making: &mut Making, bytes: u64, reserve: bool) -> io::Result<Spare> {
        let (path, file) = match self.adopt(making, bytes)? {
            Some(adopted) => adopted,
            None => {
                let path = self
                    .dir
                    .join(format!("{:020}{EXTENSION}", making.next_name));
                making.next_name += 1;
                let file = self.create(&path, bytes)?;
                (path, file)
            }
        };
        Ok(Spare {
            file,
            path,
            bytes,
            reserve,
        })
    }

    /// A spare left by the process before, all zero again if it was begun to be used.
    fn adopt(
        &self,
        making: &mut Making,
        bytes: u64,
    ) -> io::Result<Option<(PathBuf, Arc<dyn WalFile>)>> {
        for (number, path) in making.left_over.iter().enumerate() {
            let file = self.files.open(path)?;
            if file.size()? == bytes {
                zero_from(&*file, 0)?;
                file.sync()?;
                return Ok(Some((making.left_over.remove(number), file)));
            }
        }
        Ok(None)
    }

    fn create(&self, path: &Path, bytes: u64) -> io::Result<Arc<dyn WalFile>> {
        let file = self.files.create(path)?;
        if let Err(error) = fill(&*file, bytes) {
            // Gives back what a full disk needs more than we do. A failure here changes nothing.
            let _ = self.files.remove(path);
            return Err(error);
        }
        self.files.sync_dir(&self.dir)?;
        Ok(file)
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Zeros that are really written: blocks that are only reserved cost a journal commit at each sync.
fn fill(file: &dyn WalFile, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; FILL.min(usize::try_from(bytes).unwrap_or(FILL))];
    let mut at = 0;
    while at < bytes {
        let length = zeros.len().min(usize::try_from(bytes - at).unwrap_or(FILL));
        file.write_at(&zeros[..length], at)?;
        at += length as u64;
        // In small portions, between which the writer's own syncs find room.
        file.sync()?;
    }
    Ok(())
}

/// Writes zeros over every block from `at` on that is not zero; says how many bytes that were.
pub(crate) fn zero_from(file: &dyn WalFile, at: u64) -> io::Result<u64> {
    let mut buffer = vec![0; READ];
    let mut zeroed = 0;
    let mut at = at;
    loop {
        let read = file.read_at(&mut buffer, at)?;
        if read == 0 {
            return Ok(zeroed);
        }
        for (block, content) in buffer[..read].chunks(BLOCK).enumerate() {
            if !is_zero(content) {
                file.write_at(&[0; BLOCK][..content.len()], at + (block * BLOCK) as u64)?;
                zeroed += content.len() as u64;
            }
        }
        at += read as u64;
    }
}

const EXTENSION: &str = ".spare";
const FILL: usize = 1 << 20;
const READ: usize = 64 << 10;
