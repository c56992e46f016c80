use passerelle_domain::TokenId;
use passerelle_proto::exchange::v1::delivery_answer::Outcome as Answered;
use passerelle_proto::exchange::v1::delivery_item::Item;

use super::*;
use crate::Direction;
use crate::testing::{Federation, Statements};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// Delivers receipts in batches; the bounds that were named.
async fn refused(federation: &Federation, receipts: Vec<Receipt>) -> Vec<String> {
    let mut refused = Vec::new();
    for some in receipts.chunks(64) {
        let item = |receipt| Item::Receipt(Statements::signed(HERE, receipt));
        let items = some.iter().map(item).collect();
        for outcome in federation.deliver(HERE, THERE, items).await {
            match outcome {
                Answered::Done(_) => {}
                Answered::Refused(why) => refused.push(why.rule),
                other => panic!("{other:?}"),
            }
        }
    }
    refused
}

#[tokio::test]
async fn i8_a_peer_fills_a_link_with_no_more_chains_than_a_decision_weighs() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let chain = |_| federation.receipt(HERE, met.link, THERE, HERE);
    let many: Vec<Receipt> = (0..66).map(chain).collect();
    let bound = "at most 64 chains of one issuer over a link";
    assert_eq!(refused(&federation, many.clone()).await, [bound; 2]);
    // A chain that is there goes on, and what this node itself records has its own room.
    let next = Receipt {
        id: TokenId::random(federation.chance()),
        version: 2,
        ..many[0].clone()
    };
    assert!(refused(&federation, vec![next]).await.is_empty());
    let caller = federation.caseworker(THERE);
    let request = federation.agreement(met.there, HERE, Direction::OwnToPartner, Class::MAX);
    let node = federation.node(THERE);
    assert!(node.record_agreement(&caller, request).await.is_ok());
}

#[tokio::test]
async fn i8_a_peer_fills_a_chain_with_no_more_receipts_than_a_decision_weighs() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let first = federation.receipt(HERE, met.link, THERE, HERE);
    let version = |version| Receipt {
        id: TokenId::random(federation.chance()),
        version,
        ..first.clone()
    };
    let many: Vec<Receipt> = (1..=257).map(version).collect();
    let bound = "at most 256 receipts of one issuer over a link";
    assert_eq!(refused(&federation, many).await, [bound]);
}

#[tokio::test]
async fn i8_an_agreement_too_many_is_refused_here_before_a_partner_must() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    for _ in 0..64 {
        let receipt = federation.receipt(HERE, met.link, THERE, HERE);
        federation.keep_at(HERE, &receipt).await;
    }
    let caller = federation.caseworker(HERE);
    let request = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
    let node = federation.node(HERE);
    match node.record_agreement(&caller, request).await {
        Err(ExchangeError::Malformed(fault)) => assert_eq!(
            (fault.field(), fault.rule()),
            ("partners", "at most 64 chains of one issuer over a link")
        ),
        other => panic!("{other:?}"),
    }
}
