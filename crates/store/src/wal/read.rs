use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use passerelle_domain::Digest;
use passerelle_proto::storage::v1::Frame;
use prost::Message;

use super::BLOCK;
use super::batch::{Found, Place, find, has_later};
use super::segment::{HeadError, SegmentHead, first_batch};
use crate::engine::Mark;
use crate::files::Files;
use crate::table::Table;

/// A segment on disk.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) head: SegmentHead,
}

impl Segment {
    fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// A batch that was read.
#[derive(Debug)]
pub(crate) struct BatchRead {
    /// The mark before it.
    pub(crate) before: Mark,
    /// The mark after it.
    pub(crate) after: Mark,
    pub(crate) first_leaf: u64,
    pub(crate) frames: Vec<Frame>,
}

/// Where the wal ends.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) mark: Mark,
    /// Leaves of the log.
    pub(crate) leaves: u64,
    /// The last segment; none in a new wal.
    pub(crate) segment: Option<Segment>,
    /// Where the next batch goes in it.
    pub(crate) at: u64,
    /// Whether a batch stands there that was not written whole.
    pub(crate) incomplete: bool,
}

/// Why the wal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A segment does not say what was written, and no crash explains it.
    #[error("segment {segment} of the wal is damaged at byte {offset}: {what}")]
    Damaged {
        /// Name of its file.
        segment: String,
        /// Where.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// A segment that must be there is not.
    #[error("the wal lacks the segment that should hold batch {batch}")]
    Missing {
        /// Number of the batch that should be in it.
        batch: u64,
    },
    /// A segment was written for another log.
    #[error("segment {segment} of the wal belongs to a log of another origin")]
    OtherOrigin {
        /// Name of its file.
        segment: String,
    },
    /// A segment was written by a version of this program that we do not know.
    #[error("segment {segment} of the wal has format {version}, this program reads format 1")]
    Version {
        /// Name of its file.
        segment: String,
        /// The format it says.
        version: u32,
    },
    /// The disk says so.
    #[error("the wal cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The segments in a folder, oldest first. Their heads are checked.
pub(crate) fn segments(
    files: &dyn Files,
    dir: &Path,
    origin: Digest,
) -> Result<Vec<Segment>, WalError> {
    let mut segments = Vec::new();
    for name in files.list(dir)? {
        let Some(batch) = first_batch(&name) else {
            continue;
        };
        let path = dir.join(&name);
        let mut block = [0; BLOCK];
        let read = files.open(&path)?.read_at(&mut block, 0)?;
        let damaged = |what| WalError::Damaged {
            segment: name.clone(),
            offset: 0,
            what,
        };
        if read < BLOCK {
            return Err(damaged("it ends inside its head"));
        }
        let head = SegmentHead::from_bytes(&block).map_err(|error| match error {
            HeadError::Broken => damaged("its head is broken"),
            HeadError::Version(version) => WalError::Version {
                segment: name.clone(),
                version,
            },
        })?;
        if head.origin != origin {
            return Err(WalError::OtherOrigin { segment: name });
        }
        if head.mark.batch != batch {
            return Err(damaged("its name is not that of its first batch"));
        }
        segments.push(Segment { path, head });
    }
    Ok(segments)
}

/// Reads the batches of consecutive segments, oldest first, and hands each to `each`.
pub(crate) fn read_from<E: From<WalError>>(
    files: &dyn Files,
    segments: &[Segment],
    mut each: impl FnMut(BatchRead) -> Result<(), E>,
) -> Result<Tail, E> {
    let mut tail = Tail {
        mark: segments
            .first()
            .map(|segment| segment.head.mark)
            .unwrap_or_default(),
        leaves: segments
            .first()
            .map_or(0, |segment| segment.head.first_leaf),
        segment: None,
        at: 0,
        incomplete: false,
    };
    for (number, segment) in segments.iter().enumerate() {
        let next = segments.get(number + 1).map(|next| next.head);
        if segment.head.mark.batch != tail.mark.batch {
            let batch = tail.mark.batch;
            return Err(WalError::Missing { batch }.into());
        }
        if segment.head.mark != tail.mark || segment.head.first_leaf != tail.leaves {
            return Err(damaged(segment, 0, "it does not follow the one before it").into());
        }
        let bytes = Bytes::from(files.read(&segment.path).map_err(WalError::Io)?);
        read_segment(
            segment,
            &bytes,
            next.map(|next| next.mark.batch),
            &mut tail,
            &mut each,
        )?;
        tail.segment = Some(segment.clone());
    }
    Ok(tail)
}

/// Reads one segment; `until` is the first batch of the next one, if there is one.
fn read_segment<E: From<WalError>>(
    segment: &Segment,
    bytes: &Bytes,
    until: Option<u64>,
    tail: &mut Tail,
    each: &mut impl FnMut(BatchRead) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = BLOCK;
    while until != Some(tail.mark.batch) {
        let damaged = |what| Err(damaged(segment, at as u64, what).into());
        match find(bytes, at, tail.mark) {
            Found::Batch(place) => {
                at = place.end;
                let batch = decode(segment, bytes, tail, &place)?;
                let entries = batch
                    .frames
                    .iter()
                    .filter(|frame| frame.entry.is_some())
                    .count();
                tail.mark = batch.after;
                tail.leaves += entries as u64;
                each(batch)?;
            }
            // The next segment goes on with a later batch than the one that should be here.
            Found::End if until.is_some() => {
                let batch = tail.mark.batch;
                return Err(WalError::Missing { batch }.into());
            }
            Found::Incomplete if until.is_some() => {
                return damaged("a batch is broken, and it is not the last");
            }
            Found::Incomplete if has_later(bytes, at + BLOCK, tail.mark) => {
                return damaged("a batch is broken, and a later one follows it");
            }
            Found::Incomplete => {
                tail.incomplete = true;
                break;
            }
            Found::End => break,
            Found::Damaged(what) => return damaged(what),
        }
    }
    tail.at = at as u64;
    Ok(())
}

fn decode(
    segment: &Segment,
    bytes: &Bytes,
    tail: &Tail,
    place: &Place,
) -> Result<BatchRead, WalError> {
    let mut frames = Vec::with_capacity(place.frames.len());
    for place in &place.frames {
        let damaged = |what| damaged(segment, place.start as u64, what);
        let frame = Frame::decode(bytes.slice(place.clone()));
        let frame = frame.map_err(|_| damaged("a frame cannot be decoded"))?;
        let mut tables = frame.changes.iter().map(|change| change.table);
        if tables.any(|table| Table::from_number(table).is_none()) {
            return Err(damaged(
                "a frame changes a row of a table that no program has",
            ));
        }
        frames.push(frame);
    }
    if place.first_leaf != tail.leaves {
        let at = place.frames.first().map_or(0, |frame| frame.start);
        return Err(damaged(
            segment,
            at as u64,
            "a batch does not go on where the log ended",
        ));
    }
    Ok(BatchRead {
        before: tail.mark,
        after: place.mark,
        first_leaf: place.first_leaf,
        frames,
    })
}

fn damaged(segment: &Segment, offset: u64, what: &'static str) -> WalError {
    WalError::Damaged {
        segment: segment.name(),
        offset,
        what,
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests;
