//! Text that people write: what stays home, and what may cross.

mod traces;

use std::fmt;

use crate::Malformed;

/// A comment or a note. It leaves by no receipt, feed, overview or alert: there is no conversion
/// from it to anything that travels between nodes.
#[derive(Clone, PartialEq, Eq)]
pub struct FreeText(String);

/// A few words that may cross: 1 to 120 characters on one line, with no NIR, French phone number
/// or e-mail address in them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// What was written to be read by partners: 1 to 500 characters, with no NIR, French phone number
/// or e-mail address in them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageToPartner(String);

impl FreeText {
    /// The longest note, in characters.
    pub const MAX_CHARS: usize = 10_000;

    /// Takes a note as it was written; the error names no field.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        match text.chars().count() {
            1..=Self::MAX_CHARS => Ok(Self(text)),
            _ => Err(Malformed::new("", "1 to 10000 characters")),
        }
    }

    /// The text, for the agents of one's own organisation.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Label {
    /// The longest label, in characters.
    pub const MAX_CHARS: usize = 120;

    /// Takes a label as it was written; the error names the rule and no field.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        if !(1..=Self::MAX_CHARS).contains(&text.chars().count()) {
            return Err(Malformed::new("", "1 to 120 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Malformed::new("", "one line, without control characters"));
        }
        crossing(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MessageToPartner {
    /// The longest message, in characters.
    pub const MAX_CHARS: usize = 500;

    /// Takes a message as it was written; the error names the rule and no field.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        if !(1..=Self::MAX_CHARS).contains(&text.chars().count()) {
            return Err(Malformed::new("", "1 to 500 characters"));
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Malformed::new("", "no control characters but line feeds"));
        }
        crossing(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! never_printed {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("***")
            }
        }
    )+};
}
never_printed!(FreeText, Label, MessageToPartner);

/// What holds for all text that may reach another organisation.
pub(crate) fn crossing(text: String) -> Result<String, Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed::new("", "not only blanks"));
    }
    match traces::find(&text) {
        Some(traces::Trace::Nir) => Err(Malformed::new("", "no NIR in it")),
        Some(traces::Trace::Phone) => Err(Malformed::new("", "no phone number in it")),
        Some(traces::Trace::Email) => Err(Malformed::new("", "no e-mail address in it")),
        None => Ok(text),
    }
}

/// Whether a NIR with its key stands in `text`, separated or not.
pub(crate) fn holds_nir(text: &str) -> bool {
    traces::find(text) == Some(traces::Trace::Nir)
}

#[cfg(test)]
mod tests;
