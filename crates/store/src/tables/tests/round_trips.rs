use std::collections::BTreeSet;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{Purpose, Section};
use passerelle_domain::{LinkId, PassId, TokenId};

use super::sample::*;
use super::*;
use crate::tables::copies::Copy;
use crate::tables::inbox::InboxId;
use crate::tables::meta::MetaName;
use crate::tables::outbox::OutboxKind;
use crate::tables::records::history::{self, Former};

#[test]
fn every_table_gives_back_what_was_put_from_memory() {
    every_table_gives_back_what_was_put(World::memory());
}

#[test]
fn every_table_gives_back_what_was_put_from_sled() {
    every_table_gives_back_what_was_put(World::sled());
}

fn every_table_gives_back_what_was_put(mut world: World) {
    filled(&mut world);
    world.read(what_is_about_the_person).unwrap();
    world.read(what_is_asked_and_answered).unwrap();
    world.read(what_is_between_nodes).unwrap();
    world.read(what_is_about_agents_and_the_node).unwrap();
}

/// One row at least in every table.
pub(super) fn filled(world: &mut World) {
    world.write(fill_about_persons).unwrap();
    world.write(fill_about_the_node).unwrap();
}

/// A link that is not known yet, and with whom it would be.
fn ahead() -> (LinkId, NodeId) {
    (LinkId::from_bytes([7; 16]), node("mission-locale"))
}

pub(super) fn fill_about_persons(tx: &mut Tx<'_>) -> Result<(), TableError> {
    let one = person(1);
    persons::put(tx, &person_row(1), &[canary("search")])?;
    persons::put(tx, &person_row(250), &[""; 0])?;
    persons::put_merged(tx, &person(250), Some((person(251), at(9))))?;
    records::put(tx, &one, &record(1))?;
    records::put(tx, &one, &record(9))?;
    history::push(tx, &one, &Former::Kept(record(9)))?;
    records::delete(tx, &one, &deleted_record(9))?;
    rectifications::put(tx, &rectification(1, one))?;
    rectifications::put(tx, &answered_rectification(2, one))?;
    links::put(tx, &link(1, one))?;
    links::put_ended_ahead(tx, &ahead().0, &ahead().1, ended_ahead(), at(90))?;
    introductions::put_sent(tx, &introduction(1, Some(one)))?;
    introductions::put_received(tx, &introduction(2, None))?;
    introductions::put_introduced(tx, &introduction(2, None).id, &introduced(), at(91))?;
    introductions::put_withdrawn_ahead(tx, &introduction(3, None).id, &ahead().1, at(92))?;
    incidents::put(tx, &incident(7, one))?;
    caseload::put(tx, &assignment(one), at(22))?;
    receipts::put(tx, &one, &receipt(link(1, one).id, 1, 1))?;
    assert!(withdrawals::put(tx, &one, &withdrawn(link(1, one).id, 1))?);
    for (number, scope) in (1..).zip(scopes()) {
        objections::put(tx, &one, &objection(number, scope))?;
    }
    passes::put(tx, &pass(1, one))?;
    passes::put_redeemed(tx, &pass(1, one), &node("mission-locale"), &link(1, one).id)?;
    questions::put(tx, &question(1, one))?;
    redemptions::put(tx, &redemption(1, one))?;
    attempts::put(tx, &node("mission-locale"), &exchange(1), &attempts(at(50)))?;
    copies::put(
        tx,
        &source(one),
        &copy(canary("summary").into_bytes().into()),
    )?;
    copies::put_due(tx, &source(one), at(60))?;
    source_states::put(tx, &one, &node("mission-locale"), standing())?;
    Ok(())
}

