use passerelle_domain::claim::ObjectionScope;
use passerelle_proto::exchange::v1::delivery_answer::Outcome as Answer;
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_store::sim::Crash;
use passerelle_store::tables::links::LinkState;

use super::*;
use crate::testing::{Federation, amina, awa, notice};
use crate::{Objecting, PageSize, RecordObjection};

const HERE: &str = "mission-locale";
const THERE: &str = "departement";

fn request(person: PersonId) -> Introduce {
    Introduce {
        person,
        request: RequestId::new("one").unwrap(),
        node: THERE.parse().unwrap(),
        purpose: Purpose::PathwayFollowUp,
        notice: notice(),
        given_by: GivenBy::Person,
        message: Pii::new("Elle cherche une formation.".to_owned()),
        ceiling: None,
        valid_days: None,
    }
}

async fn introduced(federation: &Federation) -> (PersonId, TokenId) {
    let person = federation.register(HERE, "awa", awa()).await;
    let file = introduce(federation, request(person)).await.unwrap();
    (person, file.introduction.id)
}

async fn introduce(
    federation: &Federation,
    request: Introduce,
) -> Result<IntroductionFile, ExchangeError> {
    let caller = federation.caseworker(HERE);
    federation.node(HERE).introduce(&caller, request).await
}

async fn accept(
    federation: &Federation,
    id: TokenId,
    birth_date: &str,
    into: AcceptInto,
) -> Result<IntroductionFile, ExchangeError> {
    let accept = AcceptIntroduction {
        id,
        birth_date: Pii::new(birth_date.to_owned()),
        into,
    };
    let caller = federation.caseworker(THERE);
    federation
        .node(THERE)
        .accept_introduction(&caller, accept)
        .await
}

fn new_file() -> AcceptInto {
    AcceptInto::New(Pii::new("new".to_owned()))
}

fn sent_row(federation: &Federation, id: TokenId) -> Introduction {
    let found = federation.node(HERE).read(|view| sent(view, &id));
    found.unwrap()
}

fn received_row(federation: &Federation, id: TokenId) -> Introduction {
    let found = federation
        .node(THERE)
        .read(|view| Ok(introductions::received(view, &id)?));
    found.unwrap().unwrap()
}

fn is_known_there(federation: &Federation, id: TokenId) -> bool {
    let found = federation
        .node(THERE)
        .read(|view| Ok(introductions::introduced(view, &id)?));
    found.unwrap().is_some()
}

fn link_at(federation: &Federation, node: &str, id: LinkId) -> Option<LinkState> {
    let found = federation
        .node(node)
        .read(|view| Ok(links::find(view, &id)?));
    found.unwrap().map(|link| link.state)
}

fn list(federation: &Federation, node: &str, side: IntroductionSide) -> Vec<IntroductionFile> {
    let filter = IntroductionFilter {
        side,
        person: None,
        waiting: false,
    };
    let caller = federation.caseworker(node);
    let listed = federation
        .node(node)
        .list_introductions(&caller, filter, PageSize::MAX, "");
    listed.unwrap().items
}

/// What travels of introductions, in its order.
fn travelling(federation: &Federation) -> Vec<(bool, String)> {
    let (mut all, own) = (Vec::new(), HERE.parse().unwrap());
    for node in [HERE, THERE] {
        let peer = if node == HERE { THERE } else { HERE };
        let waits = federation
            .node(node)
            .read(|view| Ok(outbox::first(view, &peer.parse()?, usize::MAX)?));
        for (place, item) in waits.unwrap() {
            let jwt = String::from_utf8(item.item.to_vec()).unwrap();
            all.push((place.peer != own, jwt));
        }
    }
    all
}

