use bytes::Bytes;

use super::EngineError;

/// What stands before a stored value: how it is stored, and a check over row and value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) check: u32,
    pub(super) bytes: u32,
    chunked: bool,
}

/// A stored value, its check passed if it is whole.
pub(super) enum Stored {
    Inline(Bytes),
    Chunked(Header),
}

impl Stored {
    pub(super) fn read(row: &[u8], stored: &[u8]) -> Result<Self, EngineError> {
        let header = Header::of(row, stored)?;
        if header.chunked {
            return Ok(Self::Chunked(header));
        }
        header
            .checked(row, stored[HEADER..].to_vec())
            .map(Self::Inline)
    }
}

impl Header {
    pub(super) fn new(row: &[u8], value: &[u8]) -> Self {
        Self {
            check: check(row, value),
            // A value that long is refused far above.
            bytes: u32::try_from(value.len()).unwrap_or(u32::MAX),
            chunked: value.len() > CHUNK_BYTES,
        }
    }

    pub(super) fn of(row: &[u8], stored: &[u8]) -> Result<Self, EngineError> {
        let (header, rest) = stored
            .split_first_chunk::<HEADER>()
            .ok_or_else(|| damaged(row))?;
        let [kind, a, b, c, d] = *header;
        let check = u32::from_be_bytes([a, b, c, d]);
        match (kind, <[u8; 4]>::try_from(rest)) {
            (INLINE, _) => Ok(Self {
                check,
                bytes: u32::try_from(rest.len()).unwrap_or(u32::MAX),
                chunked: false,
            }),
            (CHUNKED, Ok(bytes)) if u32::from_be_bytes(bytes) <= MAX_CHUNKED_BYTES => Ok(Self {
                check,
                bytes: u32::from_be_bytes(bytes),
                chunked: true,
            }),
            _ => Err(damaged(row)),
        }
    }

    /// What stands under the row itself.
    pub(super) fn stored(&self, value: &[u8]) -> Vec<u8> {
        let inline = if self.chunked { &[] } else { value };
        let mut stored = Vec::with_capacity(HEADER + 4 + inline.len());
        stored.push(if self.chunked { CHUNKED } else { INLINE });
        stored.extend_from_slice(&self.check.to_be_bytes());
        if self.chunked {
            stored.extend_from_slice(&self.bytes.to_be_bytes());
        }
        stored.extend_from_slice(inline);
        stored
    }

    pub(super) fn chunks(&self) -> usize {
        if self.chunked {
            (self.bytes as usize).div_ceil(CHUNK_BYTES)
        } else {
            0
        }
    }

    /// Under which keys the chunks stand. All rows' chunks come after all rows.
    pub(super) fn chunk_keys(&self, row: &[u8]) -> impl Iterator<Item = Vec<u8>> + use<> {
        let mut start = vec![CHUNK_TABLE];
        start.extend_from_slice(row);
        (0..self.chunks() as u32).map(move |chunk| {
            let mut key = start.clone();
            key.extend_from_slice(&chunk.to_be_bytes());
            key
        })
    }

    pub(super) fn checked(&self, row: &[u8], value: Vec<u8>) -> Result<Bytes, EngineError> {
        if check(row, &value) == self.check {
            Ok(value.into())
        } else {
            Err(damaged(row))
        }
    }
}

/// Names the table alone: a key may say whose row it is.
pub(super) fn damaged(row: &[u8]) -> EngineError {
    let table = row.first().copied().unwrap_or_default();
    EngineError::Damaged(format!("a row of table {table} is not what was written"))
}

fn check(row: &[u8], value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(row);
    hasher.update(value);
    hasher.finalize()
}

/// sled keeps longer values in files of their own, which it never syncs.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

const HEADER: usize = 5;
const INLINE: u8 = 0;
const CHUNKED: u8 = 1;
const CHUNK_TABLE: u8 = 0xff;

/// Above what any transaction may write: a length read that is larger is damage.
const MAX_CHUNKED_BYTES: u32 = 1 << 30;
