use passerelle_domain::vocabulary::{Class, EntryKind};

use super::*;
use crate::Direction;
use crate::testing::{Federation, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

#[tokio::test]
async fn i11_an_answer_under_a_receipt_that_has_not_come_is_not_called_withdrawn() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    // The person agrees at the holder, which has not told the asker yet.
    let caller = federation.caseworker(THERE);
    let request = federation.agreement(met.there, HERE, Direction::OwnToPartner, Class::MAX);
    let holder = federation.node(THERE);
    holder.record_agreement(&caller, request).await.unwrap();

    let asking = federation.caseworker(HERE);
    let question = federation.question(met.here, THERE);
    let node = federation.node(HERE);
    let early = node.fetch_summary(&asking, question.clone()).await;
    assert_eq!(
        early.err(),
        Some(ExchangeError::PaperFails(RefusalReason::NoReceipt))
    );
    let last = federation.entries(HERE).pop().unwrap();
    assert_eq!(
        (last.kind, last.outcome),
        (EntryKind::Received, Outcome::NotKept)
    );

    // The same call once more, when the receipt has come.
    federation.deliver_all().await;
    let fetched = node.fetch_summary(&asking, question).await.unwrap();
    assert_eq!(fetched.summary.unwrap().records.len(), 1);
}

#[tokio::test]
async fn a_holder_that_has_seen_every_attempt_is_not_asked_again() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    let asking = federation.caseworker(HERE);
    let question = federation.question(met.here, THERE);
    let node = federation.node(HERE);
    federation.network().cut(HERE, THERE);
    let unreachable = node.fetch_summary(&asking, question.clone()).await;
    assert!(unreachable.is_err());
    federation.network().mend(HERE, THERE);
    // As if the holder had answered that it has seen the last attempt that there can be.
    let exchange = question.exchange;
    let exhaust = node.transact("exhaust", move |tx| {
        let mut kept = questions::find(tx, &exchange)?.unwrap();
        kept.last_attempt = u32::MAX;
        Ok(questions::put(tx, &kept)?)
    });
    exhaust.await.unwrap();
    match node.fetch_summary(&asking, question).await {
        Err(ExchangeError::Malformed(fault)) => assert_eq!(fault.field(), "exchange_id"),
        other => panic!("{:?}", other.err()),
    }
}
