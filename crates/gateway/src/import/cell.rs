//! What a cell says, in the form that the field takes.

use passerelle_domain::{PartialDate, RomeCode};

use super::fields::Kind;

/// A value that a field takes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The value itself: an id, a date in ISO 8601, a text.
    pub(super) text: String,
    /// Of an occupation, what stood before its code.
    pub(super) label: String,
}

impl Value {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            label: String::new(),
        }
    }
}

/// Reads a cell that says something; the error is the rule, without the value.
pub(super) fn read(kind: Kind, text: &str) -> Result<Value, &'static str> {
    match kind {
        Kind::Text => Ok(Value::new(text)),
        Kind::Date => date(text).ok_or(DATE),
        Kind::Rome => rome(text).ok_or(ROME),
        Kind::Phone => phone(text).ok_or(PHONE),
        Kind::Hours => hours(text).ok_or(HOURS),
        Kind::Listed(_) | Kind::ListedIn(_) => match kind.item(text) {
            Some(item) => Ok(Value::new(item.id)),
            None => Err(LISTED),
        },
    }
}

fn date(text: &str) -> Option<Value> {
    // A day with a time: `1982-02-01 00:00:00.0`, `2020-01-31T08:30:00Z`.
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let iso = match day.split('/').collect::<Vec<_>>()[..] {
        // A year of two digits could be one of two centuries, and is neither.
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}"),
        [month, year] => format!("{year}-{month:0>2}"),
        _ => day.to_owned(),
    };
    iso.parse::<PartialDate>().is_ok().then(|| Value::new(iso))
}

fn rome(text: &str) -> Option<Value> {
    let (label, code) = match text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
    {
        Some((label, code)) => (label.trim(), code.trim()),
        None => ("", text),
    };
    code.parse::<RomeCode>().ok()?;
    Some(Value {
        text: code.to_owned(),
        label: label.to_owned(),
    })
}

fn phone(text: &str) -> Option<Value> {
    let mut numbers = text.split([',', ';', '/', '\n']).map(str::trim);
    let first = numbers.find(|number| {
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let written = |c: char| c.is_ascii_digit() || " +.-".contains(c);
        let long = if number.starts_with('+') {
            8..=15
        } else {
            10..=10
        };
        number.chars().all(written) && long.contains(&digits) && number.len() <= 20
    });
    first.map(Value::new)
}

fn hours(text: &str) -> Option<Value> {
    let number = text.trim_end_matches(['h', 'H']).trim().replace(',', ".");
    let hours: f64 = number.parse().ok()?;
    let minutes = (hours * 60.0).round();
    // A week that has more is a mistake; so is what is no number.
    (0.0..=3600.0)
        .contains(&minutes)
        .then(|| Value::new(format!("{minutes:.0}")))
}

const DATE: &str = "a day as YYYY-MM-DD or DD/MM/YYYY, a month or a year";
const ROME: &str = "a ROME code, alone or in brackets behind a label";
const PHONE: &str = "a phone number: 10 digits, or + and 8 to 15";
const HOURS: &str = "hours a week, at most 60";
const LISTED: &str = "an id of the vocabulary, or a code that the mapping translates";
