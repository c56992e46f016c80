use crate::bundle::Bundle;
use crate::checkpoint::SignedCheckpoint;
use crate::hash::{Hash, leaf_hash};
use crate::tile::{FULL, TileKind, TilePath, partial_tiles};
use crate::tiles::{TileError, TileSource, read_exact, read_hashes, read_wide};
use crate::tree::Tree;
use crate::verify::{Below, Depth, Finding, Report};

/// One pass over a log, from the root down and from the first leaf to the last.
pub(super) struct Walk<'a, S, P> {
    source: &'a S,
    size: u64,
    root: Hash,
    depth: Depth,
    progress: P,
    report: Report,
}

impl<'a, S: TileSource, P: FnMut(u64)> Walk<'a, S, P> {
    pub(super) fn new(source: &'a S, head: &SignedCheckpoint, depth: Depth, progress: P) -> Self {
        Self {
            source,
            size: head.size(),
            root: *head.root(),
            depth,
            progress,
            report: Report::default(),
        }
    }

    pub(super) fn run(mut self) -> Result<Report, Finding> {
        let mut edge = Vec::new();
        for path in partial_tiles(self.size) {
            edge.push((path, read_hashes(self.source, &path)?));
        }
        self.edge(&edge)?;
        // The highest partial tile covers the first leaves.
        for (path, hashes) in edge.iter().rev() {
            self.tile(path, hashes)?;
        }
        Ok(self.report)
    }

    /// Checks the partial tiles, all at once, against the root.
    fn edge(&self, edge: &[(TilePath, Vec<Hash>)]) -> Result<(), Finding> {
        let found = edge_root(edge);
        if found == self.root {
            return Ok(());
        }
        // The root does not say which of them is wrong: try what stands below each in its place.
        for (position, (path, hashes)) in edge.iter().enumerate() {
            if let Some(rebuilt) = self.rebuild(path) {
                let mut mended = edge.to_vec();
                mended[position].1.clone_from(&rebuilt);
                if edge_root(&mended) == self.root {
                    return Err(differing(path, hashes, &rebuilt));
                }
            }
        }
        Err(Finding::Root {
            size: self.size,
            expected: self.root,
            found,
        })
    }

    /// Checks all that stands below a tile whose hashes agree with the root.
    fn tile(&mut self, path: &TilePath, hashes: &[Hash]) -> Result<(), Finding> {
        self.report.tiles += 1;
        let bytes = hashes.iter().flat_map(|hash| hash.0).collect::<Vec<_>>();
        self.older_versions(path, |width| &bytes[..usize::from(width) * Hash::BYTES])?;
        let TileKind::Hashes { level: 1.. } = path.kind() else {
            return self.leaves(path, hashes);
        };
        for (number, expected) in path.range().zip(hashes) {
            let path = below(path, number)?;
            let hashes = read_hashes(self.source, &path)?;
            if tree_hash(&hashes) != *expected {
                return Err(match self.rebuild(&path) {
                    Some(rebuilt) if tree_hash(&rebuilt) == *expected => {
                        differing(&path, &hashes, &rebuilt)
                    }
                    _ => Finding::Tile { tile: path },
                });
            }
            self.tile(&path, &hashes)?;
        }
        Ok(())
    }

    /// Checks the entries of a tile of leaf hashes.
    fn leaves(&mut self, tile: &TilePath, hashes: &[Hash]) -> Result<(), Finding> {
        if self.depth == Depth::Entries {
            let bundle = TilePath::entries(tile.index(), tile.width())
                .map_err(|_| Finding::Tile { tile: *tile })?;
            let (bytes, read) = read_wide(self.source, &bundle)?;
            let mut entries = Bundle::new(&bytes);
            let mut ends = Vec::with_capacity(hashes.len());
            for (index, leaf) in tile.range().zip(hashes) {
                let Some(Ok(entry)) = entries.next() else {
                    return Err(Finding::CutShort {
                        index,
                        bundle: read,
                    });
                };
                if leaf_hash(entry) != *leaf {
                    return Err(Finding::Entry { index, tile: *tile });
                }
                ends.push(bytes.len() - entries.rest().len());
            }
            // A full bundle read in place of a partial one goes on, past this checkpoint.
            if read == bundle && !entries.rest().is_empty() {
                return Err(Finding::Trailing { bundle });
            }
            self.older_versions(&bundle, |width| &bytes[..ends[usize::from(width) - 1]])?;
            self.report.entries += u64::from(tile.width());
        }
        self.report.leaves += u64::from(tile.width());
        (self.progress)(self.report.leaves);
        Ok(())
    }

