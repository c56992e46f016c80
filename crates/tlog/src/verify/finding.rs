use std::fmt;

use crate::hash::Hash;
use crate::prove::{ProveError, ReadError};
use crate::tile::TilePath;
use crate::tiles::TileError;

/// What is wrong with a log: which entry, or which file.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// An entry is not the one that was logged.
    #[error("entry {index} does not hash to its leaf in {tile}")]
    Entry {
        /// Number of the entry.
        index: u64,
        /// The tile with its leaf hash, which agrees with the checkpoint.
        tile: TilePath,
    },
    /// A bundle ends before or inside an entry that it should hold.
    #[error("entry {index} is cut short in {bundle}")]
    CutShort {
        /// Number of the entry.
        index: u64,
        /// The bundle.
        bundle: TilePath,
    },
    /// A bundle goes on after its last entry.
    #[error("{bundle} goes on after its last entry")]
    Trailing {
        /// The bundle.
        bundle: TilePath,
    },
    /// One hash of a tile is not that of what stands below it, which agrees with the checkpoint.
    #[error("hash {position} of {tile} is not that of {below}")]
    Hash {
        /// The tile.
        tile: TilePath,
        /// Which of its hashes, from 0.
        position: u16,
        /// What it should be the hash of.
        below: Below,
    },
    /// A tile does not agree with the checkpoint, and what stands below does not tell where.
    #[error("{tile} does not hash up to the checkpoint")]
    Tile {
        /// The tile.
        tile: TilePath,
    },
    /// The partial tiles together give another root, and no single one of them explains it.
    #[error(
        "the partial tiles give root {found} for {size} leaves, the checkpoint says {expected}"
    )]
    Root {
        /// Size of the checkpoint.
        size: u64,
        /// Root in the checkpoint.
        expected: Hash,
        /// Root from the tiles.
        found: Hash,
    },
    /// A partial version that was left from a smaller size differs from the tile.
    #[error("{version} is not the beginning of {tile}")]
    Version {
        /// The partial version.
        version: TilePath,
        /// The tile or bundle, which agrees with the checkpoint.
        tile: TilePath,
    },
    /// A file is missing, unreadable, or has the wrong length.
    #[error(transparent)]
    File(#[from] TileError),
    /// A proof could not be made from the tiles.
    #[error(transparent)]
    Prove(ProveError),
    /// Both checkpoints are signed, and they belong to two histories.
    #[error("the log of {old} leaves is not the beginning of the log of {new} leaves")]
    Inconsistent {
        /// Size of the older checkpoint.
        old: u64,
        /// Size of the newer one.
        new: u64,
    },
    /// The checkpoint given as the older one is larger.
    #[error("the older checkpoint has {old} leaves, the newer one {new}")]
    Swapped {
        /// Size of the older checkpoint.
        old: u64,
        /// Size of the newer one.
        new: u64,
    },
    /// The two checkpoints name two origins.
    #[error("the checkpoints belong to two logs")]
    OtherLog,
}

impl From<ProveError> for Finding {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Read(ReadError::Tile(error)) => Self::File(error),
            error => Self::Prove(error),
        }
    }
}

impl From<ReadError> for Finding {
    fn from(error: ReadError) -> Self {
        Self::from(ProveError::from(error))
    }
}

/// What a hash in a tile stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// An entry, in a tile of level 0.
    Entry(u64),
    /// A full tile of the level below.
    Tile(TilePath),
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(index) => write!(f, "entry {index}"),
            Self::Tile(path) => path.fmt(f),
        }
    }
}
