use std::time::Duration;

use passerelle_domain::vocabulary::{AgentRole, Class, RefusalReason};
use passerelle_domain::{Purpose, Section};
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_store::tables::copies::{self, Copy};
use passerelle_store::tables::deliveries::DeliveryState;
use prost::Message;

use super::*;
use crate::testing::{Call, Federation, Met, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const ELSEWHERE: &str = "association";

/// A person about whom `HERE` may ask `THERE`, which has one record, and the other way round.
async fn met(federation: &Federation) -> Met {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    federation
        .write(HERE, met.here, "R-1", step("Atelier"))
        .await;
    for (holder, requester) in [(THERE, HERE), (HERE, THERE)] {
        let receipt = federation.receipt(HERE, met.link, holder, requester);
        federation.keep(&receipt).await;
    }
    met
}

async fn object(
    federation: &Federation,
    person: PersonId,
    objection: Objecting,
) -> Result<RecordedObjection, ExchangeError> {
    let drawn = TokenId::random(federation.chance()).to_string();
    let request = RecordObjection {
        person,
        request: RequestId::new(drawn).unwrap(),
        objection,
    };
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    let recorded = node.record_objection(&caller, request).await;
    // Of what is asked in the same instant nobody could say which came first.
    federation.pass(Duration::from_secs(1));
    recorded
}

/// What `HERE` has delivered, with whom it was for.
fn delivered(federation: &Federation) -> Vec<(String, Item)> {
    let items = |sent: crate::testing::Sent| {
        let Call::Deliver(request) = sent.call else {
            return Vec::new();
        };
        if sent.from.as_str() != HERE {
            return Vec::new();
        }
        let body = request.envelope.unwrap().body;
        let body = passerelle_proto::exchange::v1::DeliverBody::decode(&*body).unwrap();
        let to = |item| (sent.to.to_string(), item);
        body.items
            .into_iter()
            .filter_map(|item| item.item)
            .map(to)
            .collect()
    };
    federation
        .network()
        .sent()
        .into_iter()
        .flat_map(items)
        .collect()
}

fn objections_to(federation: &Federation, node: &str) -> Vec<String> {
    let jwt = |(to, item): (String, Item)| match item {
        Item::Objection(jwt) if to == node => Some(jwt),
        _ => None,
    };
    delivered(federation).into_iter().filter_map(jwt).collect()
}

fn purge_orders_to(federation: &Federation, node: &str) -> usize {
    let ordered = |(to, item): &(String, Item)| matches!(item, Item::PurgeOrder(_)) && to == node;
    delivered(federation)
        .iter()
        .filter(|one| ordered(one))
        .count()
}

fn paper<T>(reason: RefusalReason) -> Result<T, ExchangeError> {
    Err(ExchangeError::PaperFails(reason))
}

#[tokio::test]
async fn an_objection_binds_the_node_that_takes_it_as_asker_and_as_holder() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation.network().cut(HERE, THERE);
    object(&federation, met.here, Objecting::To(ObjectionScope::All))
        .await
        .unwrap();
    federation.network().mend(HERE, THERE);
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        paper(RefusalReason::Objection)
    );
    // As holder it says nothing of it.
    assert_eq!(federation.ask(THERE, met.there, HERE).await, Ok(None));
    // What it had received is gone.
    let node = federation.node(HERE);
    let left = node
        .read(|view| Ok(copies::of_person(view, &met.here)?))
        .unwrap();
    assert!(matches!(left[0].1, Copy::Purged { records: 1, .. }));
}