pub(super) fn fill_about_the_node(tx: &mut Tx<'_>) -> Result<(), TableError> {
    let one = person(1);
    for kept in [change(1, Some(one)), change(2, None)] {
        changes::append(tx, kept.at, &kept.change)?;
    }
    outbox::push(
        tx,
        &node("mission-locale"),
        &outbox_item(OutboxKind::Receipt),
    )?;
    deliveries::put(
        tx,
        TokenId::from_bytes([1; 16]).into(),
        &node("mission-locale"),
        &delivery(),
    )?;
    inbox::put(
        tx,
        &node("mission-locale"),
        InboxId::Number(1),
        &inbox_item(),
        at(1_000_000),
    )?;
    sessions::put(tx, &session(1))?;
    agents::find_or_add(tx, &siret(), &subject(), at(1))?;
    blocked_agents::put(tx, &blocked_agent())?;
    assert!(used_tokens::spend(
        tx,
        &canary("issuer"),
        &TokenId::from_bytes([1; 16]),
        at(60)
    )?);
    requests::put(
        tx,
        &canary("system"),
        &canary("request-id"),
        &answered(),
        at(70),
    )?;
    peers::put(tx, &node("mission-locale"), &known_peer())?;
    exchange_index::put(tx, &entry(7, Some(one)))?;
    exchange_index::put(tx, &entry(8, None))?;
    peer_entries::put(tx, 7, Some(&one), &peer_entry())?;
    disclosures::put(tx, &one, &disclosure("mission-locale", 7))?;
    quotas::add(tx, at(0), "redemptions", &canary("agent"), 2)?;
    meta::put(
        tx,
        MetaName::TRUST_LIST,
        canary("trust-list").into_bytes().into(),
    )?;
    bind_keys(tx)
}

