use super::*;
use crate::record::{Aim, RecordBody};
use crate::record::{
    Appointment, Author, Constraint, ContactCard, Contract, Diagnosis, Employment, Exit, Explored,
    Need, Objective, Organisation, Period, Project, Source, StateCode, Status, Step, Targets,
};
use crate::vocabulary::{
    ActionStatus, AppointmentKind, AppointmentStatus, ChosenBy, ConstraintState, ContractStatus,
    ContractType, DiagnosisTheme, EmploymentContractType, ExitReason, ExitStatus, GroupMemberRole,
    NeedState, ObjectiveState, RsaRightState, StatusKind, StepKind,
};
use crate::{AgentRole, Label, OrganisationKind, RecordId, RecordParts};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:30:00Z").unwrap()
}

/// Record number `n`, observed on a day.
fn record(n: u8, observed_at: &str, body: RecordBody) -> SharedRecord {
    SharedRecord::new(RecordParts {
        id: RecordId::from_bytes([n; 16]),
        version: 1,
        body,
        author: Author {
            siret: "99900001100018".parse().unwrap(),
            kind: OrganisationKind::MissionLocale.into(),
            role: AgentRole::Caseworker.into(),
        },
        observed_at: observed_at.parse().unwrap(),
        recorded_at: now(),
        source: Source::new("i-milo", None, false).unwrap(),
        author_sensitivity: None,
        message: None,
    })
    .unwrap()
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn period(starts_on: &str, ends_on: &str) -> Period {
    let date = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    Period::new(date(starts_on), date(ends_on)).unwrap()
}

fn organisation() -> Organisation {
    Organisation {
        siret: "99900002900010".parse().unwrap(),
        name: label("Mission locale de Demoville"),
        kind: OrganisationKind::MissionLocale.into(),
    }
}

fn step(status: ActionStatus, starts_on: &str) -> RecordBody {
    RecordBody::Step(Step {
        kind: StepKind::Immersion.into(),
        action: None,
        label: None,
        status: status.into(),
        organisation: None,
        objective: None,
        period: period(starts_on, ""),
    })
}

fn appointment(status: AppointmentStatus, starts_at: &str) -> RecordBody {
    RecordBody::Appointment(Appointment {
        kind: AppointmentKind::StatusReview.into(),
        status: status.into(),
        starts_at: Timestamp::parse(starts_at).unwrap(),
        modality: None,
        reception: None,
        initiator: None,
        organisation: Some(organisation()),
    })
}

fn employment(ends_on: &str) -> RecordBody {
    RecordBody::Employment(Employment {
        contract: EmploymentContractType::Cdd.into(),
        occupation: None,
        employer: None,
        period: period("2026-01", ends_on),
        weekly: None,
        follow_up: None,
    })
}

fn objective(state: ObjectiveState) -> RecordBody {
    RecordBody::Objective(Objective {
        theme: DiagnosisTheme::Mobility.into(),
        aim: Aim::Said(label("passer le permis")),
        state: state.into(),
        period: Period::default(),
    })
}

fn rsa(state: RsaRightState) -> RecordBody {
    RecordBody::Status(Status {
        kind: StatusKind::RsaRight.into(),
        state: StateCode::Rsa(state.into()),
        reason: None,
        period: period("2026-10", ""),
    })
}

fn heading(body: RecordBody) -> (&'static str, String) {
    let record = record(1, "2026-11-01", body);
    let overview = Overview::of([&record], now());
    let headings = [
        ("stands", &overview.stands),
        ("accompanied_by", &overview.accompanied_by),
        ("wants", &overview.wants),
        ("tried", &overview.tried),
        ("open", &overview.open),
        ("next", &overview.next),
    ];
    let mut found = headings
        .into_iter()
        .filter_map(|(name, lines)| Some((name, lines.first()?.headline.as_str().to_owned())));
    let first = found.next().unwrap_or_default();
    assert_eq!(found.next(), None, "one heading");
    first
}

#[test]
fn each_record_stands_under_the_question_that_it_answers() {
    let card = |ends_on| {
        RecordBody::ContactCard(ContactCard {
            organisation: organisation(),
            professional: None,
            member_role: GroupMemberRole::Referent.into(),
            period: period("2025", ends_on),
        })
    };
    let wants = RecordBody::Project(Project {
        wants: label("devenir cuisinière"),
        targets: Targets::default(),
        chosen_by: ChosenBy::Person.into(),
        chosen_on: None,
    });
    let contract = |status: ContractStatus| {
        RecordBody::Contract(Contract {
            kind: ContractType::Cej.into(),
            status: status.into(),
            period: period("2026-01", "2026-12"),
            weekly: None,
        })
    };
    let exit = RecordBody::Exit(Exit {
        status: ExitStatus::Reoriented.into(),
        reason: ExitReason::AgeLimit.into(),
        ended_on: "2026-11-20".parse().unwrap(),
        next_organisation: None,
    });
    for (body, expected) in [
        (rsa(RsaRightState::OpenPayable), "stands"),
        (rsa(RsaRightState::Closed), ""),
        (card(""), "accompanied_by"),
        (card("2026-10"), ""),
        (wants, "wants"),
        (contract(ContractStatus::Signed), "stands"),
        (contract(ContractStatus::Rejected), ""),
        (employment(""), "stands"),
        (employment("2026-06"), "tried"),
        (exit, "stands"),
        (objective(ObjectiveState::InProgress), "open"),
        (objective(ObjectiveState::Achieved), "tried"),
        (objective(ObjectiveState::NotDiscussed), ""),
        (step(ActionStatus::Planned, "2026-12"), "next"),
        (step(ActionStatus::InProgress, "2026-11"), "open"),
        (step(ActionStatus::Done, "2026-09"), "tried"),
        (step(ActionStatus::AbandonedByPerson, "2026-09"), "tried"),
        (
            appointment(AppointmentStatus::Planned, "2026-12-01T09:00:00Z"),
            "next",
        ),
        (
            appointment(AppointmentStatus::Planned, "2026-11-01T09:00:00Z"),
            "",
        ),
        (
            appointment(AppointmentStatus::NoShow, "2026-11-01T09:00:00Z"),
            "",
        ),
    ] {
        let (heading, headline) = heading(body);
        assert_eq!(heading, expected, "{headline}");
    }
}

#[test]
fn a_headline_is_made_of_the_labels_people_know() {
    assert_eq!(
        heading(rsa(RsaRightState::OpenPayable)).1,
        format!("RSA : {}", RsaRightState::OpenPayable.label_fr())
    );
    assert_eq!(
        heading(objective(ObjectiveState::InProgress)).1,
        "passer le permis"
    );
    let next = heading(appointment(
        AppointmentStatus::Planned,
        "2026-12-01T09:00:00Z",
    ))
    .1;
    assert_eq!(
        next,
        format!(
            "{}, Mission locale de Demoville",
            AppointmentKind::StatusReview.label_fr()
        )
    );
}

#[test]
fn i11_what_was_not_discussed_is_neither_open_nor_absent() {
    let found = |need: NeedState, constraint: ConstraintState| {
        let diagnosis = RecordBody::Diagnosis(Diagnosis {
            explored: Explored::new("spie_vocabulary", "1").unwrap(),
            needs: vec![Need {
                theme: DiagnosisTheme::GetTrained.into(),
                detail: None,
                state: need.into(),
                confirmations: Vec::new(),
            }],
            constraints: vec![Constraint {
                theme: DiagnosisTheme::Mobility.into(),
                state: constraint.into(),
                impact: None,
                priority: false,
                confirmations: Vec::new(),
            }],
            situations: Vec::new(),
            joint_interview: None,
        });
        let record = record(1, "2026-11-01", diagnosis);
        let overview = Overview::of([&record], now());
        overview
            .lines()
            .map(|line| line.headline.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(NeedState::NotExplored, ConstraintState::NotDiscussed),
        Vec::<String>::new()
    );
    assert_eq!(
        found(NeedState::Strength, ConstraintState::Closed),
        Vec::<String>::new()
    );
    let mut lines = found(NeedState::Need, ConstraintState::Present);
    lines.sort();
    assert_eq!(lines, ["Besoin : Se former", "Contrainte : Mobilité"]);
}

#[test]
fn the_newest_stands_first_and_what_is_next_begins_with_the_soonest() {
    let records: Vec<_> = ["2026-12-03", "2026-12-01", "2026-12-02", ""]
        .iter()
        .zip(1..)
        .map(|(day, n)| record(n, "2026-11-01", step(ActionStatus::Planned, day)))
        .collect();
    let overview = Overview::of(&records, now());
    let order: Vec<_> = overview
        .next
        .iter()
        .map(|line| line.record.as_bytes()[0])
        .collect();
    assert_eq!(order, [2, 3, 1, 4], "without a date last");

    let records: Vec<_> = ["2026-02", "2026-04", "2026-03"]
        .iter()
        .zip(1..)
        .map(|(day, n)| record(n, "2026-11-01", step(ActionStatus::Done, day)))
        .collect();
    let overview = Overview::of(&records, now());
    let order: Vec<_> = overview
        .tried
        .iter()
        .map(|line| line.record.as_bytes()[0])
        .collect();
    assert_eq!(order, [2, 3, 1]);
}

#[test]
fn nothing_has_happened_since_the_last_day_that_a_record_tells_of() {
    let since = |records: &[SharedRecord]| {
        Overview::of(records, now())
            .nothing_since
            .map(|day| day.to_string())
    };
    assert_eq!(since(&[]), None);
    let old = record(1, "2026-03-01", step(ActionStatus::Done, ""));
    let newer = record(2, "2026-05-01", step(ActionStatus::Done, ""));
    assert_eq!(
        since(&[old.clone(), newer.clone()]).as_deref(),
        Some("2026-05-01")
    );
    // In some unknown month of this year: up to today.
    assert_eq!(
        since(&[record(3, "2026", step(ActionStatus::Done, ""))]).as_deref(),
        Some("2026-11-24")
    );
    // An appointment that is still to come is no event; one that was attended is.
    let coming = record(
        4,
        "2026-04-01",
        appointment(AppointmentStatus::Planned, "2026-12-01T09:00:00Z"),
    );
    assert_eq!(since(&[coming, newer]).as_deref(), Some("2026-05-01"));
    let attended = record(
        5,
        "2026-04-01",
        appointment(AppointmentStatus::Attended, "2026-09-01T09:00:00Z"),
    );
    assert_eq!(since(&[attended, old]).as_deref(), Some("2026-09-01"));
}

#[test]
fn labels_that_read_as_a_phone_number_side_by_side_give_way_to_the_section() {
    let split = RecordBody::Appointment(Appointment {
        kind: crate::Code::new("x", "", "y", Some(label("salle 06 12 34"))).unwrap(),
        organisation: Some(Organisation {
            name: label("56 78"),
            ..organisation()
        }),
        status: AppointmentStatus::Planned.into(),
        starts_at: now(),
        modality: None,
        reception: None,
        initiator: None,
    });
    // Joined by a comma it is no number; a blank in its place would make one.
    let (_, headline) = heading(split);
    assert!(Headline::new(&headline).is_ok(), "{headline}");
    let joined = Headline::join(Section::Appointments, " ", ["salle 06 12 34", "56 78"]);
    assert_eq!(joined.as_str(), "Rendez-vous");
}

proptest! {
    #[test]
    fn the_order_of_the_records_does_not_matter(seed: u64, turn in 0_usize..30) {
        let records = records(&mut Draw::new(seed));
        let mut turned: Vec<_> = records.iter().map(Record::shareable).collect();
        let straight = Overview::of(turned.iter().copied(), now());
        turned.reverse();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        prop_assert!(Overview::of(turned, now()) == straight);
    }

    #[test]
    fn every_line_stands_for_a_record_and_no_heading_is_long(seed: u64) {
        let records = records(&mut Draw::new(seed));
        let overview = Overview::of(records.iter().map(Record::shareable), now());
        for line in overview.lines() {
            let record = records.iter().find(|record| record.id() == line.record);
            prop_assert_eq!(record.map(Record::section), Some(line.section));
            prop_assert!(line.section != Section::Identity);
        }
        prop_assert!(overview.lines().count() <= 6 * Overview::MAX_LINES);
    }

    #[test]
    fn i1_an_overview_says_nothing_of_a_record_that_it_was_not_given(seed: u64) {
        let records = records(&mut Draw::new(seed));
        let permitted = || records.iter().map(Record::shareable).filter(|record| record.class() < Class::Health);
        let overview = Overview::of(permitted(), now());
        for line in overview.lines() {
            prop_assert!(permitted().any(|record| record.id() == line.record));
        }
    }
}