#[tokio::test]
async fn an_objection_closes_what_it_names_and_nothing_else_is_asked_with_it() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    let steps = ObjectionScope::Sections([Section::Steps].into());
    object(&federation, met.here, Objecting::To(steps))
        .await
        .unwrap();
    let everything = federation.question(met.here, THERE);
    let refused = node.fetch_summary(&caller, everything).await.err();
    assert_eq!(refused, paper::<()>(RefusalReason::Objection).err());
    let mut others = federation.question(met.here, THERE);
    others.sections.remove(&Section::Steps);
    assert!(node.fetch_summary(&caller, others.clone()).await.is_ok());

    let purpose = ObjectionScope::Purposes([Purpose::PathwayFollowUp].into());
    object(&federation, met.here, Objecting::To(purpose))
        .await
        .unwrap();
    let anew = |purpose| crate::FetchSummary {
        purpose,
        exchange: federation.question(met.here, THERE).exchange,
        ..others.clone()
    };
    let refused = node
        .fetch_summary(&caller, anew(Purpose::PathwayFollowUp))
        .await
        .err();
    assert_eq!(refused, paper::<()>(RefusalReason::Objection).err());
    assert!(
        node.fetch_summary(&caller, anew(Purpose::Assessment))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn only_nodes_that_were_asked_are_told_and_only_those_that_received_are_ordered() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let elsewhere = federation
        .register(ELSEWHERE, "A-1", crate::testing::awa())
        .await;
    let link = federation
        .link((ELSEWHERE, elsewhere), (HERE, met.here), Class::MAX)
        .await;
    // `THERE` was asked; `ELSEWHERE` has received.
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let receipt = federation.receipt(HERE, link, HERE, ELSEWHERE);
    federation.keep(&receipt).await;
    assert_eq!(
        federation.ask(ELSEWHERE, elsewhere, HERE).await,
        Ok(Some(1))
    );

    let recorded = object(&federation, met.here, Objecting::To(ObjectionScope::All))
        .await
        .unwrap();
    federation.deliver_all().await;
    assert_eq!(objections_to(&federation, THERE).len(), 1);
    assert_eq!(objections_to(&federation, ELSEWHERE).len(), 0);
    assert_eq!(purge_orders_to(&federation, THERE), 0);
    assert_eq!(purge_orders_to(&federation, ELSEWHERE), 1);

    let node = federation.node(ELSEWHERE);
    let left = node
        .read(|view| Ok(copies::of_person(view, &elsewhere)?))
        .unwrap();
    assert!(matches!(left[0].1, Copy::Purged { records: 1, .. }));
    // No more is said there than that it was ordered.
    assert_eq!(federation.kinds(ELSEWHERE).last(), Some(&EntryKind::Purged));
    assert_eq!(federation.kinds(THERE).last(), Some(&EntryKind::Objected));

    let caller = federation.caseworker(HERE);
    let listed = federation
        .node(HERE)
        .list_agreements(&caller, &met.here)
        .unwrap();
    let [file] = &listed.objections[..] else {
        panic!("{listed:?}")
    };
    assert_eq!((file.id, file.taken_here), (recorded.id, true));
    let mut told: Vec<_> = file
        .deliveries
        .iter()
        .map(|(node, delivery)| (node.as_str(), delivery.state))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            (ELSEWHERE, DeliveryState::Delivered),
            (THERE, DeliveryState::Delivered)
        ]
    );
    // The holder that adopted it closes, whoever asks.
    assert_eq!(federation.ask(THERE, met.there, HERE).await, Ok(None));
}

#[tokio::test]
async fn an_adopted_objection_closes_the_holder_until_it_is_lifted() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let objection = object(&federation, met.here, Objecting::To(ObjectionScope::All))
        .await
        .unwrap();
    federation.deliver_all().await;
    let adopted = || {
        let node = federation.node(THERE);
        let all = node
            .read(|view| Ok(objections::of_person(view, &met.there)?))
            .unwrap();
        all.iter()
            .filter(|one| one.lifts.is_none() && one.lifted_at.is_none())
            .count()
    };
    assert_eq!(adopted(), 1);
    let there = federation.caseworker(THERE);
    let listed = federation
        .node(THERE)
        .list_agreements(&there, &met.there)
        .unwrap();
    assert!(!listed.objections[0].taken_here);
    // It was taken elsewhere: it does not keep the holder from asking, nor is it lifted there.
    assert_eq!(federation.ask(THERE, met.there, HERE).await, Ok(None));
    let unknown = object(
        &federation,
        met.here,
        Objecting::Lift(TokenId::from_bytes([9; 16])),
    )
    .await;
    assert_eq!(unknown, Err(ExchangeError::not_found("lifts")));

    object(&federation, met.here, Objecting::Lift(objection.id))
        .await
        .unwrap();
    let twice = object(&federation, met.here, Objecting::Lift(objection.id)).await;
    assert!(twice.is_ok());
    federation.deliver_all().await;
    assert_eq!(adopted(), 0);
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let objected = |node: &str| {
        let kinds = federation.kinds(node);
        kinds
            .iter()
            .filter(|kind| **kind == EntryKind::Objected)
            .count()
    };
    assert_eq!((objected(HERE), objected(THERE)), (2, 2));
}

#[tokio::test]
async fn a_holder_that_adopts_an_objection_takes_back_what_others_received() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let elsewhere = federation
        .register(ELSEWHERE, "A-1", crate::testing::awa())
        .await;
    let link = federation
        .link((THERE, met.there), (ELSEWHERE, elsewhere), Class::MAX)
        .await;
    federation
        .keep(&federation.receipt(ELSEWHERE, link, THERE, ELSEWHERE))
        .await;
    let asked = federation.ask(ELSEWHERE, elsewhere, THERE).await;
    assert_eq!(asked, Ok(Some(1)));
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));

    object(&federation, met.here, Objecting::To(ObjectionScope::All))
        .await
        .unwrap();
    federation.deliver_all().await;
    let node = federation.node(ELSEWHERE);
    let left = node
        .read(|view| Ok(copies::of_person(view, &elsewhere)?))
        .unwrap();
    assert!(matches!(left[0].1, Copy::Purged { records: 1, .. }));
    // Whoever took it has destroyed its own, and is not ordered to.
    assert!(!federation.kinds(HERE).contains(&EntryKind::Purged));
}

