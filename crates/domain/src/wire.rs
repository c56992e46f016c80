//! Reads the fields of messages: what they all have in common, said once.

use bytes::Bytes;
use passerelle_proto::prost_types;

use crate::vocabulary::{Open, Wire};
use crate::{Label, Malformed, RecordId, Timestamp};

/// What an empty or missing field is refused with.
const REQUIRED: &str = "required";

/// A text field that must be set.
pub(crate) fn text<T>(
    text: &str,
    field: &str,
    read: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    optional_text(text, field, read)?.ok_or_else(|| Malformed::new(field, REQUIRED))
}

/// A text field that is empty when there is nothing to say.
pub(crate) fn optional_text<T>(
    text: &str,
    field: &str,
    read: impl FnOnce(&str) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    match text {
        "" => Ok(None),
        text => read(text).map(Some).map_err(|e| e.within(field)),
    }
}

/// A label that must be set.
pub(crate) fn label(from: &str, field: &str) -> Result<Label, Malformed> {
    text(from, field, |text| Label::new(text))
}

/// A label that may be empty.
pub(crate) fn optional_label(from: &str, field: &str) -> Result<Option<Label>, Malformed> {
    optional_text(from, field, |text| Label::new(text))
}

/// A message field that must be set.
pub(crate) fn message<'a, P, T>(from: Option<&'a P>, field: &str) -> Result<T, Malformed>
where
    T: TryFrom<&'a P, Error = Malformed>,
{
    optional_message(from, field)?.ok_or_else(|| Malformed::new(field, REQUIRED))
}

/// A message field that may be missing.
pub(crate) fn optional_message<'a, P, T>(
    from: Option<&'a P>,
    field: &str,
) -> Result<Option<T>, Malformed>
where
    T: TryFrom<&'a P, Error = Malformed>,
{
    from.map(T::try_from)
        .transpose()
        .map_err(|e| e.within(field))
}

/// A repeated field with at most `max` elements; `rule` says so.
pub(crate) fn messages<'a, P, T>(
    from: &'a [P],
    field: &str,
    max: usize,
    rule: &'static str,
) -> Result<Vec<T>, Malformed>
where
    T: TryFrom<&'a P, Error = Malformed>,
{
    if from.len() > max {
        return Err(Malformed::new(field, rule));
    }
    let read = |(i, element)| T::try_from(element).map_err(|e| e.within(&format!("{field}[{i}]")));
    from.iter().enumerate().map(read).collect()
}

/// An enum field that must be set.
pub(crate) fn open<T: Wire>(number: i32, field: &str) -> Result<Open<T>, Malformed> {
    Open::from_number(number).ok_or_else(|| Malformed::new(field, REQUIRED))
}

/// The number of an enum field that may be unset.
pub(crate) fn number<T: Wire>(value: Option<Open<T>>) -> i32 {
    value.map(Open::number).unwrap_or_default()
}

/// The text of a field that may be empty.
pub(crate) fn written<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// The text of a label that may be missing.
pub(crate) fn written_label(label: Option<&Label>) -> String {
    label
        .map(|label| label.as_str().to_owned())
        .unwrap_or_default()
}

/// An instant that must be set; what is finer than a millisecond is cut.
pub(crate) fn instant(
    from: Option<&prost_types::Timestamp>,
    field: &str,
) -> Result<Timestamp, Malformed> {
    const RULE: &str = "an instant from 1970 to 9999";
    let from = from.ok_or_else(|| Malformed::new(field, REQUIRED))?;
    let secs = u64::try_from(from.seconds).ok();
    let millis = u64::try_from(from.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)
        .map(|nanos| nanos / 1_000_000);
    let at = secs
        .zip(millis)
        .and_then(|(secs, millis)| secs.checked_mul(1000)?.checked_add(millis));
    at.filter(|at| *at <= Timestamp::MAX.as_millis())
        .map(Timestamp::from_millis)
        .ok_or_else(|| Malformed::new(field, RULE))
}

/// An instant as it travels.
pub(crate) fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    let millis = i32::try_from(at.as_millis() % 1000).unwrap_or_default();
    prost_types::Timestamp {
        // `Timestamp` never exceeds the year 9999.
        seconds: i64::try_from(at.as_secs()).unwrap_or_default(),
        nanos: millis * 1_000_000,
    }
}

/// The bytes of a record's id, or none.
pub(crate) fn written_id(id: Option<RecordId>) -> Bytes {
    id.map(|id| Bytes::copy_from_slice(id.as_bytes()))
        .unwrap_or_default()
}
