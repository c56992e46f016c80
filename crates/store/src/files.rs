use std::any::Any;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod disk;

pub use disk::Disk;

/// The port to files: a real disk ([`Disk`]) or a simulated one ([`SimDisk`](crate::sim::SimDisk)).
///
/// As on POSIX, what was written is durable once [`WalFile::sync`] returned, and a name (made,
/// renamed or removed) once [`Files::sync_dir`] of its folder returned.
pub trait Files: Send + Sync {
    /// Makes an empty file; one that is there is emptied.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn WalFile>>;

    /// Opens a file that exists, to read and to write.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn WalFile>>;

    /// Names of the files and folders in a folder, sorted; none when the folder does not exist.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Makes a folder and those above it, durably.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Renames a file, over another if there is one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder with all that is in it; nothing when there is none.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Holds a file for this process until what is returned is dropped. `None` when another
    /// process, or another store of this one, holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<FileLock>>;

    /// The whole content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let mut bytes = vec![0; usize::try_from(file.size()?).unwrap_or(usize::MAX)];
        let read = file.read_at(&mut bytes, 0)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// The whole content of a file, `None` when it does not exist.
    fn find(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match self.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// One file of the port [`Files`].
pub trait WalFile: Send + Sync {
    /// Reads into `buffer` from `offset` on; less only at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes durable all that was written, and the size (fdatasync).
    fn sync(&self) -> io::Result<()>;

    /// Its size in bytes.
    fn size(&self) -> io::Result<u64>;
}

/// Held while a file is locked.
pub type FileLock = Box<dyn Any + Send + Sync>;

/// Writes a file beside `path`, durable but for its name, and then names it so: whoever looks sees
/// the old content, the new one, or none, never a part. The caller syncs the folder.
pub(crate) fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let file = files.create(&temporary)?;
    file.write_at(bytes, 0)?;
    file.sync()?;
    files.rename(&temporary, path)
}

/// Whether there is no space for what was tried: the disk is full, or a quota is.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Whether a name was given by [`temporary`]: left over from a crash.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.ends_with(TEMPORARY)
}

/// The name under which `path` is written before it is complete.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(TEMPORARY);
    name.into()
}

const TEMPORARY: &str = ".part";
