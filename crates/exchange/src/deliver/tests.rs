use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::claim::{
    NumericDate, Objection, ObjectionScope, PurgeOrder, Receipt, Withdrawal,
};
use passerelle_domain::vocabulary::{Class, EntryKind, Section};
use passerelle_domain::{NodeId, Purpose, TokenId};
use passerelle_store::tables::copies::{self, Copy};
use passerelle_store::tables::{objections, receipts, withdrawals};

use super::*;
use crate::testing::{Federation, Met, Statements, permit, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

fn refusal(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused(refused) => &refused.rule,
        other => panic!("not refused: {other:?}"),
    }
}

/// All that `HERE` may ever send to `THERE` about one person, in the order of its making.
struct Sendings {
    met: Met,
    items: Vec<Item>,
}

async fn sendings(federation: &Federation) -> Sendings {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let now = || NumericDate::of(federation.now());
    let id = || TokenId::random(federation.chance());
    let parties = || -> (NodeId, NodeId) { (HERE.parse().unwrap(), THERE.parse().unwrap()) };
    let (issuer, audience) = parties();

    let first = federation.receipt(HERE, met.link, THERE, HERE);
    let second = Receipt {
        id: id(),
        version: 2,
        grants: vec![permit(Class::Professional)],
        ..first.clone()
    };
    let other = federation.receipt(HERE, met.link, THERE, HERE);
    let withdrawal = Withdrawal {
        issuer: issuer.clone(),
        audience: audience.clone(),
        receipt_iss: issuer.clone(),
        chain: other.chain,
        link: met.link,
        issued_at: now(),
        id: id(),
    };
    let objection = Objection {
        issuer: issuer.clone(),
        audience: audience.clone(),
        link: met.link,
        scope: ObjectionScope::Purposes(BTreeSet::from([Purpose::Evaluation])),
        lifts: None,
        issued_at: now(),
        id: id(),
    };
    let lifting = Objection {
        id: id(),
        lifts: Some(objection.id),
        ..objection.clone()
    };
    let purge = PurgeOrder {
        issuer,
        audience,
        link: met.link,
        issued_at: now(),
        id: id(),
    };
    let receipt = |receipt| Item::Receipt(Statements::signed(HERE, receipt));
    let items = vec![
        receipt(&first),
        receipt(&second),
        receipt(&other),
        Item::Withdrawal(Statements::signed(HERE, &withdrawal)),
        Item::Objection(Statements::signed(HERE, &objection)),
        Item::Objection(Statements::signed(HERE, &lifting)),
        Item::PurgeOrder(Statements::signed(HERE, &purge)),
    ];
    Sendings { met, items }
}

/// What `THERE` is left with, as far as order and repetition must not show.
#[derive(Debug, PartialEq)]
struct Left {
    newest: Vec<(u32, Vec<Section>)>,
    withdrawn: usize,
    objections: Vec<(bool, bool)>,
    answer: Result<Option<usize>, ExchangeError>,
    orders_logged: usize,
}

async fn left(federation: &Federation, met: Met) -> Left {
    let node = federation.node(THERE);
    let (kept, withdrawn, objections) = node
        .read(|view| {
            Ok((
                receipts::over_link(view, &met.link)?,
                withdrawals::over_link(view, &met.link)?.len(),
                objections::of_person(view, &met.there)?,
            ))
        })
        .unwrap();
    let mut newest: Vec<_> = kept
        .iter()
        .map(|kept| {
            let sections = kept.receipt.grants[0].sections.keys().copied().collect();
            (kept.receipt.version, sections)
        })
        .collect();
    newest.retain(|(version, _)| *version == 2);
    let mut objections: Vec<_> = objections
        .iter()
        .map(|one| (one.lifts.is_some(), one.lifted_at.is_some()))
        .collect();
    objections.sort_unstable();
    // Straight in the asker's tables, so that its own papers let it ask.
    let papers = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep_at(HERE, &papers).await;
    let orders = federation.kinds(THERE).into_iter().filter(|kind| {
        matches!(
            kind,
            EntryKind::Withdrawn | EntryKind::Objected | EntryKind::Purged
        )
    });
    let orders_logged = orders.count();
    Left {
        newest,
        withdrawn,
        objections,
        answer: federation.ask(HERE, met.here, THERE).await,
        orders_logged,
    }
}

