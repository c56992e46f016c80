//! I7: an agency's system hears what happened, over the wire.

use std::time::Duration;

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    ChangeKind, ChangesStart, ListChangesRequest, ListChangesResponse,
};
use tokio::time::Instant;

async fn now(agency: &Agency) -> String {
    let request = agency.request(ListChangesRequest {
        start: ChangesStart::Now.into(),
        ..ListChangesRequest::default()
    });
    Agency::told(agency.changes().list_changes(request))
        .await
        .cursor
}

async fn after(agency: Agency, cursor: String, wait_seconds: u32) -> ListChangesResponse {
    let request = agency.request(ListChangesRequest {
        cursor,
        wait_seconds,
        ..ListChangesRequest::default()
    });
    Agency::told(agency.changes().list_changes(request)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_the_referent_hears_who_received_what_and_for_what() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    let begin = now(&amina.holder).await;
    amina.agree(&Opening::usual()).await;
    let question = amina.question(&["steps"]);
    Agency::told(amina.fetch(&question)).await;
    let heard = after(amina.holder.clone(), begin, 0).await;
    let kinds: Vec<_> = heard.changes.iter().map(|change| change.kind()).collect();
    assert_eq!(
        kinds,
        [ChangeKind::AgreementArrived, ChangeKind::ReceivedBy]
    );
    let received = &heard.changes[1];
    assert_eq!(received.person_id, amina.here);
    assert_eq!(received.node, DEPARTEMENT);
    assert_ne!(received.organisation, DEPARTEMENT);
    assert_eq!(received.purpose, "pathway_follow_up");
    assert_eq!(received.subject, question.exchange_id);
    assert_eq!(received.records, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_at_once_and_does_not_hold_up_the_end_of_the_node() {
    let mut federation = Federation::start().await;
    let agency = Agency::caseworker(&federation, MISSION_LOCALE).await;
    let begin = Instant::now();
    let cursor = now(&agency).await;
    let waits = tokio::spawn(after(agency.clone(), cursor, 20));
    register(&agency, "dossier-9", Amina::identity()).await;
    let heard = waits.await.unwrap();
    assert_eq!(heard.changes.len(), 1);

    let cursor = heard.cursor;
    let waits = tokio::spawn(after(agency.clone(), cursor.clone(), 20));
    // Its call is under way when another that came after it is answered.
    assert!(after(agency.clone(), cursor, 1).await.changes.is_empty());
    federation.stop(MISSION_LOCALE).await;
    assert!(waits.await.unwrap().changes.is_empty());
    assert!(begin.elapsed() < Duration::from_secs(15));

    let unknown = ListChangesRequest {
        cursor: "of-another-node".to_owned(),
        ..ListChangesRequest::default()
    };
    let agency = Agency::caseworker(&federation, DEPARTEMENT).await;
    let refused = agency.changes().list_changes(agency.request(unknown)).await;
    assert_eq!(refusal(refused).reason, "CURSOR_UNKNOWN");
}
