use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::text::decimal;

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const FULL: u16 = 256;

/// Tile levels of a tree whose leaves a u64 counts.
pub(crate) const LEVELS: u8 = 8;

/// The name of one tile or entry bundle of one width: `tile/<L>/<N>[.p/<W>]` or
/// `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles), N in groups of three digits,
/// `x001/x234/067` for 1,234,067.
///
/// Only names that a tree of fewer than 2^64 leaves can need: levels 0 to 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    /// Invariant: 1 to 256.
    width: u16,
}

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of complete subtrees of 256^level leaves.
    Hashes {
        /// The level, 0 for leaf hashes.
        level: u8,
    },
    /// The entries themselves, each behind its length.
    Entries,
}

impl TilePath {
    /// The tile of hashes number `index` at a level, with `width` hashes: 256 when it is full.
    pub fn hashes(level: u8, index: u64, width: u16) -> Result<Self, TilePathError> {
        Self::new(TileKind::Hashes { level }, index, width)
    }

    /// The entry bundle number `index`, with `width` entries: 256 when it is full.
    pub fn entries(index: u64, width: u16) -> Result<Self, TilePathError> {
        Self::new(TileKind::Entries, index, width)
    }

    fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TilePathError> {
        let level = match kind {
            TileKind::Hashes { level } if level >= LEVELS => return Err(TilePathError::Level),
            TileKind::Hashes { level } => level,
            TileKind::Entries => 0,
        };
        if index >> (8 * (LEVELS - 1 - level)) != 0 {
            return Err(TilePathError::Index);
        }
        if !(1..=FULL).contains(&width) {
            return Err(TilePathError::Width);
        }
        Ok(Self { kind, index, width })
    }

    /// Hashes or entries.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its number among the tiles of its kind and level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds 256, and so will never change.
    pub fn is_full(&self) -> bool {
        self.width == FULL
    }

    /// The same tile once it is full.
    pub fn full(&self) -> Self {
        self.with_width(FULL)
    }

    /// Numbers of the hashes (at its level) or entries that it holds.
    pub fn range(&self) -> Range<u64> {
        let start = self.index * u64::from(FULL);
        // Saturates for one name alone, that of a tile which would end at leaf 2^64.
        start..start.saturating_add(self.width.into())
    }

    /// Invariant of the caller: 1 to 256.
    pub(crate) fn with_width(self, width: u16) -> Self {
        Self { width, ..self }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        // An index has at most 17 digits: six groups.
        for place in (1..6).map(|group| 1000u64.pow(group)).rev() {
            if self.index >= place {
                write!(f, "x{:03}/", self.index / place % 1000)?;
            }
        }
        write!(f, "{:03}", self.index % 1000)?;
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let path = parse(text)?;
        // One spelling for each tile: no leading zeroes, no x000, no .p/256.
        if path.to_string() == text {
            Ok(path)
        } else {
            Err(TilePathError::Form)
        }
    }
}

fn parse(text: &str) -> Result<TilePath, TilePathError> {
    let rest = text.strip_prefix("tile/").ok_or(TilePathError::Form)?;
    let (kind, rest) = rest.split_once('/').ok_or(TilePathError::Form)?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes {
            level: decimal(level)
                .ok_or(TilePathError::Form)?
                .try_into()
                .map_err(|_| TilePathError::Level)?,
        },
    };
    let (number, width) = match rest.split_once(".p/") {
        None => (rest, FULL),
        Some((number, width)) => {
            let width = decimal(width).ok_or(TilePathError::Form)?;
            (number, width.try_into().map_err(|_| TilePathError::Width)?)
        }
    };
    let index = number
        .split('/')
        .map(|group| group.strip_prefix('x').unwrap_or(group))
        .try_fold(0u64, |index, group| {
            let digits = group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
            let group: u64 = group.parse().ok().filter(|_| digits)?;
            index.checked_mul(1000)?.checked_add(group)
        })
        .ok_or(TilePathError::Form)?;
    TilePath::new(kind, index, width)
}

/// The tiles of hashes to write so that a log that was published at `old` leaves is published at
/// `new`: at every level each full tile that has become full, and the partial one at the end. From
/// 0 it lists every tile of the log. Lowest level first.
pub fn tiles_to_write(old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    (0..LEVELS).flat_map(move |level| {
        let kind = TileKind::Hashes { level };
        spans(kind, old >> (8 * level), new >> (8 * level))
    })
}

/// The entry bundles to write so that a log that was published at `old` leaves is published at
/// `new`. From 0 it lists every bundle of the log.
pub fn bundles_to_write(old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    spans(TileKind::Entries, old, new)
}

/// The tiles at the right edge of a tree that are not full, lowest level first.
pub(crate) fn partial_tiles(size: u64) -> impl DoubleEndedIterator<Item = TilePath> {
    (0..LEVELS).filter_map(move |level| {
        let hashes = size >> (8 * level);
        TilePath::hashes(level, hashes / 256, (hashes % 256) as u16).ok()
    })
}

/// The tiles that hold the hashes (or entries) from `old` to `new`, as they are at `new`.
fn spans(kind: TileKind, old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    let full = u64::from(FULL);
    let tiles = if old < new {
        old / full..new.div_ceil(full)
    } else {
        0..0
    };
    tiles.map(move |index| TilePath {
        kind,
        index,
        width: (new - index * full).min(full) as u16,
    })
}

/// Why a text is not the name of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TilePathError {
    /// Not spelled as C2SP tlog-tiles asks.
    #[error("a tile is named tile/<level or entries>/<groups of three digits>[.p/<width>]")]
    Form,
    /// No tree of fewer than 2^64 leaves has a tile at this level.
    #[error("tile levels go from 0 to 7")]
    Level,
    /// No tree of fewer than 2^64 leaves has so many tiles at this level.
    #[error("no tree has so many tiles")]
    Index,
    /// Neither partial nor full.
    #[error("a tile holds 1 to 256 hashes or entries")]
    Width,
}

#[cfg(test)]
mod tests;
