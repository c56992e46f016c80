use crate::hash::{Hash, node_hash};
use crate::prove::{HashReader, ReadError};

/// A tree with every one of its complete subtrees in memory, 64 bytes a leaf.
///
/// One flat array in post-order: a leaf is followed by the subtrees it completes. So an append only
/// pushes, and what was written never moves or changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryTree {
    size: u64,
    hashes: Vec<Hash>,
}

impl MemoryTree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree without leaves that grows to `leaves` without allocating.
    pub fn with_capacity(leaves: usize) -> Self {
        Self {
            size: 0,
            hashes: Vec::with_capacity(leaves.saturating_mul(2)),
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf, given its [`leaf_hash`](crate::leaf_hash).
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        self.hashes.push(hash);
        for level in 0..self.size.trailing_ones() as u8 {
            // The left sibling is complete: its bit is set in the size.
            if let Some(left) = self.find(level, (self.size >> level) - 1) {
                hash = node_hash(&left, &hash);
                self.hashes.push(hash);
            }
        }
        self.size += 1;
    }

    /// The root of the complete subtree `index` at `level`, if the tree has grown that far.
    pub fn find(&self, level: u8, index: u64) -> Option<Hash> {
        let end = index
            .checked_add(1)?
            .checked_mul(1u64.checked_shl(level.into())?)?;
        // Before leaf k stand k leaves and the k - popcount(k) subtrees they completed; its own
        // subtree of each level follows it.
        let last = end - 1;
        let before = last
            .checked_mul(2)?
            .checked_sub(last.count_ones().into())?
            .checked_add(level.into())?;
        self.hashes.get(usize::try_from(before).ok()?).copied()
    }
}

impl HashReader for MemoryTree {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.find(level, index)
            .ok_or(ReadError::Absent { level, index })
    }
}

impl Extend<Hash> for MemoryTree {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

impl FromIterator<Hash> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

#[cfg(test)]
mod tests;
