//! Section appointments: interviews past and to come.

use passerelle_proto::journey::v1 as proto;

use super::{Organisation, redacted};
use crate::vocabulary::{
    AppointmentKind, AppointmentStatus, Class, ContactModality, Initiator, Open, ReceptionType,
};
use crate::{Code, Malformed, Timestamp, wire};

/// An interview.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// What for.
    pub kind: Code<AppointmentKind>,
    /// What became of it.
    pub status: Open<AppointmentStatus>,
    /// When it starts.
    pub starts_at: Timestamp,
    /// How people meet.
    pub modality: Option<Open<ContactModality>>,
    /// Alone or with others.
    pub reception: Option<Open<ReceptionType>>,
    /// Who asked for it.
    pub initiator: Option<Open<Initiator>>,
    /// With whom.
    pub organisation: Option<Organisation>,
}

redacted!(Appointment);

impl Appointment {
    pub(super) fn sensitivity(&self) -> Class {
        let of_rest = [
            self.modality.map(Open::sensitivity),
            self.reception.map(Open::sensitivity),
            self.initiator.map(Open::sensitivity),
            self.organisation.as_ref().map(Organisation::sensitivity),
        ];
        let own = [self.kind.sensitivity(), self.status.sensitivity()];
        Class::highest(own.into_iter().chain(of_rest.into_iter().flatten()))
    }
}

impl TryFrom<&proto::Appointment> for Appointment {
    type Error = Malformed;

    fn try_from(from: &proto::Appointment) -> Result<Self, Malformed> {
        Ok(Self {
            kind: wire::message(from.kind.as_ref(), "kind")?,
            status: wire::open(from.status, "status")?,
            starts_at: wire::instant(from.starts_at.as_ref(), "starts_at")?,
            modality: Open::from_number(from.modality),
            reception: Open::from_number(from.reception),
            initiator: Open::from_number(from.initiator),
            organisation: wire::optional_message(from.organisation.as_ref(), "organisation")?,
        })
    }
}

impl From<&Appointment> for proto::Appointment {
    fn from(appointment: &Appointment) -> Self {
        Self {
            kind: Some((&appointment.kind).into()),
            status: appointment.status.number(),
            starts_at: Some(wire::timestamp(appointment.starts_at)),
            modality: wire::number(appointment.modality),
            reception: wire::number(appointment.reception),
            initiator: wire::number(appointment.initiator),
            organisation: appointment.organisation.as_ref().map(Into::into),
        }
    }
}
