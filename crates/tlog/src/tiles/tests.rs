use super::*;
use crate::hash::leaf_hash;
use crate::prove::prove_inclusion;

struct One(TilePath, Vec<u8>);

impl TileSource for One {
    fn read(&self, path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        Ok((*path == self.0).then(|| self.1.clone()))
    }
}

struct Broken;

impl TileSource for Broken {
    fn read(&self, _path: &TilePath) -> io::Result<Option<Vec<u8>>> {
        Err(io::Error::other("disk on fire"))
    }
}

fn leaves(count: u16) -> MemoryTree {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

#[test]
fn a_full_tile_serves_where_the_partial_one_is_gone() {
    let tree = leaves(256);
    let full = TilePath::hashes(0, 0, 256).unwrap();
    let source = One(full, tile_bytes(&tree, &full).unwrap());
    let reader = TileHashes::new(&source, 57);
    assert_eq!(
        prove_inclusion(&reader, 41, 57).unwrap(),
        prove_inclusion(&tree, 41, 57).unwrap()
    );
    // And still the tree ends where it ends.
    assert!(matches!(
        reader.hash(0, 57),
        Err(ReadError::Absent {
            level: 0,
            index: 57
        })
    ));
}

#[test]
fn a_tile_of_the_wrong_length_is_named() {
    let path = TilePath::hashes(0, 0, 3).unwrap();
    for bytes in [0, 95, 97, 128] {
        let source = One(path, vec![0; bytes]);
        let error = TileHashes::new(&source, 3).hash(0, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("tile/0/000.p/3 has {bytes} bytes, not 96")
        );
    }
}

#[test]
fn a_tile_that_cannot_be_read_is_named() {
    let error = TileHashes::new(Broken, 300).hash(0, 0).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/000 cannot be read: disk on fire");
    let source = One(TilePath::hashes(5, 0, 1).unwrap(), Vec::new());
    let error = TileHashes::new(&source, 300).hash(0, 299).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/001.p/44 is missing");
}

#[test]
fn an_entry_bundle_is_no_tile_of_hashes() {
    let path = TilePath::entries(0, 3).unwrap();
    assert!(matches!(
        tile_bytes(&leaves(3), &path),
        Err(ReadError::Tile(TileError::NotHashes { .. }))
    ));
}
