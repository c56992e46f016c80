//! The NIR, number of a person in the national register (RNIPP).

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

/// A NIR in canonical form: 13 characters, upper case, without spaces and without its key.
///
/// It is never shown: neither `Debug` nor `Display` print it (I10). It serves to recognise a
/// person where the trust list allows it, never as a general key, and travels in no record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nir([u8; 13]);

impl Nir {
    /// The 13 characters, for whoever has to compare or seal them.
    pub fn expose(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The two-digit key, from 1 to 97: 97 − (number mod 97).
    pub fn key(&self) -> u8 {
        key(&self.0)
    }

    /// Whether it was given while the real one was not known (3, 4, 7 or 8 in front): it may change
    /// and may not be unique, so it never identifies on its own.
    pub fn is_temporary(&self) -> bool {
        matches!(self.0[0], b'3' | b'4' | b'7' | b'8')
    }

    /// Reads 13 characters, or 15 with the key, without separators and in upper case.
    pub(crate) fn from_compact(compact: &[u8]) -> Option<Self> {
        let (number, written_key) = match compact.len() {
            13 => (compact, None),
            15 => (&compact[..13], Some(&compact[13..])),
            _ => return None,
        };
        let number: [u8; 13] = number.try_into().ok().filter(is_well_formed)?;
        let key_fits = written_key.is_none_or(|written| two_digits(written) == Some(key(&number)));
        key_fits.then_some(Self(number))
    }
}

impl FromStr for Nir {
    type Err = Malformed;

    /// Reads 13 characters, or 15 with the key; spaces and lower case are accepted.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        // The longest accepted is 15 characters, each with a space behind it.
        let compact: Vec<u8> = text
            .bytes()
            .take(64)
            .filter(|byte| *byte != b' ')
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        Some(&compact)
            .filter(|_| text.len() <= 64)
            .and_then(|compact| Self::from_compact(compact))
            .ok_or_else(|| Malformed::new("", "a NIR: 13 characters, or 15 with a valid key"))
    }
}

impl fmt::Debug for Nir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Nir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Sex or kind, year, month, department (`2A` and `2B` in Corsica), commune, order.
fn is_well_formed(number: &[u8; 13]) -> bool {
    let corsica = matches!(&number[5..7], b"2A" | b"2B");
    let digits = |range: std::ops::Range<usize>| number[range].iter().all(u8::is_ascii_digit);
    digits(0..5)
        && (corsica || digits(5..7))
        && digits(7..13)
        && matches!(number[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8')
        // 20 to 42 and 50 to 99 are written where the month is not known.
        && matches!(two_digits(&number[3..5]), Some(1..=12 | 20..=42 | 50..=99))
}

fn key(number: &[u8; 13]) -> u8 {
    let mut digits = *number;
    match &number[5..7] {
        b"2A" => digits[5..7].copy_from_slice(b"19"),
        b"2B" => digits[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    let rest = digits.iter().fold(0, |rest, digit| {
        (rest * 10 + u16::from(digit.wrapping_sub(b'0'))) % 97
    });
    // `rest` is below 97.
    97 - u8::try_from(rest).unwrap_or_default()
}

fn two_digits(text: &[u8]) -> Option<u8> {
    match text {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (units - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
