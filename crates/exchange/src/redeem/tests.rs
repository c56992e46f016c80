use std::time::Duration;

use passerelle_linkage::pass::PassStatus;
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::peer_entries;

use super::*;
use crate::passes::pass_row;
use crate::testing::{Federation, amina, awa};
use crate::{IssuePass, IssuedPass};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// A person who was given a pass at `THERE`, and stands before an agent of `HERE`.
struct Carried {
    there: PersonId,
    here: PersonId,
    pass: IssuedPass,
}

async fn carried(federation: &Federation) -> Carried {
    let there = federation.register(THERE, "T", awa()).await;
    Carried {
        there,
        here: federation.register(HERE, "H", awa()).await,
        pass: issue(federation, there).await,
    }
}

async fn issue(federation: &Federation, person: PersonId) -> IssuedPass {
    let caller = federation.caseworker(THERE);
    let issue = IssuePass {
        person,
        ceiling: Some(Class::Social),
        valid_days: None,
    };
    federation
        .node(THERE)
        .issue_pass(&caller, issue)
        .await
        .unwrap()
}

fn shown(federation: &Federation, person: PersonId, pass: &IssuedPass) -> RedeemPass {
    let empty = || Pii::new(String::new());
    RedeemPass {
        person,
        exchange: ExchangeId::new(federation.now(), federation.chance()),
        pass_text: pass.secret.text(),
        pin: Pii::new(pass.pin.reveal().to_owned()),
        birth_name: empty(),
        first_name: empty(),
        birth_date: empty(),
    }
}

async fn redeem(federation: &Federation, request: RedeemPass) -> Result<Redeemed, ExchangeError> {
    let caller = federation.caseworker(HERE);
    federation.node(HERE).redeem_pass(&caller, request).await
}

fn link(federation: &Federation, node: &str, person: PersonId) -> Vec<links::Link> {
    let all = federation
        .node(node)
        .read(|view| Ok(links::of_person(view, &person)?));
    all.unwrap()
}

fn left(federation: &Federation, pass: &IssuedPass) -> (u64, u64) {
    let kept = federation
        .node(THERE)
        .read(|view| Ok(passerelle_store::tables::passes::find(view, &pass.id)?));
    let row = serde_json::to_value(pass_row(&kept.unwrap().unwrap()).unwrap()).unwrap();
    let live = &row["state"]["live"];
    let count = |name: &str| live[name].as_u64().unwrap();
    (count("redemptions_left"), count("attempts_left"))
}

#[tokio::test]
async fn a_pass_and_its_pin_make_the_link() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let redeemed = redeem(&federation, shown(&federation, carried.here, &carried.pass)).await;
    let redeemed = redeemed.unwrap();
    assert_eq!(
        (redeemed.node.as_str(), redeemed.ceiling),
        (THERE, Class::Social)
    );

    let (here, there) = (
        link(&federation, HERE, carried.here).remove(0),
        link(&federation, THERE, carried.there).remove(0),
    );
    assert_eq!((here.id, here.ceiling), (there.id, there.ceiling));
    assert_eq!((here.own_redemption, there.own_redemption), (false, true));
    assert_eq!(there.born_from, Some(carried.pass.id));
    assert_eq!(left(&federation, &carried.pass), (2, 5));
    assert_eq!(
        federation.kinds(HERE),
        [EntryKind::Asked, EntryKind::Received]
    );
    assert_eq!(federation.kinds(THERE), [EntryKind::Redeemed]);

    // Its acknowledgement is kept beside the entry of the issuer (I12).
    federation.deliver_all().await;
    let shown = federation
        .node(THERE)
        .read(|view| Ok(peer_entries::find(view, 0)?));
    let shown = Entry::parse(&shown.unwrap().unwrap().entry).unwrap();
    assert_eq!(
        (shown.kind, shown.outcome),
        (EntryKind::Received, Outcome::Done)
    );
}

#[tokio::test]
async fn i5_an_attempt_whose_answer_was_lost_is_repeated_and_uses_nothing_more() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let request = shown(&federation, carried.here, &carried.pass);
    federation.network().lose_answers(HERE, THERE, 1);
    let since = federation.now();
    let lost = redeem(&federation, request.clone()).await;
    assert!(
        matches!(lost, Err(ExchangeError::PeerUnreachable { .. })),
        "{lost:?} since {since}"
    );
    assert!(redeem(&federation, request.clone()).await.is_ok());
    assert_eq!(left(&federation, &carried.pass), (2, 5));
    let here = link(&federation, HERE, carried.here);
    assert_eq!(here[0].id, link(&federation, THERE, carried.there)[0].id);
    assert_eq!(here.len(), 1);
    let attempts: Vec<_> = federation
        .entries(THERE)
        .iter()
        .map(|entry| entry.attempt)
        .collect();
    assert_eq!(attempts, [Some(1), Some(2)]);

    // Once answered, a repeated call asks nobody again.
    let calls = federation.network().sent().len();
    assert!(redeem(&federation, request).await.is_ok());
    assert_eq!(federation.network().sent().len(), calls);
}

