//! What records say, by section, with what the story does not need left out.

use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::*;
use passerelle_proto::prost_types;

/// A code of the vocabulary.
pub(super) fn code(code: &str) -> Option<Code> {
    Some(Code {
        code: code.to_owned(),
        ..Code::default()
    })
}

/// From when until when; empty where open.
pub(super) type Span = (String, String);

/// Since then, and still.
pub(super) fn since(day: String) -> Span {
    (day, String::new())
}

/// Section status.
pub(super) fn status(kind: &str, state: &str, (starts_on, ends_on): Span) -> Body {
    Body::Status(Status {
        kind: code(kind),
        state: code(state),
        starts_on,
        ends_on,
        ..Status::default()
    })
}

/// Section contact_card.
pub(super) fn contact_card(
    organisation: Organisation,
    professional: Professional,
    role: GroupMemberRole,
    (starts_on, ends_on): Span,
) -> Body {
    Body::ContactCard(ContactCard {
        organisation: Some(organisation),
        professional: Some(professional),
        member_role: role.into(),
        starts_on,
        ends_on,
    })
}

/// Section project, chosen by the person.
pub(super) fn project(wants: &str, targets: &[(&str, &str)], chosen_on: String) -> Body {
    Body::Project(Project {
        wants: wants.to_owned(),
        targets: targets.iter().map(|target| occupation(*target)).collect(),
        chosen_by: ChosenBy::Person.into(),
        chosen_on,
    })
}

/// An occupation of the ROME.
pub(super) fn occupation((rome, label): (&str, &str)) -> Occupation {
    Occupation {
        rome_code: rome.to_owned(),
        label_fr: label.to_owned(),
    }
}

/// Section diagnosis, by the list of the vocabulary.
pub(super) fn diagnosis(
    needs: Vec<Need>,
    constraints: Vec<Constraint>,
    situations: &[(DiagnosisTheme, &str)],
) -> Body {
    let situation = |(theme, kind): &(DiagnosisTheme, &str)| Situation {
        theme: (*theme).into(),
        kind: code(kind),
        state: SituationState::Yes.into(),
        ..Situation::default()
    };
    Body::Diagnosis(Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        needs,
        constraints,
        situations: situations.iter().map(situation).collect(),
        ..Diagnosis::default()
    })
}

/// A need of a diagnosis.
pub(super) fn need(theme: DiagnosisTheme, detail: &str) -> Need {
    Need {
        theme: theme.into(),
        detail: code(detail),
        state: NeedState::Need.into(),
        ..Need::default()
    }
}

/// A constraint of a diagnosis.
pub(super) fn constraint(theme: DiagnosisTheme, impact: ConstraintImpact) -> Constraint {
    Constraint {
        theme: theme.into(),
        state: ConstraintState::Present.into(),
        impact: impact.into(),
        priority: impact == ConstraintImpact::High,
        ..Constraint::default()
    }
}

/// Section objectives.
pub(super) fn objective(
    theme: DiagnosisTheme,
    kind: &str,
    state: ObjectiveState,
    (starts_on, ends_on): Span,
) -> Body {
    Body::Objective(Objective {
        theme: theme.into(),
        kind: code(kind),
        state: state.into(),
        starts_on,
        ends_on,
        ..Objective::default()
    })
}

/// Section steps.
pub(super) fn step(
    kind: &str,
    action: &str,
    status: ActionStatus,
    (starts_on, ends_on): Span,
) -> Step {
    Step {
        kind: code(kind),
        action: code(action),
        status: status.into(),
        starts_on,
        ends_on,
        ..Step::default()
    }
}

/// Section appointments.
pub(super) fn appointment(
    kind: &str,
    status: AppointmentStatus,
    starts_at: prost_types::Timestamp,
    organisation: Organisation,
) -> Body {
    Body::Appointment(Appointment {
        kind: code(kind),
        status: status.into(),
        starts_at: Some(starts_at),
        modality: ContactModality::InPerson.into(),
        reception: ReceptionType::Individual.into(),
        initiator: Initiator::Partner.into(),
        organisation: Some(organisation),
    })
}

/// Section contracts, signed and validated.
pub(super) fn contract(kind: &str, (starts_on, ends_on): Span, weekly_minutes: u32) -> Body {
    Body::Contract(Contract {
        kind: code(kind),
        status: ContractStatus::Validated.into(),
        starts_on,
        ends_on,
        weekly_minutes,
    })
}
