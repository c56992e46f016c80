//! What is malformed is refused by the path of its field, as the sender wrote it.

use bytes::Bytes;
use passerelle_proto::prost_types;

use super::*;

/// A valid record of `body`, as it travels.
fn wire(body: proto::record::Body) -> proto::OwnRecord {
    let mut own = proto::OwnRecord::from(&Record::new(plain(), None).unwrap());
    own.record.as_mut().unwrap().body = Some(body);
    own
}

fn refused(own: &proto::OwnRecord) -> (String, &'static str) {
    let refused = Record::try_from(own).unwrap_err();
    (refused.field().to_owned(), refused.rule())
}

fn field(change: impl FnOnce(&mut proto::Record)) -> String {
    let mut own = wire((&plain().body).into());
    assert!(Record::try_from(&own).is_ok());
    change(own.record.as_mut().unwrap());
    refused(&own).0
}

#[test]
fn each_field_around_the_body_is_named() {
    assert_eq!(
        field(|r| r.record_id = Bytes::from_static(b"short")),
        "record.record_id"
    );
    assert_eq!(field(|r| r.version = 0), "record.version");
    assert_eq!(field(|r| r.author = None), "record.author");
    assert_eq!(
        field(|r| r.author.as_mut().unwrap().siret = "99900001100019".into()),
        "record.author.siret"
    );
    assert_eq!(
        field(|r| r.author.as_mut().unwrap().kind = 0),
        "record.author.kind"
    );
    assert_eq!(
        field(|r| r.author.as_mut().unwrap().agent_role = 0),
        "record.author.agent_role"
    );
    assert_eq!(
        field(|r| r.observed_at = "hier".into()),
        "record.observed_at"
    );
    assert_eq!(field(|r| r.recorded_at = None), "record.recorded_at");
    assert_eq!(
        field(|r| r.source.as_mut().unwrap().system = "I-Milo".into()),
        "record.source.system"
    );
    assert_eq!(
        field(|r| r.source.as_mut().unwrap().reference = "185077535005501".into()),
        "record.source.reference"
    );
    assert_eq!(
        field(|r| r.author_sensitivity = 5),
        "record.author_sensitivity"
    );
    assert_eq!(
        field(|r| r.message_to_partner = "06 12 34 56 78".into()),
        "record.message_to_partner"
    );
    assert_eq!(field(|r| r.body = None), "record.body");
}

#[test]
fn the_path_goes_down_to_the_element() {
    let mut diagnosis = proto::Diagnosis {
        explored: "spie_vocabulary".into(),
        explored_version: "1".into(),
        constraints: vec![
            proto::Constraint {
                theme: 1,
                state: 1,
                ..Default::default()
            };
            3
        ],
        ..Default::default()
    };
    diagnosis.constraints[2].theme = 0;
    let own = wire(proto::record::Body::Diagnosis(diagnosis));
    assert_eq!(
        refused(&own),
        ("record.diagnosis.constraints[2].theme".into(), "required")
    );
}

#[test]
fn an_author_does_not_confirm_what_it_wrote() {
    let author = proto::Organisation {
        siret: "99900001100018".into(),
        name: "Mission locale".into(),
        kind: 5,
    };
    let confirmation = proto::Confirmation {
        organisation: Some(author),
        confirmed_on: "2026-11-24".into(),
    };
    let diagnosis = proto::Diagnosis {
        explored: "spie_vocabulary".into(),
        explored_version: "1".into(),
        needs: vec![proto::Need {
            theme: 1,
            state: 1,
            confirmations: vec![confirmation],
            ..Default::default()
        }],
        ..Default::default()
    };
    let own = wire(proto::record::Body::Diagnosis(diagnosis));
    assert_eq!(
        refused(&own),
        (
            "record.diagnosis.needs[0].confirmations[0].organisation.siret".into(),
            "not the author of the record"
        )
    );
}

#[test]
fn what_depends_on_another_field_is_refused_where_it_stands() {
    let project = proto::Project {
        wants: "x".into(),
        targets: vec![
            proto::Occupation {
                rome_code: "K1304".into(),
                ..Default::default()
            };
            4
        ],
        chosen_by: 1,
        ..Default::default()
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Project(project))).0,
        "record.project.targets"
    );

    let code = |code: &str| {
        Some(proto::Code {
            code: code.into(),
            ..Default::default()
        })
    };
    let orientation = proto::Orientation {
        pathway: code("social"),
        decision: 1,
        refusal_reason: code("other"),
        ..Default::default()
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Orientation(orientation))).0,
        "record.orientation.refusal_reason"
    );

    let objective = proto::Objective {
        theme: 1,
        state: 1,
        ..Default::default()
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Objective(objective))).0,
        "record.objective.kind"
    );

    let contract = proto::Contract {
        kind: code("cer"),
        status: 1,
        starts_on: "2026-05".into(),
        ends_on: "2026-04-30".into(),
        weekly_minutes: 900,
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Contract(contract.clone()))).0,
        "record.contract.ends_on"
    );
    let contract = proto::Contract {
        ends_on: String::new(),
        weekly_minutes: 3601,
        ..contract
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Contract(contract))).0,
        "record.contract.weekly_minutes"
    );

    let follow_up = proto::FollowUp {
        proposed_on: "2026-05-02".into(),
        answer: 2,
        answered_on: "2026-05-01".into(),
    };
    let employment = proto::Employment {
        contract: code("CDI"),
        follow_up: Some(follow_up),
        ..Default::default()
    };
    assert_eq!(
        refused(&wire(proto::record::Body::Employment(employment))).0,
        "record.employment.follow_up.answered_on"
    );
}

#[test]
fn an_instant_outside_the_calendar_is_refused() {
    for (seconds, nanos) in [
        (-1, 0),
        (0, -1),
        (0, 1_000_000_000),
        (i64::MAX, 0),
        (253_402_300_800, 0),
    ] {
        let path = field(|r| r.recorded_at = Some(prost_types::Timestamp { seconds, nanos }));
        assert_eq!(path, "record.recorded_at", "{seconds} {nanos}");
    }
}

#[test]
fn an_identity_has_no_place_for_a_nir() {
    let identity = |birth_name: &str| proto::Identity {
        birth_name: birth_name.into(),
        first_names: vec!["Jeanne".into()],
        birth_date: "2000".into(),
        identity_status: 1,
        ..Default::default()
    };
    assert!(Record::try_from(&wire(proto::record::Body::Identity(identity("Œuvrard")))).is_ok());
    let own = wire(proto::record::Body::Identity(identity(
        "1 85 07 75 350 055 01",
    )));
    assert_eq!(
        refused(&own),
        ("record.identity.birth_name".into(), "no NIR in it")
    );
}
