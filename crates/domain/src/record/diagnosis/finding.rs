//! What a diagnosis found, and who found the same since.

use passerelle_proto::journey::v1 as proto;

use crate::record::{Organisation, redacted};
use crate::vocabulary::{
    Class, ConstraintImpact, ConstraintState, DiagnosisSituation, DiagnosisTheme, NeedState,
    Objective, Open, SituationState,
};
use crate::{CivilDate, Code, Malformed, wire};

/// A need, or a strength, of the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Need {
    /// Its theme.
    pub theme: Open<DiagnosisTheme>,
    /// What is needed, in detail.
    pub detail: Option<Code<Objective>>,
    /// What was found.
    pub state: Open<NeedState>,
    /// Who found the same since; at most 10.
    pub confirmations: Vec<Confirmation>,
}

/// A constraint on the way to work.
#[derive(Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its theme.
    pub theme: Open<DiagnosisTheme>,
    /// What was found; not discussed is not the same as absent.
    pub state: Open<ConstraintState>,
    /// How much it weighs.
    pub impact: Option<Open<ConstraintImpact>>,
    /// Whether it is to be dealt with first.
    pub priority: bool,
    /// Who found the same since; at most 10.
    pub confirmations: Vec<Confirmation>,
}

/// A situation that the person is in, or is not.
#[derive(Clone, PartialEq, Eq)]
pub struct Situation {
    /// Its theme.
    pub theme: Open<DiagnosisTheme>,
    /// Which.
    pub situation: Code<DiagnosisSituation>,
    /// What was found; not discussed is never no.
    pub state: Open<SituationState>,
    /// Who found the same since; at most 10.
    pub confirmations: Vec<Confirmation>,
}

/// Another organisation found the same, so that nobody asks again.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Which; never the author of the record.
    pub organisation: Organisation,
    /// When.
    pub confirmed_on: CivilDate,
}

redacted!(Need, Constraint, Situation, Confirmation);

impl Need {
    pub(super) fn sensitivity(&self) -> Class {
        let of_detail = self.detail.as_ref().map(Code::sensitivity);
        let own = [self.theme.sensitivity(), self.state.sensitivity()];
        Class::highest(
            own.into_iter()
                .chain(of_detail)
                .chain(of(&self.confirmations)),
        )
    }
}

impl Constraint {
    pub(super) fn sensitivity(&self) -> Class {
        let of_impact = self.impact.map(Open::sensitivity);
        let own = [self.theme.sensitivity(), self.state.sensitivity()];
        Class::highest(
            own.into_iter()
                .chain(of_impact)
                .chain(of(&self.confirmations)),
        )
    }
}

impl Situation {
    pub(super) fn sensitivity(&self) -> Class {
        let own = [
            self.theme.sensitivity(),
            self.situation.sensitivity(),
            self.state.sensitivity(),
        ];
        Class::highest(own.into_iter().chain(of(&self.confirmations)))
    }
}

fn of(confirmations: &[Confirmation]) -> impl Iterator<Item = Class> {
    confirmations
        .iter()
        .map(|confirmation| confirmation.organisation.kind.sensitivity())
}

fn read_confirmations(from: &[proto::Confirmation]) -> Result<Vec<Confirmation>, Malformed> {
    wire::messages(from, "confirmations", 10, "at most 10 confirmations")
}

impl TryFrom<&proto::Need> for Need {
    type Error = Malformed;

    fn try_from(from: &proto::Need) -> Result<Self, Malformed> {
        Ok(Self {
            theme: wire::open(from.theme, "theme")?,
            detail: wire::optional_message(from.detail.as_ref(), "detail")?,
            state: wire::open(from.state, "state")?,
            confirmations: read_confirmations(&from.confirmations)?,
        })
    }
}

impl From<&Need> for proto::Need {
    fn from(need: &Need) -> Self {
        Self {
            theme: need.theme.number(),
            detail: need.detail.as_ref().map(Into::into),
            state: need.state.number(),
            confirmations: need.confirmations.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<&proto::Constraint> for Constraint {
    type Error = Malformed;

    fn try_from(from: &proto::Constraint) -> Result<Self, Malformed> {
        Ok(Self {
            theme: wire::open(from.theme, "theme")?,
            state: wire::open(from.state, "state")?,
            impact: Open::from_number(from.impact),
            priority: from.priority,
            confirmations: read_confirmations(&from.confirmations)?,
        })
    }
}

impl From<&Constraint> for proto::Constraint {
    fn from(constraint: &Constraint) -> Self {
        Self {
            theme: constraint.theme.number(),
            state: constraint.state.number(),
            impact: wire::number(constraint.impact),
            priority: constraint.priority,
            confirmations: constraint.confirmations.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<&proto::Situation> for Situation {
    type Error = Malformed;

    fn try_from(from: &proto::Situation) -> Result<Self, Malformed> {
        Ok(Self {
            theme: wire::open(from.theme, "theme")?,
            situation: wire::message(from.kind.as_ref(), "kind")?,
            state: wire::open(from.state, "state")?,
            confirmations: read_confirmations(&from.confirmations)?,
        })
    }
}

impl From<&Situation> for proto::Situation {
    fn from(situation: &Situation) -> Self {
        Self {
            theme: situation.theme.number(),
            kind: Some((&situation.situation).into()),
            state: situation.state.number(),
            confirmations: situation.confirmations.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<&proto::Confirmation> for Confirmation {
    type Error = Malformed;

    fn try_from(from: &proto::Confirmation) -> Result<Self, Malformed> {
        Ok(Self {
            organisation: wire::message(from.organisation.as_ref(), "organisation")?,
            confirmed_on: wire::text(&from.confirmed_on, "confirmed_on", str::parse)?,
        })
    }
}

impl From<&Confirmation> for proto::Confirmation {
    fn from(confirmation: &Confirmation) -> Self {
        Self {
            organisation: Some((&confirmation.organisation).into()),
            confirmed_on: confirmation.confirmed_on.to_string(),
        }
    }
}
