use std::ops::Range;

use super::BLOCK;
use crate::engine::Mark;

/// The frames of one batch, as they are collected.
#[derive(Debug, Default)]
pub(crate) struct BatchBuffer {
    /// Room for the head, then the frames.
    bytes: Vec<u8>,
    frames: u32,
}

impl BatchBuffer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; HEAD],
            frames: 0,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(HEAD, 0);
        self.frames = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Bytes that the batch takes in a segment, were it finished now.
    pub(crate) fn bytes(&self) -> usize {
        (self.bytes.len() + TAIL).next_multiple_of(BLOCK)
    }

    /// Adds a frame that `encode` writes.
    pub(crate) fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; FRAME_HEAD]);
        encode(&mut self.bytes);
        let frame = &self.bytes[start + FRAME_HEAD..];
        // A transaction is bounded far below 4 GiB.
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let check = crc32fast::hash(frame);
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self.bytes[start + 4..start + FRAME_HEAD].copy_from_slice(&check.to_be_bytes());
        self.frames += 1;
    }

    /// Completes the batch that follows `after`: its bytes in whole blocks, and the mark after it.
    pub(crate) fn finish(&mut self, after: Mark, first_leaf: u64) -> (&[u8], Mark) {
        let frames = HEAD..self.bytes.len();
        let length = self.bytes();
        self.bytes.resize(length, 0);
        let head = Head {
            batch: after.batch,
            first_leaf,
            body: u32::try_from(frames.len()).unwrap_or(u32::MAX),
            frames: self.frames,
            // Neither the first block nor the last is counted: head and tail are not zero.
            zero_blocks: zero_blocks(&self.bytes),
            chain: after.chain,
        };
        self.bytes[..HEAD].copy_from_slice(&head.to_bytes());
        let chain = crc32fast::hash(&self.bytes[..frames.end]);
        let tail = length - TAIL;
        self.bytes[tail..tail + 4].copy_from_slice(&chain.to_be_bytes());
        self.bytes[tail + 4..].copy_from_slice(&TAIL_MARK);
        let mark = Mark {
            batch: after.batch + 1,
            chain,
        };
        (&self.bytes, mark)
    }
}

/// What stands at a place of a segment where a batch may begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A whole batch.
    Batch(Place),
    /// Nothing was ever written from here on.
    End,
    /// A batch of which a part was never written.
    Incomplete,
    /// Something that no crash leaves behind.
    Damaged(&'static str),
}

/// A whole batch in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) first_leaf: u64,
    /// Where each frame is.
    pub(crate) frames: Vec<Range<usize>>,
    pub(crate) end: usize,
    /// The mark after it.
    pub(crate) mark: Mark,
}

/// Looks for the batch that follows `after` at `at`.
pub(crate) fn find(segment: &[u8], at: usize, after: Mark) -> Found {
    let Some((first, rest)) = segment
        .get(at..)
        .and_then(|rest| rest.split_first_chunk::<HEAD>())
    else {
        return Found::End;
    };
    let Some(head) = Head::from_bytes(first) else {
        // Either the whole block of the head is missing, or the disk stopped inside the head and
        // wrote nothing after it.
        return match (is_zero(first), is_zero(rest)) {
            (true, true) => Found::End,
            (true, false) => Found::Incomplete,
            (false, true) if first[HEAD - 1] == 0 => Found::Incomplete,
            _ => Found::Damaged("the head of a batch is broken"),
        };
    };
    if head.batch != after.batch || head.chain != after.chain {
        return Found::Damaged("a batch is not the one that follows the one before it");
    }
    let length = (HEAD + head.body as usize + TAIL).next_multiple_of(BLOCK);
    let Some(batch) = segment.get(at..at + length) else {
        return Found::Damaged("a batch ends after its segment");
    };
    match head.frames_of(batch) {
        Some((frames, chain)) => Found::Batch(Place {
            first_leaf: head.first_leaf,
            frames: frames
                .into_iter()
                .map(|frame| at + frame.start..at + frame.end)
                .collect(),
            end: at + length,
            mark: Mark {
                batch: head.batch + 1,
                chain,
            },
        }),
        None if zero_blocks(batch) > head.zero_blocks || batch.last() == Some(&0) => {
            Found::Incomplete
        }
        None => Found::Damaged("a batch was written whole and is not what was written"),
    }
}