#[tokio::test]
async fn that_somebody_else_may_not_ask_is_told_to_nobody() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let elsewhere = federation
        .register(ELSEWHERE, "A-1", crate::testing::awa())
        .await;
    let link = federation
        .link((ELSEWHERE, elsewhere), (HERE, met.here), Class::MAX)
        .await;
    federation
        .keep(&federation.receipt(HERE, link, HERE, ELSEWHERE))
        .await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    assert_eq!(
        federation.ask(ELSEWHERE, elsewhere, HERE).await,
        Ok(Some(1))
    );
    assert_eq!(federation.ask(THERE, met.there, HERE).await, Ok(Some(1)));

    let association = ObjectionScope::Requester(ELSEWHERE.parse().unwrap());
    object(&federation, met.here, Objecting::To(association))
        .await
        .unwrap();
    federation.deliver_all().await;
    assert_eq!(objections_to(&federation, THERE).len(), 0);
    assert_eq!(
        (
            purge_orders_to(&federation, THERE),
            purge_orders_to(&federation, ELSEWHERE)
        ),
        (0, 1)
    );
    assert_eq!(federation.ask(ELSEWHERE, elsewhere, HERE).await, Ok(None));
    assert_eq!(federation.ask(THERE, met.there, HERE).await, Ok(Some(1)));
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));

    // That this node itself may not ask is told to those whom it asked.
    let own = ObjectionScope::Requester(HERE.parse().unwrap());
    object(&federation, met.here, Objecting::To(own))
        .await
        .unwrap();
    federation.deliver_all().await;
    assert_eq!(objections_to(&federation, THERE).len(), 1);
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        paper(RefusalReason::Objection)
    );
}

#[tokio::test]
async fn partners_cannot_find_out_that_they_accompany_the_same_person() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let elsewhere = federation
        .register(ELSEWHERE, "A-1", crate::testing::awa())
        .await;
    let link = federation
        .link((ELSEWHERE, elsewhere), (HERE, met.here), Class::MAX)
        .await;
    federation
        .keep(&federation.receipt(HERE, link, ELSEWHERE, HERE))
        .await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    assert_eq!(federation.ask(HERE, met.here, ELSEWHERE).await, Ok(Some(0)));
    let recorded = object(&federation, met.here, Objecting::To(ObjectionScope::All))
        .await
        .unwrap();
    federation.deliver_all().await;
    let id = |node: &str| {
        let jwt = objections_to(&federation, node).remove(0);
        federation
            .node(node)
            .0
            .tokens
            .objection(&jwt, &HERE.parse().unwrap())
            .unwrap()
            .id
    };
    assert_ne!(id(THERE), id(ELSEWHERE));
    assert_ne!(id(THERE), recorded.id);
}

#[tokio::test]
async fn i5_a_repeated_request_records_nothing_again() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let request = RecordObjection {
        person: met.here,
        request: RequestId::new("once").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    let first = node
        .record_objection(&caller, request.clone())
        .await
        .unwrap();
    federation.pass(Duration::from_secs(3600));
    let again = node
        .record_objection(&caller, request.clone())
        .await
        .unwrap();
    assert_eq!(again.id, first.id);
    assert_eq!(federation.kinds(HERE), [EntryKind::Objected]);
    let other = RecordObjection {
        objection: Objecting::To(ObjectionScope::Purposes([Purpose::Assessment].into())),
        ..request
    };
    assert_eq!(
        node.record_objection(&caller, other).await,
        Err(ExchangeError::IdReused("request_id"))
    );
}

#[tokio::test]
async fn what_is_no_objection_or_not_said_by_who_may_is_refused() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let nothing = Objecting::To(ObjectionScope::Sections([].into()));
    let refused = object(&federation, met.here, nothing).await;
    assert!(matches!(refused, Err(ExchangeError::Malformed(m)) if m.field() == "scope.sections"));
    let nobody = PersonId::random(federation.chance());
    let refused = object(&federation, nobody, Objecting::To(ObjectionScope::All)).await;
    assert_eq!(refused, Err(ExchangeError::PersonNotFound));
    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let request = RecordObjection {
        person: met.here,
        request: RequestId::new("once").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let refused = federation
        .node(HERE)
        .record_objection(&officer, request)
        .await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
}
