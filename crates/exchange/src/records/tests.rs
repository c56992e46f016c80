#![allow(clippy::disallowed_methods, reason = "tests look at what is kept")]

use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme, SessionAssurance};
use passerelle_store::sim::Crash;

use super::*;
use crate::testing::{Federation, awa, constraint, step, upsert, with_note};

const NODE: &str = "mission-locale";

async fn upserted(
    federation: &Federation,
    person: PersonId,
    batch: Vec<UpsertRecord>,
) -> Vec<Upserted> {
    let caller = federation.caseworker(NODE);
    let results = federation
        .node(NODE)
        .upsert_records(&caller, person, batch)
        .await;
    results.unwrap()
}

fn stored(federation: &Federation, person: PersonId) -> Vec<Record> {
    let read = federation.node(NODE).read(|view| {
        let journey = records::journey(view, &person)?;
        journey
            .iter()
            .map(own_record)
            .collect::<Result<Vec<_>, _>>()
    });
    read.unwrap()
}

fn refused(field: &str) -> impl Fn(&Upserted) -> bool {
    move |upserted| matches!(upserted, Upserted::Refused(malformed) if malformed.field() == field)
}

#[tokio::test]
async fn i5_a_repeated_batch_has_one_effect() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let batch = || {
        vec![
            upsert("R-1", 1, step("Soudure")),
            upsert("R-2", 1, step("Permis")),
        ]
    };

    let first = upserted(&federation, person, batch()).await;
    let [Upserted::Created(one), Upserted::Created(two)] = first[..] else {
        panic!("{first:?}")
    };
    assert_ne!(one.record, two.record);
    let kept = stored(&federation, person);
    let syncs = federation.disk(NODE).files.syncs();

    let again = upserted(&federation, person, batch()).await;
    assert_eq!(again, [Upserted::Unchanged(one), Upserted::Unchanged(two)]);
    // Whoever repeats it.
    let elsewhere = Caller {
        siret: federation.caseworker("departement").siret,
        ..federation.caseworker(NODE)
    };
    let node = federation.node(NODE);
    let again = node.upsert_records(&elsewhere, person, batch()).await;
    assert_eq!(
        again,
        Ok(vec![Upserted::Unchanged(one), Upserted::Unchanged(two)])
    );
    assert_eq!(stored(&federation, person), kept);
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);
}

#[tokio::test]
async fn a_record_keeps_its_id_and_only_its_newest_version() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let first = federation.write(NODE, person, "R-1", step("Soudure")).await;

    let newer = upserted(
        &federation,
        person,
        vec![upsert("R-1", 5, step("Soudure TIG"))],
    )
    .await;
    assert_eq!(newer, [Upserted::Updated(first)]);
    let older = upserted(&federation, person, vec![upsert("R-1", 4, step("Autre"))]).await;
    assert_eq!(older, [Upserted::Outdated(first)]);
    let other = upserted(&federation, person, vec![upsert("R-1", 5, step("Autre"))]).await;
    assert!(other.iter().all(refused("version")), "{other:?}");

    let kept = stored(&federation, person);
    let [record] = kept.as_slice() else {
        panic!("{kept:?}")
    };
    assert_eq!((record.id(), record.version()), (first.record, 5));
}

#[tokio::test]
async fn a_record_that_is_refused_does_not_keep_the_others_out() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let nowhere = proto::OwnRecord::default();
    let results = upserted(
        &federation,
        person,
        vec![
            upsert("R-1", 1, step("Rappeler au 06 12 34 56 78")),
            upsert("R-2", 1, step("Soudure")),
            upsert("R-3", 1, nowhere),
            upsert("", 1, step("Soudure")),
            upsert("R-5", 0, step("Soudure")),
            upsert("R-2", 2, step("Soudure TIG")),
        ],
    )
    .await;
    assert!(refused("record.step.label")(&results[0]), "{results:?}");
    assert!(matches!(results[1], Upserted::Created(_)));
    assert!(refused("record")(&results[2]), "{results:?}");
    assert!(refused("reference")(&results[3]), "{results:?}");
    assert!(refused("version")(&results[4]), "{results:?}");
    assert!(matches!(results[5], Upserted::Updated(_)));
    assert_eq!(stored(&federation, person).len(), 1);
}

#[tokio::test]
async fn provenance_is_the_nodes_to_say() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let mut claimed = step("Soudure");
    if let Some(record) = &mut claimed.record {
        record.record_id = vec![7; 16].into();
        record.version = 99;
        record.sensitivity = 1;
        record.recorded_at = Some(prost_types::Timestamp {
            seconds: 1,
            nanos: 0,
        });
        record.author = Some(proto::Author {
            siret: federation.caseworker("departement").siret.to_string(),
            kind: proto::OrganisationKind::Mdph.into(),
            agent_role: proto::AgentRole::Operator.into(),
        });
    }
    federation.write(NODE, person, "R-1", claimed).await;

    let kept = stored(&federation, person);
    let shown = kept[0].shareable();
    let caller = federation.caseworker(NODE);
    assert_ne!(shown.id(), RecordId::from_bytes([7; 16]));
    assert_eq!(
        (shown.version(), shown.recorded_at()),
        (1, federation.now())
    );
    assert_eq!(shown.author().siret, caller.siret);
    assert_eq!(
        shown.author().kind.known(),
        Some(OrganisationKind::MissionLocale)
    );
    assert_eq!(shown.author().role.known(), Some(AgentRole::Caseworker));
}