#[tokio::test]
async fn a_person_who_is_introduced_is_linked_once_their_birth_date_is_said() {
    let federation = Federation::new(1);
    let (person, id) = introduced(&federation).await;
    federation.deliver_all().await;
    let listed = list(&federation, THERE, IntroductionSide::Received);
    let shown = listed[0].shown.clone().unwrap();
    assert_eq!(shown.initials.expose(), "A. D.");
    assert_eq!(shown.message.expose(), "Elle cherche une formation.");
    let accepted = accept(&federation, id, "2000-04-12", new_file())
        .await
        .unwrap();
    let link = accepted.introduction.link.unwrap();
    assert!(!is_known_there(&federation, id));
    federation.deliver_all().await;
    let row = sent_row(&federation, id);
    assert_eq!(
        (row.state, row.link),
        (IntroductionState::Accepted, Some(link))
    );
    for node in [HERE, THERE] {
        assert_eq!(link_at(&federation, node, link), Some(LinkState::Live));
    }
    let standing = federation
        .node(HERE)
        .read(|view| Ok(links::live(view, &person, &THERE.parse()?)?));
    assert_eq!(
        standing.unwrap().unwrap().ceiling,
        Some(Class::LivingConditions)
    );
    // Again, with nothing more of it.
    let again = accept(&federation, id, "2000-04-12", new_file())
        .await
        .unwrap();
    assert_eq!(again.introduction.link, Some(link));
}

#[tokio::test]
async fn i1_five_birth_dates_that_are_not_the_persons_destroy_who_it_is() {
    let federation = Federation::new(1);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    for day in 13..18 {
        assert!(is_known_there(&federation, id));
        let missed = accept(&federation, id, &format!("2000-04-{day}"), new_file()).await;
        assert_eq!(missed, Err(ExchangeError::PassRefused));
    }
    assert!(!is_known_there(&federation, id));
    let right = accept(&federation, id, "2000-04-12", new_file()).await;
    assert_eq!(right, Err(ExchangeError::PassRefused));
    federation.deliver_all().await;
    assert_eq!(sent_row(&federation, id).state, IntroductionState::Other);
}

#[tokio::test]
async fn i1_who_it_is_goes_when_it_is_declined_withdrawn_or_expired() {
    let federation = Federation::new(1);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    let (there, agent) = (federation.node(THERE), federation.caseworker(THERE));
    let reason = IntroductionOutcome::NoCapacity;
    there
        .decline_introduction(&agent, id, reason)
        .await
        .unwrap();
    assert!(!is_known_there(&federation, id));
    federation.deliver_all().await;
    assert_eq!(
        sent_row(&federation, id).state,
        IntroductionState::NoCapacity
    );

    let federation = Federation::new(2);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    let (here, agent) = (federation.node(HERE), federation.caseworker(HERE));
    here.withdraw_introduction(&agent, id).await.unwrap();
    federation.deliver_all().await;
    assert!(!is_known_there(&federation, id));
    assert_eq!(
        received_row(&federation, id).state,
        IntroductionState::Withdrawn
    );

    let federation = Federation::new(3);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    federation.pass(DAY * 30);
    let late = accept(&federation, id, "2000-04-12", new_file()).await;
    assert!(matches!(late, Err(ExchangeError::Malformed(_))), "{late:?}");
    assert!(
        list(&federation, THERE, IntroductionSide::Received)[0]
            .shown
            .is_none()
    );
    federation.node(THERE).keep_up().await.unwrap();
    assert!(!is_known_there(&federation, id));
}

#[tokio::test]
async fn i1_a_withdrawal_keeps_back_what_has_not_gone() {
    let federation = Federation::new(1);
    federation.network().cut(HERE, THERE);
    let (_, id) = introduced(&federation).await;
    let (here, agent) = (federation.node(HERE), federation.caseworker(HERE));
    here.withdraw_introduction(&agent, id).await.unwrap();
    let traits: Vec<_> = travelling(&federation);
    assert_eq!(traits.len(), 1, "the withdrawal alone");
    federation.network().mend(HERE, THERE);
    federation.pass(DAY);
    federation.deliver_all().await;
    assert!(list(&federation, THERE, IntroductionSide::Received).is_empty());
}