fn what_is_about_the_person(read: &View<'_>) -> Result<(), TableError> {
    let one = person(1);
    assert_eq!(persons::find(read, &one)?, Some(person_row(1)));
    assert_eq!(
        persons::find_by_reference(read, person_row(1).reference.expose())?,
        Some(person_row(1))
    );
    assert_eq!(
        persons::search(read, canary("search").as_bytes(), None, 10)?,
        [one]
    );
    assert_eq!(records::journey(read, &one)?, [record(1)]);
    let gone = record(9).id;
    assert_eq!(
        records::find_deleted(read, &one, &gone)?,
        Some(deleted_record(9))
    );
    assert_eq!(
        history::of_record(read, &one, &gone)?,
        [Former::Kept(record(9))]
    );
    let (waits, answered) = (rectification(1, one), answered_rectification(2, one));
    assert_eq!(
        rectifications::of_person(read, &one)?,
        [waits.clone(), answered.clone()]
    );
    let found = rectifications::find(read, &one, &answered.id)?;
    assert_eq!(found, Some(answered));
    let first = rectifications::waiting(read, None, 10)?;
    assert_eq!(first, std::slice::from_ref(&waits));
    let behind = rectifications::waiting(read, Some(waits.place()), 10)?;
    assert_eq!(behind, []);
    assert_eq!(records::find(read, &one, &record(1).id)?, Some(record(1)));
    assert_eq!(
        records::find_by_reference(read, &one, record(1).reference.expose())?,
        Some(record(1))
    );
    let link = link(1, one);
    assert_eq!(links::find(read, &link.id)?, Some(link.clone()));
    assert_eq!(
        links::of_person(read, &one)?.as_slice(),
        std::slice::from_ref(&link)
    );
    assert_eq!(links::live(read, &one, &link.peer)?, Some(link.clone()));
    let (unknown, peer) = ahead();
    assert_eq!(
        links::ended_ahead(read, &unknown, &peer)?,
        Some(ended_ahead())
    );
    let (sent, received) = (introduction(1, Some(one)), introduction(2, None));
    assert_eq!(introductions::sent(read, &sent.id)?, Some(sent.clone()));
    let all = introductions::all_sent(read, None, 10)?;
    assert_eq!(all, std::slice::from_ref(&sent));
    assert_eq!(introductions::all_sent(read, Some(&sent.id), 10)?, []);
    let all = introductions::all_received(read, None, 10)?;
    assert_eq!(all, std::slice::from_ref(&received));
    let found = introductions::introduced(read, &received.id)?;
    assert_eq!(found, Some(introduced()));
    let early = introduction(3, None).id;
    assert!(introductions::is_withdrawn_ahead(read, &early, &peer));
    assert!(!introductions::is_withdrawn_ahead(
        read,
        &early,
        &node("cap-emploi")
    ));
    assert_eq!(incidents::newest(read, None, 10)?, [incident(7, one)]);
    let assigned = assignment(one);
    let set = caseload::find(read, &assigned)?.unwrap();
    assert_eq!((&set.assignment, set.set_at), (&assigned, at(22)));
    assert_eq!(
        caseload::of_person(read, &one, None, 10)?,
        std::slice::from_ref(&set)
    );
    assert_eq!(caseload::of_person(read, &one, Some(&set.place), 10)?, []);
    let of_agent = caseload::of_agent(read, &assigned.agent, None, 10)?;
    assert_eq!(of_agent, std::slice::from_ref(&set));
    let after = Some((&one, &set.place));
    assert_eq!(caseload::of_agent(read, &assigned.agent, after, 10)?, []);
    assert_eq!(incidents::newest(read, Some(7), 10)?, []);
    assert_eq!(
        receipts::over_link(read, &link.id)?,
        [receipt(link.id, 1, 1)]
    );
    assert_eq!(
        withdrawals::over_link(read, &link.id)?,
        [withdrawn(link.id, 1)]
    );
    let withdrawal = withdrawals::find(
        read,
        &link.id,
        &node("departement"),
        &withdrawn(link.id, 1).chain,
    )?;
    assert_eq!(withdrawal, Some(withdrawn(link.id, 1)));
    let objected: Vec<_> = (1..)
        .zip(scopes())
        .map(|(number, scope)| objection(number, scope))
        .collect();
    assert_eq!(objections::of_person(read, &one)?, objected);
    let found = objections::find(
        read,
        &one,
        &node("departement"),
        &TokenId::from_bytes([1; 16]),
    )?;
    assert_eq!(found.as_ref(), objected.first());
    assert_eq!(
        passes::find(read, &PassId::from_bytes([1; 16]))?,
        Some(pass(1, one))
    );
    assert_eq!(passes::of_person(read, &one)?, [pass(1, one)]);
    assert_eq!(
        passes::redeemed(read, &pass(1, one).id, &node("mission-locale"))?,
        Some(link.id)
    );
    assert_eq!(
        passes::redeemed(read, &pass(1, one).id, &node("departement"))?,
        None
    );
    assert_eq!(
        disclosures::of_person(read, &one)?,
        [disclosure("mission-locale", 7)]
    );
    assert_eq!(
        disclosures::to_peer(read, &one, &node("mission-locale"))?,
        [disclosure("mission-locale", 7)]
    );
    Ok(())
}

fn what_is_asked_and_answered(read: &View<'_>) -> Result<(), TableError> {
    let one = person(1);
    assert_eq!(questions::find(read, &exchange(1))?, Some(question(1, one)));
    assert_eq!(questions::page(read, None, 10)?, [question(1, one)]);
    assert_eq!(questions::holders(read, &one)?, [question(1, one).holder]);
    assert_eq!(
        redemptions::find(read, &exchange(1))?,
        Some(redemption(1, one))
    );
    assert_eq!(redemptions::page(read, None, 10)?, [redemption(1, one)]);
    assert_eq!(
        attempts::find(read, &node("mission-locale"), &exchange(1))?,
        Some(attempts(at(50)))
    );
    assert_eq!(
        attempts::find(read, &node("departement"), &exchange(1))?,
        None
    );
    let held = Copy::Held(copy(canary("summary").into_bytes().into()));
    assert_eq!(copies::find(read, &source(one))?, Some(held.clone()));
    assert_eq!(copies::of_person(read, &one)?, [(source(one), held)]);
    assert_eq!(
        source_states::find(read, &one, &node("mission-locale"))?,
        Some(standing())
    );
    assert_eq!(
        source_states::of_person(read, &one)?,
        [(node("mission-locale"), standing())]
    );
    Ok(())
}

