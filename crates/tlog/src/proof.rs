use crate::hash::Hash;
use crate::subtree::{verify_subtree_consistency, verify_subtree_inclusion};

/// Checks that `leaf` is leaf number `index` of the tree of `size` leaves with this root (RFC 9162
/// §2.1.3.2).
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    verify_subtree_inclusion(leaf, index, 0..size, proof, root)
}

/// Checks that the tree of `old` leaves with `old_root` is the beginning of the tree of `new` leaves
/// with `new_root` (RFC 9162 §2.1.4.2).
///
/// An empty old tree proves nothing about the new one and is refused: a caller for whom "I have
/// seen nothing yet" is fine must say so before it comes here.
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old == 0 {
        return Err(ProofError::EmptyTree);
    }
    verify_subtree_consistency(0..old, old_root, new, new_root, proof)
}

/// Why a proof is refused. None of these says who is at fault: a proof is an unsigned hint, only a
/// proof that verifies means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf or the smaller tree lies outside the tree.
    #[error("the proof is about something outside the tree")]
    OutOfRange,
    /// Consistency with a tree without leaves.
    #[error("consistency with a tree without leaves proves nothing")]
    EmptyTree,
    /// The range is not a subtree of any tree.
    #[error("the range is not a subtree")]
    NotASubtree,
    /// Too few or too many hashes for these numbers.
    #[error("the proof has too few or too many hashes")]
    Length,
    /// The hashes do not add up to the root, or not to the old root.
    #[error("the proof does not lead to the root")]
    Root,
}

#[cfg(test)]
mod tests;
