//! Journeys that say in every field whose field it is.

use passerelle_domain::record::{
    Aim, Author, ContactCard, Objective, Organisation, Period, Professional, Source, Step,
    WorkEmail,
};
use passerelle_domain::vocabulary::{
    ActionStatus, AgentRole, Class, DiagnosisTheme, GroupMemberRole, ObjectiveState,
    OrganisationKind, Section, StepKind,
};
use passerelle_domain::{
    FreeText, Label, MessageToPartner, Record, RecordBody, RecordId, RecordParts, Timestamp,
};

use crate::names::Cell;
use crate::random::SECTIONS;

/// One record a cell of [`SECTIONS`]; each step serves the objective of its class.
pub(crate) fn full() -> Vec<Record> {
    cells().map(record).collect()
}

pub(crate) fn cells() -> impl Iterator<Item = Cell> {
    SECTIONS
        .into_iter()
        .flat_map(|section| Class::ALL.iter().map(move |class| (section, *class)))
}

/// The record of a cell.
pub(crate) fn record(cell: Cell) -> Record {
    let canary = |field: &str| Label::new(canary(cell, field)).unwrap();
    let body = match cell.0 {
        Section::Steps => RecordBody::Step(Step {
            kind: StepKind::Training.into(),
            action: None,
            label: Some(canary("label")),
            status: ActionStatus::InProgress.into(),
            organisation: Some(organisation(canary("organisation"))),
            objective: Some(id((Section::Objectives, cell.1))),
            period: Period::new(None, None).unwrap(),
        }),
        Section::Objectives => RecordBody::Objective(Objective {
            theme: DiagnosisTheme::FindJob.into(),
            aim: Aim::Said(canary("label")),
            state: ObjectiveState::InProgress.into(),
            period: Period::new(None, None).unwrap(),
        }),
        Section::ContactCard => RecordBody::ContactCard(ContactCard {
            organisation: organisation(canary("organisation")),
            professional: Some(Professional {
                name: canary("label"),
                job_title: Some(canary("title")),
                phone: None,
                email: Some(WorkEmail::new(&format!("canary.{}@example.fr", name(cell))).unwrap()),
            }),
            member_role: GroupMemberRole::Referent.into(),
            period: Period::new(None, None).unwrap(),
        }),
        other => panic!("no record of section {other} here"),
    };
    let parts = RecordParts {
        id: id(cell),
        version: 1,
        body,
        author: Author {
            siret: "99900001100018".parse().unwrap(),
            kind: OrganisationKind::MissionLocale.into(),
            role: AgentRole::Caseworker.into(),
        },
        observed_at: "2026-03".parse().unwrap(),
        recorded_at: Timestamp::from_secs(1),
        source: Source::new(
            "i-milo",
            Some(format!("canary-{}-reference", name(cell))),
            false,
        )
        .unwrap(),
        author_sensitivity: Some(cell.1),
        message: Some(MessageToPartner::new(self::canary(cell, "message")).unwrap()),
    };
    let record = Record::new(
        parts,
        Some(FreeText::new(self::canary(cell, "note")).unwrap()),
    )
    .unwrap();
    assert_eq!((record.section(), record.class()), cell);
    record
}

fn organisation(name: Label) -> Organisation {
    Organisation {
        siret: "99900002900010".parse().unwrap(),
        name,
        kind: OrganisationKind::Department.into(),
    }
}

pub(crate) fn id(cell: Cell) -> RecordId {
    let mut bytes = *b"canary-id-------";
    bytes[10] = b'a' + cell.0 as u8;
    bytes[11] = b'a' + cell.1.as_u8();
    RecordId::from_bytes(bytes)
}

fn canary(cell: Cell, field: &str) -> String {
    format!("canary {} {field}", name(cell))
}

/// Letters alone: a label must not look like a phone number.
fn name((section, class): Cell) -> String {
    let class = ["one", "two", "three", "four"][usize::from(class.as_u8()) - 1];
    format!("{}-{class}", section.id().replace('_', "-"))
}

/// Everything that a record of that cell says and may be shown.
pub(crate) fn shown_canaries(cell: Cell) -> Vec<Vec<u8>> {
    let mut canaries: Vec<Vec<u8>> = ["label", "message"]
        .map(|field| canary(cell, field).into_bytes())
        .into();
    canaries.push(format!("canary-{}-reference", name(cell)).into_bytes());
    canaries.push(id(cell).as_bytes().to_vec());
    match cell.0 {
        Section::Steps => canaries.push(canary(cell, "organisation").into_bytes()),
        Section::ContactCard => {
            canaries.push(canary(cell, "organisation").into_bytes());
            canaries.push(canary(cell, "title").into_bytes());
            canaries.push(format!("canary.{}@example.fr", name(cell)).into_bytes());
        }
        _ => {}
    }
    canaries
}

/// What may be shown to nobody else.
pub(crate) fn note_canary(cell: Cell) -> Vec<u8> {
    canary(cell, "note").into_bytes()
}
