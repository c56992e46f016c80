//! Reads the fields that several calls have. An error names the field as its caller would write it.

use passerelle_domain::{
    ChainId, Class, ExchangeId, Malformed, NodeId, PersonId, Section, Timestamp,
};

/// A person of this node.
pub(super) fn person(person_id: &str) -> Result<PersonId, Malformed> {
    person_id.parse().map_err(within("person_id"))
}

/// An exchange.
pub(super) fn exchange(exchange_id: &str) -> Result<ExchangeId, Malformed> {
    exchange_id.parse().map_err(within("exchange_id"))
}

/// A node.
pub(super) fn node(field: &str, text: &str) -> Result<NodeId, Malformed> {
    text.parse().map_err(within(field))
}

/// A chain of receipts.
pub(super) fn chain(field: &str, text: &str) -> Result<ChainId, Malformed> {
    text.parse().map_err(within(field))
}

/// An instant that must be there.
pub(super) fn instant(field: &str, text: &str) -> Result<Timestamp, Malformed> {
    Timestamp::parse(text).map_err(within(field))
}

/// A section, in the field `section` of whatever is around it.
pub(super) fn section(text: &str) -> Result<Section, Malformed> {
    word(
        "section",
        text,
        Section::parse,
        "a section of the vocabulary",
    )
}

/// A class.
pub(super) fn class(field: &str, number: u32) -> Result<Class, Malformed> {
    u8::try_from(number)
        .ok()
        .and_then(|number| Class::try_from(number).ok())
        .ok_or_else(|| Malformed::new(field, "1 to 4"))
}

/// Reads a text that may be left out.
pub(super) fn if_set<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some)
}

/// A word of a list of the vocabulary.
pub(super) fn word<T>(
    field: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    rule: &'static str,
) -> Result<T, Malformed> {
    parse(text).ok_or_else(|| Malformed::new(field, rule))
}

/// Reads each of several; the error names which.
pub(super) fn each<T, U>(
    field: &str,
    all: impl IntoIterator<Item = T>,
    mut read: impl FnMut(T) -> Result<U, Malformed>,
) -> Result<Vec<U>, Malformed> {
    let numbered = all.into_iter().enumerate();
    numbered
        .map(|(i, one)| read(one).map_err(|error| error.within(&format!("{field}[{i}]"))))
        .collect()
}

/// The same fault, seen from the message around it.
pub(super) fn within(outer: &str) -> impl Fn(Malformed) -> Malformed {
    move |error| error.within(outer)
}
