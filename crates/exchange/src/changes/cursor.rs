use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use passerelle_store::tables::Read;
use passerelle_store::tables::changes::{self, Standing};

use crate::ExchangeError;

/// How far a caller has read, in one series of numbers: of a store that is not this one, or that was
/// put back to an older state and went on otherwise, it is not known.
pub(super) struct Cursor {
    series: [u8; 8],
    number: u64,
    /// Tells the change of that number from another of the same number; zeros where it is gone.
    mark: [u8; 8],
}

impl Cursor {
    pub(super) fn at(number: u64, read: &impl Read, standing: &Standing) -> Self {
        Self {
            series: standing.series,
            number,
            mark: changes::mark(read, number).unwrap_or_default(),
        }
    }

    /// The number that a cursor stands for. Anything but a cursor that was given here, after which
    /// nothing was forgotten, is one to begin anew from.
    pub(super) fn read(
        text: &str,
        read: &impl Read,
        standing: &Standing,
    ) -> Result<u64, ExchangeError> {
        let cursor = Self::parse(text).ok_or(ExchangeError::CursorUnknown)?;
        let known = cursor.series == standing.series
            && (standing.forgotten..=standing.newest).contains(&cursor.number)
            && cursor.mark_holds(read);
        known
            .then_some(cursor.number)
            .ok_or(ExchangeError::CursorUnknown)
    }

    /// A change that is gone, by age or with its person, no longer has a mark.
    fn mark_holds(&self, read: &impl Read) -> bool {
        self.mark == [0; 8] || changes::mark(read, self.number).is_none_or(|mark| mark == self.mark)
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (series, rest) = bytes.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        Some(Self {
            series: *series,
            number: u64::from_be_bytes(*number),
            mark: rest.try_into().ok()?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.series, self.number.to_be_bytes(), self.mark].concat();
        f.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}
