use std::time::Duration;

use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme, SessionAssurance};
use passerelle_proto::journey::v1 as proto;
use passerelle_proto::journey::v1::record::Body;
use prost::Message;

use super::*;
use crate::testing::{Federation, awa, constraint, step, upsert, with_note};
use crate::{DeleteRecord, Upserted};

const NODE: &str = "mission-locale";

fn name() -> RecordName {
    RecordName::Reference(Pii::new("R-1".to_owned()))
}

async fn put(federation: &Federation, person: PersonId, version: u64, record: proto::OwnRecord) {
    let caller = federation.caseworker(NODE);
    let batch = vec![upsert("R-1", version, record)];
    let node = federation.node(NODE);
    let results = node.upsert_records(&caller, person, batch).await.unwrap();
    assert!(
        matches!(results[0], Upserted::Created(_) | Upserted::Updated(_)),
        "{results:?}"
    );
    federation.pass(Duration::from_secs(60));
}

async fn delete(federation: &Federation, person: PersonId) {
    let delete = DeleteRecord {
        person,
        record: name(),
        version: 0,
    };
    let caller = federation.caseworker(NODE);
    federation
        .node(NODE)
        .delete_record(&caller, delete)
        .await
        .unwrap();
}

fn whole(federation: &Federation, person: PersonId) -> Vec<HistoryEntry> {
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let history = node.record_history(&caller, &person, &name(), (PageSize::MAX, ""));
    history.unwrap().page.items
}

fn told(entry: &HistoryEntry) -> Vec<(&str, &str, &str)> {
    let changes = entry.changes.iter().flatten();
    changes
        .map(|c| {
            (
                c.path.as_str(),
                c.former.expose().as_str(),
                c.later.expose().as_str(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_history_tells_who_changed_what_when_the_newest_first() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let began = federation.now();
    put(&federation, person, 1, step("Soudure")).await;
    put(
        &federation,
        person,
        4,
        with_note(step("Soudure TIG"), "vu ce jour"),
    )
    .await;
    delete(&federation, person).await;
    put(&federation, person, 9, step("Soudure TIG")).await;

    let history = whole(&federation, person);
    let made: Vec<_> = history
        .iter()
        .map(|entry| (entry.made, entry.version))
        .collect();
    let expected = [
        (Made::Restored, 9),
        (Made::Deleted, 4),
        (Made::Updated, 4),
        (Made::Created, 1),
    ];
    assert_eq!(made, expected);
    assert_eq!(
        told(&history[2]),
        [
            ("note", "", "vu ce jour"),
            ("record.step.label", "Soudure", "Soudure TIG")
        ]
    );
    // What was deleted can be told.
    assert!(told(&history[1]).contains(&("record.step.label", "Soudure TIG", "")));
    assert!(told(&history[3]).contains(&("record.step.status", "", "ACTION_STATUS_IN_PROGRESS")));
    let caller = federation.caseworker(NODE);
    let by = history[3].by.as_ref().unwrap();
    assert_eq!(
        (by.at, &by.system, &by.agent),
        (began, &caller.system, &caller.subject)
    );
    assert_eq!(
        (by.role, by.assurance),
        (AgentRole::Caseworker, SessionAssurance::Asserted)
    );
    assert!(history[2].by.as_ref().unwrap().at > by.at);
}

#[tokio::test]
async fn a_history_comes_in_pages_and_is_bounded() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    for version in 1..=40 {
        put(
            &federation,
            person,
            version,
            step(&format!("Essai {version}")),
        )
        .await;
    }
    let (node, caller) = (federation.node(NODE), federation.caseworker(NODE));
    let (mut token, mut versions) = (String::new(), Vec::new());
    loop {
        let size = PageSize::from_wire(10).unwrap();
        let history = node
            .record_history(&caller, &person, &name(), (size, &token))
            .unwrap();
        versions.extend(history.page.items.iter().map(|entry| entry.version));
        match history.page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(versions, (8..=40).rev().collect::<Vec<u64>>());
    let all = whole(&federation, person);
    // Of the oldest that is kept nobody can say any more what it replaced.
    let oldest = all.last().unwrap();
    assert_eq!((oldest.made, &oldest.changes), (Made::Updated, &None));
    assert!(
        all[..32]
            .iter()
            .all(|entry| entry.changes.as_ref().unwrap().len() == 1)
    );
}

#[tokio::test]
async fn what_a_record_said_in_a_class_beyond_the_agent_is_not_told() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    put(&federation, person, 1, constraint(DiagnosisTheme::Health)).await;
    put(&federation, person, 2, constraint(DiagnosisTheme::Housing)).await;
    let weak = federation.caller(NODE, AgentRole::Caseworker, false);
    let node = federation.node(NODE);
    let history = node.record_history(&weak, &person, &name(), (PageSize::MAX, ""));
    let history = history.unwrap().page.items;
    assert_eq!(history.len(), 2);
    assert!(history.iter().all(|entry| entry.changes.is_none()));
    let all = whole(&federation, person);
    let theme = "record.diagnosis.constraints[0].theme";
    assert!(told(&all[0]).contains(&(theme, "DIAGNOSIS_THEME_HEALTH", "DIAGNOSIS_THEME_HOUSING")));
}

#[test]
fn i10_what_a_history_says_is_not_printed_by_accident() {
    let change = Change {
        path: "note".to_owned(),
        former: Pii::new("canary".to_owned()),
        later: Pii::new("canary".to_owned()),
    };
    assert!(!format!("{change:?}").contains("canary"));
}

#[test]
fn a_field_of_every_kind_is_told_in_the_words_of_the_api() {
    let own = proto::OwnRecord {
        record: Some(proto::Record {
            record_id: vec![1; 16].into(),
            author_sensitivity: 2,
            body: Some(Body::Appointment(proto::Appointment {
                starts_at: Some(passerelle_proto::prost_types::Timestamp {
                    seconds: 1_795_512_600,
                    nanos: 0,
                }),
                ..proto::Appointment::default()
            })),
            source: Some(proto::Source {
                imported: true,
                ..proto::Source::default()
            }),
            ..proto::Record::default()
        }),
        note: String::new(),
    };
    let leaves = leaves(&own.encode_to_vec()).unwrap();
    let told: Vec<_> = leaves
        .iter()
        .map(|(path, value)| (path.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("record.appointment.starts_at", "2026-11-24T09:30:00.000Z"),
        ("record.author_sensitivity", "2"),
        ("record.source.imported", "true"),
    ];
    assert_eq!(told, expected);
    assert_eq!(leaves::leaves(&[0xff]), None);
}
