//! The exchange log as the store keeps it: hashes at its right edge and the newest entries in
//! memory, everything older in tiles on disk.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use passerelle_domain::Timestamp;
use passerelle_tlog::{
    Hash, LogKey, RightEdge, SignedCheckpoint, TileSource, TlogProof, Tree, VerifyingKey,
    prove_consistency, prove_inclusion,
};

use crate::files::Files;

mod error;
mod folder;
mod heads;
mod publish;
mod recent;
mod sealed;
mod tiles;

pub use error::LogError;
pub(crate) use folder::LogFolder;
use heads::Heads;
pub(crate) use recent::Leaf;
use recent::Recent;
use tiles::{Hashes, Tiles};

/// The head of the log at one size, as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Size, root and signature.
    pub checkpoint: SignedCheckpoint,
    /// The same as bytes: the signed note.
    pub bytes: Bytes,
}

impl Head {
    pub(crate) fn sign(key: &LogKey, size: u64, root: Hash) -> Arc<Self> {
        let checkpoint = key.sign_checkpoint(size, root);
        let bytes = checkpoint.to_bytes().into();
        Arc::new(Self { checkpoint, bytes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.checkpoint.size()
    }
}

/// The exchange log, to read. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    key: Arc<LogKey>,
    folder: LogFolder,
    tiles: Tiles,
    /// Leaves behind the edge whose hashes stay in memory.
    kept_leaves: u64,
    /// Held while the folder is written.
    publishing: Mutex<()>,
    state: RwLock<State>,
}

/// What is in memory.
struct State {
    edge: RightEdge,
    head: Arc<Head>,
    heads: Heads,
    /// Size of the checkpoint that lies in the folder.
    published: u64,
    /// Entries from the last full published bundle on.
    recent: Recent,
}

impl Log {
    /// The newest head: of the last batch that is durable.
    pub fn head(&self) -> Arc<Head> {
        self.read().head.clone()
    }

    /// The head that these bytes are, if it is one of the newest since the start: it was signed here,
    /// and the log goes on from it. Others must be judged
    /// ([`Store::judge_checkpoint`](crate::Store::judge_checkpoint)).
    pub fn handed_out(&self, bytes: &[u8]) -> Option<Arc<Head>> {
        self.read().heads.find(bytes).cloned()
    }

    /// Number of leaves that are durable.
    pub fn size(&self) -> u64 {
        self.read().edge.size()
    }

    /// Size of the checkpoint in the folder, to which every tile is there.
    pub fn published(&self) -> u64 {
        self.read().published
    }

    /// The key that checks the signatures on its heads; its name is the origin.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.0.key.verifying_key()
    }

    /// The folder with `checkpoint`, `tile` and `sealed`.
    pub fn dir(&self) -> PathBuf {
        self.0.folder.root().to_owned()
    }

    /// The folder as an offline verifier sees it: tiles, and bundles of entries.
    pub fn folder(&self) -> impl TileSource + use<> {
        self.0.folder.clone()
    }

    /// The signed note that lies in the folder; `None` before the first publication.
    pub fn published_checkpoint(&self) -> Result<Option<Vec<u8>>, LogError> {
        self.0.folder.checkpoint().map_err(|source| LogError::Io {
            path: folder::CHECKPOINT.to_owned(),
            source,
        })
    }

    /// The root of the tree of the first `size` leaves.
    pub fn root(&self, size: u64) -> Result<Hash, LogError> {
        let head = self.head();
        if size == head.size() {
            return Ok(*head.checkpoint.root());
        }
        self.with_hashes(size, |hashes| {
            Tree::from_reader(hashes, size).map(|tree| tree.root())
        })
    }

