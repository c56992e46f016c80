//! The wal: segments of batches of frames, the one durable truth of a node.
//!
//! A segment is a preallocated file full of zeros: a head of one block, then batches, each in whole
//! blocks of 512 bytes, then zeros. An acknowledged block is never written again. So after a crash
//! the blocks of the last batch that did not reach the disk are zeros, and a batch that is broken in
//! any other way was damaged later: the first is cut, the second is refused.

mod append;
mod batch;
mod read;
mod segment;
mod spare;

pub(crate) use append::{AppendError, Wal};
pub(crate) use batch::BatchBuffer;
pub use read::WalError;
pub(crate) use read::{BatchRead, Segment, Tail, read_from, segments};
pub(crate) use spare::{Spares, zero_from};

/// What is written and torn as one: a sector of a disk.
pub(crate) const BLOCK: usize = 512;
