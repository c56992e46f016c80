//! One line of text that tells what a record says.

use std::fmt;

use crate::record::{Appointment, ContactCard, Contract, Employment, Exit, Orientation, Status};
use crate::text::crossing;
use crate::{Malformed, Section};

/// What to show for a record, in French: 1 to 200 characters with no NIR, French phone number or
/// e-mail address in them.
#[derive(Clone, PartialEq, Eq)]
pub struct Headline(String);

impl Headline {
    /// The longest headline, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads a headline; the error names no field.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        if !(1..=Self::MAX_CHARS).contains(&text.chars().count())
            || text.chars().any(char::is_control)
        {
            return Err(Malformed::new("", "1 to 200 characters on one line"));
        }
        crossing(text.to_owned()).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_status(status: &Status) -> Self {
        Self::join(
            Section::Status,
            " : ",
            [status.kind.label_fr(), status.state.label_fr()],
        )
    }

    pub(super) fn of_orientation(orientation: &Orientation) -> Self {
        let organisation = orientation
            .organisation
            .as_ref()
            .map(|one| one.name.as_str());
        let parts = [Some(orientation.pathway.label_fr()), organisation];
        Self::join(Section::Orientation, ", ", parts.into_iter().flatten())
    }

    pub(super) fn of_contact_card(card: &ContactCard) -> Self {
        let professional = card.professional.as_ref().map(|one| one.name.as_str());
        let role = card.member_role.known().map(|role| role.label_fr());
        let parts = [professional, Some(card.organisation.name.as_str()), role];
        Self::join(Section::ContactCard, ", ", parts.into_iter().flatten())
    }

    pub(super) fn of_appointment(appointment: &Appointment) -> Self {
        let organisation = appointment
            .organisation
            .as_ref()
            .map(|one| one.name.as_str());
        let parts = [Some(appointment.kind.label_fr()), organisation];
        Self::join(Section::Appointments, ", ", parts.into_iter().flatten())
    }

    pub(super) fn of_contract(contract: &Contract) -> Self {
        let state = contract.status.known().map(|status| status.label_fr());
        let parts = [Some(contract.kind.label_fr()), state];
        Self::join(Section::Contracts, " : ", parts.into_iter().flatten())
    }

    pub(super) fn of_employment(employment: &Employment) -> Self {
        let occupation = employment
            .occupation
            .as_ref()
            .and_then(|one| one.label.as_ref());
        let parts = [
            Some(employment.contract.label_fr()),
            occupation.map(|label| label.as_str()),
        ];
        Self::join(Section::Employment, ", ", parts.into_iter().flatten())
    }

    pub(super) fn of_exit(exit: &Exit) -> Self {
        let status = exit.status.known().map(|status| status.label_fr());
        let parts = [status, Some(exit.reason.label_fr())];
        Self::join(Section::Exit, " : ", parts.into_iter().flatten())
    }

    /// Joins labels, each of which may cross. Side by side they might still read as a number that
    /// may not, or be too long: then the name of the section stands for them.
    pub(super) fn join<'a>(
        section: Section,
        between: &str,
        parts: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let parts: Vec<_> = parts.into_iter().collect();
        let joined: String = parts.join(between).chars().take(Self::MAX_CHARS).collect();
        Self::new(&joined).unwrap_or_else(|_| Self(section.label_fr().to_owned()))
    }
}

impl fmt::Debug for Headline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
