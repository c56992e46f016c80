//! The tree against `ct-merkle`, an implementation that shares nothing with it but SHA-256.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use aws_lc_rs::digest::{self as aws, SHA256};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use digest::consts::U32;
use digest::{FixedOutput, HashMarker, Output, OutputSizeUser, Update};
use passerelle_tlog::{
    Hash, MemoryTree, Tree, leaf_hash, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;

/// SHA-256 as `ct-merkle` wants it.
#[derive(Clone, Default)]
struct Sha256(Vec<u8>);

impl OutputSizeUser for Sha256 {
    type OutputSize = U32;
}

impl Update for Sha256 {
    fn update(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }
}

impl FixedOutput for Sha256 {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(aws::digest(&SHA256, &self.0).as_ref());
    }
}

impl HashMarker for Sha256 {}

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

struct Both {
    theirs: Theirs,
    ours: MemoryTree,
    compact: Tree,
}

impl Both {
    fn of(entries: &[Vec<u8>]) -> Self {
        let mut both = Self {
            theirs: Theirs::new(),
            ours: MemoryTree::new(),
            compact: Tree::new(),
        };
        for entry in entries {
            both.theirs.push(entry.clone());
            both.ours.append(leaf_hash(entry));
            both.compact.append(leaf_hash(entry));
        }
        both
    }

    fn their_root(&self) -> Hash {
        Hash::try_from(self.theirs.root().as_bytes().as_slice()).unwrap()
    }
}

fn concat(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

fn split(proof: &[u8]) -> Vec<Hash> {
    proof
        .chunks(32)
        .map(|hash| Hash::try_from(hash).unwrap())
        .collect()
}

fn root_for_them(root: &Hash, size: usize) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size as u64)
}

fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 1..600)
}

#[test]
fn all_roots_up_to_three_hundred_leaves_are_the_same() {
    let entries: Vec<Vec<u8>> = (0..300u16).map(|n| n.to_be_bytes().to_vec()).collect();
    let mut both = Both::of(&[]);
    assert_eq!(both.compact.root(), both.their_root());
    for entry in &entries {
        both.theirs.push(entry.clone());
        both.ours.append(leaf_hash(entry));
        both.compact.append(leaf_hash(entry));
        assert_eq!(both.compact.root(), both.their_root());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn inclusion_proofs_are_the_same_and_each_verifies_the_others(
        entries in entries(), index in any::<prop::sample::Index>(),
    ) {
        let both = Both::of(&entries);
        let (index, size) = (index.index(entries.len()), entries.len());
        let root = both.their_root();
        prop_assert_eq!(both.compact.root(), root);

        let theirs = both.theirs.prove_inclusion(index);
        let ours = prove_inclusion(&both.ours, index as u64, size as u64).unwrap();
        prop_assert_eq!(concat(&ours), theirs.as_bytes());

        let leaf = leaf_hash(&entries[index]);
        let proof = split(theirs.as_bytes());
        prop_assert!(verify_inclusion(&leaf, index as u64, size as u64, &proof, &root).is_ok());
        let proof = InclusionProof::try_from_bytes(concat(&ours)).unwrap();
        let root = root_for_them(&root, size);
        prop_assert!(root.verify_inclusion(&entries[index], index as u64, &proof).is_ok());
    }

    #[test]
    fn i4_consistency_proofs_are_the_same_and_each_verifies_the_others(
        entries in entries(), old in any::<prop::sample::Index>(),
    ) {
        prop_assume!(entries.len() > 1);
        let (old, new) = (1 + old.index(entries.len() - 1), entries.len());
        let (before, after) = (Both::of(&entries[..old]), Both::of(&entries));
        let (old_root, new_root) = (before.their_root(), after.their_root());
        prop_assert_eq!(Tree::from_reader(&after.ours, old as u64).unwrap().root(), old_root);

        let theirs = after.theirs.prove_consistency(new - old);
        let ours = prove_consistency(&after.ours, old as u64, new as u64).unwrap();
        prop_assert_eq!(concat(&ours), theirs.as_bytes());

        let proof = split(theirs.as_bytes());
        prop_assert!(verify_consistency(old as u64, &old_root, new as u64, &new_root, &proof).is_ok());
        let proof = ConsistencyProof::try_from_bytes(concat(&ours)).unwrap();
        let new_root = root_for_them(&new_root, new);
        prop_assert!(new_root.verify_consistency(&root_for_them(&old_root, old), &proof).is_ok());
    }

    /// A claim that is false in any one number is judged alike: neither is laxer than the other.
    #[test]
    fn wrong_indices_and_sizes_are_judged_alike(
        entries in entries(), index in 0u64..700, size in 1u64..700, proven in any::<prop::sample::Index>(),
    ) {
        let both = Both::of(&entries);
        let proven = proven.index(entries.len());
        let proof = both.theirs.prove_inclusion(proven);
        let root = both.their_root();
        let theirs = root_for_them(&root, size as usize).verify_inclusion(&entries[proven], index, &proof);
        let leaf = leaf_hash(&entries[proven]);
        let ours = verify_inclusion(&leaf, index, size, &split(proof.as_bytes()), &root);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok());
    }
}
