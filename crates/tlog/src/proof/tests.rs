use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::memory::MemoryTree;
use crate::prove::{prove_consistency, prove_inclusion};
use crate::tree::Tree;

fn tree(size: u64) -> MemoryTree {
    (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn root(tree: &MemoryTree, size: u64) -> Hash {
    Tree::from_reader(tree, size).unwrap().root()
}

fn flip(hash: &mut Hash, bit: usize) {
    hash.0[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn sizes_at_the_end_of_the_number_line_are_refused_without_harm() {
    let hash = Hash::EMPTY_ROOT;
    let proof = [hash; 70];
    let large = [
        u64::MAX,
        u64::MAX - 1,
        (1 << 63) + 1,
        1 << 63,
        (1 << 63) - 1,
    ];
    for size in large {
        for index in [0, 1, size - 1, size, u64::MAX] {
            for length in [0, 1, 62, 63, 64, 65, 70] {
                let proof = &proof[..length];
                assert!(verify_inclusion(&hash, index, size, proof, &hash).is_err());
                let consistent = verify_consistency(index, &hash, size, &hash, proof);
                let equal = index == size && length == 0;
                assert_eq!(consistent.is_ok(), equal, "{index} {size} {length}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn an_inclusion_proof_holds_and_with_any_bit_flipped_does_not(
        size in 1u64..1000, index in any::<u64>(), hash in any::<usize>(), bit in 0usize..256,
    ) {
        let tree = tree(size);
        let index = index % size;
        let root = root(&tree, size);
        let leaf = tree.find(0, index).unwrap();
        let mut proof = prove_inclusion(&tree, index, size).unwrap();
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));

        let mut other = leaf;
        flip(&mut other, bit);
        prop_assert!(verify_inclusion(&other, index, size, &proof, &root).is_err());
        let mut other = root;
        flip(&mut other, bit);
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &other).is_err());
        prop_assert!(verify_inclusion(&leaf, index ^ 1, size, &proof, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &[&proof[..], &[root]].concat(), &root).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_inclusion(&leaf, index, size, &proof[1..], &root).is_err());
            let hash = hash % proof.len();
            flip(&mut proof[hash], bit);
            prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_err());
        }
    }

    #[test]
    fn i4_a_consistency_proof_holds_and_with_any_bit_flipped_does_not(
        new in 1u64..1000, old in any::<u64>(), hash in any::<usize>(), bit in 0usize..256,
    ) {
        let tree = tree(new);
        let old = 1 + old % new;
        let (old_root, new_root) = (root(&tree, old), root(&tree, new));
        let mut proof = prove_consistency(&tree, old, new).unwrap();
        prop_assert_eq!(verify_consistency(old, &old_root, new, &new_root, &proof), Ok(()));

        let mut other = old_root;
        flip(&mut other, bit);
        prop_assert!(verify_consistency(old, &other, new, &new_root, &proof).is_err());
        let mut other = new_root;
        flip(&mut other, bit);
        prop_assert!(verify_consistency(old, &old_root, new, &other, &proof).is_err());
        let longer = [&proof[..], &[new_root]].concat();
        prop_assert!(verify_consistency(old, &old_root, new, &new_root, &longer).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_consistency(old, &old_root, new, &new_root, &proof[1..]).is_err());
            let hash = hash % proof.len();
            flip(&mut proof[hash], bit);
            prop_assert!(verify_consistency(old, &old_root, new, &new_root, &proof).is_err());
        }
    }

    /// Two logs that share a beginning and then part: no proof made from either joins them.
    #[test]
    fn i4_a_rewritten_history_has_no_consistency_proof(
        shared in 0u64..200, old in 1u64..50, new in 0u64..50,
    ) {
        let first = tree(shared + old);
        let mut second = tree(shared);
        second.extend((0..old + new).map(|n| leaf_hash(&[b"rewritten".as_slice(), &n.to_be_bytes()].concat())));
        let (old, new) = (shared + old, shared + old + new);
        let (old_root, new_root) = (root(&first, old), root(&second, new));
        let proof = prove_consistency(&second, old, new).unwrap();
        prop_assert!(verify_consistency(old, &old_root, new, &new_root, &proof).is_err());
    }
}
