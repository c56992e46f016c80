//! How records read on a screen or on paper: one line each, in French or English.

mod described;
mod language;

use std::fmt::Display;

use passerelle_domain::{CivilDate, PartialDate, RecordBody, SharedRecord};

pub(crate) use described::{described, said};
pub use language::Language;

/// The day that a record is about.
pub(crate) fn when(record: &SharedRecord) -> PartialDate {
    match record.body() {
        RecordBody::Appointment(appointment) => CivilDate::of(appointment.starts_at).into(),
        _ => record.observed_at(),
    }
}

/// `template` with each `{}` replaced by the next of `values`.
pub(crate) fn fill(template: &str, values: &[&dyn Display]) -> String {
    let mut values = values.iter();
    let mut parts = template.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(value) = values.next() {
            text.push_str(&value.to_string());
        }
        text.push_str(part);
    }
    text
}

/// The text in lines of at most `width` characters; a longer word has a line of its own. Breaks at
/// plain spaces alone, so that no-break spaces are what they are called.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if chars(line) + 1 + chars(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn chars(text: &str) -> usize {
    text.chars().count()
}