#[tokio::test]
async fn i2_the_log_names_the_exact_bytes_before_they_go() {
    let federation = Federation::new(1);
    federation.network().cut(HERE, THERE);
    let (_, _) = introduced(&federation).await;
    let (_, jwt) = travelling(&federation).remove(0);
    let digest = Some(Digest::of(jwt.as_bytes()));
    let named = |node: &str| {
        let entries = federation.entries(node);
        entries
            .iter()
            .any(|entry| entry.body == digest && entry.kind == EntryKind::Introduced)
    };
    assert!(named(HERE));
    assert!(!named(THERE));
    federation.network().mend(HERE, THERE);
    federation.pass(DAY);
    federation.deliver_all().await;
    assert!(named(THERE), "both logs name the same bytes (I12)");
}

#[tokio::test]
async fn i5_orders_that_come_again_and_in_any_order_have_one_effect() {
    let mut federation = Federation::new(1);
    federation.network().cut(HERE, THERE);
    let (_, id) = introduced(&federation).await;
    let introduction = travelling(&federation).remove(0).1;
    let (here, agent) = (federation.node(HERE), federation.caseworker(HERE));
    let order = || Item::Introduction(introduction.clone());
    let mut ahead = federation.fork();
    here.withdraw_introduction(&agent, id).await.unwrap();
    let withdrawal = travelling(&federation).remove(0).1;
    let reply = || Item::IntroductionReply(withdrawal.clone());
    // The withdrawal first: nothing is kept of who it is.
    federation
        .deliver(HERE, THERE, vec![reply(), order(), reply(), order()])
        .await;
    assert!(!is_known_there(&federation, id));
    federation.crash(THERE, Crash::Whole, 0);
    federation.deliver(HERE, THERE, vec![order()]).await;
    assert!(!is_known_there(&federation, id));
    // The introduction twice, and its acceptance twice.
    for _ in 0..2 {
        let taken = ahead.deliver(HERE, THERE, vec![order(), order()]).await;
        assert!(
            taken.iter().all(|answer| matches!(answer, Answer::Done(_))),
            "{taken:?}"
        );
    }
    let link = accept(&ahead, id, "2000-04-12", new_file()).await.unwrap();
    let accepted = travelling(&ahead)
        .into_iter()
        .find(|(there, _)| !there)
        .unwrap()
        .1;
    ahead.crash(THERE, Crash::Whole, 0);
    for _ in 0..2 {
        ahead
            .deliver(THERE, HERE, vec![Item::IntroductionReply(accepted.clone())])
            .await;
    }
    let link = link.introduction.link.unwrap();
    assert_eq!(link_at(&ahead, HERE, link), Some(LinkState::Live));
    let of_it = |kind: &EntryKind| *kind == EntryKind::Introduced;
    assert_eq!(ahead.kinds(HERE).into_iter().filter(of_it).count(), 2);
}

#[tokio::test]
async fn a_withdrawal_that_crosses_the_acceptance_ends_the_link_on_both_sides() {
    let federation = Federation::new(1);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    let accepted = accept(&federation, id, "2000-04-12", new_file())
        .await
        .unwrap();
    let (here, agent) = (federation.node(HERE), federation.caseworker(HERE));
    here.withdraw_introduction(&agent, id).await.unwrap();
    federation.deliver_all().await;
    let link = accepted.introduction.link.unwrap();
    for node in [HERE, THERE] {
        assert_eq!(
            link_at(&federation, node, link),
            Some(LinkState::Ended),
            "{node}"
        );
    }
}

