//! Section contact_card: who accompanies the person and how to reach them, nothing more.

use passerelle_proto::journey::v1 as proto;

use super::{Organisation, Period, Professional, redacted};
use crate::vocabulary::{Class, GroupMemberRole, Open};
use crate::{Malformed, wire};

/// Who accompanies the person.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactCard {
    /// The organisation.
    pub organisation: Organisation,
    /// The professional there.
    pub professional: Option<Professional>,
    /// What they are among those who accompany the person.
    pub member_role: Open<GroupMemberRole>,
    /// From when until when.
    pub period: Period,
}

redacted!(ContactCard);

impl ContactCard {
    pub(super) fn sensitivity(&self) -> Class {
        Class::highest([
            self.organisation.sensitivity(),
            self.member_role.sensitivity(),
        ])
    }
}

impl TryFrom<&proto::ContactCard> for ContactCard {
    type Error = Malformed;

    fn try_from(from: &proto::ContactCard) -> Result<Self, Malformed> {
        Ok(Self {
            organisation: wire::message(from.organisation.as_ref(), "organisation")?,
            professional: wire::optional_message(from.professional.as_ref(), "professional")?,
            member_role: wire::open(from.member_role, "member_role")?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
        })
    }
}

impl From<&ContactCard> for proto::ContactCard {
    fn from(card: &ContactCard) -> Self {
        Self {
            organisation: Some((&card.organisation).into()),
            professional: card.professional.as_ref().map(Into::into),
            member_role: card.member_role.number(),
            starts_on: wire::written(card.period.starts_on().as_ref()),
            ends_on: wire::written(card.period.ends_on().as_ref()),
        }
    }
}
