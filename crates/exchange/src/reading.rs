//! The one place where a journey is read for another organisation.
//!
//! It takes a permit and consumes it. A clippy rule and a test keep every other place from it.

use passerelle_domain::PersonId;
use passerelle_policy::{Opened, Permit};
use passerelle_store::tables::Read;
use passerelle_store::tables::records;

use crate::ExchangeError;
use crate::records::own_record;

/// Reads the records of a person that the node's own organisation entered, for the question that
/// the permit was given for. What came through an exchange lies elsewhere and is never read here
/// (I1).
pub(crate) fn open_journey(
    view: &impl Read,
    permit: Permit,
    person: &PersonId,
) -> Result<Opened, ExchangeError> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one read for another organisation: the permit is consumed here"
    )]
    let kept = records::journey(view, person)?;
    let mut journey = Vec::with_capacity(kept.len());
    for stored in kept {
        let (section, class) = (stored.section, stored.class);
        // What no open cell covers is not even decoded.
        if permit.terms().open_cell(section, class).is_some() {
            journey.push(own_record(&stored)?);
        }
    }
    Ok(Opened::new(permit, journey))
}
