//! Section exit: the end of one support and what follows. It never closes the journey.

use passerelle_proto::journey::v1 as proto;

use super::{Organisation, redacted};
use crate::vocabulary::{Class, ExitReason, ExitStatus, Open};
use crate::{CivilDate, Code, Malformed, wire};

/// The end of one support. (In `proto/` it is `SupportExit`: `exit` is a keyword of PHP.)
#[derive(Clone, PartialEq, Eq)]
pub struct Exit {
    /// How it ended.
    pub status: Open<ExitStatus>,
    /// Why.
    pub reason: Code<ExitReason>,
    /// When.
    pub ended_on: CivilDate,
    /// Who accompanies the person next.
    pub next_organisation: Option<Organisation>,
}

redacted!(Exit);

impl Exit {
    pub(super) fn sensitivity(&self) -> Class {
        let of_next = self
            .next_organisation
            .as_ref()
            .map(Organisation::sensitivity);
        Class::highest(
            [self.status.sensitivity(), self.reason.sensitivity()]
                .into_iter()
                .chain(of_next),
        )
    }
}

impl TryFrom<&proto::SupportExit> for Exit {
    type Error = Malformed;

    fn try_from(from: &proto::SupportExit) -> Result<Self, Malformed> {
        Ok(Self {
            status: wire::open(from.status, "status")?,
            reason: wire::message(from.reason.as_ref(), "reason")?,
            ended_on: wire::text(&from.ended_on, "ended_on", str::parse)?,
            next_organisation: wire::optional_message(
                from.next_organisation.as_ref(),
                "next_organisation",
            )?,
        })
    }
}

impl From<&Exit> for proto::SupportExit {
    fn from(exit: &Exit) -> Self {
        Self {
            status: exit.status.number(),
            reason: Some((&exit.reason).into()),
            ended_on: exit.ended_on.to_string(),
            next_organisation: exit.next_organisation.as_ref().map(Into::into),
        }
    }
}
