use std::collections::VecDeque;

use bytes::Bytes;
use passerelle_domain::Timestamp;
use passerelle_tlog::Hash;

/// A new leaf with what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) hash: Hash,
    pub(crate) entry: Bytes,
    pub(crate) sealed: Option<Bytes>,
    /// The time of its frame.
    pub(crate) at: Timestamp,
}

/// The newest leaves: those whose bundle is not full, or not published yet.
#[derive(Default)]
pub(super) struct Recent {
    pub(super) first: u64,
    pub(super) leaves: VecDeque<Leaf>,
    pub(super) bytes: usize,
}

impl Recent {
    pub(super) fn find(&self, index: u64) -> Option<&Leaf> {
        let place = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.leaves.get(place)
    }

    pub(super) fn push(&mut self, leaf: Leaf) {
        self.bytes += leaf.bytes();
        self.leaves.push_back(leaf);
    }

    pub(super) fn forget_before(&mut self, first: u64) {
        while self.first < first {
            let Some(leaf) = self.leaves.pop_front() else {
                break;
            };
            self.bytes -= leaf.bytes();
            self.first += 1;
        }
    }
}

impl Leaf {
    fn bytes(&self) -> usize {
        self.entry.len() + self.sealed.as_ref().map_or(0, Bytes::len) + Hash::BYTES
    }
}
