//! Section objectives: what is aimed at to serve the project.

use passerelle_proto::journey::v1 as proto;

use super::{Period, redacted};
use crate::vocabulary::{self, Class, DiagnosisTheme, ObjectiveState, Open};
use crate::{Code, Label, Malformed, wire};

/// What is aimed at, and how far it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Objective {
    /// Its theme.
    pub theme: Open<DiagnosisTheme>,
    /// What is aimed at.
    pub aim: Aim,
    /// How far it is.
    pub state: Open<ObjectiveState>,
    /// From when until when.
    pub period: Period,
}

/// What is aimed at: a code, the author's own words, or both.
#[derive(Clone, PartialEq, Eq)]
pub enum Aim {
    /// An objective of a list, and what its author adds.
    Listed(Code<vocabulary::Objective>, Option<Label>),
    /// In the author's own words alone.
    Said(Label),
}

redacted!(Objective, Aim);

impl Aim {
    /// What people read, in French.
    pub fn label_fr(&self) -> &str {
        match self {
            Self::Listed(_, Some(label)) | Self::Said(label) => label.as_str(),
            Self::Listed(code, None) => code.label_fr(),
        }
    }
}

impl Objective {
    pub(super) fn sensitivity(&self) -> Class {
        let of_aim = match &self.aim {
            Aim::Listed(code, _) => Some(code.sensitivity()),
            Aim::Said(_) => None,
        };
        Class::highest(
            [self.theme.sensitivity(), self.state.sensitivity()]
                .into_iter()
                .chain(of_aim),
        )
    }
}

impl TryFrom<&proto::Objective> for Objective {
    type Error = Malformed;

    fn try_from(from: &proto::Objective) -> Result<Self, Malformed> {
        let label = wire::optional_label(&from.label, "label")?;
        let aim = match (wire::optional_message(from.kind.as_ref(), "kind")?, label) {
            (Some(code), label) => Aim::Listed(code, label),
            (None, Some(label)) => Aim::Said(label),
            (None, None) => return Err(Malformed::new("kind", "this or a label")),
        };
        Ok(Self {
            theme: wire::open(from.theme, "theme")?,
            aim,
            state: wire::open(from.state, "state")?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
        })
    }
}

impl From<&Objective> for proto::Objective {
    fn from(objective: &Objective) -> Self {
        let (code, label) = match &objective.aim {
            Aim::Listed(code, label) => (Some(code), label.as_ref()),
            Aim::Said(label) => (None, Some(label)),
        };
        Self {
            theme: objective.theme.number(),
            kind: code.map(Into::into),
            label: wire::written_label(label),
            state: objective.state.number(),
            starts_on: wire::written(objective.period.starts_on().as_ref()),
            ends_on: wire::written(objective.period.ends_on().as_ref()),
        }
    }
}