#[tokio::test]
async fn a_person_who_is_linked_already_keeps_the_link_and_uses_no_redemption() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    redeem(&federation, shown(&federation, carried.here, &carried.pass))
        .await
        .unwrap();
    let before = link(&federation, HERE, carried.here);
    // The same pass once more, and another one.
    redeem(&federation, shown(&federation, carried.here, &carried.pass))
        .await
        .unwrap();
    let second = issue(&federation, carried.there).await;
    redeem(&federation, shown(&federation, carried.here, &second))
        .await
        .unwrap();
    assert_eq!(link(&federation, HERE, carried.here), before);
    assert_eq!(link(&federation, THERE, carried.there).len(), 1);
    assert_eq!(left(&federation, &carried.pass), (2, 5));
    assert_eq!(left(&federation, &second), (3, 5));
}

#[tokio::test]
async fn i5_a_refusal_repeated_is_not_tried_again() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let mut wrong = shown(&federation, carried.here, &carried.pass);
    wrong.birth_name = Pii::new("Personne".to_owned());
    assert_eq!(
        redeem(&federation, wrong.clone()).await,
        Err(ExchangeError::PassRefused)
    );
    assert_eq!(left(&federation, &carried.pass), (3, 4));
    assert_eq!(
        redeem(&federation, wrong.clone()).await,
        Err(ExchangeError::PassRefused)
    );
    assert_eq!(left(&federation, &carried.pass), (3, 4));
    // The right name under the same id is another attempt, which takes another id.
    let anew = RedeemPass {
        exchange: ExchangeId::new(federation.now(), federation.chance()),
        birth_name: Pii::new(String::new()),
        ..wrong
    };
    assert!(redeem(&federation, anew).await.is_ok());
}

#[tokio::test]
async fn an_exchange_id_is_good_for_what_was_shown_with_it() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let request = shown(&federation, carried.here, &carried.pass);
    federation.network().cut(HERE, THERE);
    let failed = redeem(&federation, request.clone()).await;
    assert!(matches!(failed, Err(ExchangeError::PeerUnreachable { .. })));
    federation.network().mend(HERE, THERE);
    let other_pin = RedeemPass {
        pin: Pii::new("000000".to_owned()),
        ..request.clone()
    };
    let other_person = RedeemPass {
        person: federation.register(HERE, "H-2", awa()).await,
        ..request.clone()
    };
    for other in [other_pin, other_person] {
        let reused = redeem(&federation, other).await;
        assert_eq!(reused, Err(ExchangeError::IdReused("exchange_id")));
    }
    assert!(redeem(&federation, request).await.is_ok());
    assert_eq!(
        federation.kinds(HERE),
        [
            EntryKind::Asked,
            EntryKind::Failed,
            EntryKind::Asked,
            EntryKind::Received
        ]
    );
}

#[tokio::test]
async fn a_link_stands_about_one_person_here() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    redeem(&federation, shown(&federation, carried.here, &carried.pass))
        .await
        .unwrap();
    let before = link(&federation, HERE, carried.here);
    // A second file of the same human, to which the issuer gives the link that stands.
    let second = federation.register(HERE, "H-2", awa()).await;
    let refused = redeem(&federation, shown(&federation, second, &carried.pass)).await;
    assert!(
        matches!(refused, Err(ExchangeError::PeerAnswerRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(link(&federation, HERE, carried.here), before);
    assert_eq!(link(&federation, HERE, second), []);
    assert_eq!(federation.kinds(HERE).last(), Some(&EntryKind::Failed));
}

#[tokio::test]
async fn one_link_stands_with_one_node_about_one_person() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let old = LinkId::random(federation.chance());
    federation
        .link_at(HERE, carried.here, old, THERE, Class::MAX)
        .await;
    redeem(&federation, shown(&federation, carried.here, &carried.pass))
        .await
        .unwrap();
    let all = link(&federation, HERE, carried.here);
    let live: Vec<_> = all
        .iter()
        .filter(|link| link.state == LinkState::Live)
        .collect();
    assert_eq!((all.len(), live.len()), (2, 1));
    assert_ne!(live[0].id, old);
}

#[tokio::test]
async fn i10_what_was_shown_is_kept_until_it_is_answered_and_no_longer() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let request = shown(&federation, carried.here, &carried.pass);
    let kept = || {
        let node = federation.node(HERE);
        let found = node.read(|view| Ok(redemptions::find(view, &request.exchange)?));
        found.unwrap().unwrap().question.expose().len()
    };
    federation.network().cut(HERE, THERE);
    let _unreachable = redeem(&federation, request.clone()).await;
    assert!(kept() > 0);
    federation.network().mend(HERE, THERE);
    redeem(&federation, request.clone()).await.unwrap();
    assert_eq!(kept(), 0);
    let printed = format!("{request:?}");
    assert!(!printed.contains(carried.pass.pin.reveal()), "{printed}");
}

/// An agent opens a session for the first time.
async fn appears(federation: &Federation, caller: Caller) {
    let node = federation.node(HERE);
    let seen = node.transact("seen", move |tx| {
        agents::find_or_add(tx, &caller.siret, &caller.subject, tx.now())?;
        Ok(())
    });
    seen.await.unwrap();
}

