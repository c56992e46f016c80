use std::collections::VecDeque;
use std::sync::Arc;

use super::Head;

/// The newest heads, at most [`MOST`], by size. Whoever shows one of them shows what was signed
/// here, byte for byte: no signature need be checked.
#[derive(Default)]
pub(super) struct Heads(VecDeque<Arc<Head>>);

impl Heads {
    /// Takes the head after a batch.
    pub(super) fn push(&mut self, head: Arc<Head>) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(head);
    }

    /// The head that these bytes are.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<&Arc<Head>> {
        let size = size(bytes)?;
        let place = self
            .0
            .binary_search_by_key(&size, |head| head.size())
            .ok()?;
        self.0.get(place).filter(|head| head.bytes == bytes)
    }
}

/// C2SP tlog-checkpoint: the size is the second line.
fn size(bytes: &[u8]) -> Option<u64> {
    let line = bytes.split(|byte| *byte == b'\n').nth(1)?;
    str::from_utf8(line).ok()?.parse().ok()
}

/// About 1 KiB each: some seconds of a busy node, hours of a quiet one.
const MOST: usize = 4096;

#[cfg(test)]
mod tests;
