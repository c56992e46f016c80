use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use passerelle_domain::Rng;

/// Where the federation of the demonstration lies. One that was made for it goes with it.
pub(super) struct Folder {
    path: PathBuf,
    temporary: bool,
}

/// Why there is no such folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be made or looked into.
    #[error("{}: {source}", folder.display())]
    Unusable {
        /// Which.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something is in it.
    #[error(
        "{}: this folder is not empty; name one that is, or that is not there yet",
        .0.display()
    )]
    NotEmpty(PathBuf),
}

impl Folder {
    /// The folder that was named, which must be empty or absent; or a new temporary one.
    pub(super) fn new(named: Option<&Path>, rng: &dyn Rng) -> Result<Self, FolderError> {
        match named {
            Some(path) => Self::named(path),
            None => Self::temporary(rng),
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when the demonstration ends.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary
    }

    fn named(path: &Path) -> Result<Self, FolderError> {
        make(path).map_err(unusable(path))?;
        if fs::read_dir(path).map_err(unusable(path))?.next().is_some() {
            return Err(FolderError::NotEmpty(path.to_owned()));
        }
        Ok(Self {
            path: fs::canonicalize(path).map_err(unusable(path))?,
            temporary: false,
        })
    }

    fn temporary(rng: &dyn Rng) -> Result<Self, FolderError> {
        let name = format!("passerelle-demo-{}", HEXLOWER.encode(&rng.bytes::<4>()));
        let path = std::env::temp_dir().join(name);
        // Not `make`: a folder that is there already is somebody else's.
        private().create(&path).map_err(unusable(&path))?;
        Ok(Self {
            path,
            temporary: true,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to whoever cleans temporary folders.
            let _left = fs::remove_dir_all(&self.path);
        }
    }
}

fn make(path: &Path) -> io::Result<()> {
    private().recursive(true).create(path)
}

/// There are private keys in it.
fn private() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    builder
}

fn unusable(folder: &Path) -> impl Fn(io::Error) -> FolderError {
    let folder = folder.to_owned();
    move |source| FolderError::Unusable {
        folder: folder.clone(),
        source,
    }
}

#[cfg(test)]
mod tests;
