//! The name of a node's exchange log: one for each half-year.

use std::fmt;
use std::str::FromStr;

use passerelle_domain::{FederationId, NodeId, Timestamp};
use passerelle_tlog::{KeyError, KeyName};

/// Half of a year, in UTC: `2026h2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HalfYear {
    year: u32,
    second: bool,
}

impl HalfYear {
    /// The one that an instant is in.
    pub fn of(at: Timestamp) -> Self {
        // RFC 3339 begins with year and month: `2026-11-…`, and a `Timestamp` always has four digits.
        let text = at.to_string();
        let number = |range| {
            text.get(range)
                .and_then(|digits: &str| digits.parse().ok())
                .unwrap_or_default()
        };
        let month: u32 = number(5..7);
        Self {
            year: number(0..4),
            second: month > 6,
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        if self.second {
            Self {
                year: self.year + 1,
                second: false,
            }
        } else {
            Self {
                second: true,
                ..self
            }
        }
    }
}

/// Four digits, `h`, 1 or 2.
impl FromStr for HalfYear {
    type Err = NotAHalfYear;

    fn from_str(text: &str) -> Result<Self, NotAHalfYear> {
        let (year, half) = text.split_once('h').ok_or(NotAHalfYear)?;
        if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAHalfYear);
        }
        let second = match half {
            "1" => false,
            "2" => true,
            _ => return Err(NotAHalfYear),
        };
        let year = year.parse().map_err(|_| NotAHalfYear)?;
        Ok(Self { year, second })
    }
}

/// A text that names no half of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a half-year, such as 2026h2")]
pub struct NotAHalfYear;

impl fmt::Display for HalfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}h{}", self.year, if self.second { 2 } else { 1 })
    }
}

/// `<node>.<federation>/exchange/<half-year>`: the origin of the log, and the name of its key.
pub fn origin(
    node: &NodeId,
    federation: &FederationId,
    half: HalfYear,
) -> Result<KeyName, KeyError> {
    format!("{node}.{federation}/exchange/{half}").parse()
}

#[cfg(test)]
mod tests;