/// Whether a batch later than `after` begins in a block from `at` on.
pub(crate) fn has_later(segment: &[u8], at: usize, after: Mark) -> bool {
    let blocks = segment
        .get(at.next_multiple_of(BLOCK)..)
        .unwrap_or_default();
    blocks.chunks(BLOCK).any(|block| {
        let head = block.first_chunk().and_then(Head::from_bytes);
        head.is_some_and(|head| head.batch > after.batch)
    })
}

pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<16>();
    words.iter().all(|word| u128::from_ne_bytes(*word) == 0) && rest.iter().all(|byte| *byte == 0)
}

fn zero_blocks(batch: &[u8]) -> u32 {
    let blocks = batch.chunks(BLOCK).skip(1);
    let inner = blocks.len().saturating_sub(1);
    let zero = blocks.take(inner).filter(|block| is_zero(block)).count();
    // At most one for each 512 of less than 4 GiB.
    u32::try_from(zero).unwrap_or(u32::MAX)
}

/// The first 64 bytes of a batch.
#[derive(Debug, Clone, Copy)]
struct Head {
    batch: u64,
    /// How many leaves the log had before.
    first_leaf: u64,
    /// Bytes of the frames, their heads included.
    body: u32,
    frames: u32,
    /// Blocks that are zero although they were written.
    zero_blocks: u32,
    /// The check value of the batch before.
    chain: u32,
}

impl Head {
    fn to_bytes(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.batch.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.first_leaf.to_be_bytes());
        bytes[24..28].copy_from_slice(&self.body.to_be_bytes());
        bytes[28..32].copy_from_slice(&self.frames.to_be_bytes());
        bytes[32..36].copy_from_slice(&self.zero_blocks.to_be_bytes());
        bytes[36..40].copy_from_slice(&self.chain.to_be_bytes());
        let check = crc32fast::hash(&bytes[..CHECKED]);
        bytes[CHECKED..HEAD - 1].copy_from_slice(&check.to_be_bytes());
        bytes[HEAD - 1] = HEAD_END;
        bytes
    }

    fn from_bytes(bytes: &[u8; HEAD]) -> Option<Self> {
        let check = crc32fast::hash(&bytes[..CHECKED]).to_be_bytes();
        let whole = bytes.starts_with(MAGIC)
            && bytes[CHECKED..HEAD - 1] == check
            && bytes[HEAD - 1] == HEAD_END;
        let u64_at = |at: usize| {
            bytes[at..]
                .first_chunk()
                .map(|bytes| u64::from_be_bytes(*bytes))
        };
        let u32_at = |at: usize| {
            bytes[at..]
                .first_chunk()
                .map(|bytes| u32::from_be_bytes(*bytes))
        };
        whole.then_some(())?;
        Some(Self {
            batch: u64_at(8)?,
            first_leaf: u64_at(16)?,
            body: u32_at(24)?,
            frames: u32_at(28)?,
            zero_blocks: u32_at(32)?,
            chain: u32_at(36)?,
        })
    }

    /// The frames of the batch, and its check value, if all of it is as it was written.
    fn frames_of(&self, batch: &[u8]) -> Option<(Vec<Range<usize>>, u32)> {
        let end = HEAD + self.body as usize;
        let (chain, mark) = batch.last_chunk::<TAIL>()?.split_at(4);
        let expected = crc32fast::hash(&batch[..end]);
        if mark != TAIL_MARK
            || chain != expected.to_be_bytes()
            || !is_zero(&batch[end..batch.len() - TAIL])
        {
            return None;
        }
        let mut frames = Vec::new();
        let mut at = HEAD;
        while at < end {
            let head = batch[at..end].first_chunk::<FRAME_HEAD>()?;
            let [a, b, c, d, check @ ..] = *head;
            let start = at + FRAME_HEAD;
            let frame = start..start.checked_add(u32::from_be_bytes([a, b, c, d]) as usize)?;
            if crc32fast::hash(batch.get(..end)?.get(frame.clone())?) != u32::from_be_bytes(check) {
                return None;
            }
            at = frame.end;
            frames.push(frame);
        }
        (frames.len() == self.frames as usize).then_some((frames, expected))
    }
}

const MAGIC: &[u8; 8] = b"PSRBATCH";
const HEAD: usize = 64;
const CHECKED: usize = HEAD - 5;
/// Not zero: a head without it was not written to its end.
const HEAD_END: u8 = 0xe5;
const FRAME_HEAD: usize = 8;
const TAIL: usize = 8;
/// Not zero to the last byte: a batch without it was not written to its end.
const TAIL_MARK: [u8; 4] = [0x5e, 0xe5, 0x5e, 0xe5];

#[cfg(test)]
mod tests;
