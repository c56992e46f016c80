use passerelle_domain::claim::NumericDate;
use passerelle_domain::vocabulary::{AgentRole, Class};
use passerelle_domain::{LinkId, TokenId};
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_store::tables::links::LinkState;

use super::*;
use crate::receipts::Keeping;
use crate::testing::{Federation, Statements, awa};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// The end of a link, which `THERE` sends to `HERE`.
fn end(federation: &Federation, link: LinkId, ground: LinkEndGround) -> LinkEnd {
    LinkEnd {
        issuer: THERE.parse().unwrap(),
        audience: HERE.parse().unwrap(),
        link,
        ground,
        issued_at: NumericDate::of(federation.now()),
        id: TokenId::random(federation.chance()),
    }
}

async fn take(federation: &Federation, claim: &LinkEnd) -> Outcome {
    let jwt = Statements::signed(THERE, claim);
    let taken = federation
        .deliver(THERE, HERE, vec![Item::LinkEnd(jwt)])
        .await;
    taken.into_iter().next().unwrap()
}

fn state(federation: &Federation, link: LinkId) -> Option<LinkState> {
    let found = federation
        .node(HERE)
        .read(|view| Ok(links::find(view, &link)?));
    found.unwrap().map(|link| link.state)
}

#[tokio::test]
async fn i5_an_end_that_comes_again_has_one_effect_and_one_answer_to_the_byte() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let claim = end(&federation, met.link, LinkEndGround::Unlinked);
    let first = take(&federation, &claim).await;
    assert!(matches!(first, Outcome::PurgeAnswer(_)), "{first:?}");
    assert_eq!(state(&federation, met.link), Some(LinkState::Ended));
    let (kinds, syncs) = (federation.kinds(HERE), federation.disk(HERE).files.syncs());
    federation.pass(Duration::from_secs(3600));
    assert_eq!(take(&federation, &claim).await, first);
    assert_eq!(federation.kinds(HERE), kinds);
    assert_eq!(federation.disk(HERE).files.syncs(), syncs);
}

#[tokio::test]
async fn i5_ends_come_in_any_order_and_the_worse_one_stays() {
    for wrong_first in [true, false] {
        let federation = Federation::new(1);
        let met = federation.meet(THERE, HERE, Class::MAX).await;
        let mut grounds = [LinkEndGround::Unlinked, LinkEndGround::WrongLink];
        if wrong_first {
            grounds.reverse();
        }
        for ground in grounds {
            take(&federation, &end(&federation, met.link, ground)).await;
        }
        assert_eq!(state(&federation, met.link), Some(LinkState::Reported));
    }
}

#[tokio::test]
async fn i13_the_end_of_a_link_tells_nobody_whether_it_is_known() {
    let federation = Federation::new(1);
    let known = federation.meet(THERE, HERE, Class::MAX).await.link;
    let elsewhere = federation.meet("association", HERE, Class::MAX).await.link;
    let unknown = LinkId::random(federation.chance());
    let mut lengths = Vec::new();
    for link in [known, elsewhere, unknown] {
        let outcome = take(
            &federation,
            &end(&federation, link, LinkEndGround::Unlinked),
        )
        .await;
        let Outcome::PurgeAnswer(jwt) = outcome else {
            panic!("{outcome:?}")
        };
        lengths.push(jwt.len());
    }
    assert_eq!(lengths, [lengths[0]; 3]);
    // Whose it is not ends nothing.
    assert_eq!(state(&federation, elsewhere), Some(LinkState::Live));
}

#[tokio::test]
async fn i3_an_end_that_comes_before_its_link_ends_it() {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "T", awa()).await;
    let here = federation.register(HERE, "H", awa()).await;
    let pass = crate::IssuePass {
        person: there,
        ceiling: None,
        valid_days: None,
    };
    let caller = federation.caseworker(THERE);
    let pass = federation.node(THERE).issue_pass(&caller, pass).await;
    let pass = pass.unwrap();
    let empty = || passerelle_domain::Pii::new(String::new());
    let request = crate::RedeemPass {
        person: here,
        exchange: passerelle_domain::ExchangeId::new(federation.now(), federation.chance()),
        pass_text: pass.secret.text(),
        pin: passerelle_domain::Pii::new(pass.pin.reveal().to_owned()),
        birth_name: empty(),
        first_name: empty(),
        birth_date: empty(),
    };
    let caller = federation.caseworker(HERE);
    // The answer that makes the link is lost; the issuer ends it meanwhile.
    federation.network().lose_answers(HERE, THERE, 1);
    let lost = federation
        .node(HERE)
        .redeem_pass(&caller, request.clone())
        .await;
    assert!(lost.is_err());
    let made = federation
        .node(THERE)
        .read(|view| Ok(links::of_person(view, &there)?));
    let link = made.unwrap().remove(0).id;
    take(
        &federation,
        &end(&federation, link, LinkEndGround::WrongLink),
    )
    .await;
    assert_eq!(state(&federation, link), None);
    // The lost answer is given again by an issuer that has not yet ended it in its own tables.
    federation
        .node(HERE)
        .redeem_pass(&caller, request)
        .await
        .unwrap();
    assert_eq!(state(&federation, link), Some(LinkState::Reported));
    // And the officer is told, as of any other.
    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let told = federation
        .node(HERE)
        .list_incidents(&officer, crate::PageSize::MAX, "");
    let told = told.unwrap().items;
    assert_eq!(
        told.iter()
            .map(|one| (one.link, one.person, one.reported_here))
            .collect::<Vec<_>>(),
        [(link, here, false)]
    );
    assert_eq!(
        federation
            .kinds(HERE)
            .iter()
            .filter(|kind| **kind == EntryKind::Unlinked)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_receipt_over_a_link_that_its_issuer_ended_is_refused_for_good() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let receipt = federation.receipt(THERE, met.link, THERE, HERE);
    take(
        &federation,
        &end(&federation, met.link, LinkEndGround::Unlinked),
    )
    .await;
    let jwt = Statements::signed(THERE, &receipt);
    let node = federation.node(HERE);
    let kept = node.keep_receipt(&federation.peer(THERE), &jwt).await;
    assert!(matches!(kept, Ok(Keeping::Refused(_))), "{kept:?}");
}

#[tokio::test]
async fn i3_the_end_of_a_link_is_taken_whatever_the_clocks_say() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let claim = LinkEnd {
        issued_at: NumericDate::of(federation.now().plus(Duration::from_secs(7200))),
        ..end(&federation, met.link, LinkEndGround::Unlinked)
    };
    take(&federation, &claim).await;
    assert_eq!(state(&federation, met.link), Some(LinkState::Ended));
}
