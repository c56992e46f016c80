use std::collections::BTreeMap;
use std::sync::Arc;

use crate::hash::Hash;
use crate::memory::MemoryTree;
use crate::prove::{HashReader, ReadError};
use crate::tile::{FULL, LEVELS, TileKind, partial_tiles};
use crate::tiles::{Place, TileError, TileHashes, TileSource, read_hashes};

/// The newest tiles of a log, in memory: the partial tile of every level, and the full ones that
/// were not let go yet.
///
/// It serves the hashes that proofs about recent leaves need without reading anything
/// ([`RightEdge::with`] adds the tiles on disk for the older ones), and the content of the tiles to
/// publish. After a publication [`RightEdge::forget_before`] bounds the memory: 16 KiB a full tile
/// of 256 leaves.
#[derive(Debug, Clone, Default)]
pub struct RightEdge {
    size: u64,
    partial: [MemoryTree; LEVELS as usize],
    /// By level, then number. Shared, so that a clone costs no more than its partial tiles.
    full: BTreeMap<(u8, u64), Arc<MemoryTree>>,
}

impl RightEdge {
    /// The edge of a log without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of the tree of `size` leaves, from the partial tiles that were published for it.
    ///
    /// Nothing is checked here: compare [`Tree::from_reader`](crate::Tree::from_reader) over it with
    /// the root that should come out.
    pub fn load(source: &impl TileSource, size: u64) -> Result<Self, TileError> {
        let mut edge = Self {
            size,
            ..Self::default()
        };
        for path in partial_tiles(size) {
            if let TileKind::Hashes { level } = path.kind() {
                let tile = &mut edge.partial[usize::from(level)];
                *tile = MemoryTree::with_capacity(FULL.into());
                tile.extend(read_hashes(source, &path)?);
            }
        }
        Ok(edge)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf, given its [`leaf_hash`](crate::leaf_hash).
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0..LEVELS {
            let tile = &mut self.partial[usize::from(level)];
            if tile.size() == 0 {
                *tile = MemoryTree::with_capacity(FULL.into());
            }
            tile.append(hash);
            // The root of a full tile is a hash of the next level.
            let Some(root) = tile.find(8, 0) else { break };
            let index = self.size >> (8 * (level + 1));
            let tile = std::mem::take(tile);
            self.full.insert((level, index), Arc::new(tile));
            hash = root;
        }
        self.size += 1;
    }

    /// Lets go of the full tiles all of whose leaves come before `size`: those that are published,
    /// and that few will ask for.
    pub fn forget_before(&mut self, size: u64) {
        // A tile of level 7 is never full in a u64, so 8 * (level + 1) stays below 64.
        self.full
            .retain(|(level, index), _| index + 1 > size >> (8 * (level + 1)));
    }

    /// The root of the complete subtree `index` at `level`, if it is in memory.
    pub fn find(&self, level: u8, index: u64) -> Option<Hash> {
        let place = Place::of(level, index)?;
        let edge = self.size >> (8 * place.tile_level) >> 8;
        let tile = if place.tile == edge {
            &self.partial[usize::from(place.tile_level)]
        } else {
            self.full.get(&(place.tile_level, place.tile))?.as_ref()
        };
        tile.find(place.level, place.index)
    }

    /// A reader of the whole log: this edge in memory, and the full tiles of `source` before it.
    pub fn with<S: TileSource>(&self, source: S) -> EdgeReader<'_, S> {
        EdgeReader {
            edge: self,
            older: TileHashes::new(source, self.size),
        }
    }
}

impl HashReader for RightEdge {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.find(level, index)
            .ok_or(ReadError::Absent { level, index })
    }
}

impl Extend<Hash> for RightEdge {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

/// Reads from a [`RightEdge`], and from tiles what it no longer holds.
#[derive(Debug)]
pub struct EdgeReader<'a, S> {
    edge: &'a RightEdge,
    older: TileHashes<S>,
}

impl<S: TileSource> HashReader for EdgeReader<'_, S> {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        match self.edge.find(level, index) {
            Some(hash) => Ok(hash),
            None => self.older.hash(level, index),
        }
    }
}

#[cfg(test)]
mod tests;
