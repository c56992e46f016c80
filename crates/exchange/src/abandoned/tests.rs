use std::time::Duration;

use passerelle_domain::vocabulary::Class;
use passerelle_domain::{ExchangeId, Pii};

use super::*;
use crate::testing::{Federation, step};
use crate::{IssuePass, RedeemPass};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn what_nobody_answered_in_a_day_is_closed_once() {
    let mut federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    federation.network().cut(HERE, THERE);
    assert!(federation.ask(HERE, met.here, THERE).await.is_err());
    let kinds = [
        EntryKind::Asked,
        EntryKind::Received,
        EntryKind::Asked,
        EntryKind::Failed,
    ];
    let node = federation.node(HERE);
    federation.pass(DAY);
    // It cannot be asked any more, and whoever began just before may still be asking.
    assert_eq!(node.close_abandoned().await, Ok(0));
    assert_eq!(federation.kinds(HERE), kinds);
    federation.pass(Duration::from_secs(601));
    federation.restart(HERE).await;
    let node = federation.node(HERE);
    assert_eq!(node.close_abandoned().await, Ok(1));
    assert_eq!(node.close_abandoned().await, Ok(0));
    let closed = federation.entries(HERE).pop().unwrap();
    assert_eq!(
        (closed.kind, closed.attempt),
        (EntryKind::Abandoned, Some(1))
    );
    assert_eq!(federation.kinds(HERE).len(), kinds.len() + 1);
}

#[tokio::test]
async fn i10_a_redemption_that_is_abandoned_forgets_what_was_shown() {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "T", crate::testing::awa()).await;
    let here = federation.register(HERE, "H", crate::testing::awa()).await;
    let caller = federation.caseworker(THERE);
    let issue = IssuePass {
        person: there,
        ceiling: None,
        valid_days: None,
    };
    let pass = federation
        .node(THERE)
        .issue_pass(&caller, issue)
        .await
        .unwrap();
    federation.network().cut(HERE, THERE);
    let exchange = ExchangeId::new(federation.now(), federation.chance());
    let empty = || Pii::new(String::new());
    let request = RedeemPass {
        person: here,
        exchange,
        pass_text: pass.secret.text(),
        pin: Pii::new(pass.pin.reveal().to_owned()),
        birth_name: empty(),
        first_name: empty(),
        birth_date: empty(),
    };
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    assert!(node.redeem_pass(&caller, request).await.is_err());
    federation.pass(DAY + DAY);
    node.keep_up().await.unwrap();
    let kept = node
        .read(|view| Ok(redemptions::find(view, &exchange)?))
        .unwrap()
        .unwrap();
    assert_eq!(kept.state, QuestionState::Abandoned);
    assert!(kept.question.expose().is_empty());
    let closed = federation.entries(HERE).pop().unwrap();
    let asked = federation.entries(HERE).remove(0);
    assert_eq!(
        (closed.kind, closed.question),
        (EntryKind::Abandoned, asked.question)
    );
}

#[tokio::test]
async fn an_exchange_that_is_begun_late_is_not_passed_over() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    federation.network().cut(HERE, THERE);
    let (caller, node) = (federation.caseworker(HERE), federation.node(HERE));
    let early = federation.question(met.here, THERE);
    federation.pass(DAY);
    let late = federation.question(met.here, THERE);
    assert!(node.fetch_summary(&caller, late).await.is_err());
    // Made a day ago by the agency system, and sent only now.
    assert_eq!(node.close_abandoned().await, Ok(0));
    assert!(node.fetch_summary(&caller, early).await.is_err());
    federation.pass(Duration::from_secs(601));
    assert_eq!(node.close_abandoned().await, Ok(1));
    federation.pass(DAY);
    assert_eq!(node.close_abandoned().await, Ok(1));
}
