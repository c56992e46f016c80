use std::io;
use std::path::Path;

use bytes::Bytes;

use crate::engine::{ALL_ROWS, Changes, Engine, EngineError, Mark};
use crate::files::{Files, WalFile, temporary};
use crate::store::TendError;
use crate::table::Row;

/// What a snapshot stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Covered {
    /// Replay the wal from here.
    pub(crate) from: Mark,
    /// Before the wal has been replayed to here, the rows are no state that ever was.
    pub(crate) until: Mark,
}

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("the snapshot is damaged at byte {0}")]
    Damaged(u64),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl SnapshotError {
    pub(super) fn into_tend(self) -> TendError {
        match self {
            Self::Engine(error) => error.into(),
            Self::Io(error) => error.into(),
            error @ Self::Damaged(_) => io::Error::other(error.to_string()).into(),
        }
    }
}

/// Writes the rows of an engine that goes on meanwhile, complete but for the sync of its folder;
/// gives its size.
pub(super) fn write(
    files: &dyn Files,
    path: &Path,
    engine: &dyn Engine,
    from: Mark,
) -> Result<u64, SnapshotError> {
    let part = temporary(path);
    let mut writer = Writer {
        file: &*files.create(&part)?,
        at: 0,
        chain: 0,
    };
    writer.block(&[MAGIC, &from.to_bytes()].concat())?;
    let mut reached = Bytes::from_static(ALL_ROWS.start);
    loop {
        let rows = engine.scan(&reached..ALL_ROWS.end, PAGE_ROWS)?;
        let Some((last, _)) = rows.last() else { break };
        reached = last.successor().into_bytes();
        writer.block(&encode(&rows))?;
    }
    // An empty block, so that a row is never taken for the end, then the end.
    writer.block(&[])?;
    let until = engine.mark()?.unwrap_or(from);
    writer.block(&until.to_bytes())?;
    writer.file.sync()?;
    files.rename(&part, path)?;
    Ok(writer.at)
}

/// Reads a snapshot to its end and checks it; with an engine, hands it the rows. Its mark stays
/// [`Mark::UNFINISHED`] until the wal has made them whole.
pub(super) fn read(
    files: &dyn Files,
    path: &Path,
    from: Mark,
    engine: Option<&dyn Engine>,
) -> Result<Covered, SnapshotError> {
    let file = files.open(path)?;
    let mut reader = Reader {
        file: &*file,
        at: 0,
        chain: 0,
    };
    if reader.block()? != [MAGIC, &from.to_bytes()].concat() {
        return Err(SnapshotError::Damaged(0));
    }
    loop {
        let at = reader.at;
        let block = reader.block()?;
        if block.is_empty() {
            break;
        }
        let rows = decode(&Bytes::from(block)).ok_or(SnapshotError::Damaged(at))?;
        if let Some(engine) = engine {
            engine.apply(&rows, Mark::UNFINISHED)?;
        }
    }
    let at = reader.at;
    let until = reader
        .block()?
        .try_into()
        .map_err(|_| SnapshotError::Damaged(at))?;
    if file.size()? != reader.at {
        return Err(SnapshotError::Damaged(reader.at));
    }
    Ok(Covered {
        from,
        until: Mark::from_bytes(until),
    })
}

/// Blocks behind their length and a check that depends on all blocks before.
struct Writer<'a> {
    file: &'a dyn WalFile,
    at: u64,
    chain: u32,
}

impl Writer<'_> {
    fn block(&mut self, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len()).map_err(io::Error::other)?;
        self.chain = check(self.chain, length, content);
        let head = [length.to_be_bytes(), self.chain.to_be_bytes()].concat();
        self.file.write_at(&[&head, content].concat(), self.at)?;
        self.at += (head.len() + content.len()) as u64;
        Ok(())
    }
}

struct Reader<'a> {
    file: &'a dyn WalFile,
    at: u64,
    chain: u32,
}

impl Reader<'_> {
    fn block(&mut self) -> Result<Vec<u8>, SnapshotError> {
        let damaged = SnapshotError::Damaged(self.at);
        let mut head = [0; 8];
        if self.file.read_at(&mut head, self.at)? < head.len() {
            return Err(damaged);
        }
        let [a, b, c, d, expected @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        let start = self.at + head.len() as u64;
        if u64::from(length) > self.file.size()?.saturating_sub(start) {
            return Err(damaged);
        }
        let mut content = vec![0; length as usize];
        let read = self.file.read_at(&mut content, start)?;
        self.chain = check(self.chain, length, &content);
        if read < content.len() || self.chain != u32::from_be_bytes(expected) {
            return Err(damaged);
        }
        self.at = start + u64::from(length);
        Ok(content)
    }
}

fn check(chain: u32, length: u32, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&chain.to_be_bytes());
    hasher.update(&length.to_be_bytes());
    hasher.update(content);
    hasher.finalize()
}

fn encode(rows: &[(Row, Bytes)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (row, value) in rows {
        for part in [row.as_bytes(), value] {
            // Rows and values are bounded far below 4 GiB.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            block.extend_from_slice(&length.to_be_bytes());
            block.extend_from_slice(part);
        }
    }
    block
}

fn decode(block: &Bytes) -> Option<Changes> {
    let mut rows = Changes::new();
    let mut at = 0;
    let mut part = || {
        let length = u32::from_be_bytes(*block.get(at..)?.first_chunk()?) as usize;
        let start = at + 4;
        at = start.checked_add(length)?;
        (at <= block.len()).then(|| (block.slice(start..at), at == block.len()))
    };
    loop {
        let (row, _) = part()?;
        let (value, last) = part()?;
        rows.insert(Row::from_bytes(row)?, Some(value));
        if last {
            return Some(rows);
        }
    }
}

const MAGIC: &[u8] = b"PSRSNAP1";
const PAGE_ROWS: usize = 256;
