use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{KeyError, Secret};

pub(super) const EPOCH_PREFIX: &str = "epoch-";
pub(super) const EPOCH_SUFFIX: &str = ".key";

/// Writes a new key, for its owner alone, durably.
pub(super) fn create(path: &Path, key: &Secret) -> Result<(), KeyError> {
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(key.bytes())?;
        file.sync_all()?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    write().map_err(|source| failed(path, source))
}

/// Reads a key that only its owner may read.
pub(super) fn read_private(path: &Path) -> Result<Secret, KeyError> {
    let (file, mode) = open(path)?;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    key(path, file)
}

/// Reads a key that others keep from prying eyes.
pub(super) fn read(path: &Path) -> Result<Secret, KeyError> {
    let (file, _) = open(path)?;
    key(path, file)
}

/// The numbers of the epoch keys in a folder, each with its file.
pub(super) fn epochs(folder: &Path) -> Result<Vec<(u32, PathBuf)>, KeyError> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    for entry in entries {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name
            .and_then(|name| name.strip_prefix(EPOCH_PREFIX)?.strip_suffix(EPOCH_SUFFIX))
            .and_then(|number| number.parse().ok());
        // Only the one name that we give: `epoch-01.key` would be a second file for epoch 1.
        if let Some(number) = number.filter(|n| *n > 0 && super::epoch_path(folder, *n) == path) {
            found.push((number, path));
        }
    }
    Ok(found)
}

fn open(path: &Path) -> Result<(File, u32), KeyError> {
    let file = File::open(path).map_err(|source| failed(path, source))?;
    // Of the open file, not of the name: nobody can put another in between.
    let metadata = file.metadata().map_err(|source| failed(path, source))?;
    Ok((file, metadata.permissions().mode() & 0o7777))
}

fn key(path: &Path, mut file: File) -> Result<Secret, KeyError> {
    let mut key = Secret::default();
    let length = || KeyError::Length {
        path: path.to_owned(),
    };
    match file.read_exact(key.bytes_mut()) {
        Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => return Err(length()),
        Err(source) => return Err(failed(path, source)),
        Ok(()) => {}
    }
    let more = file.read(&mut [0]).map_err(|source| failed(path, source))?;
    if more == 0 { Ok(key) } else { Err(length()) }
}

fn failed(path: &Path, source: io::Error) -> KeyError {
    KeyError::Io {
        path: path.to_owned(),
        source,
    }
}