#[tokio::test]
async fn whoever_is_hidden_or_objects_is_introduced_to_nobody() {
    let federation = Federation::new(1);
    let person = federation.register(HERE, "awa", awa()).await;
    let hidden = federation.register(HERE, "amina", amina()).await;
    federation.protect(HERE, hidden).await;
    let refused = introduce(&federation, request(hidden)).await;
    let why = RefusalReason::ProtectedMembership;
    assert_eq!(refused, Err(ExchangeError::PaperFails(why)));
    let objection = RecordObjection {
        person,
        request: RequestId::new("objection").unwrap(),
        objection: Objecting::To(ObjectionScope::Requester(THERE.parse().unwrap())),
    };
    let (here, agent) = (federation.node(HERE), federation.caseworker(HERE));
    here.record_objection(&agent, objection).await.unwrap();
    let refused = introduce(&federation, request(person)).await;
    assert_eq!(
        refused,
        Err(ExchangeError::PaperFails(RefusalReason::Objection))
    );
    assert!(travelling(&federation).is_empty());
}

#[tokio::test]
async fn nobody_is_introduced_to_whoever_may_not_ask_for_it() {
    let federation = Federation::new(1);
    let person = federation.register(HERE, "awa", awa()).await;
    federation.amend_list(|list| {
        for member in list
            .members
            .iter_mut()
            .filter(|member| member.node.as_str() == THERE)
        {
            member.rights.purposes.remove(&Purpose::PathwayFollowUp);
        }
    });
    let refused = introduce(&federation, request(person)).await;
    let why = RefusalReason::OrganisationNotEntitled;
    assert_eq!(refused, Err(ExchangeError::NotEntitled(why)));
}

#[tokio::test]
async fn a_link_that_stands_is_given_and_nothing_is_sent() {
    let federation = Federation::new(1);
    let met = federation.meet(HERE, THERE, Class::MAX).await;
    let file = introduce(&federation, request(met.there)).await.unwrap();
    assert_eq!(file.introduction.link, Some(met.link));
    assert!(travelling(&federation).is_empty());
}

#[tokio::test]
async fn the_file_that_accepts_is_the_persons_own() {
    let federation = Federation::new(1);
    let (_, id) = introduced(&federation).await;
    federation.deliver_all().await;
    let other = federation.register(THERE, "amina", amina()).await;
    let wrong = accept(&federation, id, "2000-04-12", AcceptInto::Person(other)).await;
    assert!(
        matches!(wrong, Err(ExchangeError::Malformed(_))),
        "{wrong:?}"
    );
    let own = federation.register(THERE, "awa", awa()).await;
    let accepted = accept(&federation, id, "2000-04-12", AcceptInto::Person(own)).await;
    assert_eq!(accepted.unwrap().introduction.person, Some(own));
}

#[tokio::test]
async fn a_call_that_is_repeated_introduces_nobody_again() {
    let federation = Federation::new(1);
    let (person, id) = introduced(&federation).await;
    let again = introduce(&federation, request(person)).await.unwrap();
    assert_eq!(again.introduction.id, id);
    let other = Introduce {
        valid_days: Some(3),
        ..request(person)
    };
    let other = introduce(&federation, other).await;
    assert_eq!(other, Err(ExchangeError::IdReused("request_id")));
}

#[tokio::test]
async fn i1_what_was_not_delivered_before_its_end_never_goes() {
    let federation = Federation::new(1);
    federation.network().cut(HERE, THERE);
    let (_, id) = introduced(&federation).await;
    federation.network().mend(HERE, THERE);
    let sent = list(&federation, HERE, IntroductionSide::Sent);
    let ends = sent.iter().find(|one| one.introduction.id == id).unwrap();
    federation.pass(ends.introduction.expires_at.since(federation.now()));
    let before = federation.network().sent().len();
    federation.deliver_all().await;
    assert!(travelling(&federation).is_empty());
    let went = federation.network().sent().split_off(before);
    let went = went.iter().filter(|sent| sent.from.as_str() == HERE);
    assert_eq!(went.count(), 0, "its traits stay where they are");
}
