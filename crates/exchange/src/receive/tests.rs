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
