use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::memory::MemoryTree;

fn leaves(count: u32) -> impl Iterator<Item = Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes()))
}

/// The eight leaves that RFC 6962 implementations have shared since the first, and the roots of the
/// trees of 0 to 8 of them.
#[test]
fn roots_are_those_of_rfc_6962() {
    let entries: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::new();
    assert_eq!(tree.root().to_string(), roots[0]);
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        tree.append(leaf_hash(entry));
        assert_eq!(tree.root().to_string(), *root, "{} leaves", tree.size());
    }
}

#[test]
fn a_tree_rebuilt_from_stored_hashes_is_the_tree_that_grew() {
    let mut tree = Tree::new();
    let mut memory = MemoryTree::new();
    for leaf in leaves(300) {
        tree.append(leaf);
        memory.append(leaf);
        assert_eq!(Tree::from_reader(&memory, tree.size()).unwrap(), tree);
    }
    assert!(Tree::from_reader(&memory, 301).is_err());
}

#[test]
fn a_batch_on_a_clone_leaves_the_tree_alone() {
    let mut tree = Tree::new();
    tree.extend(leaves(5));
    let before = tree.root();
    let mut ahead = tree.clone();
    ahead.extend(leaves(3));
    assert_eq!((tree.size(), tree.root()), (5, before));
    assert_eq!(ahead.size(), 8);
}

#[test]
fn stored_bytes_with_too_few_or_too_many_hashes_are_refused() {
    let mut tree = Tree::new();
    tree.extend(leaves(5));
    let bytes = tree.to_bytes();
    assert_eq!(bytes.len(), 8 + 2 * 32);
    for cut in 0..bytes.len() {
        assert!(Tree::from_bytes(&bytes[..cut]).is_err(), "{cut} bytes");
    }
    assert!(Tree::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    assert!(Tree::from_bytes(&[&bytes[..], &[0; 32]].concat()).is_err());
    assert!(Tree::from_bytes(&u64::MAX.to_be_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_stored_tree_goes_on_as_if_it_had_never_been_stored(count in 0u32..2000, more in 0u32..40) {
        let mut tree = Tree::new();
        tree.extend(leaves(count));
        let mut restored = Tree::from_bytes(&tree.to_bytes()).unwrap();
        prop_assert_eq!(&restored, &tree);
        tree.extend(leaves(more));
        restored.extend(leaves(more));
        prop_assert_eq!(restored.root(), tree.root());
    }
}