#[tokio::test]
async fn an_agent_who_is_new_redeems_few_passes_a_day_for_a_week() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    appears(&federation, federation.caseworker(HERE)).await;
    let one = || shown(&federation, carried.here, &carried.pass);
    for _ in 0..5 {
        redeem(&federation, one()).await.unwrap();
    }
    let refused = redeem(&federation, one()).await;
    assert_eq!(refused, Err(ExchangeError::QuotaExceeded));
    federation.pass(Duration::from_secs(7 * 24 * 3600));
    for _ in 0..6 {
        redeem(&federation, one()).await.unwrap();
    }
}

#[tokio::test]
async fn redemptions_a_day_are_bounded_by_role_and_repetitions_do_not_count() {
    let federation = Federation::new(1);
    for role in [AgentRole::Caseworker, AgentRole::Reception] {
        appears(&federation, federation.caller(HERE, role, true)).await;
    }
    federation.pass(Duration::from_secs(7 * 24 * 3600));
    let carried = carried(&federation).await;
    let first = shown(&federation, carried.here, &carried.pass);
    federation.network().lose_answers(HERE, THERE, 1);
    let _lost = redeem(&federation, first.clone()).await;
    redeem(&federation, first).await.unwrap();
    for _ in 1..30 {
        redeem(&federation, shown(&federation, carried.here, &carried.pass))
            .await
            .unwrap();
    }
    let one_more = || shown(&federation, carried.here, &carried.pass);
    let refused = redeem(&federation, one_more()).await;
    assert_eq!(refused, Err(ExchangeError::QuotaExceeded));
    let node = federation.node(HERE);
    let reception = federation.caller(HERE, AgentRole::Reception, true);
    assert!(node.redeem_pass(&reception, one_more()).await.is_ok());
    let operator = federation.caller(HERE, AgentRole::Operator, true);
    let refused = node.redeem_pass(&operator, one_more()).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    federation.pass(Duration::from_secs(24 * 3600));
    assert!(redeem(&federation, one_more()).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_a_pass_of_a_member_is_refused_before_anything_is_logged() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let good = shown(&federation, carried.here, &carried.pass);
    let refused = async |request: RedeemPass| match redeem(&federation, request).await {
        Err(ExchangeError::Malformed(malformed)) => malformed.field().to_owned(),
        other => panic!("{other:?}"),
    };
    let text = |text: &str| Pii::new(text.to_owned());
    let with_text = |pass_text| RedeemPass {
        pass_text,
        ..good.clone()
    };
    assert_eq!(refused(with_text(text("PSR1-0000"))).await, "pass_text");
    let own = PassSecret::random(HERE.parse().unwrap(), federation.chance());
    assert_eq!(refused(with_text(own.text())).await, "pass_text");
    let pin = RedeemPass {
        pin: text("12345"),
        ..good.clone()
    };
    assert_eq!(refused(pin).await, "pin");
    let date = RedeemPass {
        birth_date: text("12/04/2000"),
        ..good.clone()
    };
    assert_eq!(refused(date).await, "birth_date");
    let stranger = PassSecret::random("nobody-known".parse().unwrap(), federation.chance());
    let unknown = redeem(&federation, with_text(stranger.text())).await;
    assert_eq!(unknown, Err(ExchangeError::MemberUnknown));
    let nobody = RedeemPass {
        person: PersonId::random(federation.chance()),
        ..good.clone()
    };
    assert_eq!(
        redeem(&federation, nobody).await,
        Err(ExchangeError::PersonNotFound)
    );
    assert_eq!(
        (federation.kinds(HERE), federation.kinds(THERE)),
        (vec![], vec![])
    );
    let status = {
        let kept = federation.node(THERE).read(|view| {
            Ok(passerelle_store::tables::passes::find(
                view,
                &carried.pass.id,
            )?)
        });
        pass_row(&kept.unwrap().unwrap())
            .unwrap()
            .status(federation.now())
    };
    assert_eq!(status, PassStatus::Usable);
}

#[tokio::test]
async fn somebody_else_who_carries_the_pass_is_refused() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let other = federation.register(HERE, "H-2", amina()).await;
    let refused = redeem(&federation, shown(&federation, other, &carried.pass)).await;
    assert_eq!(refused, Err(ExchangeError::PassRefused));
    assert_eq!(link(&federation, HERE, other), []);
}

#[tokio::test]
async fn a_node_that_was_rolled_back_redeems_and_asks_nothing() {
    let federation = Federation::new(1);
    let carried = carried(&federation).await;
    let request = shown(&federation, carried.here, &carried.pass);
    federation.show_rolled_back(HERE);
    let refused = redeem(&federation, request).await.unwrap_err();
    assert_eq!(refused, ExchangeError::RolledBack);
    let asked = federation.ask(HERE, carried.here, THERE).await;
    assert_eq!(asked, Err(ExchangeError::RolledBack));
    assert_eq!(federation.kinds(HERE), []);
    assert_eq!(federation.kinds(THERE), []);
}