#[tokio::test]
async fn i5_deliveries_repeated_delayed_and_reordered_have_one_effect() {
    let expected = {
        let federation = Federation::new(1);
        let Sendings { met, items } = sendings(&federation).await;
        federation.deliver(HERE, THERE, items).await;
        left(&federation, met).await
    };
    assert_eq!(expected.answer, Ok(Some(1)));
    assert_eq!(expected.objections, [(false, true), (true, false)]);
    assert_eq!((expected.withdrawn, expected.orders_logged), (1, 4));
    for seed in 2..14 {
        let federation = Federation::new(seed);
        let Sendings { met, items } = sendings(&federation).await;
        let below = |bound: usize| {
            let drawn = u32::from_be_bytes(federation.chance().bytes());
            usize::try_from(drawn).unwrap() % bound
        };
        // Every item at least once, in any order, with hours in between.
        let mut queue: Vec<_> = items.iter().chain(&items).chain(&items).collect();
        while !queue.is_empty() {
            let taken: Vec<_> = (0..1 + below(3).min(queue.len() - 1))
                .map(|_| queue.swap_remove(below(queue.len())).clone())
                .collect();
            federation.deliver(HERE, THERE, taken).await;
            federation.pass(Duration::from_secs(3600));
        }
        assert_eq!(left(&federation, met).await, expected, "seed {seed}");
    }
}

#[tokio::test]
async fn each_item_is_answered_for_itself() {
    let federation = Federation::new(1);
    let Sendings { met, items } = sendings(&federation).await;
    let forged = federation.receipt(THERE, met.link, THERE, HERE);
    let outcomes = federation
        .deliver(
            HERE,
            THERE,
            vec![
                Item::Receipt(Statements::signed(HERE, &forged)),
                Item::Receipt("no token".to_owned()),
                items[0].clone(),
                Item::Withdrawal("no token".to_owned()),
                items[3].clone(),
            ],
        )
        .await;
    let refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
    let got: Vec<_> = outcomes.iter().map(refused).collect();
    assert_eq!(got, [true, true, false, true, false], "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Done(_)));
    assert!(matches!(outcomes[4], Outcome::PurgeAnswer(_)));
}

#[tokio::test]
async fn a_chain_is_continued_by_its_issuer_alone_and_only_upwards() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let first = federation.receipt(HERE, met.link, THERE, HERE);
    let id = || TokenId::random(federation.chance());
    let version = |version| Receipt {
        id: id(),
        version,
        ..first.clone()
    };
    let deliver = async |issuer: &str, receipt: &Receipt| {
        let other = if issuer == HERE { THERE } else { HERE };
        let item = Item::Receipt(Statements::signed(issuer, receipt));
        federation
            .deliver(issuer, other, vec![item])
            .await
            .remove(0)
    };
    let third = version(3);
    assert!(matches!(deliver(HERE, &third).await, Outcome::Done(_)));
    assert!(
        matches!(deliver(HERE, &third).await, Outcome::Done(_)),
        "I5"
    );
    let older = deliver(HERE, &version(2)).await;
    assert_eq!(refusal(&older), "ver: above every one of its chain");
    let same = deliver(HERE, &version(3)).await;
    assert_eq!(refusal(&same), "ver: above every one of its chain");
    let turned = Receipt {
        holder: HERE.parse().unwrap(),
        ..version(4)
    };
    let turned = deliver(HERE, &turned).await;
    assert_eq!(refusal(&turned), "chain: of one holder and one basis");

    federation.keep_at(HERE, &third).await;
    let stolen = Receipt {
        id: id(),
        version: 4,
        chain: first.chain,
        ..federation.receipt(THERE, met.link, THERE, HERE)
    };
    let stolen = deliver(THERE, &stolen).await;
    assert_eq!(
        refusal(&stolen),
        "chain: only its first issuer goes on with it"
    );
}

#[tokio::test]
async fn i13_a_receipt_over_a_link_that_is_not_known_comes_later_whyever_it_is_not() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let elsewhere = federation.meet(THERE, "association", Class::MAX).await;
    for link in [
        passerelle_domain::LinkId::random(federation.chance()),
        elsewhere.link,
    ] {
        let receipt = federation.receipt(HERE, link, THERE, HERE);
        let item = Item::Receipt(Statements::signed(HERE, &receipt));
        let outcome = federation.deliver(HERE, THERE, vec![item]).await.remove(0);
        assert!(matches!(outcome, Outcome::Later(_)), "{outcome:?}");
    }
    assert_eq!(federation.kinds(THERE), []);
    let _ = met;
}

