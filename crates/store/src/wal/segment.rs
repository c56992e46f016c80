use passerelle_domain::Digest;

use super::BLOCK;
use crate::engine::Mark;

/// The first block of a segment: whose it is, and what it goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHead {
    /// The mark before its first batch.
    pub(crate) mark: Mark,
    /// Leaves of the log before its first batch.
    pub(crate) first_leaf: u64,
    /// Digest of the origin of the log that it belongs to.
    pub(crate) origin: Digest,
    /// Made from the reserve: what follows in it was written while the disk was full.
    pub(crate) reserve: bool,
}

/// Why a block is not the head of one of our segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadError {
    Broken,
    Version(u32),
}

impl SegmentHead {
    pub(crate) fn to_bytes(self) -> [u8; BLOCK] {
        let mut bytes = [0; BLOCK];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
        bytes[12..24].copy_from_slice(&self.mark.to_bytes());
        bytes[24..32].copy_from_slice(&self.first_leaf.to_be_bytes());
        bytes[32..64].copy_from_slice(self.origin.as_bytes());
        bytes[64] = self.reserve.into();
        let check = crc32fast::hash(&bytes[..CHECKED]);
        bytes[CHECKED..].copy_from_slice(&check.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; BLOCK]) -> Result<Self, HeadError> {
        let check = crc32fast::hash(&bytes[..CHECKED]).to_be_bytes();
        if !bytes.starts_with(MAGIC) || bytes[CHECKED..] != check {
            return Err(HeadError::Broken);
        }
        let version = bytes[8..]
            .first_chunk()
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
        if version != VERSION {
            return Err(HeadError::Version(version));
        }
        let parts = || {
            Some(Self {
                mark: Mark::from_bytes(*bytes[12..].first_chunk()?),
                first_leaf: u64::from_be_bytes(*bytes[24..].first_chunk()?),
                origin: Digest::from_bytes(*bytes[32..].first_chunk()?),
                reserve: bytes[64] == 1,
            })
        };
        parts().ok_or(HeadError::Broken)
    }
}

/// The file of the segment whose first batch has this number.
pub(crate) fn file_name(first_batch: u64) -> String {
    format!("{first_batch:020}{EXTENSION}")
}

/// The number in the name of a segment's file.
pub(crate) fn first_batch(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let number = digits.parse().ok()?;
    (file_name(number) == name).then_some(number)
}

const MAGIC: &[u8; 8] = b"PSRSEGMT";
const VERSION: u32 = 1;
const CHECKED: usize = BLOCK - 4;
const EXTENSION: &str = ".wal";
