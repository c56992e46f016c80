use crate::hash::{Hash, node_hash};
use crate::prove::{HashReader, ReadError};

/// An append-only tree, reduced to what the next append and the root need: the roots of the
/// complete subtrees that it decomposes into, largest first, one for each bit set in its size.
///
/// At most 64 hashes, so a writer clones it, advances the clone for a batch, and swaps it in when
/// the batch is durable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    size: u64,
    /// Invariant: as many as `size` has bits set.
    subtrees: Vec<Hash>,
}

impl Tree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of the first `size` leaves of the log that `reader` reads.
    pub fn from_reader(reader: &impl HashReader, size: u64) -> Result<Self, ReadError> {
        let mut end = 0;
        let subtrees = (0..64u8)
            .rev()
            .filter(|level| size >> level & 1 == 1)
            .map(|level| {
                let index = end >> level;
                end += 1 << level;
                reader.hash(level, index)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { size, subtrees })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf, given its [`leaf_hash`](crate::leaf_hash).
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Every trailing one of the size is a complete subtree that the new leaf completes into one
        // twice as large.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The Merkle tree hash (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        self.subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or(Hash::EMPTY_ROOT)
    }

    /// The tree in `8 + 32 n` bytes: size as big-endian u64, then the n hashes. It holds no check of
    /// its own: compare [`Tree::root`] with a signed checkpoint after [`Tree::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.subtrees.len() * Hash::BYTES);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for hash in &self.subtrees {
            bytes.extend_from_slice(hash.as_bytes());
        }
        bytes
    }

    /// Reads what [`Tree::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RestoreError> {
        let (size, hashes) = bytes.split_first_chunk().ok_or(RestoreError::Truncated)?;
        let size = u64::from_be_bytes(*size);
        let (hashes, rest) = hashes.as_chunks();
        if !rest.is_empty() || hashes.len() != size.count_ones() as usize {
            return Err(RestoreError::Hashes {
                size,
                expected: size.count_ones(),
            });
        }
        let subtrees = hashes.iter().copied().map(Hash).collect();
        Ok(Self { size, subtrees })
    }
}

impl Extend<Hash> for Tree {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

/// The bytes are not those of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Shorter than a size.
    #[error("a stored tree starts with 8 bytes of size")]
    Truncated,
    /// Not as many hashes as the size asks for.
    #[error("a stored tree of {size} leaves has {expected} hashes of 32 bytes, and nothing after")]
    Hashes {
        /// Size read.
        size: u64,
        /// Hashes it needs.
        expected: u32,
    },
}

#[cfg(test)]
mod tests;
