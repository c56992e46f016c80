use passerelle_domain::Pii;
use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme};
use passerelle_store::sim::Crash;

use super::*;
use crate::testing::{Federation, awa, constraint, step, upsert};
use crate::{KeptAs, Upserted};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

fn reference(text: &str) -> RecordName {
    RecordName::Reference(Pii::new(text.to_owned()))
}

async fn delete(
    federation: &Federation,
    person: PersonId,
    name: RecordName,
    version: u64,
) -> Result<DeletedAs, ExchangeError> {
    let delete = DeleteRecord {
        person,
        record: name,
        version,
    };
    let caller = federation.caseworker(THERE);
    federation.node(THERE).delete_record(&caller, delete).await
}

async fn upsert_step(federation: &Federation, person: PersonId, version: u64) -> Upserted {
    let caller = federation.caseworker(THERE);
    let batch = vec![upsert("R-1", version, step("Soudure"))];
    let node = federation.node(THERE);
    let results = node.upsert_records(&caller, person, batch).await;
    results.unwrap().remove(0)
}

#[tokio::test]
async fn i1_what_is_deleted_leaves_no_more_and_is_gone_from_the_own_journey() {
    let mut federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    federation
        .write(THERE, met.there, "R-2", step("Permis"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(2)));

    let deleted = delete(&federation, met.there, reference("R-1"), 0).await;
    assert!(matches!(deleted, Ok(DeletedAs::Deleted(..))), "{deleted:?}");
    federation.crash(THERE, Crash::Whole, 1);
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let own = node.merged_journey(&caller, met.there).await.unwrap();
    assert_eq!(own.own_records.len(), 1);
    let name = reference("R-1");
    let found = node.kept_record(&caller, &met.there, &name);
    assert_eq!(found, Err(ExchangeError::not_found("reference")));
}

#[tokio::test]
async fn i5_a_deletion_said_twice_has_one_effect_and_only_a_higher_version_brings_it_back() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    let Upserted::Created(KeptAs { record, .. }) = upsert_step(&federation, person, 3).await else {
        panic!("not created")
    };
    // An older deletion comes late.
    let late = delete(&federation, person, RecordName::Id(record), 2).await;
    assert_eq!(late, Ok(DeletedAs::Outdated(record)));
    let first = delete(&federation, person, RecordName::Id(record), 4).await;
    let Ok(DeletedAs::Deleted(_, at)) = first else {
        panic!("{first:?}")
    };
    federation.pass(std::time::Duration::from_secs(60));
    for name in [RecordName::Id(record), reference("R-1")] {
        let again = delete(&federation, person, name, 4).await;
        assert_eq!(again, Ok(DeletedAs::Already(record, at)));
    }
    for version in [3, 4] {
        let older = upsert_step(&federation, person, version).await;
        assert!(matches!(older, Upserted::Outdated(kept) if kept.record == record));
    }
    let later = delete(&federation, person, RecordName::Id(record), 6).await;
    assert_eq!(later, Ok(DeletedAs::Already(record, at)));
    assert!(matches!(
        upsert_step(&federation, person, 6).await,
        Upserted::Outdated(_)
    ));
    let back = upsert_step(&federation, person, 7).await;
    assert!(
        matches!(back, Upserted::Created(kept) if kept.record == record),
        "{back:?}"
    );
    let caller = federation.caseworker(THERE);
    let kept = federation
        .node(THERE)
        .kept_record(&caller, &person, &reference("R-1"));
    assert_eq!(kept.unwrap().version, 7);
    // What is back can be deleted again.
    let again = delete(&federation, person, RecordName::Id(record), 0).await;
    assert!(matches!(again, Ok(DeletedAs::Deleted(..))), "{again:?}");
}

#[tokio::test]
async fn a_record_is_deleted_only_by_whom_it_is_within_reach_of() {
    let federation = Federation::new(1);
    let person = federation.register(THERE, "ML-1", awa()).await;
    let health = constraint(DiagnosisTheme::Health);
    let kept = federation.write(THERE, person, "H-1", health).await;
    let node = federation.node(THERE);
    let request = || DeleteRecord {
        person,
        record: RecordName::Id(kept.record),
        version: 0,
    };
    let weak = federation.caller(THERE, AgentRole::Caseworker, false);
    let refused = node.delete_record(&weak, request()).await;
    assert_eq!(refused, Err(ExchangeError::SecondFactorRequired));
    let reception = federation.caller(THERE, AgentRole::Reception, true);
    let refused = node.delete_record(&reception, request()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let unknown = delete(&federation, person, reference("never"), 0).await;
    assert_eq!(unknown, Err(ExchangeError::not_found("reference")));
    let nobody = PersonId::from_bytes([7; 16]);
    let unknown = delete(&federation, nobody, reference("never"), 0).await;
    assert_eq!(unknown, Err(ExchangeError::PersonNotFound));
    assert!(
        node.kept_record(&federation.caseworker(THERE), &person, &request().record)
            .is_ok()
    );
}
