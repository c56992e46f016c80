use super::super::digest::RowSum;
use super::super::{EngineError, Mark};

/// What is known of all rows together.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals {
    pub(super) mark: Option<Mark>,
    pub(super) sum: RowSum,
    pub(super) walk: Option<Walk>,
}

/// A check under way.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// Rows before this were read.
    pub(super) reached: Vec<u8>,
    /// The sum of the rows that were read, as they are now: changes to them are followed.
    pub(super) sum: RowSum,
}

impl Totals {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, EngineError> {
        let damaged = || EngineError::Damaged("its mark cannot be read".to_owned());
        let (content, check) = bytes.split_last_chunk().ok_or_else(damaged)?;
        let (mark, sum) = content.split_first_chunk().ok_or_else(damaged)?;
        let sum = sum.try_into().map_err(|_| damaged())?;
        if u32::from_be_bytes(*check) != crc32fast::hash(content) {
            return Err(damaged());
        }
        Ok(Self {
            mark: Some(Mark::from_bytes(*mark)),
            sum: RowSum::from_bytes(sum),
            walk: None,
        })
    }

    pub(super) fn to_bytes(mark: Mark, sum: RowSum) -> Vec<u8> {
        let mut bytes = mark.to_bytes().to_vec();
        bytes.extend_from_slice(&sum.to_bytes());
        let check = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&check.to_be_bytes());
        bytes
    }

    /// The sums that a change to `row` is to be counted in.
    pub(super) fn sums(&mut self, row: &[u8]) -> impl Iterator<Item = &mut RowSum> {
        let walk = self
            .walk
            .as_mut()
            .filter(|walk| row < walk.reached.as_slice());
        [&mut self.sum]
            .into_iter()
            .chain(walk.map(|walk| &mut walk.sum))
    }
}
