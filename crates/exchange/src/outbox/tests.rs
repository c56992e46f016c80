use std::time::Duration;

use passerelle_domain::claim::Receipt;
use passerelle_domain::vocabulary::{Class, EntryKind};
use passerelle_domain::{LinkId, PersonId};
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_store::tables::outbox::OutboxKind;
use prost::Message;

use super::*;
use crate::testing::{Call, Federation, Met, Statements, step};
use crate::{Direction, WithdrawAgreement};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const ELSEWHERE: &str = "association";

/// What was delivered by `HERE`, call by call.
fn calls(federation: &Federation) -> Vec<Vec<Item>> {
    let delivered = |sent: crate::testing::Sent| match sent.call {
        Call::Deliver(request) if sent.from.as_str() == HERE && sent.arrived => {
            let size = request.encoded_len();
            assert!(size <= 64 * 1024, "{size} bytes");
            let body = wire::DeliverBody::decode(&*request.envelope?.body).unwrap();
            Some(
                body.items
                    .into_iter()
                    .filter_map(|item| item.item)
                    .collect(),
            )
        }
        _ => None,
    };
    federation
        .network()
        .sent()
        .into_iter()
        .filter_map(delivered)
        .collect()
}

async fn agree(
    federation: &Federation,
    person: PersonId,
    partner: &str,
) -> crate::AgreementOutcome {
    let caller = federation.caseworker(HERE);
    let request = federation.agreement(person, partner, Direction::PartnerToOwn, Class::MAX);
    let outcomes = federation
        .node(HERE)
        .record_agreement(&caller, request)
        .await;
    outcomes.unwrap().remove(0)
}

fn state(federation: &Federation, person: PersonId) -> DeliveryState {
    let caller = federation.caseworker(HERE);
    let listed = federation
        .node(HERE)
        .list_agreements(&caller, &person)
        .unwrap();
    listed.agreements[0].delivery.state
}

fn peer() -> NodeId {
    THERE.parse().unwrap()
}

async fn deliver(federation: &Federation) -> Progress {
    federation.node(HERE).deliver_once(&peer()).await.unwrap()
}

#[tokio::test]
async fn what_ends_something_goes_first_and_acknowledgements_last() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let first = agree(&federation, met.here, THERE).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    agree(&federation, met.here, THERE).await;
    let caller = federation.caseworker(HERE);
    let request = WithdrawAgreement {
        person: met.here,
        chains: vec![first.chain],
    };
    federation
        .node(HERE)
        .withdraw_agreement(&caller, request)
        .await
        .unwrap();
    let progress = deliver(&federation).await;
    assert_eq!((progress.settled, progress.next), (4, None));
    let [items] = &calls(&federation)[..] else {
        panic!()
    };
    assert!(matches!(
        items[..],
        [
            Item::Withdrawal(_),
            Item::Receipt(_),
            Item::Receipt(_),
            Item::Acknowledgement(_)
        ]
    ));
}

#[tokio::test]
async fn i8_deliveries_go_in_batches_of_bounded_size() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .keep(&federation.receipt(HERE, met.link, THERE, HERE))
        .await;
    for _ in 0..70 {
        assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(0)));
    }
    federation.deliver_all().await;
    let calls = calls(&federation);
    let sizes: Vec<_> = calls.iter().map(Vec::len).collect();
    assert!(
        sizes.len() > 1 && sizes.iter().all(|size| *size <= 64),
        "{sizes:?}"
    );
    assert_eq!(sizes.iter().sum::<usize>(), 70);
    assert_eq!(deliver(&federation).await.next, None);
}

#[tokio::test]
async fn i5_a_delivery_whose_answer_was_lost_is_repeated_without_a_further_effect() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    agree(&federation, met.here, THERE).await;
    federation.network().lose_answers(HERE, THERE, 1);
    let lost = deliver(&federation).await;
    assert_eq!((lost.reached, lost.settled), (false, 0));
    assert_eq!(state(&federation, met.here), DeliveryState::Queued);
    let progress = deliver(&federation).await;
    assert_eq!((progress.reached, progress.settled), (true, 1));
    assert_eq!(state(&federation, met.here), DeliveryState::Delivered);
    assert_eq!(federation.kinds(THERE), [EntryKind::ReceiptKept]);
}

