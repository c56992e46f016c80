use super::*;
use crate::hash::leaf_hash;
use crate::memory::MemoryTree;

const SIZE: u64 = 40;

fn tree() -> MemoryTree {
    (0..SIZE).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// RFC 6962 §2.1, word by word.
fn plain_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            node_hash(&plain_hash(left), &plain_hash(right))
        }
    }
}

fn subtrees() -> impl Iterator<Item = Range<u64>> {
    (0..=SIZE)
        .flat_map(|end| (0..=end).map(move |start| start..end))
        .filter(is_subtree)
}

#[test]
fn the_hash_of_every_subtree_is_that_of_its_leaves_alone() {
    let tree = tree();
    let leaves: Vec<_> = (0..SIZE).map(|n| tree.find(0, n).unwrap()).collect();
    for range in subtrees() {
        let expected = plain_hash(&leaves[range.start as usize..range.end as usize]);
        assert_eq!(subtree_hash(&tree, range).unwrap(), expected);
    }
}

#[test]
fn every_leaf_of_every_subtree_has_a_proof_that_holds_there_alone() {
    let tree = tree();
    for range in subtrees() {
        let hash = subtree_hash(&tree, range.clone()).unwrap();
        for index in range.clone() {
            let leaf = tree.find(0, index).unwrap();
            let proof = prove_subtree_inclusion(&tree, index, range.clone()).unwrap();
            for claimed in range.clone() {
                let checked =
                    verify_subtree_inclusion(&leaf, claimed, range.clone(), &proof, &hash);
                assert_eq!(checked.is_ok(), claimed == index);
            }
        }
    }
}

#[test]
fn every_subtree_is_proved_part_of_every_tree_that_holds_it() {
    let tree = tree();
    for range in subtrees() {
        let hash = subtree_hash(&tree, range.clone()).unwrap();
        for size in range.end..=SIZE {
            let root = subtree_hash(&tree, 0..size).unwrap();
            let proof = prove_subtree_consistency(&tree, range.clone(), size).unwrap();
            let check = |hash: &Hash, root: &Hash| {
                verify_subtree_consistency(range.clone(), hash, size, root, &proof)
            };
            assert_eq!(check(&hash, &root), Ok(()), "{range:?} in {size}");
            if !range.is_empty() {
                assert!(check(&leaf_hash(b"other"), &root).is_err());
                assert!(check(&hash, &leaf_hash(b"other")).is_err());
            }
        }
    }
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "they are what is refused")]
fn what_is_no_subtree_is_refused() {
    let (tree, hash) = (tree(), Hash::EMPTY_ROOT);
    for range in [
        1..3,
        2..5,
        3..5,
        4..9,
        2..1,
        1 << 62..(1 << 63) + 1,
        1..u64::MAX,
    ] {
        assert!(subtree_hash(&tree, range.clone()).is_err());
        assert_eq!(
            verify_subtree_inclusion(&hash, range.start, range.clone(), &[], &hash),
            Err(ProofError::NotASubtree)
        );
        assert_eq!(
            verify_subtree_consistency(range, &hash, u64::MAX, &hash, &[]),
            Err(ProofError::NotASubtree)
        );
    }
}
