//! RFC 6962 proofs, valid and invalid, from transparency-dev/merkle and sigsum.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

mod shared;

use aws_lc_rs::digest;
use passerelle_tlog::{
    Hash, MemoryTree, ProofError, Tree, leaf_hash, prove_consistency, prove_inclusion,
    prove_subtree_inclusion, subtree_hash, verify_consistency, verify_inclusion,
    verify_subtree_consistency, verify_subtree_inclusion,
};
use serde::Deserialize;
use shared::vectors;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    file: String,
    leaf_idx: u64,
    #[serde(default)]
    tree_size: u64,
    #[serde(default)]
    start: u64,
    #[serde(default)]
    end: u64,
    root: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    file: String,
    #[serde(default)]
    size1: u64,
    #[serde(default)]
    size2: u64,
    #[serde(default)]
    start: u64,
    #[serde(default)]
    end: u64,
    #[serde(default)]
    size: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// What does not decode to 32 bytes cannot even be asked about.
fn hash(text: Option<&String>) -> Option<Hash> {
    Hash::from_base64(text?).ok()
}

fn hashes(texts: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    texts
        .into_iter()
        .flatten()
        .map(|text| hash(Some(text)))
        .collect()
}

impl Inclusion {
    fn check(&self, verify: impl Fn(&Hash, &[Hash], &Hash) -> Result<(), ProofError>) -> bool {
        let (Some(leaf), Some(root), Some(proof)) = (
            hash(self.leaf_hash.as_ref()),
            hash(self.root.as_ref()),
            hashes(self.proof.as_ref()),
        ) else {
            assert!(self.want_err, "{}: hashes of the wrong length", self.file);
            return false;
        };
        let verified = verify(&leaf, &proof, &root).is_ok();
        assert_eq!(verified, !self.want_err, "{}", self.file);
        verified
    }
}

impl Consistency {
    fn check(&self, verify: impl Fn(&Hash, &[Hash], &Hash) -> Result<(), ProofError>) -> bool {
        let (Some(old), Some(new), Some(proof)) = (
            hash(self.root1.as_ref()),
            hash(self.root2.as_ref()),
            hashes(self.proof.as_ref()),
        ) else {
            // Valid where hashes may have any length.
            let any_length = SHORT_HASHES.contains(&self.file.as_str());
            assert!(self.want_err || any_length, "{}", self.file);
            return false;
        };
        let verified = verify(&old, &proof, &new).is_ok();
        assert_eq!(verified, !self.want_err, "{}", self.file);
        verified
    }
}

#[test]
fn inclusion_proofs_are_accepted_and_refused_as_elsewhere() {
    let Some(cases) = vectors::<Vec<Inclusion>>("merkle/inclusion.json") else {
        return;
    };
    assert_eq!(cases.len(), 98);
    let accepted = cases
        .iter()
        .filter(|case| {
            case.check(|leaf, proof, root| {
                verify_inclusion(leaf, case.leaf_idx, case.tree_size, proof, root)
            })
        })
        .count();
    assert_eq!(accepted, 6);
}

#[test]
fn consistency_proofs_are_accepted_and_refused_as_elsewhere() {
    let Some(cases) = vectors::<Vec<Consistency>>("merkle/consistency.json") else {
        return;
    };
    assert_eq!(cases.len(), 98);
    let accepted = cases
        .iter()
        .filter(|case| {
            case.check(|old, proof, new| {
                verify_consistency(case.size1, old, case.size2, new, proof)
            })
        })
        .count();
    assert_eq!(accepted, 5);
}

#[test]
fn subtree_inclusion_proofs_are_accepted_and_refused_as_elsewhere() {
    let Some(cases) = vectors::<Vec<Inclusion>>("merkle/subtreeinclusion.json") else {
        return;
    };
    assert_eq!(cases.len(), 204);
    let accepted = cases
        .iter()
        .filter(|case| {
            case.check(|leaf, proof, root| {
                verify_subtree_inclusion(leaf, case.leaf_idx, case.start..case.end, proof, root)
            })
        })
        .count();
    assert_eq!(accepted, 12);
}

#[test]
fn subtree_consistency_proofs_are_accepted_and_refused_as_elsewhere() {
    let Some(cases) = vectors::<Vec<Consistency>>("merkle/subtreeconsistency.json") else {
        return;
    };
    assert_eq!(cases.len(), 118);
    let accepted = cases
        .iter()
        .filter(|case| {
            case.check(|subtree, proof, root| {
                verify_subtree_consistency(case.start..case.end, subtree, case.size, root, proof)
            })
        })
        .count();
    assert_eq!(accepted, 9);
}