#[tokio::test]
async fn i11_since_when_a_peer_cannot_be_reached_is_known_until_it_is() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    agree(&federation, met.here, THERE).await;
    let since = || {
        let node = federation.node(HERE);
        let known = node.read(|view| Ok(peers::find(view, &peer())?)).unwrap();
        known.and_then(|known| known.unreachable_since)
    };
    federation.network().cut(HERE, THERE);
    let first = federation.now();
    deliver(&federation).await;
    federation.pass(Duration::from_secs(600));
    deliver(&federation).await;
    assert_eq!(since(), Some(first));
    federation.network().mend(HERE, THERE);
    deliver(&federation).await;
    assert_eq!(since(), None);
}

#[tokio::test]
async fn what_a_peer_refuses_for_good_is_shown_and_not_sent_again() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let outcome = agree(&federation, met.here, THERE).await;
    // There is a receipt in that place of the chain there.
    let other = Receipt {
        chain: outcome.chain,
        ..federation.receipt(HERE, met.link, THERE, HERE)
    };
    federation.keep_at(THERE, &other).await;
    let progress = deliver(&federation).await;
    assert_eq!((progress.settled, progress.next), (1, None));
    assert_eq!(state(&federation, met.here), DeliveryState::Refused);
}

#[tokio::test]
async fn what_cannot_be_taken_yet_comes_again_after_longer_and_longer_pauses() {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "T", crate::testing::awa()).await;
    let here = federation.register(HERE, "H", crate::testing::awa()).await;
    let link = LinkId::random(federation.chance());
    // The other side has not made the link yet.
    federation
        .link_at(HERE, here, link, THERE, Class::MAX)
        .await;
    agree(&federation, here, THERE).await;
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let now = federation.now();
        let progress = deliver(&federation).await;
        assert_eq!((progress.reached, progress.settled), (true, 0));
        let next = progress.next.unwrap();
        pauses.push(next.since(now).as_secs());
        assert_eq!(
            deliver(&federation).await.next,
            Some(next),
            "not before its time"
        );
        federation.pass(next.since(federation.now()));
    }
    assert!(pauses[0] <= 1 && pauses[11] >= 150, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 300), "{pauses:?}");
    assert_eq!(calls(&federation).len(), 12);

    federation
        .link_at(THERE, there, link, HERE, Class::MAX)
        .await;
    assert_eq!(deliver(&federation).await.settled, 1);
    assert_eq!(state(&federation, here), DeliveryState::Delivered);
}

#[tokio::test]
async fn i3_an_order_is_confirmed_by_a_signed_answer_to_it_and_by_nothing_else() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let outcome = agree(&federation, met.here, THERE).await;
    let caller = federation.caseworker(HERE);
    let request = WithdrawAgreement {
        person: met.here,
        chains: vec![outcome.chain],
    };
    federation
        .node(HERE)
        .withdraw_agreement(&caller, request)
        .await
        .unwrap();
    let node = federation.node(HERE);
    let order = node.waiting(&peer()).unwrap().due.remove(0);
    let answer = |outcome| {
        let answer = wire::DeliveryAnswer {
            number: order.0.number,
            outcome: Some(outcome),
        };
        let body = wire::DeliverAnswerBody {
            answers: vec![answer],
        };
        wire::DeliverResponse {
            envelope: Some(envelope(body.encode_to_vec())),
        }
    };
    let purge_answer = |signer: &str, order| {
        let claim = passerelle_domain::claim::PurgeAnswer {
            issuer: peer(),
            audience: HERE.parse().unwrap(),
            order,
            records: 0,
            issued_at: passerelle_domain::claim::NumericDate::of(federation.now()),
        };
        Outcome::PurgeAnswer(Statements::signed(signer, &claim))
    };
    use passerelle_proto::exchange::v1::delivery_answer::Outcome;
    let jti = TokenId::from_bytes(*order.1.subject.unwrap().as_bytes());
    let another = TokenId::random(federation.chance());
    for answered in [
        crate::inbox::done(),
        purge_answer(ELSEWHERE, jti),
        purge_answer(THERE, another),
    ] {
        let batch = node.batch(&peer(), vec![order.clone()]).unwrap();
        assert_eq!(node.settle(&peer(), batch, &answer(answered)).await, Ok(0));
    }
    let batch = node.batch(&peer(), vec![order.clone()]).unwrap();
    let nothing = wire::DeliverResponse::default();
    assert_eq!(node.settle(&peer(), batch, &nothing).await, Ok(0));
    let batch = node.batch(&peer(), vec![order.clone()]).unwrap();
    let good = answer(purge_answer(THERE, jti));
    assert_eq!(node.settle(&peer(), batch, &good).await, Ok(1));
}

