//! Numbers of organisations and their establishments (INSEE, répertoire Sirene).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// An establishment: 14 digits, the SIREN of its organisation and 5 of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret([u8; 14]);

/// An organisation: 9 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren([u8; 9]);

impl Siret {
    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// The organisation that the establishment belongs to.
    pub fn siren(&self) -> Siren {
        let mut siren = [0; 9];
        siren.copy_from_slice(&self.0[..9]);
        Siren(siren)
    }

    fn is_valid(digits: &[u8; 14]) -> bool {
        // La Poste has more establishments than Luhn leaves it: there the sum of the digits is a
        // multiple of 5, except for its head office, which follows Luhn.
        let sum: u32 = digits.iter().map(|digit| u32::from(digit - b'0')).sum();
        luhn(digits) || (digits.starts_with(LA_POSTE) && sum.is_multiple_of(5))
    }
}

impl Siren {
    /// The 9 digits.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

macro_rules! number_text {
    ($name:ident, $len:literal, $check:expr, $rule:literal) => {
        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let digits: Option<[u8; $len]> = text.as_bytes().try_into().ok();
                digits
                    .filter(|digits| digits.iter().all(u8::is_ascii_digit))
                    .filter(|digits| digits.iter().any(|digit| *digit != b'0'))
                    .filter($check)
                    .map(Self)
                    .ok_or_else(|| Malformed::new("", $rule))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.as_str().to_owned()
            }
        }
    };
}

number_text!(
    Siret,
    14,
    Siret::is_valid,
    "a SIRET: 14 digits with a valid check digit"
);
number_text!(
    Siren,
    9,
    |digits| luhn(digits),
    "a SIREN: 9 digits with a valid check digit"
);

const LA_POSTE: &[u8] = b"356000000";

/// ISO/IEC 7812-1 annex B, from the right: every second digit doubled.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let digit = u32::from(digit - b'0') * if i % 2 == 1 { 2 } else { 1 };
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn ascii(digits: &[u8]) -> &str {
    // Only digits are ever stored.
    std::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests;
