//! What a record says: one kind a section.

use passerelle_proto::journey::v1::record::Body;

use super::{
    Appointment, ContactCard, Contract, Diagnosis, Employment, Exit, Identity, Objective,
    Orientation, Project, Status, Step, redacted,
};
use crate::{Class, Malformed, Section};

/// What a record says.
#[derive(Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "few records are held at once; a box for each would cost more than it saves"
)]
#[expect(
    missing_docs,
    reason = "each variant is named after what it holds, documented there"
)]
pub enum RecordBody {
    ContactCard(ContactCard),
    Identity(Identity),
    Status(Status),
    Project(Project),
    Orientation(Orientation),
    Diagnosis(Diagnosis),
    Objective(Objective),
    Step(Step),
    Appointment(Appointment),
    Contract(Contract),
    Employment(Employment),
    Exit(Exit),
}

redacted!(RecordBody);

macro_rules! kinds {
    ($($kind:ident $section:ident $wire:ident $field:literal),+ $(,)?) => {
        impl RecordBody {
            /// The section that it belongs to.
            pub const fn section(&self) -> Section {
                match self {
                    $(Self::$kind(_) => Section::$section,)+
                }
            }

            /// The highest class among its theme and every code that it carries.
            pub(super) fn sensitivity(&self) -> Class {
                match self {
                    $(Self::$kind(body) => body.sensitivity(),)+
                }
            }

            /// The name of its field in a message.
            pub(super) const fn field(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $field,)+
                }
            }
        }

        impl TryFrom<&Body> for RecordBody {
            type Error = Malformed;

            fn try_from(from: &Body) -> Result<Self, Malformed> {
                match from {
                    $(Body::$wire(body) => body.try_into().map(Self::$kind).map_err(|e: Malformed| e.within($field)),)+
                }
            }
        }

        impl From<&RecordBody> for Body {
            fn from(body: &RecordBody) -> Self {
                match body {
                    $(RecordBody::$kind(body) => Self::$wire(body.into()),)+
                }
            }
        }

    };
}

kinds!(
    ContactCard ContactCard ContactCard "contact_card",
    Identity Identity Identity "identity",
    Status Status Status "status",
    Project Project Project "project",
    Orientation Orientation Orientation "orientation",
    Diagnosis Diagnosis Diagnosis "diagnosis",
    Objective Objectives Objective "objective",
    Step Steps Step "step",
    Appointment Appointments Appointment "appointment",
    Contract Contracts Contract "contract",
    Employment Employment Employment "employment",
    Exit Exit SupportExit "support_exit",
);