#[tokio::test]
async fn i3_what_ends_something_waits_until_it_is_confirmed_even_when_it_is_refused() {
    use passerelle_proto::exchange::v1::delivery_answer::Outcome;
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let outcome = agree(&federation, met.here, THERE).await;
    let caller = federation.caseworker(HERE);
    let request = WithdrawAgreement {
        person: met.here,
        chains: vec![outcome.chain],
    };
    let node = federation.node(HERE);
    let since = federation.now();
    let withdraw = async || {
        let withdrawn = node.withdraw_agreement(&caller, request.clone()).await;
        withdrawn.unwrap().remove(0).delivery
    };
    assert_eq!(withdraw().await.state, DeliveryState::Queued);
    let order = node.waiting(&peer()).unwrap().due.remove(0);
    let refused = wire::DeliveryAnswer {
        number: order.0.number,
        outcome: Some(Outcome::Refused(wire::Refused {
            rule: "of a node in disorder".to_owned(),
        })),
    };
    let body = wire::DeliverAnswerBody {
        answers: vec![refused],
    };
    let refused = wire::DeliverResponse {
        envelope: Some(envelope(body.encode_to_vec())),
    };
    let batch = node.batch(&peer(), vec![order]).unwrap();
    assert_eq!(node.settle(&peer(), batch, &refused).await, Ok(0));
    let shown = withdraw().await;
    assert_eq!((shown.state, shown.since), (DeliveryState::Queued, since));
    assert!(shown.problem.contains("refuses"), "{}", shown.problem);

    federation.pass(Duration::from_secs(600));
    deliver(&federation).await;
    let shown = withdraw().await;
    assert_eq!(shown.state, DeliveryState::Delivered);
    assert_eq!(shown.problem, "");
}

#[tokio::test]
async fn i8_the_run_delivers_to_each_peer_whatever_the_others_do() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let there = federation.meet(ELSEWHERE, HERE, Class::MAX).await;
    federation.network().cut(HERE, ELSEWHERE);
    let node = federation.node(HERE);
    let run = tokio::spawn(async move { node.run_outbox().await });
    agree(&federation, there.here, ELSEWHERE).await;
    agree(&federation, met.here, THERE).await;
    while state(&federation, met.here) != DeliveryState::Delivered {
        tokio::task::yield_now().await;
    }
    assert_eq!(state(&federation, there.here), DeliveryState::Queued);
    // It goes on trying.
    federation.network().mend(HERE, ELSEWHERE);
    while state(&federation, there.here) != DeliveryState::Delivered {
        tokio::task::yield_now().await;
    }
    run.abort();
}

#[tokio::test]
async fn a_node_that_was_rolled_back_tells_only_what_ends_something() {
    let federation = Federation::new(1);
    let met: Met = federation.meet(THERE, HERE, Class::MAX).await;
    let outcome = agree(&federation, met.here, THERE).await;
    let caller = federation.caseworker(HERE);
    let request = WithdrawAgreement {
        person: met.here,
        chains: vec![outcome.chain],
    };
    federation
        .node(HERE)
        .withdraw_agreement(&caller, request)
        .await
        .unwrap();
    let node = federation.node(HERE);
    federation.show_rolled_back(HERE);
    assert!(node.store().is_rolled_back());
    deliver(&federation).await;
    let [items] = &calls(&federation)[..] else {
        panic!()
    };
    assert!(matches!(items[..], [Item::Withdrawal(_)]), "{items:?}");
}

