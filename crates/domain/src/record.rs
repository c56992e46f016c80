//! Records: the items of a journey, with their provenance.
//!
//! A [`Record`] is one of the node's own and may hold a note; its [`SharedRecord`] is the part that
//! may be shown to another organisation, and has no place for a note. Only the latter converts into
//! the message that travels:
//!
//! ```compile_fail
//! fn leak(record: &passerelle_domain::Record) -> passerelle_proto::journey::v1::Record {
//!     record.into()
//! }
//! ```

mod appointment;
mod author;
mod body;
mod contact_card;
mod contract;
mod diagnosis;
mod employment;
mod exit;
mod identity;
mod objective;
mod orientation;
mod party;
mod period;
mod project;
mod shared;
mod status;
mod step;

use passerelle_proto::journey::v1 as proto;

pub use appointment::Appointment;
pub use author::{Author, Source};
pub use body::RecordBody;
pub use contact_card::ContactCard;
pub use contract::{Contract, WeeklyMinutes};
pub use diagnosis::{
    Confirmation, Constraint, Countersignature, Diagnosis, Explored, JointInterview, Need,
    Situation, Specialist,
};
pub use employment::{Employment, FollowUp};
pub use exit::Exit;
pub use identity::{CivilName, CommuneCode, CountryCode, FirstNames, Identity};
pub use objective::{Aim, Objective};
pub use orientation::{Orientation, OrientationCriterion};
pub use party::{Occupation, Organisation, Professional, WorkEmail, WorkPhone};
pub use period::Period;
pub use project::{Project, Targets};
pub use shared::{RecordParts, SharedRecord};
pub use status::{ReasonCode, StateCode, Status};
pub use step::Step;

use crate::{Class, FreeText, Malformed, RecordId, Section, wire};

/// A record of one's own organisation.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    shared: SharedRecord,
    note: Option<FreeText>,
}

redacted!(Record);

impl Record {
    /// Puts a record together; the error names the field as the message would.
    pub fn new(parts: RecordParts, note: Option<FreeText>) -> Result<Self, Malformed> {
        let shared = SharedRecord::new(parts)?;
        // Nobody read an imported note for what it gives away.
        let raised = note.is_some() && shared.source().imported();
        Ok(Self {
            shared: if raised {
                shared.raised(Class::Social)
            } else {
                shared
            },
            note,
        })
    }

    /// The part that may be shown to another organisation: it has no note.
    pub const fn shareable(&self) -> &SharedRecord {
        &self.shared
    }

    /// The same, without the rest.
    pub fn into_shareable(self) -> SharedRecord {
        self.shared
    }

    /// Comments and notes, for the agents of one's own organisation.
    pub const fn note(&self) -> Option<&FreeText> {
        self.note.as_ref()
    }

    /// Its id.
    pub const fn id(&self) -> RecordId {
        self.shared.id()
    }

    /// Its version, at least 1.
    pub const fn version(&self) -> u64 {
        self.shared.version()
    }

    /// The section that it belongs to.
    pub const fn section(&self) -> Section {
        self.shared.section()
    }

    /// How sensitive it is.
    pub const fn class(&self) -> Class {
        self.shared.class()
    }
}

impl TryFrom<&proto::OwnRecord> for Record {
    type Error = Malformed;

    fn try_from(from: &proto::OwnRecord) -> Result<Self, Malformed> {
        // The sensitivity that a message states is not read here: the node computes it.
        let parts = wire::message(from.record.as_ref(), "record")?;
        let note = wire::optional_text(&from.note, "note", |text| FreeText::new(text))?;
        Self::new(parts, note).map_err(|e| e.within("record"))
    }
}

impl From<&Record> for proto::OwnRecord {
    fn from(record: &Record) -> Self {
        Self {
            record: Some((&record.shared).into()),
            note: record
                .note
                .as_ref()
                .map(|note| note.expose().to_owned())
                .unwrap_or_default(),
        }
    }
}

/// `Debug` that prints the name of the type and nothing of what it holds (I10).
macro_rules! redacted {
    ($($name:ident),+) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    )+};
}
pub(crate) use redacted;

#[cfg(test)]
pub(crate) mod tests;
