//! A log written into a folder, as a node would publish it.

use std::fs;
use std::path::{Path, PathBuf};

use passerelle_tlog::{
    DirSource, Hash, LogKey, RightEdge, SignedCheckpoint, TilePath, TlogProof, Tree, VerifyingKey,
    bundles_to_write, leaf_hash, prove_inclusion, push_entry, tile_bytes, tiles_to_write,
};
use tempfile::TempDir;

/// A log of numbered entries. Publishing only writes: older partial tiles stay.
pub(crate) struct SampleLog {
    key: LogKey,
    tree: Tree,
    edge: RightEdge,
    published: u64,
    dir: TempDir,
}

#[allow(dead_code, reason = "each test binary uses its part")]
impl SampleLog {
    pub(crate) fn new() -> Self {
        let origin = "ml.example/exchange/2026h2".parse().unwrap();
        Self {
            key: LogKey::from_seed(&[1; 32], origin).unwrap(),
            tree: Tree::new(),
            edge: RightEdge::new(),
            published: 0,
            dir: TempDir::new().unwrap(),
        }
    }

    /// A log published at each of these sizes in turn.
    pub(crate) fn published_at(sizes: &[u64]) -> Self {
        let mut log = Self::new();
        for size in sizes {
            log.grow_to(*size);
            log.publish();
        }
        log
    }

    pub(crate) fn grow_to(&mut self, size: u64) {
        for index in self.tree.size()..size {
            let leaf = leaf_hash(&entry(index));
            self.tree.append(leaf);
            self.edge.append(leaf);
        }
    }

    pub(crate) fn publish(&mut self) -> SignedCheckpoint {
        let (old, new) = (self.published, self.tree.size());
        for path in tiles_to_write(old, new) {
            self.write(&path, &tile_bytes(&self.edge, &path).unwrap());
        }
        for path in bundles_to_write(old, new) {
            let mut bundle = Vec::new();
            for index in path.range() {
                push_entry(&mut bundle, &entry(index)).unwrap();
            }
            self.write(&path, &bundle);
        }
        self.published = new;
        let head = self.head();
        fs::write(self.path().join("checkpoint"), head.to_bytes()).unwrap();
        head
    }

    pub(crate) fn head(&self) -> SignedCheckpoint {
        self.key.sign_checkpoint(self.tree.size(), self.tree.root())
    }

    /// A head of this log's key that is not that of its tree.
    pub(crate) fn false_head(&self, size: u64, root: Hash) -> SignedCheckpoint {
        self.key.sign_checkpoint(size, root)
    }

    pub(crate) fn prove(&self, index: u64) -> TlogProof {
        let source = self.source();
        let hashes = prove_inclusion(&self.edge.with(&source), index, self.tree.size()).unwrap();
        TlogProof::new(index, hashes, &self.head())
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }

    pub(crate) fn source(&self) -> DirSource {
        DirSource::new(self.path())
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Flips one bit of a file.
    pub(crate) fn flip(&self, name: &str, bit: usize) {
        let mut bytes = fs::read(self.file(name)).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(self.file(name), bytes).unwrap();
    }

    fn write(&self, path: &TilePath, bytes: &[u8]) {
        let file = self.file(&path.to_string());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

pub(crate) fn entry(index: u64) -> Vec<u8> {
    let padding = ".".repeat((index % 7) as usize);
    format!("{{\"entry\":{index},\"p\":\"{padding}\"}}").into_bytes()
}
