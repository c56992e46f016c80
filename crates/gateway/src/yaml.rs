//! Strict YAML: unknown and duplicate keys, merge keys and second documents are refused, and every
//! error names the file, the line and column, the field and the rule.

mod place;

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use serde::de::DeserializeOwned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, Options};
use serde_saphyr::{Location, Spanned};

use place::Tree;

/// The text of a file, with the name that errors call it by.
#[derive(Debug)]
pub struct Document {
    file: PathBuf,
    text: String,
}

impl Document {
    /// Reads a file of at most [`MAX_BYTES`].
    pub fn read(file: &Path) -> Result<Self, YamlError> {
        let unreadable = |source| YamlError::Unreadable {
            file: file.to_owned(),
            source,
        };
        if fs::metadata(file).map_err(unreadable)?.len() > MAX_BYTES {
            return Err(unreadable(io::Error::other(format!(
                "it is longer than {MAX_BYTES} bytes"
            ))));
        }
        let text = fs::read_to_string(file).map_err(unreadable)?;
        Ok(Self::new(file, text))
    }

    /// A text that errors call `file`.
    pub fn new(file: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it holds.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, YamlError> {
        let mut track = serde_path_to_error::Track::new();
        serde_saphyr::with_deserializer_from_str_with_options(&self.text, options(), |yaml| {
            T::deserialize(serde_path_to_error::Deserializer::new(yaml, &mut track))
        })
        .map_err(|error| {
            let (field, rule) = field_and_rule(&track.path().to_string(), &error);
            self.at(error.location(), field, rule)
        })
    }

    /// Refuses a setting for a rule that its type alone does not show: `field` is a path such as
    /// `agency.systems[1].name`; the place is that of the innermost part of it that is written.
    pub fn refuse(&self, field: impl Into<String>, rule: impl Into<String>) -> YamlError {
        let field = field.into();
        let place = serde_saphyr::from_str_with_options::<Spanned<Tree>>(&self.text, options())
            .ok()
            .map(|root| place::find(&root, &field));
        self.at(place, field, rule.into())
    }

    fn at(&self, place: Option<Location>, field: String, rule: String) -> YamlError {
        YamlError::Refused {
            file: self.file.clone(),
            line: place.map_or(1, |place| place.line()),
            column: place.map_or(1, |place| place.column()),
            field,
            rule,
        }
    }
}

/// Longest file read.
pub const MAX_BYTES: u64 = 4 << 20;

/// Why a file is not accepted: one sentence.
#[derive(Debug)]
pub enum YamlError {
    /// It cannot be read at all.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it breaks a rule.
    Refused {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
        /// The field, such as `node_listener.address`; empty for the whole file.
        field: String,
        /// What is wrong, or what is accepted.
        rule: String,
    },
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, source } => {
                write!(f, "{} cannot be read: {source}", file.display())
            }
            Self::Refused {
                file,
                line,
                column,
                field,
                rule,
            } => {
                write!(f, "{}, line {line}, column {column}: ", file.display())?;
                if !field.is_empty() {
                    write!(f, "`{field}`: ")?;
                }
                f.write_str(rule)
            }
        }
    }
}

impl std::error::Error for YamlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Refused { .. } => None,
        }
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}

fn field_and_rule(path: &str, error: &serde_saphyr::Error) -> (String, String) {
    use serde_saphyr::Error;
    let path = path.trim_end_matches('?').trim_end_matches('.');
    let inner = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match error {
        Error::DuplicateMappingKey { key, .. } => {
            let field = key.as_deref().map_or_else(|| path.to_owned(), inner);
            (field, "this key is written twice; keep one".to_owned())
        }
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            // Within what is chosen by a tag the path ends before the field.
            let named = path.rsplit('.').next() == Some(field.as_str());
            let field = if named { path.to_owned() } else { inner(field) };
            let rule = match expected.as_slice() {
                [] => "no such setting; none is known here".to_owned(),
                known => format!("no such setting; known here: {}", known.join(", ")),
            };
            (field, rule)
        }
        Error::SerdeMissingField { field, .. } => {
            (inner(field), "this setting is missing; write it".to_owned())
        }
        Error::SerdeUnknownVariant { expected, .. } => {
            (path.to_owned(), format!("one of {}", expected.join(", ")))
        }
        Error::MultipleDocuments { .. } => (
            String::new(),
            "one YAML document only; remove the line `---`".to_owned(),
        ),
        _ => (path.to_owned(), message(error)),
    }
}

/// The crate's own sentence without the place, which is said once, before it.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].trim_start_matches(": ").to_owned()
}

#[cfg(test)]
mod tests;
