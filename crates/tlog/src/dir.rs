use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::bundle::MAX_ENTRY_BYTES;
use crate::hash::Hash;
use crate::note::MAX_NOTE_BYTES;
use crate::text::decimal;
use crate::tile::{FULL, TileKind, TilePath};
use crate::tiles::TileSource;

/// A folder laid out as C2SP tlog-tiles: `checkpoint`, `tile/…`. Only read.
#[derive(Debug, Clone)]
pub struct DirSource {
    root: PathBuf,
}

impl DirSource {
    /// The folder that holds `checkpoint` and `tile`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The bytes of `checkpoint`, unchecked.
    pub fn checkpoint(&self) -> io::Result<Vec<u8>> {
        read_at_most(&self.root.join("checkpoint"), MAX_NOTE_BYTES)
    }
}

impl TileSource for DirSource {
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        let each = match path.kind() {
            TileKind::Hashes { .. } => Hash::BYTES,
            TileKind::Entries => 2 + MAX_ENTRY_BYTES,
        };
        let file = self.root.join(path.to_string());
        match read_at_most(&file, usize::from(path.width()) * each) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn partial_widths(&self, full: &TilePath) -> io::Result<Vec<u16>> {
        let files = match fs::read_dir(self.root.join(format!("{full}.p"))) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut widths = Vec::new();
        for file in files {
            let name = file?.file_name();
            // Other names are no tiles: nobody will ask for them.
            let width = name.to_str().and_then(decimal);
            let width = width.and_then(|width| u16::try_from(width).ok());
            widths.extend(width.filter(|width| (1..FULL).contains(width)));
        }
        widths.sort_unstable();
        Ok(widths)
    }
}

/// Reads a whole file, but no more than one byte past what it may have: enough to see that it is
/// too long.
fn read_at_most(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