/// ADR 9: an operator accepts a clock, and what was queued under the wrong one is dated far ahead.
#[tokio::test]
async fn i3_what_was_queued_by_a_clock_that_ran_ahead_is_due() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    agree(&federation, met.here, THERE).await;
    let node = federation.node(HERE);
    for (ahead, due) in [(LONGEST, 0), (LONGEST * 2, 1)] {
        let later = federation.now().plus(ahead);
        let dated = node.transact("date", move |tx| {
            for (place, item) in outbox::first(tx, &peer(), 8)? {
                let next_try_at = later;
                outbox::put(
                    tx,
                    &place,
                    &OutboxItem {
                        next_try_at,
                        ..item
                    },
                )?;
            }
            Ok(())
        });
        dated.await.unwrap();
        assert_eq!(node.waiting(&peer()).unwrap().due.len(), due, "{ahead:?}");
    }
}

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(300);

/// Puts items in the outbox of `HERE`, as they are.
async fn push(federation: &Federation, items: Vec<OutboxItem>) {
    let node = federation.node(HERE);
    let pushed = node.transact("push", move |tx| {
        for item in &items {
            outbox::push(tx, &peer(), item)?;
        }
        Ok(())
    });
    pushed.await.unwrap();
}

fn item(federation: &Federation, kind: OutboxKind, item: Vec<u8>, leaf: Option<u64>) -> OutboxItem {
    OutboxItem {
        kind,
        item: item.into(),
        leaf,
        person: None,
        subject: None,
        created_at: federation.now(),
        attempts: 0,
        next_try_at: federation.now(),
        last_error: String::new(),
    }
}

#[tokio::test]
async fn what_cannot_be_read_here_holds_up_nothing_else() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let nowhere = wire::Acknowledgement::default().encode_to_vec();
    let unreadable = [
        item(
            &federation,
            OutboxKind::Acknowledgement,
            nowhere,
            Some(10_000),
        ),
        item(&federation, OutboxKind::Withdrawal, vec![0xff; 8], None),
    ];
    push(&federation, unreadable.to_vec()).await;
    let agreed = agree(&federation, met.here, THERE).await;
    assert_eq!(agreed.delivery.state, DeliveryState::Queued);
    let progress = deliver(&federation).await;
    assert_eq!((progress.reached, progress.settled), (true, 1));
    assert_eq!(state(&federation, met.here), DeliveryState::Delivered);
    // Both are looked at again, later.
    assert!(progress.next.unwrap() > federation.now());
    assert_eq!(deliver(&federation).await.settled, 0);
    let left = federation
        .node(HERE)
        .read(|view| Ok(outbox::first(view, &peer(), 9)?));
    let left: Vec<_> = left.unwrap().into_iter().map(|(_, item)| item).collect();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|item| item.attempts == 1));
}

/// Receipts over links that `THERE` does not know: it answers `later` to them, for ever.
async fn push_receipts_that_wait(federation: &Federation, many: usize) {
    let receipt = || {
        let link = LinkId::random(federation.chance());
        let receipt = federation.receipt(HERE, link, THERE, HERE);
        let jwt = Statements::signed(HERE, &receipt).into_bytes();
        item(federation, OutboxKind::Receipt, jwt, None)
    };
    push(federation, (0..many).map(|_| receipt()).collect()).await;
}

#[tokio::test]
async fn what_a_peer_takes_later_is_in_nobodys_way() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    push_receipts_that_wait(&federation, 300).await;
    agree(&federation, met.here, THERE).await;
    // Some 30 receipts go in one delivery.
    for _ in 0..12 {
        deliver(&federation).await;
    }
    assert_eq!(state(&federation, met.here), DeliveryState::Delivered);
}

#[tokio::test]
async fn a_question_carries_its_receipt_however_much_waits_before_it() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    push_receipts_that_wait(&federation, 70).await;
    agree(&federation, met.here, THERE).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(0)));
}
