//! Codes of occupations (France Travail, répertoire ROME).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// An occupation: a letter from A to N and four digits, `K1304`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RomeCode([u8; 5]);

impl RomeCode {
    /// The five characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for RomeCode {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.as_bytes() {
            [letter @ b'A'..=b'N', a, b, c, d]
                if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) =>
            {
                Ok(Self([*letter, *a, *b, *c, *d]))
            }
            _ => Err(Malformed::new(
                "",
                "a ROME code: a letter from A to N and four digits",
            )),
        }
    }
}

impl fmt::Display for RomeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RomeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for RomeCode {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<RomeCode> for String {
    fn from(code: RomeCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests;
