use std::ops::Range;

use super::chance::Chance;

/// A file: what a reader sees, what a power cut would leave, and the writes between the two.
#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    pub(super) now: Vec<u8>,
    synced: Vec<u8>,
    /// Writes since the last sync, oldest first.
    pending: Vec<(usize, Vec<u8>)>,
}

impl Inode {
    pub(super) fn write(&mut self, bytes: &[u8], at: usize) {
        put(&mut self.now, at, bytes);
        self.pending.push((at, bytes.to_vec()));
    }

    /// A write that the power cut interrupts: no reader sees it, a part may be on the disk.
    pub(super) fn write_half(&mut self, bytes: &[u8], at: usize) {
        self.pending.push((at, bytes.to_vec()));
    }

    pub(super) fn truncate(&mut self) {
        *self = Self::default();
    }

    pub(super) fn sync(&mut self) {
        for (at, bytes) in self.pending.drain(..) {
            put(&mut self.synced, at, &bytes);
        }
    }

    /// Keeps what was synced, and nothing else.
    pub(super) fn cut_whole(&mut self) {
        self.pending.clear();
        self.now.clone_from(&self.synced);
    }

    /// Keeps what was synced and, of the rest, nothing, the first bytes, or some sectors.
    pub(super) fn cut_torn(&mut self, chance: &mut Chance) {
        let pending = std::mem::take(&mut self.pending);
        match chance.below(3) {
            0 => {}
            1 => self.keep_first_bytes(&pending, chance),
            _ => self.keep_some_sectors(&pending, chance),
        }
        self.now.clone_from(&self.synced);
    }

    fn keep_first_bytes(&mut self, pending: &[(usize, Vec<u8>)], chance: &mut Chance) {
        let total = pending.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        let mut left = chance.below(total + 1);
        for (at, bytes) in pending {
            let kept = bytes.len().min(left);
            put(&mut self.synced, *at, &bytes[..kept]);
            left -= kept;
        }
    }

    fn keep_some_sectors(&mut self, pending: &[(usize, Vec<u8>)], chance: &mut Chance) {
        for (at, bytes) in pending {
            for sector in sectors(*at..at + bytes.len()) {
                if chance.below(2) == 0 {
                    put(
                        &mut self.synced,
                        sector.start,
                        &bytes[sector.start - at..sector.end - at],
                    );
                }
            }
        }
    }
}

/// The parts of a range that lie in one sector each.
fn sectors(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = at;
        at = (start / SECTOR + 1) * SECTOR;
        (start < range.end).then(|| start..at.min(range.end))
    })
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    if content.len() < at {
        content.resize(at, 0);
    }
    // Appended by copying: zeros first would be a slow loop in a build without optimisation, and
    // every store begins with megabytes of them.
    let over = bytes.len().min(content.len() - at);
    content[at..at + over].copy_from_slice(&bytes[..over]);
    content.extend_from_slice(&bytes[over..]);
}

const SECTOR: usize = 512;
