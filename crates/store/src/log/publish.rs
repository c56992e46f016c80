use std::io;
use std::sync::PoisonError;

use bytes::Bytes;
use passerelle_tlog::{bundles_to_write, push_entry, tile_bytes, tiles_to_write};

use super::folder::{CHECKPOINT, sealed_path};
use super::{Leaf, Log, LogError, TILE};

impl Log {
    /// Writes what is new to the folder: tiles, bundles and sealed parts, and only when they are
    /// durable the checkpoint. Says whether there was something to write.
    pub(crate) fn publish(&self) -> Result<bool, LogError> {
        let _one_at_a_time = self
            .0
            .publishing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (edge, head, old, first, leaves) = {
            let state = self.read();
            if state.published == state.edge.size() {
                return Ok(false);
            }
            // Clones of shared bytes and of at most eight partial tiles.
            let leaves: Vec<Leaf> = state.recent.leaves.iter().cloned().collect();
            (
                state.edge.clone(),
                state.head.clone(),
                state.published,
                state.recent.first,
                leaves,
            )
        };
        let size = edge.size();
        let portion = |range: std::ops::Range<u64>| {
            let place = |index: u64| usize::try_from(index - first).unwrap_or(usize::MAX);
            leaves
                .get(place(range.start)..place(range.end))
                .unwrap_or_default()
        };
        let mut files = Vec::new();
        let mut full = Vec::new();
        for path in bundles_to_write(old, size) {
            let leaves = portion(path.range());
            files.push((path.to_string(), bundle(leaves)));
            if path.is_full() {
                let parts: Vec<Option<Bytes>> =
                    leaves.iter().map(|leaf| leaf.sealed.clone()).collect();
                files.push((sealed_path(path.index()), super::sealed::file(&parts)));
                full.push(path);
            }
            self.write_when_many(&mut files)?;
        }
        for path in tiles_to_write(old, size) {
            files.push((path.to_string(), tile_bytes(&edge, &path)?));
            full.extend(path.is_full().then_some(path));
            self.write_when_many(&mut files)?;
        }
        self.write_files(&files)?;
        self.write_files(&[(CHECKPOINT.to_owned(), head.bytes.to_vec())])?;
        // What is not removed now is removed by nobody, and hurts nobody.
        for path in full {
            if let Err(error) = self.0.folder.remove_partials(&path) {
                tracing::warn!(%error, "old partial tiles stay");
            }
        }
        self.set_published_to(size);
        Ok(true)
    }

    fn set_published_to(&self, size: u64) {
        let mut state = self.write();
        state.published = size;
        state.recent.forget_before(size / TILE * TILE);
        state
            .edge
            .forget_before(size.saturating_sub(self.0.kept_leaves));
    }

    /// Keeps the memory bounded when much was not published.
    fn write_when_many(&self, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), LogError> {
        if files.len() >= MANY {
            self.write_files(files)?;
            files.clear();
        }
        Ok(())
    }

    fn write_files(&self, files: &[(String, Vec<u8>)]) -> Result<(), LogError> {
        let io = |source: io::Error| LogError::Io {
            path: files
                .first()
                .map(|(path, _)| path.clone())
                .unwrap_or_default(),
            source,
        };
        self.0.folder.write(files).map_err(io)
    }
}

fn bundle(leaves: &[Leaf]) -> Vec<u8> {
    let mut bundle = Vec::new();
    for leaf in leaves {
        // A transaction with a longer entry was refused.
        let _ = push_entry(&mut bundle, &leaf.entry);
    }
    bundle
}

/// Files in memory at a time: up to 16 MiB each, most of them far smaller.
const MANY: usize = 64;
