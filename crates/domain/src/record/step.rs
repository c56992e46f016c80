//! Section steps: what is planned, under way, done or given up.

use passerelle_proto::journey::v1 as proto;

use super::{Organisation, Period, redacted};
use crate::vocabulary::{Action, ActionStatus, Class, Open, StepKind};
use crate::{Code, Label, Malformed, RecordId, wire};

/// A step on the way.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// What kind of step.
    pub kind: Code<StepKind>,
    /// What exactly.
    pub action: Option<Code<Action>>,
    /// In the words of its author.
    pub label: Option<Label>,
    /// How far it is.
    pub status: Open<ActionStatus>,
    /// Where it takes place.
    pub organisation: Option<Organisation>,
    /// The objective that it serves.
    pub objective: Option<RecordId>,
    /// From when until when.
    pub period: Period,
}

redacted!(Step);

impl Step {
    /// What people read, in French: the author's words, else the finest code.
    pub fn label_fr(&self) -> &str {
        match (&self.label, &self.action) {
            (Some(label), _) => label.as_str(),
            (None, Some(action)) => action.label_fr(),
            (None, None) => self.kind.label_fr(),
        }
    }

    pub(super) fn sensitivity(&self) -> Class {
        let of_rest = [
            self.action.as_ref().map(Code::sensitivity),
            self.organisation.as_ref().map(Organisation::sensitivity),
            self.kind
                .term()
                .and_then(StepKind::theme)
                .map(|theme| theme.sensitivity()),
            self.action
                .as_ref()
                .and_then(Code::term)
                .map(|action| action.theme().sensitivity()),
        ];
        let own = [self.kind.sensitivity(), self.status.sensitivity()];
        Class::highest(own.into_iter().chain(of_rest.into_iter().flatten()))
    }
}

impl TryFrom<&proto::Step> for Step {
    type Error = Malformed;

    fn try_from(from: &proto::Step) -> Result<Self, Malformed> {
        let objective = Some(&from.objective_id).filter(|id| !id.is_empty());
        Ok(Self {
            kind: wire::message(from.kind.as_ref(), "kind")?,
            action: wire::optional_message(from.action.as_ref(), "action")?,
            label: wire::optional_label(&from.label, "label")?,
            status: wire::open(from.status, "status")?,
            organisation: wire::optional_message(from.organisation.as_ref(), "organisation")?,
            objective: objective
                .map(|id| RecordId::from_slice(id).map_err(|e| e.within("objective_id")))
                .transpose()?,
            period: Period::read(&from.starts_on, &from.ends_on)?,
        })
    }
}

impl From<&Step> for proto::Step {
    fn from(step: &Step) -> Self {
        Self {
            kind: Some((&step.kind).into()),
            action: step.action.as_ref().map(Into::into),
            label: wire::written_label(step.label.as_ref()),
            status: step.status.number(),
            organisation: step.organisation.as_ref().map(Into::into),
            objective_id: wire::written_id(step.objective),
            starts_on: wire::written(step.period.starts_on().as_ref()),
            ends_on: wire::written(step.period.ends_on().as_ref()),
        }
    }
}
