//! Codes of open lists, in the words of the system that they come from.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use passerelle_proto::journey::v1 as proto;

use crate::vocabulary::{Classed, Term};
use crate::{Class, Label, Malformed, text};

/// A code of the list `T`, as its author's system wrote it.
///
/// A code that this version does not know is kept and passed on. `Debug` shows nothing: the code is
/// part of somebody's record (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct Code<T> {
    system: Cow<'static, str>,
    version: Cow<'static, str>,
    code: Cow<'static, str>,
    label_fr: Option<Label>,
    list: PhantomData<T>,
}

impl<T: Term> Code<T> {
    /// A code of `system`, which is empty for an id of our own vocabulary.
    ///
    /// - `system`: at most 32 characters among a-z, 0-9, `_`, `-` and `.`;
    /// - `version`: at most 32 among letters, digits, `_`, `-`, `.` and `:`, empty if it has none;
    /// - `code`: 1 to 64 among letters, digits, `_`, `-`, `.`, `:` and `/`, and no NIR.
    pub fn new(
        system: impl Into<String>,
        version: impl Into<String>,
        code: impl Into<String>,
        label_fr: Option<Label>,
    ) -> Result<Self, Malformed> {
        let (system, version) = (system.into(), version.into());
        if !system.is_empty() {
            check_system(&system).map_err(|e| e.within("system"))?;
        }
        if !version.is_empty() {
            check_version(&version).map_err(|e| e.within("version"))?;
        }
        Ok(Self {
            system: system.into(),
            version: version.into(),
            code: check_code(code.into())
                .map_err(|e| e.within("code"))?
                .into(),
            label_fr,
            list: PhantomData,
        })
    }

    /// The system whose code it is; empty for our own vocabulary.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The version of that system's list; empty if it names none.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The code itself.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The value of our list, if this version knows the code and it stands for one value alone.
    pub fn term(&self) -> Option<T> {
        if self.system.is_empty() {
            return T::parse(&self.code);
        }
        let mut items = T::list().coded(&self.system, &self.code);
        match (items.next(), items.next()) {
            (Some(item), None) => T::parse(item.id),
            _ => None,
        }
    }

    /// What people read, in French: the label that came with it, else ours, else the code.
    pub fn label_fr(&self) -> &str {
        match (&self.label_fr, self.term()) {
            (Some(label), _) => label.as_str(),
            (None, Some(term)) => term.item().label_fr,
            (None, None) => &self.code,
        }
    }

    /// What people read, in English: ours, else the label that came with it, else the code.
    pub fn label_en(&self) -> &str {
        self.term()
            .map_or_else(|| self.label_fr(), |term| term.item().label_en)
    }
}

impl<T: Classed> Code<T> {
    /// How sensitive it is: the highest of what it may stand for. An unknown code counts 4 in a
    /// list that holds class 4, else 3.
    pub fn sensitivity(&self) -> Class {
        let of_known = if self.system.is_empty() {
            T::parse(&self.code).map(T::sensitivity)
        } else {
            T::list()
                .coded(&self.system, &self.code)
                .filter_map(|item| item.class)
                .max()
        };
        of_known.unwrap_or_else(|| T::list().unknown_class())
    }
}

impl<T: Term> From<T> for Code<T> {
    fn from(term: T) -> Self {
        Self {
            system: Cow::Borrowed(""),
            version: Cow::Borrowed(""),
            code: Cow::Borrowed(term.item().id),
            label_fr: None,
            list: PhantomData,
        }
    }
}

impl<T: Term> TryFrom<&proto::Code> for Code<T> {
    type Error = Malformed;

    fn try_from(from: &proto::Code) -> Result<Self, Malformed> {
        let label_fr = match from.label_fr.as_str() {
            "" => None,
            label => Some(Label::new(label).map_err(|e| e.within("label_fr"))?),
        };
        Self::new(&from.system, &from.version, &from.code, label_fr)
    }
}

impl<T> From<&Code<T>> for proto::Code {
    fn from(code: &Code<T>) -> Self {
        Self {
            system: code.system.clone().into_owned(),
            version: code.version.clone().into_owned(),
            code: code.code.clone().into_owned(),
            label_fr: code
                .label_fr
                .as_ref()
                .map(|label| label.as_str().to_owned())
                .unwrap_or_default(),
        }
    }
}

impl<T> fmt::Debug for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The name of a system or of a list.
pub(crate) fn check_system(text: &str) -> Result<(), Malformed> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
        Ok(())
    } else {
        Err(Malformed::new(
            "",
            "1 to 32 characters among a-z, 0-9, _, - and .",
        ))
    }
}

/// The version of a list.
pub(crate) fn check_version(text: &str) -> Result<(), Malformed> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-.:".contains(&b);
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
        Ok(())
    } else {
        Err(Malformed::new(
            "",
            "1 to 32 characters among letters, digits, _, -, . and :",
        ))
    }
}

/// A code or a reference of another system: some use the NIR as a key, which must not cross.
pub(crate) fn check_code(text: String) -> Result<String, Malformed> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-.:/".contains(&b);
    if !(1..=64).contains(&text.len()) || !text.bytes().all(fits) {
        Err(Malformed::new(
            "",
            "1 to 64 characters among letters, digits, _, -, ., : and /",
        ))
    } else if text::holds_nir(&text) {
        Err(Malformed::new("", "no NIR in it"))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
