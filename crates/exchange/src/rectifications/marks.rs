//! What requests make of the records that they are about.

use std::collections::BTreeMap;

use passerelle_domain::{PersonId, RecordId, Timestamp};
use passerelle_store::tables::Read;
use passerelle_store::tables::rectifications;

use crate::ExchangeError;

/// That a person contests a record, or that its use is restricted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordMark {
    /// Since when a request about it waits for an answer.
    pub contested: Option<Timestamp>,
    /// Since when it is in no summary.
    pub restricted: Option<Timestamp>,
}

/// The records of a person that are contested or restricted.
pub(crate) fn marks(
    read: &impl Read,
    person: &PersonId,
) -> Result<BTreeMap<RecordId, RecordMark>, ExchangeError> {
    let mut marks: BTreeMap<RecordId, RecordMark> = BTreeMap::new();
    // The oldest first: what is marked already is marked since then.
    for request in rectifications::of_person(read, person)? {
        if !request.waits() && !request.restricts() {
            continue;
        }
        let mark = marks.entry(request.record).or_default();
        let since = Some(request.requested.at);
        if request.waits() {
            mark.contested = mark.contested.or(since);
        }
        if request.restricts() {
            mark.restricted = mark.restricted.or(since);
        }
    }
    Ok(marks)
}
