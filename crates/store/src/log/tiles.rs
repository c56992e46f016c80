use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use passerelle_tlog::{
    Bundle, Hash, HashReader, MemoryTree, ReadError, RightEdge, TileError, TilePath, leaf_hash,
};

use super::{LogError, TILE};
use crate::files::Files;

/// The full tiles on disk, and some of them in memory. What it returns is proven: a tile's root is a
/// hash of the tile above it, up to the edge in memory, whose root is signed.
pub(super) struct Tiles {
    files: Arc<dyn Files>,
    root: PathBuf,
    kept: usize,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    tiles: BTreeMap<(u8, u64), Arc<MemoryTree>>,
    /// Oldest first.
    order: VecDeque<(u8, u64)>,
}

/// The hashes of the whole log.
pub(super) struct Hashes<'a> {
    edge: &'a RightEdge,
    tiles: &'a Tiles,
    /// Whether it reads files.
    reads: bool,
}

impl<'a> Hashes<'a> {
    /// Those in memory.
    pub(super) fn in_memory(edge: &'a RightEdge, tiles: &'a Tiles) -> Self {
        Self {
            edge,
            tiles,
            reads: false,
        }
    }

    /// Those in memory and those in files.
    pub(super) fn all(edge: &'a RightEdge, tiles: &'a Tiles) -> Self {
        Self {
            edge,
            tiles,
            reads: true,
        }
    }
}

impl HashReader for Hashes<'_> {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        if let Some(hash) = self.edge.find(level, index) {
            return Ok(hash);
        }
        let absent = ReadError::Absent { level, index };
        let (tile_level, level) = (level / 8, level % 8);
        let bits = 8 - level;
        // Only full tiles are on disk alone: a partial one is the edge.
        if index >> bits >= self.edge.size() >> (8 * u32::from(tile_level)) >> 8 {
            return Err(absent);
        }
        let tile = self.tiles.tile(tile_level, index >> bits, self)?;
        tile.find(level, index & ((1 << bits) - 1)).ok_or(absent)
    }
}

impl Tiles {
    pub(super) fn new(files: Arc<dyn Files>, root: PathBuf, kept: usize) -> Self {
        Self {
            files,
            root,
            kept: kept.max(1),
            cache: Mutex::default(),
        }
    }

    /// The entries of a bundle in `range`, each checked against its leaf hash.
    pub(super) fn bundle(
        &self,
        number: u64,
        range: Range<u64>,
        hashes: &Hashes<'_>,
    ) -> Result<Vec<Bytes>, LogError> {
        let path = TilePath::entries(number, FULL).map_err(|_| no_tile(range.start, hashes))?;
        let damaged = || LogError::Damaged {
            path: path.to_string(),
        };
        let bytes = self.files.find(&self.root.join(path.to_string()));
        let bytes = bytes.map_err(|source| LogError::Io {
            path: path.to_string(),
            source,
        })?;
        let bytes = bytes.ok_or_else(damaged)?;
        let mut entries = Vec::new();
        for (entry, index) in Bundle::new(&bytes).zip(number * TILE..) {
            let entry = entry.map_err(|_| damaged())?;
            if range.contains(&index) {
                if leaf_hash(entry) != hashes.hash(0, index)? {
                    return Err(damaged());
                }
                entries.push(Bytes::copy_from_slice(entry));
            }
        }
        if entries.len() as u64 != range.end - range.start {
            return Err(damaged());
        }
        Ok(entries)
    }

    fn tile(
        &self,
        level: u8,
        number: u64,
        hashes: &Hashes<'_>,
    ) -> Result<Arc<MemoryTree>, ReadError> {
        if let Some(tile) = self.cache().tiles.get(&(level, number)) {
            return Ok(tile.clone());
        }
        let absent = || ReadError::Absent {
            level: 8 * level,
            index: number,
        };
        if !hashes.reads {
            return Err(absent());
        }
        let path = TilePath::hashes(level, number, FULL).map_err(|_| absent())?;
        let bytes = self.files.find(&self.root.join(path.to_string()));
        let bytes = bytes.map_err(|source| TileError::Unreadable { path, source })?;
        let bytes = bytes.ok_or(TileError::Missing { path })?;
        let wrong_length = TileError::Length {
            path,
            expected: usize::from(FULL) * Hash::BYTES,
            found: bytes.len(),
        };
        let (leaves, rest) = bytes.as_chunks();
        if leaves.len() != usize::from(FULL) || !rest.is_empty() {
            return Err(wrong_length.into());
        }
        let mut tile = MemoryTree::with_capacity(FULL.into());
        tile.extend(leaves.iter().copied().map(Hash));
        // The tile above is checked in the same way before its hash is believed.
        if tile.find(8, 0) != Some(hashes.hash(8 * (level + 1), number)?) {
            return Err(TileError::Missing { path }.into());
        }
        let tile = Arc::new(tile);
        self.keep((level, number), tile.clone());
        Ok(tile)
    }

    fn keep(&self, place: (u8, u64), tile: Arc<MemoryTree>) {
        let mut cache = self.cache();
        if cache.tiles.insert(place, tile).is_none() {
            cache.order.push_back(place);
        }
        while cache.order.len() > self.kept {
            if let Some(oldest) = cache.order.pop_front() {
                cache.tiles.remove(&oldest);
            }
        }
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path of the tile that an error is about.
pub(super) fn path_of(error: &TileError) -> String {
    let (TileError::Missing { path }
    | TileError::Length { path, .. }
    | TileError::NotHashes { path }
    | TileError::Unreadable { path, .. }) = error;
    path.to_string()
}

fn no_tile(index: u64, hashes: &Hashes<'_>) -> LogError {
    LogError::OutOfRange {
        asked: index,
        size: hashes.edge.size(),
    }
}

/// Width of a full tile.
const FULL: u16 = 256;