#[tokio::test]
async fn i3_what_ends_something_is_taken_whatever_the_clocks_say() {
    let federation = Federation::new(1);
    let Sendings { items, .. } = sendings(&federation).await;
    let node = federation.node(THERE);
    let with_skew = |items: Vec<Item>| {
        let request = federation.delivery(items);
        federation.pass(Duration::from_secs(61));
        request
    };
    let from = federation.peer(HERE);
    let receipts_alone = with_skew(items[..3].to_vec());
    let refused = node.take_delivery(&from, &receipts_alone).await;
    assert_eq!(refused, Err(ExchangeError::ClockSkew));

    let all = with_skew(items.clone());
    let taken = node.take_delivery(&from, &all).await.unwrap();
    let body = wire::DeliverAnswerBody::decode(&*taken.envelope.unwrap().body).unwrap();
    let later = |answer: &wire::DeliveryAnswer| matches!(answer.outcome, Some(Outcome::Later(_)));
    let got: Vec<_> = body.answers.iter().map(later).collect();
    assert_eq!(got, [true, true, true, false, false, false, false]);

    // A clock that runs behind the wal and behind the sender's, and a trust list of long ago.
    let orders = async || {
        let Sendings { items, .. } = sendings(&federation).await;
        items[3..].to_vec()
    };
    let is_taken = |taken: wire::DeliverResponse| {
        let body = wire::DeliverAnswerBody::decode(&*taken.envelope.unwrap().body).unwrap();
        let outcomes = body.answers.into_iter().map(|answer| answer.outcome);
        let outcomes: Vec<_> = outcomes.flatten().collect();
        matches!(
            outcomes[..],
            [
                Outcome::PurgeAnswer(_),
                Outcome::Done(_),
                Outcome::Done(_),
                Outcome::PurgeAnswer(_)
            ]
        )
    };
    let new = orders().await;
    let hour = Duration::from_secs(3600);
    federation.clock().set(federation.now().minus(hour));
    for orders in [items[3..].to_vec(), new] {
        let taken = node
            .take_delivery(&from, &federation.delivery(orders))
            .await;
        assert!(is_taken(taken.unwrap()));
    }
    federation.pass(hour);
    let new = orders().await;
    federation.pass(91 * 24 * hour);
    for orders in [items[3..].to_vec(), new] {
        let taken = node
            .take_delivery(&from, &federation.delivery(orders))
            .await;
        assert!(is_taken(taken.unwrap()));
    }
    let receipts = federation.delivery(items[..1].to_vec());
    let refused = node.take_delivery(&from, &receipts).await;
    assert_eq!(refused, Err(ExchangeError::TrustListExpired));
}

#[tokio::test]
async fn i3_what_is_signed_with_a_key_that_is_not_known_yet_comes_later() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    let id = || TokenId::random(federation.chance());
    let parties: (NodeId, NodeId) = (HERE.parse().unwrap(), THERE.parse().unwrap());
    let withdrawal = Withdrawal {
        issuer: parties.0.clone(),
        audience: parties.1.clone(),
        receipt_iss: parties.0.clone(),
        chain: receipt.chain,
        link: met.link,
        issued_at: NumericDate::of(federation.now()),
        id: id(),
    };
    let objection = Objection {
        issuer: parties.0.clone(),
        audience: parties.1.clone(),
        link: met.link,
        scope: ObjectionScope::All,
        lifts: None,
        issued_at: NumericDate::of(federation.now()),
        id: id(),
    };
    let order = PurgeOrder {
        issuer: parties.0.clone(),
        audience: parties.1.clone(),
        link: met.link,
        issued_at: NumericDate::of(federation.now()),
        id: id(),
    };
    let items = vec![
        Item::Receipt(Statements::signed_with_a_new_key(HERE, &receipt)),
        Item::Withdrawal(Statements::signed_with_a_new_key(HERE, &withdrawal)),
        Item::Objection(Statements::signed_with_a_new_key(HERE, &objection)),
        Item::PurgeOrder(Statements::signed_with_a_new_key(HERE, &order)),
    ];
    let outcomes = federation.deliver(HERE, THERE, items).await;
    let later = |outcome: &Outcome| matches!(outcome, Outcome::Later(_));
    assert!(outcomes.iter().all(later), "{outcomes:?}");
    // What is malformed never holds.
    let items = vec![Item::Withdrawal("no.token.this".to_owned())];
    refusal(&federation.deliver(HERE, THERE, items).await[0]);
}

