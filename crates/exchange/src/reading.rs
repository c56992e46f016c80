//! The one place where a journey is read for another organisation, or to show what one would get.
//!
//! It takes a permit and consumes it. A clippy rule and a test keep every other place from it.

use std::collections::BTreeMap;

use passerelle_domain::PersonId;
use passerelle_policy::{Opened, Permit};
use passerelle_store::tables::Read;
use passerelle_store::tables::records;

use crate::ExchangeError;
use crate::records::own_record;
use crate::rectifications::marks;

/// Reads the records of a person that the node's own organisation entered, for the question that
/// the permit was given for. What came through an exchange lies elsewhere and is never read here
/// (I1).
///
/// A record whose use is restricted is as if it were not there, and one that is contested says so.
pub(crate) fn open_journey<Aim>(
    view: &impl Read,
    permit: Permit<Aim>,
    person: &PersonId,
) -> Result<Opened<Aim>, ExchangeError> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one read for another organisation: the permit is consumed here"
    )]
    let kept = records::journey(view, person)?;
    let marks = marks(view, person)?;
    let mut contested = BTreeMap::new();
    let mut journey = Vec::with_capacity(kept.len());
    for stored in kept {
        let mark = marks.get(&stored.id).copied().unwrap_or_default();
        if mark.restricted.is_some() {
            continue;
        }
        contested.extend(mark.contested.map(|since| (stored.id, since)));
        let (section, class) = (stored.section, stored.class);
        // What no open cell covers is not even decoded.
        if permit.terms().open_cell(section, class).is_some() {
            journey.push(own_record(&stored)?);
        }
    }
    Ok(Opened::new(permit, journey).contested(contested))
}
