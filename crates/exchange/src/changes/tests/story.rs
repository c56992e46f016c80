//! What the use cases tell.

use super::*;
use crate::Upserted;
use crate::testing::upsert;

#[tokio::test]
async fn what_is_registered_written_and_written_again_is_told_once() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "ML-1", awa()).await;
    federation.register(NODE, "ML-1", awa()).await;
    let record = federation
        .write(NODE, person, "ML-1-1", step("Soudure"))
        .await;
    let again = vec![upsert("ML-1-1", 1, step("Soudure"))];
    let caller = federation.caseworker(NODE);
    let kept = federation
        .node(NODE)
        .upsert_records(&caller, person, again)
        .await;
    assert!(matches!(kept.unwrap()[..], [Upserted::Unchanged(_)]));
    let page = listed(&federation, list(ChangesFrom::Oldest, 9))
        .await
        .unwrap();
    assert_eq!(
        kinds(&page),
        [ChangeKind::PersonRegistered, ChangeKind::RecordsChanged]
    );
    let written = &page.changes[1].change;
    assert_eq!((written.person, written.records), (Some(person), 1));
    assert_eq!(written.subject, record.record.to_string());
}

#[tokio::test]
async fn both_sides_hear_of_an_exchange_and_the_holder_of_its_purpose() {
    let federation = Federation::new(1);
    let met = federation.meet(NODE, "departement", Class::MAX).await;
    let receipt = federation.receipt("departement", met.link, NODE, "departement");
    federation.keep(&receipt).await;
    federation
        .write(NODE, met.there, "ML-1-1", step("Soudure"))
        .await;
    let start = |node: &'static str| {
        let federation = &federation;
        async move {
            let caller = federation.caseworker(node);
            let request = list(ChangesFrom::Now, 1);
            let page = federation.node(node).list_changes(&caller, request).await;
            page.unwrap().cursor
        }
    };
    let cursors = [start(NODE).await, start("departement").await];
    let came = federation.ask("departement", met.here, NODE).await;
    assert_eq!(came, Ok(Some(1)));
    let mut heard = Vec::new();
    for (node, cursor) in [NODE, "departement"].into_iter().zip(&cursors) {
        let caller = federation.caseworker(node);
        let page = federation
            .node(node)
            .list_changes(&caller, after(cursor))
            .await;
        heard.push(page.unwrap());
    }
    assert_eq!(kinds(&heard[0]), [ChangeKind::ReceivedBy]);
    let received = &heard[0].changes[0].change;
    assert_eq!(received.node.as_ref().unwrap().as_str(), "departement");
    assert!(received.purpose.is_some_and(Purpose::between_nodes));
    assert_eq!(kinds(&heard[1]), [ChangeKind::SourceChanged]);
}
