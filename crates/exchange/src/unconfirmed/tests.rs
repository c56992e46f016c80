use std::time::Duration;

use passerelle_domain::vocabulary::{AgentRole, Class};

use super::*;
use crate::testing::{Federation, step};
use crate::{Direction, WithdrawAgreement};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const ELSEWHERE: &str = "association";

fn listed(federation: &Federation, size: u32, token: &str) -> Page<Unconfirmed> {
    let caller = federation.caseworker(HERE);
    let size = PageSize::from_wire(size).unwrap();
    let node = federation.node(HERE);
    node.list_unconfirmed(&caller, size, token).unwrap()
}

fn kinds(page: &Page<Unconfirmed>) -> Vec<(&str, OutboxKind)> {
    page.items
        .iter()
        .map(|one| (one.node.as_str(), one.kind))
        .collect()
}

#[tokio::test]
async fn what_partners_have_not_confirmed_is_listed_with_its_age_until_they_have() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    let other = federation.meet(ELSEWHERE, HERE, Class::MAX).await;
    federation.deliver_all().await;
    assert_eq!(listed(&federation, 0, "").items, []);

    federation.network().cut(HERE, THERE);
    federation.network().cut(HERE, ELSEWHERE);
    let node = federation.node(HERE);
    let caller = federation.caseworker(HERE);
    let mut chains = Vec::new();
    for (person, partner) in [(met.here, THERE), (other.here, ELSEWHERE)] {
        let request = federation.agreement(person, partner, Direction::PartnerToOwn, Class::MAX);
        let agreed = node.record_agreement(&caller, request).await.unwrap();
        chains.push(agreed[0].chain);
    }
    federation.pass(Duration::from_secs(3600));
    node.withdraw_agreement(
        &caller,
        WithdrawAgreement {
            person: met.here,
            chains: vec![chains[0]],
        },
    )
    .await
    .unwrap();

    for partner in [THERE, ELSEWHERE] {
        node.deliver_once(&partner.parse().unwrap()).await.unwrap();
    }
    let all = listed(&federation, 0, "");
    assert_eq!(
        kinds(&all),
        [
            (ELSEWHERE, OutboxKind::Receipt),
            (THERE, OutboxKind::Withdrawal),
            (THERE, OutboxKind::Receipt),
        ]
    );
    assert_eq!(all.next, None);
    let age = |at: usize| federation.now().since(all.items[at].since);
    assert!(age(0) >= Duration::from_secs(3600) && age(1) < Duration::from_secs(60));
    assert_eq!(all.items[1].person, Some(met.here));
    let mut away = all.items.iter().map(|one| one.unreachable_since.is_some());
    assert!(away.all(|away| away));
    let never_reached = |one: &Unconfirmed| (one.attempts, &*one.problem) == (0, "");
    assert!(all.items.iter().all(never_reached));

    // Page by page the same, each once.
    let mut paged = Vec::new();
    let mut token = String::new();
    loop {
        let page = listed(&federation, 1, &token);
        paged.extend(page.items);
        match page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(paged, all.items);

    federation.network().mend(HERE, THERE);
    federation.network().mend(HERE, ELSEWHERE);
    federation.deliver_all().await;
    assert_eq!(listed(&federation, 0, "").items, []);
}

#[tokio::test]
async fn that_an_answer_arrived_is_nobodys_work() {
    let federation = Federation::new(1);
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(HERE, met.link, THERE, HERE);
    federation.keep(&receipt).await;
    federation.deliver_all().await;
    let asked = federation.ask(HERE, met.here, THERE).await.unwrap();
    assert_eq!(asked, Some(1));
    assert_eq!(listed(&federation, 0, "").items, []);
}

#[tokio::test]
async fn an_operator_has_no_list_and_a_token_that_was_not_given_is_refused() {
    let federation = Federation::new(1);
    let node = federation.node(HERE);
    let operator = federation.caller(HERE, AgentRole::Operator, true);
    let refused = node.list_unconfirmed(&operator, PageSize::default(), "");
    assert_eq!(refused.err(), Some(ExchangeError::RoleNotAllowed));
    let caller = federation.caseworker(HERE);
    for token in [
        "a",
        "a.b.c",
        "mission-locale.0",
        "mission-locale.0.1.2",
        "..1",
    ] {
        match node.list_unconfirmed(&caller, PageSize::default(), token) {
            Err(ExchangeError::Malformed(fault)) => assert_eq!(fault.field(), "page_token"),
            other => panic!("{token}: {other:?}"),
        }
    }
}
