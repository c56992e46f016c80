//! Proofs about the subtrees of a tree (draft-ietf-plants-merkle-tree-certs §4), of which the
//! proofs of RFC 6962 are the case that starts at leaf 0: one algorithm each to make and to check.
//!
//! A range `[start, end)` is a subtree when it is empty or `start` is a multiple of the smallest
//! power of two that is not less than `end - start`.

use std::ops::Range;

use crate::hash::{Hash, node_hash};
use crate::proof::ProofError;
use crate::prove::{HashReader, ProveError, ReadError};

/// The hash of a subtree: the Merkle tree hash of its leaves alone.
pub fn subtree_hash(reader: &impl HashReader, range: Range<u64>) -> Result<Hash, ProveError> {
    check_range(&range)?;
    Ok(range_hash(reader, &range)?)
}

/// Proves that leaf `index` is in a subtree: the hashes from its sibling upwards.
pub fn prove_subtree_inclusion(
    reader: &impl HashReader,
    index: u64,
    range: Range<u64>,
) -> Result<Vec<Hash>, ProveError> {
    check_range(&range)?;
    if !range.contains(&index) {
        return Err(ProveError::OutOfRange {
            wanted: index,
            size: range.end,
        });
    }
    let (mut node, mut last) = (index - range.start, range.end - range.start - 1);
    let mut proof = Vec::with_capacity(path_length(last));
    for level in 0.. {
        if last == 0 {
            break;
        }
        let sibling = node ^ 1;
        if sibling <= last {
            let sibling = (range.start >> level) + sibling;
            proof.push(node_at(reader, level, sibling, range.end)?);
        }
        node >>= 1;
        last >>= 1;
    }
    Ok(proof)
}

/// Checks that `leaf` is leaf number `index` of the subtree with this hash.
pub fn verify_subtree_inclusion(
    leaf: &Hash,
    index: u64,
    range: Range<u64>,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(&range) {
        return Err(ProofError::NotASubtree);
    }
    if !range.contains(&index) {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last) = (index - range.start, range.end - range.start - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if is_odd(node) || node == last {
            hash = node_hash(sibling, &hash);
            // A last node without a right sibling is its own parent, until it is a right child.
            let skipped = node.trailing_zeros();
            node >>= skipped;
            last >>= skipped;
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Proves that a subtree is part of the tree of the first `size` leaves.
pub fn prove_subtree_consistency(
    reader: &impl HashReader,
    range: Range<u64>,
    size: u64,
) -> Result<Vec<Hash>, ProveError> {
    check_range(&range)?;
    if range.end > size {
        return Err(ProveError::OutOfRange {
            wanted: range.end,
            size,
        });
    }
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let mut level = known_level(&range, size);
    let (first, mut node, mut last) = (
        ancestor(range.start, level),
        ancestor(range.end - 1, level),
        ancestor(size - 1, level),
    );
    let mut proof = Vec::with_capacity(1 + path_length(last));
    if first != node {
        proof.push(node_at(reader, level, node, size)?);
    }
    while last != 0 {
        if is_odd(node) {
            proof.push(node_at(reader, level, node - 1, size)?);
        } else if node < last {
            proof.push(node_at(reader, level, node + 1, size)?);
        }
        node >>= 1;
        last >>= 1;
        level += 1;
    }
    Ok(proof)
}

/// Checks that the subtree with hash `subtree` is part of the tree of `size` leaves with this root.
///
/// An empty subtree is part of every tree: it needs the empty hash and an empty proof, and says
/// nothing of the root.
pub fn verify_subtree_consistency(
    range: Range<u64>,
    subtree: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !is_subtree(&range) {
        return Err(ProofError::NotASubtree);
    }
    if range.end > size {
        return Err(ProofError::OutOfRange);
    }
    if range.is_empty() {
        return match (proof.is_empty(), *subtree == Hash::EMPTY_ROOT) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root),
            (false, _) => Err(ProofError::Length),
        };
    }
    let level = known_level(&range, size);
    let (mut first, mut node, mut last) = (
        ancestor(range.start, level),
        ancestor(range.end - 1, level),
        ancestor(size - 1, level),
    );
    // A subtree that is one node of the tree is its own starting point; else the proof brings the
    // largest complete subtree at its right end.
    let (start, proof) = if first == node {
        (subtree, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length)?
    };
    let (mut in_subtree, mut in_tree) = (*start, *start);
    for hash in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if is_odd(node) || node == last {
            if first < node {
                in_subtree = node_hash(hash, &in_subtree);
            }
            in_tree = node_hash(hash, &in_tree);
            let skipped = node.trailing_zeros();
            first >>= skipped;
            node >>= skipped;
            last >>= skipped;
        } else {
            in_tree = node_hash(&in_tree, hash);
        }
        first >>= 1;
        node >>= 1;
        last >>= 1;
    }
    match (last, in_subtree == *subtree && in_tree == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// The level of the largest node of the tree that ends where the (non-empty) subtree ends and does
/// not start before it. At the right edge of the tree every node ends there, complete or not.
fn known_level(range: &Range<u64>, size: u64) -> u8 {
    let last = range.end - 1;
    let whole = (u64::BITS - (range.start ^ last).leading_zeros()) as u8;
    if range.end == size {
        whole
    } else {
        whole.min(last.trailing_ones() as u8)
    }
}

/// The hash of node `index` at `level` of the tree of `size` leaves, cut short at the right edge.
fn node_at(reader: &impl HashReader, level: u8, index: u64, size: u64) -> Result<Hash, ReadError> {
    let start = index << level;
    if size - start >= 1 << level {
        reader.hash(level, index)
    } else {
        range_hash(reader, &(start..size))
    }
}

/// Folds the complete subtrees that a range (a subtree) decomposes into, smallest and last first.
fn range_hash(reader: &impl HashReader, range: &Range<u64>) -> Result<Hash, ReadError> {
    let size = range.end - range.start;
    let mut end = range.end;
    let mut hash = None;
    for level in (0..64u8).filter(|level| size >> level & 1 == 1) {
        end -= 1 << level;
        let left = reader.hash(level, end >> level)?;
        hash = Some(hash.map_or(left, |right| node_hash(&left, &right)));
    }
    Ok(hash.unwrap_or(Hash::EMPTY_ROOT))
}

fn check_range(range: &Range<u64>) -> Result<(), ProveError> {
    if is_subtree(range) {
        return Ok(());
    }
    Err(ProveError::NotASubtree {
        start: range.start,
        end: range.end,
    })
}

fn is_subtree(range: &Range<u64>) -> bool {
    match range.end.checked_sub(range.start) {
        None => false,
        Some(0) => true,
        // Past 2^63 leaves there is no such power of two in a u64, and 0 is its only multiple.
        Some(width) => match width.checked_next_power_of_two() {
            Some(power) => range.start.is_multiple_of(power),
            None => range.start == 0,
        },
    }
}

/// The index, `level` levels up, of the node above; 0 when that is above any tree of u64 leaves.
fn ancestor(index: u64, level: u8) -> u64 {
    index.checked_shr(level.into()).unwrap_or(0)
}

/// How many levels stand above a leaf when the last one has this index.
fn path_length(last: u64) -> usize {
    (u64::BITS - last.leading_zeros()) as usize
}

fn is_odd(index: u64) -> bool {
    index & 1 == 1
}

#[cfg(test)]
mod tests;
