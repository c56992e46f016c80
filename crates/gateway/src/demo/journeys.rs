//! The journeys of fictitious persons, as agency systems send them to their nodes.

mod bodies;
mod days;
mod others;
mod sandbox;
mod young_woman;

use passerelle_domain::Timestamp;
use passerelle_proto::agency::v1::{Identity, RecordUpsert};
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{OwnRecord, Record, Source};

use super::organisations::SYSTEM;
use days::Days;

pub(super) use sandbox::{Known, records};
pub(super) use young_woman::{FIRST_NAME, REFERENCE};

/// A person in one organisation, with what it knows of their path.
pub(super) struct Journey {
    /// The agency system's own reference for the person.
    pub(super) reference: &'static str,
    pub(super) identity: Identity,
    pub(super) records: Vec<RecordUpsert>,
}

/// The young woman at the mission locale, which has accompanied her for years.
pub(super) fn at_mission_locale(now: Timestamp) -> Journey {
    young_woman::at_mission_locale(Days(now))
}

/// The young woman at the département, which has just met her.
pub(super) fn at_departement(now: Timestamp) -> Journey {
    young_woman::at_departement(Days(now))
}

/// The young woman at the association, which knows her name.
pub(super) fn at_association(now: Timestamp) -> Journey {
    young_woman::at_association(Days(now))
}

/// Who else the mission locale accompanies.
pub(super) fn others_at_mission_locale(now: Timestamp) -> Vec<Journey> {
    others::at_mission_locale(Days(now))
}

/// Who else the département accompanies.
pub(super) fn others_at_departement(now: Timestamp) -> Vec<Journey> {
    others::at_departement(Days(now))
}

/// A record on its way to the node.
struct Entered {
    observed_at: String,
    body: Body,
    note: &'static str,
    message: &'static str,
}

fn entered(observed_at: String, body: impl Into<Body>) -> Entered {
    Entered {
        observed_at,
        body: body.into(),
        note: "",
        message: "",
    }
}

impl Entered {
    /// A note, which stays at home.
    fn noted(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// A message that is meant for partners.
    fn told(self, message: &'static str) -> Self {
        Self { message, ..self }
    }
}

/// The records of a person, numbered in their order.
fn upserts(records: Vec<Entered>) -> Vec<RecordUpsert> {
    let upsert = |(at, entered): (usize, Entered)| RecordUpsert {
        reference: format!("item-{:02}", at + 1),
        version: 1,
        record: Some(OwnRecord {
            record: Some(Record {
                observed_at: entered.observed_at,
                source: Some(Source {
                    system: SYSTEM.to_owned(),
                    ..Source::default()
                }),
                message_to_partner: entered.message.to_owned(),
                body: Some(entered.body),
                ..Record::default()
            }),
            note: entered.note.to_owned(),
        }),
    };
    records.into_iter().enumerate().map(upsert).collect()
}
