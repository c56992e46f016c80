//! The text of a pass: base32 that people can type, with six check characters.
//!
//! The alphabet is Crockford's (no I, L, O, U; these are read as 1, 1, 0 and refused). The check
//! characters are the BCH code of BIP-350 (bech32m) over the same 32 values: up to 89 characters,
//! every change of at most four of them is found, hence every mistyped character and every swap of
//! neighbours.

use thiserror::Error;

use passerelle_domain::Malformed;

/// Why a text is no pass. It tells which part is wrong, and shows none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PassTextError {
    /// It does not begin as a pass does.
    #[error("does not begin with PSR1")]
    NotAPass,
    /// A pass of a version that this node cannot read.
    #[error("is a pass of version {0}, and this node reads version 1")]
    UnknownVersion(u8),
    /// A character that no pass holds; counted from 1, hyphens and blanks left out.
    #[error("character {0} is none of those that a pass is written with")]
    Character(usize),
    /// Characters are missing or too many.
    #[error("has {found} characters without hyphens and blanks; this one should have {expected}")]
    Length {
        /// How many there are.
        found: usize,
        /// How many its beginning announces.
        expected: usize,
    },
    /// The check characters at its end do not fit.
    #[error("the check characters do not fit: a character was mistyped or two were swapped")]
    Checksum,
    /// The part that names the issuer is no node.
    #[error("the part that names its issuer names no node")]
    Issuer,
}

impl From<PassTextError> for Malformed {
    fn from(error: PassTextError) -> Self {
        let rule = match error {
            PassTextError::NotAPass => "a pass, which begins with PSR1",
            PassTextError::UnknownVersion(_) => "a pass of version 1",
            PassTextError::Character(_) => "digits and letters of a pass alone",
            PassTextError::Length { .. } => "a whole pass: characters are missing or too many",
            PassTextError::Checksum => {
                "a pass as printed: a character was mistyped or two were swapped"
            }
            PassTextError::Issuer => "a pass whose issuer is a node",
        };
        Self::new("", rule)
    }
}

/// The 5-bit values of `text`, hyphens, dashes and blanks left out, `O I L` read as `0 1 1`.
pub(super) fn read(text: &str) -> Result<Vec<u8>, PassTextError> {
    let typed = || {
        text.chars()
            .filter(|c| !c.is_whitespace() && !is_hyphen(*c))
    };
    let found = typed().count();
    if found > MAX_CHARACTERS {
        let expected = MAX_CHARACTERS;
        return Err(PassTextError::Length { found, expected });
    }
    (1..)
        .zip(typed())
        .map(|(position, c)| value(c).ok_or(PassTextError::Character(position)))
        .collect()
}

/// The text of 5-bit values, in groups of four.
pub(super) fn write(values: &[u8]) -> String {
    let mut text = String::with_capacity(values.len() * 5 / 4);
    for (index, value) in values.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(value & 31)]));
    }
    text
}

/// Appends the check characters.
pub(super) fn seal(values: &mut Vec<u8>) {
    let sum = remainder(values.iter().copied().chain([0; CHECK_CHARACTERS])) ^ BECH32M;
    values.extend(
        (0..CHECK_CHARACTERS)
            .rev()
            .map(|i| (sum >> (5 * i) & 31) as u8),
    );
}

/// Whether the check characters at the end fit the rest.
pub(super) fn is_sealed(values: &[u8]) -> bool {
    remainder(values.iter().copied()) == BECH32M
}

/// How many check characters there are.
pub(super) const CHECK_CHARACTERS: usize = 6;

/// As far as the check characters are sure to find four errors.
const MAX_CHARACTERS: usize = 89;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// BIP-350, the constant that the remainder must be.
const BECH32M: u32 = 0x2bc8_30a3;

/// BIP-173, the generator of the code: one constant a bit of the leading value.
const GENERATOR: [u32; 5] = [
    0x3b6a_57b2,
    0x2650_8e6d,
    0x1ea1_19fa,
    0x3d42_33dd,
    0x2a14_62b3,
];

fn remainder(values: impl Iterator<Item = u8>) -> u32 {
    values.fold(1, |sum, value| {
        let lead = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        (0..5)
            .filter(|bit| lead >> bit & 1 == 1)
            .fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
    })
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}')
}

fn value(c: char) -> Option<u8> {
    let folded = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let index = ALPHABET
        .iter()
        .position(|known| char::from(*known) == folded)?;
    u8::try_from(index).ok()
}

#[cfg(test)]
mod tests;
