use passerelle_domain::vocabulary::{ActionStatus, DiagnosisTheme, Wire};
use passerelle_domain::{PersonId, Pii, Siret};
use passerelle_proto::journey::v1 as proto;
use passerelle_proto::journey::v1::record::Body;

use super::Federation;
use crate::{KeptAs, UpsertRecord, Upserted};

impl Federation {
    /// Keeps one record at a node, as its caseworker enters it: version 1.
    pub async fn write(
        &self,
        node: &str,
        person: PersonId,
        reference: &str,
        record: proto::OwnRecord,
    ) -> KeptAs {
        let caller = self.caseworker(node);
        let batch = vec![upsert(reference, 1, record)];
        let results = self.node(node).upsert_records(&caller, person, batch).await;
        match results.expect("a store that takes it").as_slice() {
            [Upserted::Created(kept)] => *kept,
            other => panic!("not created: {other:?}"),
        }
    }
}

/// One record of a batch.
pub fn upsert(reference: &str, version: u64, record: proto::OwnRecord) -> UpsertRecord {
    UpsertRecord {
        reference: Pii::new(reference.to_owned()),
        version,
        record,
    }
}

/// A step of class 1: a training that is under way, with these words.
pub fn step(label: &str) -> proto::OwnRecord {
    own_record(Body::Step(proto::Step {
        kind: Some(code("training")),
        label: label.to_owned(),
        status: ActionStatus::InProgress.to_proto().into(),
        starts_on: "2026-10".to_owned(),
        ..proto::Step::default()
    }))
}

/// Who accompanies the person: class 1.
pub fn contact_card(name: &str, siret: Siret) -> proto::OwnRecord {
    own_record(Body::ContactCard(proto::ContactCard {
        organisation: Some(proto::Organisation {
            siret: siret.to_string(),
            name: "Organisation".to_owned(),
            kind: proto::OrganisationKind::MissionLocale.into(),
        }),
        professional: Some(proto::Professional {
            name: name.to_owned(),
            ..proto::Professional::default()
        }),
        member_role: proto::GroupMemberRole::Referent.into(),
        starts_on: "2026-09-01".to_owned(),
        ends_on: String::new(),
    }))
}

/// A diagnosis with one constraint: of the class of its theme, such as 2 for `Housing`, 3 for
/// `Family`, 4 for `Health`.
pub fn constraint(theme: DiagnosisTheme) -> proto::OwnRecord {
    own_record(Body::Diagnosis(proto::Diagnosis {
        explored: "spie_vocabulary".to_owned(),
        explored_version: "1".to_owned(),
        constraints: vec![proto::Constraint {
            theme: theme.to_proto().into(),
            state: proto::ConstraintState::Present.into(),
            ..proto::Constraint::default()
        }],
        ..proto::Diagnosis::default()
    }))
}

/// The record with a note, which stays home.
pub fn with_note(record: proto::OwnRecord, note: &str) -> proto::OwnRecord {
    proto::OwnRecord {
        note: note.to_owned(),
        ..record
    }
}

fn own_record(body: Body) -> proto::OwnRecord {
    proto::OwnRecord {
        record: Some(proto::Record {
            observed_at: "2026-11-02".to_owned(),
            source: Some(proto::Source {
                system: "logiciel-metier".to_owned(),
                ..proto::Source::default()
            }),
            body: Some(body),
            ..proto::Record::default()
        }),
        note: String::new(),
    }
}

fn code(id: &str) -> proto::Code {
    proto::Code {
        code: id.to_owned(),
        ..proto::Code::default()
    }
}
