use std::io;

use super::*;
use crate::hash::leaf_hash;
use crate::prove::{prove_consistency, prove_inclusion};
use crate::tile::{TilePath, tiles_to_write};
use crate::tiles::tile_bytes;
use crate::tree::Tree;

/// Tiles in memory, as a node would have them on disk.
#[derive(Default)]
struct Disk(BTreeMap<TilePath, Vec<u8>>);

impl TileSource for Disk {
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }
}

impl Disk {
    fn publish(&mut self, edge: &RightEdge, old: u64) {
        for path in tiles_to_write(old, edge.size()) {
            self.0.insert(path, tile_bytes(edge, &path).unwrap());
        }
    }
}

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

#[test]
fn published_in_steps_and_forgetting_it_proves_what_a_whole_tree_proves() {
    let mut whole = MemoryTree::new();
    let mut edge = RightEdge::new();
    let mut disk = Disk::default();
    let steps = [
        1, 2, 255, 256, 257, 300, 511, 512, 1000, 65_535, 65_536, 66_000,
    ];
    for size in steps {
        let old = edge.size();
        whole.extend((old..size).map(leaf));
        edge.extend((old..size).map(leaf));
        disk.publish(&edge, old);
        edge.forget_before(size);
        assert!(edge.full.is_empty(), "all full tiles are published");

        let reader = edge.with(&disk);
        for index in [0, old, size / 2, size - 1] {
            assert_eq!(
                prove_inclusion(&reader, index, size).unwrap(),
                prove_inclusion(&whole, index, size).unwrap()
            );
        }
        for old in [1, old.max(1), size / 2 + 1, size] {
            assert_eq!(
                prove_consistency(&reader, old, size).unwrap(),
                prove_consistency(&whole, old, size).unwrap()
            );
        }
    }
}

#[test]
fn what_was_not_let_go_is_served_without_reading() {
    let mut edge = RightEdge::new();
    edge.extend((0..1000).map(leaf));
    let whole: MemoryTree = (0..1000).map(leaf).collect();
    assert_eq!(
        prove_inclusion(&edge, 3, 1000).unwrap(),
        prove_inclusion(&whole, 3, 1000).unwrap()
    );
    edge.forget_before(600);
    assert_eq!(edge.find(0, 511), None);
    assert_eq!(edge.find(0, 512), Some(leaf(512)));
    assert!(matches!(
        edge.hash(0, 3),
        Err(ReadError::Absent { level: 0, index: 3 })
    ));
}

#[test]
fn loaded_from_published_tiles_it_is_the_edge_that_published_them() {
    for size in [0, 1, 255, 256, 700, 65_536, 66_000] {
        let mut edge = RightEdge::new();
        edge.extend((0..size).map(leaf));
        let mut disk = Disk::default();
        disk.publish(&edge, 0);
        edge.forget_before(size);
        let mut loaded = RightEdge::load(&disk, size).unwrap();
        assert_eq!(loaded.partial, edge.partial);

        edge.extend((size..size + 300).map(leaf));
        loaded.extend((size..size + 300).map(leaf));
        let root = |edge: &RightEdge| {
            let reader = edge.with(&disk);
            Tree::from_reader(&reader, edge.size()).unwrap().root()
        };
        assert_eq!(root(&loaded), root(&edge));
    }
}

#[test]
fn a_missing_partial_tile_stops_loading() {
    let mut edge = RightEdge::new();
    edge.extend((0..300).map(leaf));
    let mut disk = Disk::default();
    disk.publish(&edge, 0);
    disk.0.remove(&"tile/1/000.p/1".parse().unwrap());
    assert!(matches!(
        RightEdge::load(&disk, 300),
        Err(TileError::Missing { .. })
    ));
}
