use passerelle_linkage::pass::PassSecret;
use passerelle_proto::agency::v1::{IssuePassResponse, RecordUpsert};
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, ChosenBy, Code, Diagnosis, DiagnosisTheme, OwnRecord, Project, Record, Situation,
    SituationState, Source, Step,
};

use crate::MISSION_LOCALE;
use crate::agency::chance;
use crate::federation::node_id;

/// A step that was done.
pub fn step(reference: &str, label: &str) -> RecordUpsert {
    upsert(
        reference,
        Body::Step(Step {
            kind: Some(code("job_search")),
            label: label.to_owned(),
            status: ActionStatus::Done.into(),
            ..Step::default()
        }),
    )
}

/// What the person wants.
pub fn project(reference: &str, wants: &str) -> RecordUpsert {
    upsert(
        reference,
        Body::Project(Project {
            wants: wants.to_owned(),
            chosen_by: ChosenBy::Person.into(),
            ..Project::default()
        }),
    )
}

/// A diagnosis that says how things stand, by situation of the vocabulary.
pub fn diagnosis(reference: &str, said: &[(&str, SituationState)]) -> RecordUpsert {
    let situation = |(situation, state): &(&str, SituationState)| Situation {
        theme: DiagnosisTheme::Mobility.into(),
        kind: Some(code(situation)),
        state: (*state).into(),
        ..Situation::default()
    };
    upsert(
        reference,
        Body::Diagnosis(Diagnosis {
            explored: "spie_vocabulary".to_owned(),
            explored_version: "1".to_owned(),
            situations: said.iter().map(situation).collect(),
            ..Diagnosis::default()
        }),
    )
}

fn upsert(reference: &str, body: Body) -> RecordUpsert {
    RecordUpsert {
        reference: reference.to_owned(),
        version: 1,
        record: Some(OwnRecord {
            record: Some(Record {
                observed_at: "2026-10-05".to_owned(),
                source: Some(Source {
                    system: "imilo".to_owned(),
                    ..Source::default()
                }),
                body: Some(body),
                ..Record::default()
            }),
            note: String::new(),
        }),
    }
}

fn code(code: &str) -> Code {
    Code {
        code: code.to_owned(),
        ..Code::default()
    }
}

/// A pass that reads as one of the mission locale's, and that it never issued.
pub fn never_issued() -> IssuePassResponse {
    let secret = PassSecret::random(node_id(MISSION_LOCALE), chance());
    IssuePassResponse {
        pass_text: secret.text().into_exposed(),
        ..IssuePassResponse::default()
    }
}
