//! Interviews held by two specialists: one record, one writer.

use passerelle_proto::journey::v1 as proto;

use crate::record::{Organisation, redacted};
use crate::{Class, Label, Malformed, NodeId, Timestamp, wire};

/// An interview held by a social and a professional specialist together.
#[derive(Clone, PartialEq, Eq)]
pub struct JointInterview {
    /// The social specialist.
    pub social: Specialist,
    /// The professional specialist.
    pub professional: Specialist,
    /// What the other node said; until then the interview is only announced.
    pub countersignature: Option<Countersignature>,
}

/// One of the two who hold a joint interview.
#[derive(Clone, PartialEq, Eq)]
pub struct Specialist {
    /// First name and name.
    pub name: Label,
    /// Where they work.
    pub organisation: Organisation,
}

/// The other specialist's node says that the record is right.
#[derive(Clone, PartialEq, Eq)]
pub struct Countersignature {
    /// The node.
    pub node: NodeId,
    /// When it said so.
    pub signed_at: Timestamp,
}

redacted!(JointInterview, Specialist, Countersignature);

impl JointInterview {
    /// Whether only one side says so yet.
    pub const fn is_announced(&self) -> bool {
        self.countersignature.is_none()
    }

    pub(super) fn sensitivity(&self) -> Class {
        let kinds =
            [&self.social, &self.professional].map(|one| one.organisation.kind.sensitivity());
        Class::highest(kinds)
    }
}

impl TryFrom<&proto::JointInterview> for JointInterview {
    type Error = Malformed;

    fn try_from(from: &proto::JointInterview) -> Result<Self, Malformed> {
        Ok(Self {
            social: wire::message(from.social.as_ref(), "social")?,
            professional: wire::message(from.professional.as_ref(), "professional")?,
            countersignature: wire::optional_message(
                from.countersignature.as_ref(),
                "countersignature",
            )?,
        })
    }
}

impl From<&JointInterview> for proto::JointInterview {
    fn from(joint: &JointInterview) -> Self {
        Self {
            social: Some((&joint.social).into()),
            professional: Some((&joint.professional).into()),
            countersignature: joint.countersignature.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<&proto::Specialist> for Specialist {
    type Error = Malformed;

    fn try_from(from: &proto::Specialist) -> Result<Self, Malformed> {
        Ok(Self {
            name: wire::label(&from.name, "name")?,
            organisation: wire::message(from.organisation.as_ref(), "organisation")?,
        })
    }
}

impl From<&Specialist> for proto::Specialist {
    fn from(specialist: &Specialist) -> Self {
        Self {
            name: specialist.name.as_str().to_owned(),
            organisation: Some((&specialist.organisation).into()),
        }
    }
}

impl TryFrom<&proto::Countersignature> for Countersignature {
    type Error = Malformed;

    fn try_from(from: &proto::Countersignature) -> Result<Self, Malformed> {
        Ok(Self {
            node: wire::text(&from.node_id, "node_id", str::parse)?,
            signed_at: wire::instant(from.signed_at.as_ref(), "signed_at")?,
        })
    }
}

impl From<&Countersignature> for proto::Countersignature {
    fn from(countersignature: &Countersignature) -> Self {
        Self {
            node_id: countersignature.node.to_string(),
            signed_at: Some(wire::timestamp(countersignature.signed_at)),
        }
    }
}
