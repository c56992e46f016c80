//! Section project: what the person wants.

use passerelle_proto::journey::v1 as proto;

use super::{Occupation, redacted};
use crate::vocabulary::{ChosenBy, Class, Open};
use crate::{Label, Malformed, PartialDate, wire};

/// What the person wants. It changes only with them.
#[derive(Clone, PartialEq, Eq)]
pub struct Project {
    /// In a few words.
    pub wants: Label,
    /// Occupations aimed at.
    pub targets: Targets,
    /// Who chose it.
    pub chosen_by: Open<ChosenBy>,
    /// When.
    pub chosen_on: Option<PartialDate>,
}

/// Up to three occupations, the most wanted first.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Targets(Vec<Occupation>);

redacted!(Project, Targets);

impl Targets {
    /// Takes at most three; the error names no field.
    pub fn new(occupations: Vec<Occupation>) -> Result<Self, Malformed> {
        if occupations.len() > 3 {
            return Err(Malformed::new("", "at most 3 occupations"));
        }
        Ok(Self(occupations))
    }

    /// The occupations, the most wanted first.
    pub fn as_slice(&self) -> &[Occupation] {
        &self.0
    }
}

impl Project {
    pub(super) fn sensitivity(&self) -> Class {
        self.chosen_by.sensitivity()
    }
}

impl TryFrom<&proto::Project> for Project {
    type Error = Malformed;

    fn try_from(from: &proto::Project) -> Result<Self, Malformed> {
        Ok(Self {
            wants: wire::label(&from.wants, "wants")?,
            targets: Targets(wire::messages(
                &from.targets,
                "targets",
                3,
                "at most 3 occupations",
            )?),
            chosen_by: wire::open(from.chosen_by, "chosen_by")?,
            chosen_on: wire::optional_text(&from.chosen_on, "chosen_on", str::parse)?,
        })
    }
}

impl From<&Project> for proto::Project {
    fn from(project: &Project) -> Self {
        Self {
            wants: project.wants.as_str().to_owned(),
            targets: project.targets.0.iter().map(Into::into).collect(),
            chosen_by: project.chosen_by.number(),
            chosen_on: wire::written(project.chosen_on.as_ref()),
        }
    }
}
