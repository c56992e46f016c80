use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use passerelle_store::{Disk, Fatal, FileLock, Files, WalFile};

/// A real disk whose wal can stop taking what is written. Clones are the same disk.
#[derive(Clone, Default)]
pub struct FailingDisk(Arc<State>);

#[derive(Default)]
struct State {
    fails: AtomicBool,
    refused: AtomicU64,
}

impl FailingDisk {
    /// From now on nothing that is written to the wal becomes durable.
    pub fn fail(&self) {
        self.0.fails.store(true, Ordering::SeqCst);
    }

    /// How often something was refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::SeqCst)
    }

    fn check(&self) -> io::Result<()> {
        if self.0.fails.load(Ordering::SeqCst) {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
            return Err(io::Error::other("the disk is broken, on purpose"));
        }
        Ok(())
    }

    fn watched(&self, path: &Path, file: Arc<dyn WalFile>) -> Arc<dyn WalFile> {
        if path.components().any(|part| part.as_os_str() == "wal") {
            Arc::new(Watched {
                file,
                disk: self.clone(),
            })
        } else {
            file
        }
    }
}

impl Files for FailingDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn WalFile>> {
        Ok(self.watched(path, Disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn WalFile>> {
        Ok(self.watched(path, Disk.open(path)?))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        Disk.list(dir)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        Disk.create_dir(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        Disk.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        Disk.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<FileLock>> {
        Disk.lock(path)
    }
}

/// A file of the wal.
struct Watched {
    file: Arc<dyn WalFile>,
    disk: FailingDisk,
}

impl WalFile for Watched {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.check()?;
        self.file.sync()
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

/// The node lives on, and refuses everything: its process is that of the test.
impl Fatal for FailingDisk {
    fn fatal(&self, _reason: &str) {}
}