    /// Proves that leaf `index` is in the tree of the first `size` leaves.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        self.with_hashes(size, |hashes| prove_inclusion(hashes, index, size))
    }

    /// Proves that the tree of the first `old` leaves is the beginning of the tree of `new`. From
    /// nothing there is nothing to prove: the proof is empty.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        if old == 0 {
            return self.with_hashes(new, |_| Ok::<_, LogError>(Vec::new()));
        }
        self.with_hashes(new, |hashes| prove_consistency(hashes, old, new))
    }

    /// The C2SP tlog-proof of leaf `index` under a head, of the newest batch or of the leaf's own.
    pub fn tlog_proof(&self, index: u64, head: &Head) -> Result<TlogProof, LogError> {
        let hashes = self.inclusion_proof(index, head.size())?;
        Ok(TlogProof::new(index, hashes, &head.checkpoint))
    }

    /// The entry of leaf `index`.
    pub fn entry(&self, index: u64) -> Result<Bytes, LogError> {
        let mut entries = self.entries(index..index.saturating_add(1))?;
        entries.pop().ok_or_else(|| self.out_of_range(index))
    }

    /// The entries of a range of leaves, as many of them as there are.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Bytes>, LogError> {
        let state = self.read();
        let end = range.end.min(state.edge.size());
        let in_memory = range.start.max(state.recent.first)..end;
        let newest: Vec<Bytes> = in_memory
            .filter_map(|index| Some(state.recent.find(index)?.entry.clone()))
            .collect();
        let on_disk = range.start..end.min(state.recent.first);
        if on_disk.is_empty() {
            return Ok(newest);
        }
        let edge = state.edge.clone();
        drop(state);
        let hashes = Hashes::all(&edge, &self.0.tiles);
        let mut entries = Vec::new();
        let mut at = on_disk.start;
        while at < on_disk.end {
            let bundle = at / TILE;
            let end = on_disk.end.min((bundle + 1) * TILE);
            entries.extend(self.0.tiles.bundle(bundle, at..end, &hashes)?);
            at = end;
        }
        entries.extend(newest);
        Ok(entries)
    }

    /// The sealed part of leaf `index`; `None` if it has none (any more).
    pub fn sealed(&self, index: u64) -> Result<Option<Bytes>, LogError> {
        let state = self.read();
        if index >= state.edge.size() {
            drop(state);
            return Err(self.out_of_range(index));
        }
        if let Some(leaf) = state.recent.find(index) {
            return Ok(leaf.sealed.clone());
        }
        drop(state);
        self.0.folder.sealed(index)
    }

    pub(crate) fn new(
        files: Arc<dyn Files>,
        key: Arc<LogKey>,
        folder: LogFolder,
        edge: RightEdge,
        head: Arc<Head>,
        kept_leaves: u64,
        kept_tiles: usize,
    ) -> Self {
        let first = edge.size();
        Self(Arc::new(Shared {
            key,
            tiles: Tiles::new(files, folder.root().to_owned(), kept_tiles),
            folder,
            kept_leaves,
            publishing: Mutex::default(),
            state: RwLock::new(State {
                edge,
                head,
                heads: Heads::default(),
                published: first,
                recent: Recent {
                    first,
                    ..Recent::default()
                },
            }),
        }))
    }

    /// The folder, read through other files.
    pub(crate) fn folder_over(&self, files: Arc<dyn Files>) -> LogFolder {
        self.0.folder.over(files)
    }

    /// Reads every file of sealed parts, through other files; says which are wrong.
    pub(crate) fn check_sealed(&self, files: Arc<dyn Files>) -> impl Iterator<Item = LogError> {
        let folder = self.folder_over(files);
        let bundles = 0..self.published() / TILE;
        bundles.filter_map(move |bundle| folder.check_sealed(bundle).err())
    }

    pub(crate) fn key(&self) -> &LogKey {
        &self.0.key
    }

    /// Takes the leaves of a durable batch, and the head after them.
    pub(crate) fn extend(&self, leaves: Vec<Leaf>, head: Arc<Head>) {
        let mut state = self.write();
        for leaf in leaves {
            state.edge.append(leaf.hash);
            state.recent.push(leaf);
        }
        state.heads.push(Arc::clone(&head));
        state.head = head;
    }

    /// Bytes of the entries that are in memory, most of them for want of a publication.
    pub(crate) fn recent_bytes(&self) -> usize {
        self.read().recent.bytes
    }

    /// The time of the oldest entry that the folder lacks, if it lacks any.
    pub(crate) fn unpublished_since(&self) -> Option<Timestamp> {
        let state = self.read();
        let oldest = state.recent.find(state.published)?;
        Some(oldest.at)
    }

    /// Where a checkpoint of that size was found in the folder at start.
    pub(crate) fn set_published(&self, size: u64) {
        self.write().published = size;
    }

    /// Calls `f` with the hashes of the tree of `size` leaves: first with those in memory, which is
    /// enough for what is recent, and only then, and outside the lock, with all.
    fn with_hashes<T, E: Into<LogError>>(
        &self,
        size: u64,
        f: impl Fn(&Hashes<'_>) -> Result<T, E>,
    ) -> Result<T, LogError> {
        let state = self.read();
        if size > state.edge.size() {
            drop(state);
            return Err(self.out_of_range(size));
        }
        if let Ok(found) = f(&Hashes::in_memory(&state.edge, &self.0.tiles)) {
            return Ok(found);
        }
        let edge = state.edge.clone();
        drop(state);
        f(&Hashes::all(&edge, &self.0.tiles)).map_err(Into::into)
    }

    fn out_of_range(&self, asked: u64) -> LogError {
        LogError::OutOfRange {
            asked,
            size: self.size(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // No reader writes, and the writer's steps do not panic half-way.
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves in a full tile or bundle.
pub(crate) const TILE: u64 = 256;

#[cfg(test)]
mod tests;
