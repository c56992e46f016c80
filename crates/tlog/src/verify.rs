mod finding;
mod walk;

use crate::checkpoint::SignedCheckpoint;
use crate::hash::Hash;
use crate::proof::verify_consistency;
use crate::prove::prove_consistency;
use crate::tiles::{TileHashes, TileSource};
use crate::tree::Tree;

pub use finding::{Below, Finding};

/// How far down a log is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Hashes only: what peers and witnesses are given.
    Tiles,
    /// Every entry too, against its leaf hash.
    Entries,
}

/// What was checked, all of it good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// Leaves of the tree.
    pub leaves: u64,
    /// Tiles of hashes, full and partial.
    pub tiles: u64,
    /// Entries that hash to their leaf; 0 at [`Depth::Tiles`].
    pub entries: u64,
    /// Partial versions of tiles and bundles, left from smaller sizes, that agree with them.
    pub older_versions: u64,
}

/// Checks every tile of a log, and at [`Depth::Entries`] every entry, against a checkpoint whose
/// signature was verified when it was opened. Stops at the first thing that is wrong and names it.
///
/// Tiles are checked from the root down, so that what is named is what is wrong, not what merely
/// disagrees with it; entries come in order. `progress` is told the number of leaves checked, after
/// each tile of up to 256. What lies beyond the size of the checkpoint is not looked at.
pub fn verify_log(
    source: &impl TileSource,
    head: &SignedCheckpoint,
    depth: Depth,
    progress: impl FnMut(u64),
) -> Result<Report, Finding> {
    walk::Walk::new(source, head, depth, progress).run()
}

/// Checks from the tiles of a log that an older checkpoint of it is the beginning of a newer one.
pub fn verify_consistency_of(
    source: &impl TileSource,
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
) -> Result<(), Finding> {
    let inconsistent = Finding::Inconsistent {
        old: old.size(),
        new: new.size(),
    };
    if old.checkpoint().origin != new.checkpoint().origin {
        return Err(Finding::OtherLog);
    }
    if old.size() > new.size() {
        return Err(Finding::Swapped {
            old: old.size(),
            new: new.size(),
        });
    }
    if old.size() == 0 {
        // Every log begins with the empty one.
        let empty = *old.root() == Hash::EMPTY_ROOT;
        return if empty { Ok(()) } else { Err(inconsistent) };
    }
    let reader = TileHashes::new(source, new.size());
    let proof = prove_consistency(&reader, old.size(), new.size())?;
    let checked = verify_consistency(old.size(), old.root(), new.size(), new.root(), &proof);
    if checked.is_ok() {
        return Ok(());
    }
    // A proof that fails may come from bad tiles: the log is accused only if they are good.
    let found = Tree::from_reader(&reader, new.size())?.root();
    if found == *new.root() {
        return Err(inconsistent);
    }
    Err(Finding::Root {
        size: new.size(),
        expected: *new.root(),
        found,
    })
}
