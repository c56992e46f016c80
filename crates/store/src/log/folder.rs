use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use passerelle_tlog::{Bundle, Hash, KeyName, TileKind, TilePath, TileSource};

use super::{LogError, TILE, sealed};
use crate::files::{Files, replace};

/// The folder of one log, laid out as C2SP tlog-tiles, with `sealed` beside `tile`.
#[derive(Clone)]
pub(crate) struct LogFolder {
    files: Arc<dyn Files>,
    root: PathBuf,
}

impl LogFolder {
    /// The folder of the log of that origin, whose parts become folders in `logs`. `None` when a
    /// part could not be the name of one.
    pub(crate) fn new(files: Arc<dyn Files>, logs: &Path, origin: &KeyName) -> Option<Self> {
        let plain = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            !part.is_empty() && !part.starts_with('.') && part.chars().all(allowed)
        };
        let mut root = logs.to_owned();
        for part in origin.as_str().split('/') {
            if !plain(part) {
                return None;
            }
            root.push(part);
        }
        Some(Self { files, root })
    }

    /// The same folder, through other files.
    pub(super) fn over(&self, files: Arc<dyn Files>) -> Self {
        Self {
            files,
            root: self.root.clone(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The bytes of the published checkpoint.
    pub(crate) fn checkpoint(&self) -> io::Result<Option<Vec<u8>>> {
        self.files.find(&self.root.join(CHECKPOINT))
    }

    pub(super) fn sealed(&self, index: u64) -> Result<Option<Bytes>, LogError> {
        let (path, bytes) = self.sealed_file(index / TILE)?;
        let slot = usize::try_from(index % TILE).unwrap_or(usize::MAX);
        sealed::part(&bytes, slot).map_err(|_| LogError::Damaged { path })
    }

    /// Reads the sealed parts of a full bundle.
    pub(super) fn check_sealed(&self, bundle: u64) -> Result<(), LogError> {
        let (path, bytes) = self.sealed_file(bundle)?;
        let broken = (0..TILE as usize).any(|slot| sealed::part(&bytes, slot).is_err());
        if broken {
            Err(LogError::Damaged { path })
        } else {
            Ok(())
        }
    }

    fn sealed_file(&self, bundle: u64) -> Result<(String, Vec<u8>), LogError> {
        let path = sealed_path(bundle);
        match self.files.find(&self.root.join(&path)) {
            Ok(Some(bytes)) => Ok((path, bytes)),
            Ok(None) => Err(LogError::Damaged { path }),
            Err(source) => Err(LogError::Io { path, source }),
        }
    }

    /// Writes files under their paths, so that all are durable, names included.
    pub(super) fn write(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        let mut folders = BTreeSet::new();
        for (path, bytes) in files {
            let path = self.root.join(path);
            let folder = path.parent().unwrap_or(&self.root).to_owned();
            if folders.insert(folder.clone()) {
                self.files.create_dir(&folder)?;
            }
            replace(&*self.files, &path, bytes)?;
        }
        folders
            .iter()
            .try_for_each(|folder| self.files.sync_dir(folder))
    }

    /// Removes the partial versions of a tile that is full now.
    pub(super) fn remove_partials(&self, full: &TilePath) -> io::Result<()> {
        self.files.remove_dir(&self.root.join(format!("{full}.p")))
    }
}

impl TileSource for LogFolder {
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        let find = |path: &TilePath| self.files.find(&self.root.join(path.to_string()));
        let found = find(path)?;
        if found.is_some() || path.is_full() {
            return Ok(found);
        }
        // It was full since, and its partial versions are gone: C2SP tlog-tiles, "Partial tiles".
        Ok(find(&path.full())?.map(|full| beginning(&full, path)))
    }

    fn partial_widths(&self, full: &TilePath) -> io::Result<Vec<u16>> {
        let names = self.files.list(&self.root.join(format!("{full}.p")))?;
        // Other names are no tiles: nobody will ask for them.
        let widths = names.iter().filter_map(|name| name.parse().ok());
        Ok(widths.filter(|width| (1..256).contains(width)).collect())
    }
}

/// What a full tile or bundle holds of its partial version.
fn beginning(full: &[u8], partial: &TilePath) -> Vec<u8> {
    let width = usize::from(partial.width());
    let length = match partial.kind() {
        TileKind::Hashes { .. } => width * Hash::BYTES,
        TileKind::Entries => {
            let mut entries = Bundle::new(full);
            entries.by_ref().take(width).for_each(drop);
            full.len() - entries.rest().len()
        }
    };
    full[..length.min(full.len())].to_vec()
}

/// Where the sealed parts of a bundle of entries are.
pub(super) fn sealed_path(number: u64) -> String {
    let mut parts = vec![format!("{:03}", number % 1000)];
    let mut rest = number / 1000;
    while rest > 0 {
        parts.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    parts.push(SEALED.to_owned());
    parts.reverse();
    parts.join("/")
}

pub(super) const CHECKPOINT: &str = "checkpoint";
const SEALED: &str = "sealed";