    /// Checks the narrower versions of a tile that lie beside it against its beginning.
    fn older_versions<'b>(
        &mut self,
        tile: &TilePath,
        beginning: impl Fn(u16) -> &'b [u8],
    ) -> Result<(), Finding> {
        let widths =
            self.source
                .partial_widths(&tile.full())
                .map_err(|source| TileError::Unreadable {
                    path: *tile,
                    source,
                })?;
        for width in widths.into_iter().filter(|w| (1..tile.width()).contains(w)) {
            let version = tile.with_width(width);
            // Gone since it was listed is as good as never there.
            if let Some(bytes) = read_exact(self.source, &version)?
                && bytes != beginning(width)
            {
                return Err(Finding::Version {
                    version,
                    tile: *tile,
                });
            }
            self.report.older_versions += 1;
        }
        Ok(())
    }

    /// The hashes that a tile should have, from what stands below it; `None` when that cannot be
    /// read either, or may not.
    fn rebuild(&self, path: &TilePath) -> Option<Vec<Hash>> {
        match path.kind() {
            TileKind::Hashes { level: 1.. } => path
                .range()
                .map(|number| {
                    let hashes = read_hashes(self.source, &below(path, number).ok()?).ok()?;
                    Some(tree_hash(&hashes))
                })
                .collect(),
            _ if self.depth == Depth::Tiles => None,
            _ => {
                let bundle = TilePath::entries(path.index(), path.width()).ok()?;
                let (bytes, _) = read_wide(self.source, &bundle).ok()?;
                let leaves = Bundle::new(&bytes)
                    .take(path.width().into())
                    .map(|entry| entry.ok().map(leaf_hash))
                    .collect::<Option<Vec<_>>>()?;
                (leaves.len() == usize::from(path.width())).then_some(leaves)
            }
        }
    }
}

/// The full tile whose root is hash `number` of this tile's level.
fn below(path: &TilePath, number: u64) -> Result<TilePath, Finding> {
    let lower = match path.kind() {
        TileKind::Hashes { level } => level.checked_sub(1),
        TileKind::Entries => None,
    };
    lower
        .and_then(|level| TilePath::hashes(level, number, FULL).ok())
        .ok_or(Finding::Tile { tile: *path })
}

/// Names the first hash of a tile that differs from what stands below it.
fn differing(tile: &TilePath, hashes: &[Hash], rebuilt: &[Hash]) -> Finding {
    let position = hashes.iter().zip(rebuilt).position(|(a, b)| a != b);
    let position = position.unwrap_or(0) as u16;
    let number = tile.range().start + u64::from(position);
    Finding::Hash {
        tile: *tile,
        position,
        below: below(tile, number).map_or(Below::Entry(number), Below::Tile),
    }
}

/// The root of a tree, from the partial tiles at its right edge, lowest first: what a level leaves
/// over is one more, incomplete, hash at the end of the next.
fn edge_root(edge: &[(TilePath, Vec<Hash>)]) -> Hash {
    edge.iter()
        .fold(None, |rest, (_, hashes)| {
            Some(tree_hash(hashes.iter().chain(rest.as_ref())))
        })
        .unwrap_or(Hash::EMPTY_ROOT)
}

fn tree_hash<'a>(hashes: impl IntoIterator<Item = &'a Hash>) -> Hash {
    let mut tree = Tree::new();
    tree.extend(hashes.into_iter().copied());
    tree.root()
}