#[tokio::test]
async fn a_session_writes_up_to_the_class_that_it_reaches() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let batch = || {
        let themes = [
            DiagnosisTheme::Housing,
            DiagnosisTheme::Family,
            DiagnosisTheme::Health,
        ];
        let records = themes
            .into_iter()
            .map(|theme| upsert(theme.id(), 1, constraint(theme)));
        records.collect::<Vec<_>>()
    };
    let kept = |results: &[Upserted]| {
        let classes = results.iter().map(|result| match result {
            Upserted::Created(kept) => Some(kept.class.as_u8()),
            _ => None,
        });
        classes.collect::<Vec<_>>()
    };
    let node = federation.node(NODE);

    let without_factor = federation.caller(NODE, AgentRole::Caseworker, false);
    let results = node
        .upsert_records(&without_factor, person, batch())
        .await
        .unwrap();
    assert_eq!(kept(&results), [Some(2), None, None]);

    let imports = Caller {
        assurance: SessionAssurance::System,
        ..without_factor.clone()
    };
    let results = node
        .upsert_records(&imports, person, batch())
        .await
        .unwrap();
    assert_eq!(kept(&results)[1..], [Some(3), None]);

    let results = upserted(&federation, person, batch()).await;
    assert_eq!(kept(&results)[2], Some(4));

    // Nor does it overwrite what it does not reach.
    let lower = vec![upsert("health", 2, constraint(DiagnosisTheme::Housing))];
    let results = node
        .upsert_records(&without_factor, person, lower)
        .await
        .unwrap();
    assert!(results.iter().all(refused("record")), "{results:?}");

    for role in [
        AgentRole::Reception,
        AgentRole::PrivacyOfficer,
        AgentRole::Operator,
    ] {
        let caller = federation.caller(NODE, role, true);
        let written = node.upsert_records(&caller, person, batch()).await;
        assert_eq!(written, Err(ExchangeError::RoleNotAllowed), "{role}");
    }
}

#[tokio::test]
async fn the_whole_call_is_refused_where_it_is_wrong_as_a_whole() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let many = |count: usize, record: proto::OwnRecord| {
        let record = |number: usize| upsert(&format!("R-{number}"), 1, record.clone());
        (0..count).map(record).collect::<Vec<_>>()
    };
    for batch in [
        Vec::new(),
        many(501, step("Soudure")),
        many(120, with_note(step("Soudure"), &"é".repeat(9_000))),
    ] {
        let refused = node
            .upsert_records(&caller, person, batch)
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, ExchangeError::Malformed(malformed) if malformed.field() == "records")
        );
    }
    let nobody = PersonId::from_bytes([1; 16]);
    let refused = node
        .upsert_records(&caller, nobody, many(1, step("Soudure")))
        .await;
    assert_eq!(refused, Err(ExchangeError::PersonNotFound));
    assert_eq!(stored(&federation, person), []);
}

#[tokio::test]
async fn five_hundred_records_are_kept_at_once_and_survive_a_crash() {
    let mut federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let batch = (0..500).map(|number| {
        let record = with_note(step("Soudure"), &"note ".repeat(200));
        upsert(&format!("R-{number}"), 1, record)
    });
    let syncs = federation.disk(NODE).files.syncs();
    upserted(&federation, person, batch.collect()).await;
    assert_eq!(federation.disk(NODE).files.syncs(), syncs + 1);
    federation.crash(NODE, Crash::Whole, 0);
    assert_eq!(stored(&federation, person).len(), 500);
}

#[tokio::test]
async fn a_call_as_large_as_may_be_replaces_as_many_records() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let batch = |version| {
        let record = |number| {
            let record = with_note(step("Soudure"), &"note ".repeat(390));
            upsert(&format!("R-{number}"), version, record)
        };
        (0..500).map(record).collect()
    };
    upserted(&federation, person, batch(1)).await;
    let replaced = upserted(&federation, person, batch(2)).await;
    let updated = |one: &Upserted| matches!(one, Upserted::Updated(_));
    assert!(replaced.iter().all(updated));
}

#[tokio::test]
async fn i10_batches_and_results_are_not_printed_by_accident() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    let batch = vec![
        upsert(
            "REF-CANARY",
            1,
            with_note(step("Label canary"), "Note canary"),
        ),
        upsert("REF-CANARY", 1, step("canary@example.fr")),
    ];
    let results = upserted(&federation, person, batch.clone()).await;
    let printed = format!("{batch:?} {results:?} {:?}", stored(&federation, person));
    assert!(!printed.to_lowercase().contains("canary"), "{printed}");
}
