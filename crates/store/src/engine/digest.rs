use passerelle_domain::Digest;

/// A sum over a set of rows that does not depend on their order: what was taken in can be taken out
/// again, so it follows an engine without being computed anew. It finds accidents, not forgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RowSum {
    lanes: [u64; 4],
    rows: u64,
}

impl RowSum {
    pub(super) const BYTES: usize = 40;

    pub(super) fn add(&mut self, row: &[u8], check: u32) {
        self.merge(row, check, u64::wrapping_add);
        self.rows += 1;
    }

    pub(super) fn remove(&mut self, row: &[u8], check: u32) {
        self.merge(row, check, u64::wrapping_sub);
        self.rows = self.rows.saturating_sub(1);
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (chunks, _) = bytes.as_chunks_mut::<8>();
        for (chunk, lane) in chunks.iter_mut().zip(self.lanes.iter().chain([&self.rows])) {
            *chunk = lane.to_be_bytes();
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (chunks, _) = bytes.as_chunks::<8>();
        let lane = |n: usize| u64::from_be_bytes(chunks[n]);
        Self {
            lanes: [lane(0), lane(1), lane(2), lane(3)],
            rows: lane(4),
        }
    }

    fn merge(&mut self, row: &[u8], check: u32, with: impl Fn(u64, u64) -> u64) {
        let mut input = Vec::with_capacity(4 + row.len());
        input.extend_from_slice(&check.to_be_bytes());
        input.extend_from_slice(row);
        let digest = Digest::of(&input);
        let (chunks, _) = digest.as_bytes().as_chunks::<8>();
        for (lane, chunk) in self.lanes.iter_mut().zip(chunks) {
            *lane = with(*lane, u64::from_be_bytes(*chunk));
        }
    }
}
