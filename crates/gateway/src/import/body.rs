//! What a record says, put together from the values of its fields.

use std::collections::BTreeMap;

use passerelle_domain::Section;
use passerelle_domain::vocabulary::{
    ActionStatus, ChosenBy, ConstraintState, ContractStatus, DiagnosisTheme, GroupMemberRole,
    OrganisationKind, Wire,
};
use passerelle_proto::journey::v1 as proto;
use passerelle_proto::journey::v1::record::Body;

use super::cell::Value;
use super::fields::CONSTRAINT;

/// The values of a record that say something, by field.
pub(super) struct Values<'a>(pub(super) BTreeMap<&'a str, Value>);

/// `None` for a section that a mapping cannot name.
pub(super) fn body(section: Section, values: &Values<'_>) -> Option<Body> {
    Some(match section {
        Section::Status => Body::Status(proto::Status {
            kind: values.code("kind"),
            state: values.code("state"),
            reason: values.code("reason"),
            starts_on: values.text("starts_on"),
            ends_on: values.text("ends_on"),
        }),
        Section::Project => Body::Project(project(values)),
        Section::Orientation => Body::Orientation(proto::Orientation {
            pathway: values.code("pathway"),
            modality: values.code("modality"),
            organisation: values.organisation(),
            decided_on: values.text("decided_on"),
            ..proto::Orientation::default()
        }),
        Section::ContactCard => Body::ContactCard(proto::ContactCard {
            organisation: values.organisation(),
            professional: values.professional(),
            member_role: values.number::<GroupMemberRole>("member_role"),
            starts_on: values.text("starts_on"),
            ends_on: values.text("ends_on"),
        }),
        Section::Steps => Body::Step(proto::Step {
            kind: values.code("kind"),
            action: values.code("action"),
            label: values.text("label"),
            status: values.number::<ActionStatus>("status"),
            starts_on: values.text("starts_on"),
            ends_on: values.text("ends_on"),
            ..proto::Step::default()
        }),
        Section::Contracts => Body::Contract(proto::Contract {
            kind: values.code("kind"),
            status: values.number::<ContractStatus>("status"),
            starts_on: values.text("starts_on"),
            ends_on: values.text("ends_on"),
            weekly_minutes: values.text("weekly_hours").parse().unwrap_or_default(),
        }),
        Section::Diagnosis => Body::Diagnosis(diagnosis(values)),
        _ => return None,
    })
}

fn project(values: &Values<'_>) -> proto::Project {
    let targets = ["target_1", "target_2", "target_3"];
    let targets = targets.iter().filter_map(|field| values.0.get(field));
    let targets: Vec<_> = targets
        .map(|value| proto::Occupation {
            rome_code: value.text.clone(),
            label_fr: value.label.clone(),
        })
        .collect();
    // In the words of the file, or by the occupation that is wanted most.
    let wants = match (values.text("wants"), targets.first()) {
        (wants, Some(first)) if wants.is_empty() => match &first.label_fr[..] {
            "" => first.rome_code.clone(),
            label => label.chars().take(LABEL).collect(),
        },
        (wants, _) => wants,
    };
    proto::Project {
        wants,
        targets,
        chosen_by: values.number::<ChosenBy>("chosen_by"),
        chosen_on: values.text("chosen_on"),
    }
}

fn diagnosis(values: &Values<'_>) -> proto::Diagnosis {
    let constraints = values.0.iter().filter_map(|(field, value)| {
        let theme = field
            .strip_prefix(CONSTRAINT)
            .and_then(DiagnosisTheme::parse)?;
        let state = ConstraintState::parse(&value.text)?;
        Some(proto::Constraint {
            theme: theme.to_proto().into(),
            state: state.to_proto().into(),
            ..proto::Constraint::default()
        })
    });
    let or = |field: &str, default: &str| match values.text(field) {
        text if text.is_empty() => default.to_owned(),
        text => text,
    };
    proto::Diagnosis {
        explored: or("explored", "spie_vocabulary"),
        explored_version: or("explored_version", "1"),
        constraints: constraints.collect(),
        ..proto::Diagnosis::default()
    }
}

impl Values<'_> {
    /// Empty where it is not known.
    pub(super) fn text(&self, field: &str) -> String {
        let value = self.0.get(field);
        value.map(|value| value.text.clone()).unwrap_or_default()
    }

    fn code(&self, field: &str) -> Option<proto::Code> {
        self.0.get(field).map(|value| proto::Code {
            code: value.text.clone(),
            ..proto::Code::default()
        })
    }

    fn number<T: Wire>(&self, field: &str) -> i32 {
        let term = self.0.get(field).and_then(|value| T::parse(&value.text));
        term.map_or(0, |term| term.to_proto().into())
    }

    fn organisation(&self) -> Option<proto::Organisation> {
        let named = proto::Organisation {
            siret: self.text("organisation_siret"),
            name: self.text("organisation_name"),
            kind: self.number::<OrganisationKind>("organisation_kind"),
        };
        (named != proto::Organisation::default()).then_some(named)
    }

    fn professional(&self) -> Option<proto::Professional> {
        let named = proto::Professional {
            name: self.text("professional_name"),
            job_title: self.text("professional_job_title"),
            phone: self.text("professional_phone"),
            email: self.text("professional_email"),
        };
        (named != proto::Professional::default()).then_some(named)
    }
}

/// Characters of a label.
const LABEL: usize = 120;
