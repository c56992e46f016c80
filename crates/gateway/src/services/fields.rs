//! Reads the fields that several calls have. An error names the field as its caller would write it.

use std::collections::BTreeMap;

use passerelle_domain::{
    ChainId, Class, ExchangeId, Malformed, NodeId, PersonId, Pii, Purpose, RecordUse, Section,
    Timestamp,
};
use passerelle_exchange::{RecordName, RequestId};
use passerelle_proto::agency::v1 as wire;

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

/// An instant as answers say it; empty where there is none.
pub(super) fn maybe_instant(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
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

/// Why something is asked.
pub(super) fn purpose(text: &str) -> Result<Purpose, Malformed> {
    word(
        "purpose",
        text,
        Purpose::parse,
        "a purpose of the vocabulary",
    )
}

/// What is meant to be done with what comes.
pub(super) fn usage(text: &str) -> Result<RecordUse, Malformed> {
    word("usage", text, RecordUse::parse, "display or import")
}

/// What is asked: one section or more, each with its highest class.
pub(super) fn sections(
    scopes: &[wire::SectionScope],
) -> Result<BTreeMap<Section, Class>, Malformed> {
    let mut sections = BTreeMap::new();
    let read = |scope: &wire::SectionScope| {
        let section = section(&scope.section)?;
        let class = class("sensitivity", scope.sensitivity)?;
        if sections.insert(section, class).is_some() {
            return Err(Malformed::new("section", "each section once"));
        }
        Ok(())
    };
    each("sections", scopes, read)?;
    if sections.is_empty() {
        return Err(Malformed::new("sections", "at least one section"));
    }
    Ok(sections)
}

/// An own record by one of its two names.
pub(super) fn record_name(record_id: &str, reference: String) -> Result<RecordName, Malformed> {
    match (record_id.is_empty(), reference.is_empty()) {
        (false, true) => record_id
            .parse()
            .map(RecordName::Id)
            .map_err(within("record_id")),
        (true, false) => Ok(RecordName::Reference(Pii::new(reference))),
        _ => Err(Malformed::new(
            "record_id",
            "one of record_id and reference",
        )),
    }
}

/// What the caller repeats a request by.
pub(super) fn request(text: &str) -> Result<RequestId, Malformed> {
    RequestId::new(text).map_err(within("request_id"))
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
