use crate::hash::Hash;
use crate::subtree::{prove_subtree_consistency, prove_subtree_inclusion};
use crate::tiles::TileError;

/// Where the makers of proofs get hashes from: memory, tiles, or both.
pub trait HashReader {
    /// The root of the complete subtree number `index` at `level`: over the leaves from
    /// `index << level` up to, not including, `(index + 1) << level`. Level 0 holds the leaf hashes.
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError>;
}

/// Proves that leaf `index` is in the tree of the first `size` leaves (RFC 6962 §2.1.1): the hashes
/// from the leaf's sibling to the root's child.
pub fn prove_inclusion(
    reader: &impl HashReader,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError> {
    prove_subtree_inclusion(reader, index, 0..size)
}

/// Proves that the tree of `old` leaves is the beginning of the tree of `new` leaves (RFC 6962
/// §2.1.2). Empty when the sizes are equal. An empty old tree is the beginning of every tree and has
/// no proof: it is refused here as [`verify_consistency`](crate::verify_consistency) refuses it.
pub fn prove_consistency(
    reader: &impl HashReader,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProveError> {
    if old == 0 {
        return Err(ProveError::EmptyTree);
    }
    prove_subtree_consistency(reader, 0..old, new)
}

/// Why a proof cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The leaf is not in the tree, or the tree is smaller than the one it should contain.
    #[error("nothing to prove: {wanted} lies outside a tree of {size} leaves")]
    OutOfRange {
        /// The leaf index or the smaller size asked for.
        wanted: u64,
        /// The size of the tree.
        size: u64,
    },
    /// Consistency from a tree without leaves.
    #[error("a tree without leaves has no consistency proof")]
    EmptyTree,
    /// The range is not a subtree of any tree.
    #[error("[{start}, {end}) is not a subtree")]
    NotASubtree {
        /// First leaf.
        start: u64,
        /// One past the last leaf.
        end: u64,
    },
    /// A hash could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a hash cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The tree has not grown that far, or memory has let go of it.
    #[error("no hash of subtree {index} at level {level} here")]
    Absent {
        /// Level of the subtree.
        level: u8,
        /// Its number at that level.
        index: u64,
    },
    /// The tile that holds it could not be read.
    #[error(transparent)]
    Tile(#[from] TileError),
}

#[cfg(test)]
mod tests;