fn what_is_between_nodes(read: &View<'_>) -> Result<(), TableError> {
    let told = [change(1, Some(person(1))), change(2, None)];
    assert_eq!(changes::after(read, 0, 10)?, told);
    assert_eq!(changes::after(read, 1, 10)?, told[1..]);
    assert_eq!(changes::standing(read)?.newest, 2);
    assert_ne!(changes::mark(read, 1), changes::mark(read, 2));
    let peer = node("mission-locale");
    let waiting = outbox::first(read, &peer, 10)?;
    let [(place, item)] = &waiting[..] else {
        panic!("one item waits");
    };
    assert_eq!((place.priority, place.number), (1, 1));
    assert_eq!(*item, outbox_item(OutboxKind::Receipt));
    assert_eq!(outbox::find(read, place)?, Some(item.clone()));
    let subject = TokenId::from_bytes([1; 16]).into();
    assert_eq!(deliveries::find(read, subject, &peer)?, Some(delivery()));
    assert_eq!(
        deliveries::of_subject(read, subject)?,
        [(peer.clone(), delivery())]
    );
    assert_eq!(
        inbox::find(read, &peer, InboxId::Number(1))?,
        Some(inbox_item())
    );
    assert_eq!(inbox::find(read, &peer, InboxId::Number(2))?, None);
    assert_eq!(
        inbox::find(read, &peer, InboxId::Token(TokenId::from_bytes([0; 16])))?,
        None
    );
    assert_eq!(peers::find(read, &peer)?, Some(known_peer()));
    assert_eq!(peers::all(read)?, [(peer.clone(), known_peer())]);
    assert_eq!(peer_entries::find(read, 7)?, Some(peer_entry()));
    assert_eq!(
        exchange_index::find(read, 7)?,
        Some(entry(7, Some(person(1))))
    );
    assert_eq!(exchange_index::find(read, 8)?, Some(entry(8, None)));
    assert_eq!(exchange_index::find(read, 9)?, None);
    Ok(())
}

fn what_is_about_agents_and_the_node(read: &View<'_>) -> Result<(), TableError> {
    assert_eq!(sessions::find(read, &session(1).id)?, Some(session(1)));
    assert_eq!(sessions::page(read, None, 10)?, [session(1)]);
    assert_eq!(
        agents::find(read, &siret(), &subject())?
            .unwrap()
            .first_seen,
        at(1)
    );
    assert_eq!(
        blocked_agents::find(read, &subject())?,
        Some(blocked_agent())
    );
    let listed = blocked_agents::page(read, None, 10)?;
    assert_eq!(listed.len(), 1);
    assert_eq!(blocked_agents::page(read, Some(&listed[0].0), 10)?, []);
    assert_eq!(
        requests::find(read, &canary("system"), &canary("request-id"))?,
        Some(answered())
    );
    assert_eq!(requests::find(read, &canary("system"), "another")?, None);
    assert_eq!(
        quotas::used(read, at(0), "redemptions", &canary("agent"))?,
        2
    );
    assert_eq!(
        meta::find(read, MetaName::TRUST_LIST)?,
        Some(canary("trust-list").into_bytes().into())
    );
    assert_eq!(meta::find(read, MetaName::SCHEMA)?, None);
    Ok(())
}

fn scopes() -> [ObjectionScope; 4] {
    [
        ObjectionScope::All,
        ObjectionScope::Purposes(BTreeSet::from([Purpose::Assessment])),
        ObjectionScope::Sections(BTreeSet::from([Section::Diagnosis, Section::Status])),
        ObjectionScope::Requester(node("mission-locale")),
    ]
}
