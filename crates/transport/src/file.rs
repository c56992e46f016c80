//! Small files, read whole and written so that they are there after a power cut, or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// No certificate, key or CRL of ours comes near this; a longer file is a mistake.
const MOST: u64 = 8 << 20;

/// A file that could not be read or written as asked; it says which.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is there already and would have been lost.
    #[error("{}: exists already and is never overwritten", .0.display())]
    Exists(PathBuf),
    /// It is far longer than what should be in it.
    #[error("{}: longer than {MOST} bytes", .0.display())]
    TooLong(PathBuf),
    /// It holds a secret, and every user of the machine may read it.
    #[error("{}: holds a secret that every user of this machine may read (chmod 600 it)", .0.display())]
    Exposed(PathBuf),
    /// It is not text.
    #[error("{}: not UTF-8 text", .0.display())]
    NotText(PathBuf),
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, FileError> {
    let file = File::open(path).map_err(|e| io_error(path, e))?;
    read_text(path, file)
}

/// The text of a file that holds a secret. Its group may read it, as container platforms set that;
/// everyone may not.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let file = File::open(path).map_err(|e| io_error(path, e))?;
    let mode = file
        .metadata()
        .map_err(|e| io_error(path, e))?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        return Err(FileError::Exposed(path.to_owned()));
    }
    read_text(path, file).map(Zeroizing::new)
}

/// Writes a new file; one that is there already is left alone.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), FileError> {
    create_with_mode(path, text, 0o644)
}

/// Writes a new file that only its owner may read; one that is there already is left alone.
pub(crate) fn create_secret(path: &Path, text: &str) -> Result<(), FileError> {
    create_with_mode(path, text, 0o600)
}

/// Puts `text` in the place of the file, if any: whoever reads sees the old text or the new one,
/// and once this returns a power cut does not bring back the old.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), FileError> {
    replace_with_mode(path, text, 0o644)
}

/// The same for a file that only its owner may read.
pub(crate) fn replace_secret(path: &Path, text: &str) -> Result<(), FileError> {
    replace_with_mode(path, text, 0o600)
}

fn replace_with_mode(path: &Path, text: &str, mode: u32) -> Result<(), FileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&new)
        .map_err(|e| io_error(&new, e))?;
    write_and_sync(&new, &mut file, text)?;
    fs::rename(&new, path).map_err(|e| io_error(path, e))?;
    sync_folder_of(path)
}

/// Makes a folder and those above it, for their owner alone: one of them may be the first part of
/// what the store keeps.
pub(crate) fn create_folder(path: &Path) -> Result<(), FileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|e| io_error(path, e))
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> FileError {
    FileError::Io {
        path: path.to_owned(),
        source,
    }
}

fn read_text(path: &Path, file: File) -> Result<String, FileError> {
    let mut bytes = Vec::new();
    file.take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| io_error(path, e))?;
    if bytes.len() as u64 > MOST {
        return Err(FileError::TooLong(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| FileError::NotText(path.to_owned()))
}

fn create_with_mode(path: &Path, text: &str, mode: u32) -> Result<(), FileError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => FileError::Exists(path.to_owned()),
            _ => io_error(path, e),
        })?;
    write_and_sync(path, &mut file, text)?;
    sync_folder_of(path)
}

fn write_and_sync(path: &Path, file: &mut File, text: &str) -> Result<(), FileError> {
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| io_error(path, e))
}

/// A new name is durable only once its folder is (fsync(2)).
fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| io_error(folder, e))
}

#[cfg(test)]
mod tests;
