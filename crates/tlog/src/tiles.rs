use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

use crate::hash::Hash;
use crate::memory::MemoryTree;
use crate::prove::{HashReader, ReadError};
use crate::tile::{FULL, LEVELS, TileKind, TilePath};

/// Where the bytes of tiles come from. Nothing that it returns is believed before it was checked.
pub trait TileSource {
    /// The bytes of a tile or bundle of exactly this width; `None` when there is no such file.
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>>;

    /// Widths of the partial versions of a tile that lie beside it, if the source can tell.
    /// [`verify_log`](crate::verify_log) checks those too.
    fn partial_widths(&self, _full: &TilePath) -> io::Result<Vec<u16>> {
        Ok(Vec::new())
    }
}

impl<S: TileSource + ?Sized> TileSource for &S {
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        (**self).read(path)
    }

    fn partial_widths(&self, full: &TilePath) -> io::Result<Vec<u16>> {
        (**self).partial_widths(full)
    }
}

/// The content of a tile of hashes: 32 bytes each. Entry bundles are made with
/// [`push_entry`](crate::push_entry); for their paths this is an error.
pub fn tile_bytes(reader: &impl HashReader, path: &TilePath) -> Result<Vec<u8>, ReadError> {
    let TileKind::Hashes { level } = path.kind() else {
        return Err(TileError::NotHashes { path: *path }.into());
    };
    let mut bytes = Vec::with_capacity(usize::from(path.width()) * Hash::BYTES);
    for index in path.range() {
        bytes.extend_from_slice(reader.hash(8 * level, index)?.as_bytes());
    }
    Ok(bytes)
}

/// Reads the hashes of a tree of `size` leaves from its tiles.
///
/// Each tile is read once and then kept with its inner hashes (16 KiB): make one for a proof or a
/// few, not for the life of a node.
#[derive(Debug)]
pub struct TileHashes<S> {
    source: S,
    size: u64,
    read: RefCell<BTreeMap<TilePath, MemoryTree>>,
}

impl<S: TileSource> TileHashes<S> {
    /// A reader of the tree of `size` leaves; partial tiles are read in the width of that size.
    pub fn new(source: S, size: u64) -> Self {
        Self {
            source,
            size,
            read: RefCell::default(),
        }
    }
}

impl<S: TileSource> HashReader for TileHashes<S> {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        let absent = ReadError::Absent { level, index };
        let Some(place) = Place::of(level, index) else {
            return Err(absent);
        };
        let at_level = self.size >> (8 * place.tile_level);
        let width = at_level.saturating_sub(place.tile.saturating_mul(FULL.into()));
        let width = width.min(FULL.into()) as u16;
        let Ok(path) = TilePath::hashes(place.tile_level, place.tile, width) else {
            return Err(absent);
        };
        let mut read = self.read.borrow_mut();
        let nodes = match read.entry(path) {
            Entry::Occupied(nodes) => nodes.into_mut(),
            Entry::Vacant(unread) => {
                let mut nodes = MemoryTree::with_capacity(FULL.into());
                nodes.extend(read_hashes(&self.source, &path)?);
                unread.insert(nodes)
            }
        };
        nodes.find(place.level, place.index).ok_or(absent)
    }
}

/// Where the root of a complete subtree stands: in which tile, and where inside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) tile_level: u8,
    pub(crate) tile: u64,
    /// Level above the hashes that the tile stores, 0 to 7.
    pub(crate) level: u8,
    /// Number at that level inside the tile.
    pub(crate) index: u64,
}

impl Place {
    /// `None` past the last level.
    pub(crate) fn of(level: u8, index: u64) -> Option<Self> {
        let (tile_level, level) = (level / 8, level % 8);
        // At this level of a tile stand 256 >> level nodes.
        let bits = 8 - level;
        (tile_level < LEVELS).then_some(Self {
            tile_level,
            tile: index >> bits,
            level,
            index: index & ((1 << bits) - 1),
        })
    }
}

/// The hashes of a tile, in its width.
pub(crate) fn read_hashes(
    source: &impl TileSource,
    path: &TilePath,
) -> Result<Vec<Hash>, TileError> {
    let (bytes, read) = read_wide(source, path)?;
    let expected = usize::from(read.width()) * Hash::BYTES;
    if bytes.len() != expected {
        return Err(TileError::Length {
            path: read,
            expected,
            found: bytes.len(),
        });
    }
    let (hashes, _) = bytes.as_chunks();
    let hashes = hashes.iter().take(path.width().into());
    Ok(hashes.copied().map(Hash).collect())
}

/// The bytes of a tile, and the path they were found under: a log may have deleted a partial tile
/// once the full one is there (C2SP tlog-tiles, "Partial Tiles").
pub(crate) fn read_wide(
    source: &impl TileSource,
    path: &TilePath,
) -> Result<(Vec<u8>, TilePath), TileError> {
    for candidate in [*path, path.full()] {
        if let Some(bytes) = read_exact(source, &candidate)? {
            return Ok((bytes, candidate));
        }
    }
    Err(TileError::Missing { path: *path })
}

/// The bytes of a tile in exactly this width, if it is there.
pub(crate) fn read_exact(
    source: &impl TileSource,
    path: &TilePath,
) -> Result<Option<Vec<u8>>, TileError> {
    source.read(path).map_err(|source| TileError::Unreadable {
        path: *path,
        source,
    })
}

/// Why a tile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// Neither the tile nor its full version is there.
    #[error("{path} is missing")]
    Missing {
        /// The tile asked for.
        path: TilePath,
    },
    /// A tile of hashes has the wrong number of bytes.
    #[error("{path} has {found} bytes, not {expected}")]
    Length {
        /// The tile read.
        path: TilePath,
        /// 32 bytes for each hash of its width.
        expected: usize,
        /// What was read.
        found: usize,
    },
    /// An entry bundle where a tile of hashes was meant.
    #[error("{path} holds no hashes")]
    NotHashes {
        /// The path given.
        path: TilePath,
    },
    /// The source failed.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The tile asked for.
        path: TilePath,
        /// What the source said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests;