#[tokio::test]
async fn what_is_not_well_formed_is_refused_as_a_whole() {
    let federation = Federation::new(1);
    let node = federation.node(THERE);
    let take = async |request: wire::DeliverRequest| {
        let taken = node.take_delivery(&federation.peer(HERE), &request).await;
        match taken {
            Err(ExchangeError::Malformed(malformed)) => malformed.field().to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(take(wire::DeliverRequest::default()).await, "envelope");
    let garbage = wire::DeliverRequest {
        envelope: Some(wire::Envelope {
            body: vec![0xff; 9].into(),
        }),
    };
    assert_eq!(take(garbage).await, "envelope.body");
    let many = vec![Item::Receipt(String::new()); MOST_ITEMS + 1];
    assert_eq!(take(federation.delivery(many)).await, "items");
}

#[tokio::test]
async fn i9_a_node_that_is_no_live_member_delivers_nothing() {
    use passerelle_domain::member::MemberStatus;
    let federation = Federation::new(1);
    let Sendings { items, .. } = sendings(&federation).await;
    let request = federation.delivery(items);
    federation.amend_list(|list| {
        let here = list
            .members
            .iter_mut()
            .find(|member| member.node.as_str() == HERE);
        here.unwrap().status = MemberStatus::Suspended;
    });
    let node = federation.node(THERE);
    let taken = node.take_delivery(&federation.peer(HERE), &request).await;
    assert_eq!(taken, Err(ExchangeError::MemberUnknown));
    assert_eq!(federation.kinds(THERE), []);
}

#[tokio::test]
async fn i6_an_order_to_destroy_reaches_an_answer_that_is_on_its_way() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let order = PurgeOrder {
        issuer: THERE.parse().unwrap(),
        audience: HERE.parse().unwrap(),
        link: met.link,
        issued_at: NumericDate::of(federation.now()),
        id: TokenId::random(federation.chance()),
    };
    let item = Item::PurgeOrder(Statements::signed(THERE, &order));
    let outcome = federation.deliver(THERE, HERE, vec![item]).await;
    assert!(matches!(outcome[0], Outcome::PurgeAnswer(_)));
    let node = federation.node(HERE);
    let left = node
        .read(|view| Ok(copies::of_person(view, &met.here)?))
        .unwrap();
    assert!(matches!(left[0].1, Copy::Purged { records: 0, .. }));
}

#[test]
fn i3_nothing_is_viewed_after_an_order_has_destroyed_it() {
    use passerelle_domain::OrganisationKind;
    let members = [
        (HERE, OrganisationKind::Department),
        (THERE, OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, passerelle_store::Drive::Manual);
    let met = federation.drive(async {
        let Sendings { met, .. } = sendings(&federation).await;
        let receipt = federation.receipt(HERE, met.link, THERE, HERE);
        federation.keep(&receipt).await;
        assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
        met
    });
    let order = PurgeOrder {
        issuer: THERE.parse().unwrap(),
        audience: HERE.parse().unwrap(),
        link: met.link,
        issued_at: NumericDate::of(federation.now()),
        id: TokenId::random(federation.chance()),
    };
    let jwt = Statements::signed(THERE, &order);
    let (node, from) = (federation.node(HERE), federation.peer(THERE));
    let caseworker = federation.caseworker(HERE);
    let mut purge = crate::testing::Task::new(node.take_purge_order(&from, &jwt));
    let mut view = crate::testing::Task::new(node.merged_journey(&caseworker, met.here));
    // The order waits for the log, and comes first.
    assert!(!purge.step());
    assert!(!view.step());
    while !purge.step() || !view.step() {
        node.store().step();
    }
    assert_eq!(view.output().unwrap().sources[0].summary, None);
    assert_eq!(federation.kinds(HERE).last(), Some(&EntryKind::Purged));
}
