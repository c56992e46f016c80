use passerelle_proto::agency::v1::RecordUpsert;
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{
    ActionStatus, ChosenBy, Code, Constraint, ConstraintState, Diagnosis, DiagnosisTheme,
    OwnRecord, Project, Record, Source, Step,
};

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

/// A diagnosis that says of each theme how it stands.
pub fn diagnosis(reference: &str, themes: &[(DiagnosisTheme, ConstraintState)]) -> RecordUpsert {
    let constraint = |(theme, state): &(DiagnosisTheme, ConstraintState)| Constraint {
        theme: (*theme).into(),
        state: (*state).into(),
        ..Constraint::default()
    };
    upsert(
        reference,
        Body::Diagnosis(Diagnosis {
            explored: "spie_vocabulary".to_owned(),
            explored_version: "1".to_owned(),
            constraints: themes.iter().map(constraint).collect(),
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
