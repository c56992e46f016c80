use super::*;
use crate::hash::leaf_hash;
use crate::memory::MemoryTree;

fn tree(size: u8) -> MemoryTree {
    (0..size).map(|n| leaf_hash(&[n])).collect()
}

#[test]
fn there_is_no_proof_for_a_leaf_outside_the_tree() {
    let tree = tree(8);
    for (index, size) in [(0, 0), (3, 3), (7, 5), (u64::MAX, 8)] {
        assert!(matches!(
            prove_inclusion(&tree, index, size),
            Err(ProveError::OutOfRange { .. })
        ));
    }
}

#[test]
fn there_is_no_proof_for_a_tree_that_is_not_held() {
    let tree = tree(8);
    assert!(matches!(
        prove_inclusion(&tree, 0, 9),
        Err(ProveError::Read(ReadError::Absent { level: 0, index: 8 }))
    ));
    assert!(matches!(
        prove_consistency(&tree, 8, 9),
        Err(ProveError::Read(ReadError::Absent { .. }))
    ));
}

#[test]
fn consistency_starts_from_a_tree_that_is_not_empty_and_not_larger() {
    let tree = tree(8);
    assert!(matches!(
        prove_consistency(&tree, 0, 8),
        Err(ProveError::EmptyTree)
    ));
    assert!(matches!(
        prove_consistency(&tree, 5, 4),
        Err(ProveError::OutOfRange { wanted: 5, size: 4 })
    ));
    assert_eq!(prove_consistency(&tree, 8, 8).unwrap(), []);
}