#[test]
fn sigsum_inclusion_proofs_are_accepted_and_refused_as_elsewhere() {
    #[derive(Deserialize)]
    struct Case {
        leaf_hash: String,
        leaf_index: u64,
        tree_size: u64,
        root_hash: String,
        inclusion_path: Vec<String>,
    }
    for (file, valid) in [("valid", true), ("invalid", false)] {
        let Some(cases) = vectors::<Vec<Case>>(&format!("sigsum-inclusion/inclusion-{file}.json"))
        else {
            return;
        };
        assert_eq!(cases.len(), 4);
        for case in cases {
            let verified = verify_inclusion(
                &Hash::from_base64(&case.leaf_hash).unwrap(),
                case.leaf_index,
                case.tree_size,
                &hashes(Some(&case.inclusion_path)).unwrap(),
                &Hash::from_base64(&case.root_hash).unwrap(),
            );
            assert_eq!(verified.is_ok(), valid, "{} leaves", case.tree_size);
        }
    }
}

/// The tree of RFC 6962 reference implementations: eight leaves, and the root at every size.
#[test]
fn a_tree_has_the_root_at_every_size_that_it_has_elsewhere() {
    #[derive(Deserialize)]
    struct Roots {
        leaf_inputs_hex: Vec<String>,
        root_hex_by_size: Vec<String>,
    }
    let Some(Roots {
        leaf_inputs_hex,
        root_hex_by_size,
    }) = vectors("merkle/rfc6962-roots.json")
    else {
        return;
    };
    assert_eq!((leaf_inputs_hex.len(), root_hex_by_size.len()), (8, 9));
    let leaves: Vec<Hash> = leaf_inputs_hex
        .iter()
        .map(|leaf| leaf_hash(&hex(leaf)))
        .collect();
    let roots: Vec<Hash> = root_hex_by_size
        .iter()
        .map(|root| Hash::try_from(&hex(root)[..]).unwrap())
        .collect();
    let whole: MemoryTree = leaves.iter().copied().collect();
    let mut grown = Tree::new();
    assert_eq!(Hash::EMPTY_ROOT, roots[0]);
    assert_eq!(grown.root(), roots[0]);
    for (size, leaf) in (1..).zip(&leaves) {
        grown.append(*leaf);
        let root = roots[size as usize];
        assert_eq!(grown.root(), root, "grown to {size}");
        assert_eq!(
            Tree::from_reader(&whole, size).unwrap().root(),
            root,
            "read at {size}"
        );
        for index in 0..size {
            let proof = prove_inclusion(&whole, index, size).unwrap();
            verify_inclusion(&leaves[index as usize], index, size, &proof, &root).unwrap();
            let (old, before) = (index + 1, roots[index as usize + 1]);
            let proof = prove_consistency(&whole, old, size).unwrap();
            verify_consistency(old, &before, size, &root, &proof).unwrap();
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn every_subtree_of_130_leaves_has_the_hash_and_the_proofs_it_has_elsewhere() {
    #[derive(Deserialize)]
    struct Roots {
        accumulated: Accumulated,
    }
    #[derive(Deserialize)]
    struct Accumulated {
        subtree_hash_sha256: String,
        subtree_inclusion_sha256: String,
    }
    let Some(Roots { accumulated }) = vectors("merkle/rfc6962-roots.json") else {
        return;
    };
    let tree: MemoryTree = (0..130u8).map(|n| leaf_hash(&[n])).collect();
    let mut all_hashes = String::new();
    let mut all_proofs = String::new();
    for end in 0..=130 {
        for start in 0..=end {
            let Ok(hash) = subtree_hash(&tree, start..end) else {
                continue;
            };
            all_hashes += &format!("[{start}, {end}) {hash}\n");
            for index in start..end {
                all_proofs += &format!("{index} [{start}, {end})");
                for hash in prove_subtree_inclusion(&tree, index, start..end).unwrap() {
                    all_proofs += &format!(" {hash}");
                }
                all_proofs.push('\n');
            }
        }
    }
    let sha256 = |text: &str| {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        Hash::try_from(digest.as_ref()).unwrap().to_string()
    };
    assert_eq!(sha256(&all_hashes), accumulated.subtree_hash_sha256);
    assert_eq!(sha256(&all_proofs), accumulated.subtree_inclusion_sha256);
}

/// Roots of 12 bytes, in cases that are valid for a verifier that never looks at them.
const SHORT_HASHES: [&str; 4] = [
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "subtreeconsistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-one-subtree-root-valid-tree-root-random-proof-is-empty.json",
    "subtreeconsistency/additional/subtree-is-empty-sizes-are-equal-zero-subtree-root-valid-tree-root-random-proof-is-empty.json",
];
