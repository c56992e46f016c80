use super::*;
use crate::hash::leaf_hash;

#[test]
fn every_complete_subtree_is_found_and_no_other() {
    let leaves: Vec<_> = (0..70u8).map(|n| leaf_hash(&[n])).collect();
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut level_hashes = leaves;
    for level in 0..8 {
        for (index, hash) in level_hashes.iter().enumerate() {
            assert_eq!(tree.find(level, index as u64), Some(*hash));
        }
        assert_eq!(tree.find(level, level_hashes.len() as u64), None);
        level_hashes = level_hashes
            .chunks_exact(2)
            .map(|pair| node_hash(&pair[0], &pair[1]))
            .collect();
    }
}

#[test]
fn no_subtree_is_too_far_away_to_ask_for() {
    let tree: MemoryTree = [leaf_hash(b"")].into_iter().collect();
    for (level, index) in [
        (0, u64::MAX),
        (63, 1),
        (64, 0),
        (255, u64::MAX),
        (1, u64::MAX / 2),
    ] {
        assert_eq!(tree.find(level, index), None);
    }
}

#[test]
fn a_tree_with_capacity_does_not_move() {
    let mut tree = MemoryTree::with_capacity(256);
    let capacity = tree.hashes.capacity();
    tree.extend((0..=255u8).map(|n| leaf_hash(&[n])));
    assert_eq!(tree.hashes.capacity(), capacity);
    assert_eq!(tree.size(), 256);
}
