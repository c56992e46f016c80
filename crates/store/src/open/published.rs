use passerelle_tlog::{RightEdge, SignedCheckpoint, Tree, VerifyingKey};

use crate::error::OpenError;
use crate::log::{LogError, LogFolder, TILE};
use crate::wal::Segment;

/// What the folder of the log says was published.
pub(super) struct Published(Option<SignedCheckpoint>);

impl Published {
    /// Reads the checkpoint. It may be missing only where nothing can have been removed from the wal
    /// for it.
    pub(super) fn find(
        folder: &LogFolder,
        key: &VerifyingKey,
        segments: &[Segment],
    ) -> Result<Self, OpenError> {
        let bytes = folder
            .checkpoint()
            .map_err(OpenError::io("reading the checkpoint"))?;
        let Some(bytes) = bytes else {
            let whole = segments
                .first()
                .is_none_or(|segment| segment.head.first_leaf == 0);
            return if whole {
                Ok(Self(None))
            } else {
                Err(OpenError::NoCheckpoint)
            };
        };
        let checkpoint =
            SignedCheckpoint::open(&bytes, key).map_err(|_| OpenError::NoCheckpoint)?;
        Ok(Self(Some(checkpoint)))
    }

    pub(super) fn size(&self) -> u64 {
        self.0.as_ref().map_or(0, SignedCheckpoint::size)
    }

    /// Leaves that are in full tiles: what comes after them is read from the wal.
    pub(super) fn in_full_tiles(&self) -> u64 {
        self.size() / TILE * TILE
    }

    /// The edge of the full tiles, and their tree. Proven only when the tree has grown to the
    /// checkpoint: see [`Published::check`].
    pub(super) fn edge(&self, folder: &LogFolder) -> Result<(RightEdge, Tree), OpenError> {
        let damaged = |path: String| OpenError::Log(LogError::Damaged { path });
        let edge = RightEdge::load(folder, self.in_full_tiles())
            .map_err(|error| damaged(error.to_string()))?;
        let tree =
            Tree::from_reader(&edge, edge.size()).map_err(|error| damaged(error.to_string()))?;
        Ok((edge, tree))
    }

    /// Compares a tree that has grown to the size of the checkpoint with it.
    pub(super) fn check(&self, tree: &Tree) -> Result<(), OpenError> {
        match &self.0 {
            Some(checkpoint)
                if checkpoint.size() == tree.size() && *checkpoint.root() != tree.root() =>
            {
                Err(OpenError::OtherCheckpoint {
                    size: checkpoint.size(),
                })
            }
            _ => Ok(()),
        }
    }
}
