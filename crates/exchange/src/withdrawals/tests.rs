use passerelle_domain::Digest;
use passerelle_domain::vocabulary::{AgentRole, Class, RefusalReason};
use passerelle_store::tables::copies::{self, Copy};
use passerelle_store::tables::deliveries::{self, DeliveryState};
use passerelle_store::tables::requests;

use super::*;
use crate::testing::{Federation, Met, Task, step};
use crate::{AgreementOutcome, Direction};

mod interleavings;

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// A person about whom `HERE` may ask `THERE`, which has one record.
async fn agreed(federation: &Federation) -> (Met, AgreementOutcome) {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let caller = federation.caseworker(HERE);
    let request = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
    let outcomes = federation
        .node(HERE)
        .record_agreement(&caller, request)
        .await;
    federation.deliver_all().await;
    (met, outcomes.unwrap().remove(0))
}

async fn withdraw(
    federation: &Federation,
    node: &str,
    person: PersonId,
    chain: ChainId,
) -> WithdrawalOutcome {
    let caller = federation.caseworker(node);
    let request = WithdrawAgreement {
        person,
        chains: vec![chain],
    };
    let outcomes = federation
        .node(node)
        .withdraw_agreement(&caller, request)
        .await;
    outcomes.unwrap().remove(0)
}

fn copy(federation: &Federation, person: PersonId) -> Option<Copy> {
    let all = federation
        .node(HERE)
        .read(|view| Ok(copies::of_person(view, &person)?));
    all.unwrap().pop().map(|(_, copy)| copy)
}

#[tokio::test]
async fn i3_a_withdrawal_by_the_asker_ends_it_at_once_and_is_confirmed_by_the_holder() {
    let federation = Federation::new(1);
    let (met, agreement) = agreed(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));

    federation.network().cut(HERE, THERE);
    let outcome = withdraw(&federation, HERE, met.here, agreement.chain).await;
    assert_eq!(outcome.delivery.state, DeliveryState::Queued);
    assert!(matches!(
        copy(&federation, met.here),
        Some(Copy::Purged { records: 1, .. })
    ));
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn))
    );

    federation.network().mend(HERE, THERE);
    federation.deliver_all().await;
    let again = withdraw(&federation, HERE, met.here, agreement.chain).await;
    assert_eq!(again.withdrawn_at, outcome.withdrawn_at);
    assert_eq!(again.delivery.state, DeliveryState::Delivered);
    let ends = |node: &str| {
        let kinds = federation.kinds(node);
        kinds
            .iter()
            .filter(|kind| **kind == EntryKind::Withdrawn)
            .count()
    };
    assert_eq!((ends(HERE), ends(THERE)), (1, 1));
}

#[tokio::test]
async fn i3_a_withdrawal_by_the_holder_has_the_asker_destroy_and_sign_what_it_had() {
    let federation = Federation::new(1);
    let (met, agreement) = agreed(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));

    withdraw(&federation, THERE, met.there, agreement.chain).await;
    // Not told yet, the asker may still ask: what opened is closed at the holder.
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(None));
    federation.deliver_all().await;

    let node = federation.node(THERE);
    let order = node.read(|view| {
        let ended = withdrawals::over_link(view, &met.link)?.remove(0);
        Ok(deliveries::find(
            view,
            ended.order.into(),
            &HERE.parse().unwrap(),
        )?)
    });
    let delivery = order.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let answer = node
        .0
        .tokens
        .purge_answer(&delivery.purge_answer.unwrap(), &HERE.parse().unwrap());
    // The answer `nothing to share` had destroyed the copy before.
    assert_eq!(answer.unwrap().records, 0);
    assert!(matches!(
        copy(&federation, met.here),
        Some(Copy::Purged { records: 1, .. })
    ));
}

#[tokio::test]
async fn i3_what_was_withdrawn_and_not_confirmed_goes_before_any_question() {
    let federation = Federation::new(1);
    let (met, agreement) = agreed(&federation).await;
    let caller = federation.caseworker(HERE);
    let second = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
    federation
        .node(HERE)
        .record_agreement(&caller, second)
        .await
        .unwrap();
    federation.deliver_all().await;

    federation.network().cut(HERE, THERE);
    let outcome = withdraw(&federation, HERE, met.here, agreement.chain).await;
    // The second receipt stands, and the holder might answer under the first.
    let since = outcome.withdrawn_at;
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::PeerUnreachable { since })
    );
    federation.network().mend(HERE, THERE);
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let kinds = federation.kinds(THERE);
    let at = |kind| kinds.iter().position(|one| *one == kind).unwrap();
    assert!(at(EntryKind::Withdrawn) < at(EntryKind::Disclosed));
}

#[tokio::test]
async fn i3_withdrawals_are_taken_with_a_full_disk_on_both_sides() {
    let federation = Federation::new(1);
    let (met, agreement) = agreed(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    for node in [HERE, THERE] {
        fill_disk(&federation, node).await;
    }
    let outcome = withdraw(&federation, HERE, met.here, agreement.chain).await;
    assert_eq!(outcome.delivery.state, DeliveryState::Queued);
    let here = federation.node(HERE);
    // That it is confirmed cannot be written down before there is space.
    let delivered = here.deliver_once(&THERE.parse().unwrap()).await;
    assert_eq!(delivered, Err(ExchangeError::LogUnavailable));
    assert_eq!(federation.kinds(THERE).last(), Some(&EntryKind::Withdrawn));
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn))
    );
}

#[tokio::test]
async fn i3_the_end_of_a_link_is_taken_with_a_full_disk_on_both_sides() {
    let federation = Federation::new(1);
    let (met, _) = agreed(&federation).await;
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    for node in [HERE, THERE] {
        fill_disk(&federation, node).await;
    }
    let here = federation.node(HERE);
    let unlink = crate::Unlink {
        person: met.here,
        link: met.link,
        person_asked: true,
    };
    let caller = federation.caseworker(HERE);
    let file = here.unlink_person(&caller, unlink).await.unwrap();
    assert_eq!(file.state, crate::LinkState::Ended);
    let delivered = here.deliver_once(&THERE.parse().unwrap()).await;
    assert_eq!(delivered, Err(ExchangeError::LogUnavailable));
    assert_eq!(federation.kinds(THERE).last(), Some(&EntryKind::Unlinked));
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        Err(ExchangeError::NoLink)
    );
}

#[test]
fn i3_a_question_that_is_logged_after_a_withdrawal_is_not_asked() {
    let members = [
        (HERE, passerelle_domain::OrganisationKind::Department),
        (THERE, passerelle_domain::OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, passerelle_store::Drive::Manual);
    let (met, agreement) = federation.drive(agreed(&federation));
    let size = federation.kinds(HERE).len();
    let mut end = Task::new(withdraw(&federation, HERE, met.here, agreement.chain));
    let mut ask = Task::new(federation.ask(HERE, met.here, THERE));
    // Both wait for the log, the withdrawal first: the question was found in order before.
    assert!(!end.step());
    assert!(!ask.step());
    while !ask.step() {
        federation.step_all();
    }
    assert_eq!(
        ask.output(),
        Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn))
    );
    assert_eq!(federation.kinds(HERE)[size..], [EntryKind::Withdrawn]);
    let asks = |sent: &crate::testing::Sent| matches!(sent.call, crate::testing::Call::Ask(_));
    assert!(!federation.network().sent().iter().any(asks));
}

#[test]
fn i3_a_withdrawal_that_is_logged_before_a_question_is_confirmed_before_it_is_asked() {
    let members = [
        (HERE, passerelle_domain::OrganisationKind::Department),
        (THERE, passerelle_domain::OrganisationKind::MissionLocale),
    ];
    let federation = Federation::driven(1, members, passerelle_store::Drive::Manual);
    let (met, agreement) = federation.drive(agreed(&federation));
    federation.drive(async {
        let caller = federation.caseworker(HERE);
        let second = federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX);
        let node = federation.node(HERE);
        node.record_agreement(&caller, second).await.unwrap();
        federation.deliver_all().await;
    });
    let calls = federation.network().sent().len();
    let mut end = Task::new(withdraw(&federation, HERE, met.here, agreement.chain));
    let mut ask = Task::new(federation.ask(HERE, met.here, THERE));
    // Both wait for the log, the withdrawal first: the question was found in order before, and
    // another receipt stands.
    assert!(!end.step());
    assert!(!ask.step());
    while !ask.step() {
        end.step();
        federation.step_all();
    }
    assert_eq!(ask.output(), Ok(Some(1)));
    let sent = federation.network().sent().split_off(calls);
    let is_ask = |sent: &crate::testing::Sent| matches!(sent.call, crate::testing::Call::Ask(_));
    assert_eq!(
        sent.iter().map(is_ask).collect::<Vec<_>>(),
        [false, true],
        "the withdrawal, and then the question"
    );
}

/// Writes until nothing more is taken but what is urgent.
async fn fill_disk(federation: &Federation, node: &str) {
    federation.disk(node).files.set_full(true);
    let node = federation.node(node);
    for bytes in [900_000, 50_000, 500] {
        let filling = || {
            node.transact("fill", move |tx| {
                let drawn: [u8; 16] = tx.random();
                let drawn = ChainId::from_bytes(drawn).to_string();
                let filler = requests::AnsweredRequest {
                    digest: Digest::of(b""),
                    response: vec![0; bytes].into(),
                    at: tx.now(),
                };
                Ok(requests::put(
                    tx,
                    "filler",
                    &drawn,
                    &filler,
                    Timestamp::MAX,
                )?)
            })
        };
        while filling().await.is_ok() {}
    }
}

#[tokio::test]
async fn only_chains_that_are_there_are_withdrawn_and_only_by_those_who_meet_persons() {
    let federation = Federation::new(1);
    let (met, agreement) = agreed(&federation).await;
    let node = federation.node(HERE);
    let request = |chains: Vec<ChainId>| WithdrawAgreement {
        person: met.here,
        chains,
    };
    let caller = federation.caseworker(HERE);
    let unknown = ChainId::random(federation.chance());
    let refused = node
        .withdraw_agreement(&caller, request(vec![agreement.chain, unknown]))
        .await;
    assert_eq!(refused, Err(ExchangeError::not_found("chains[1]")));
    let refused = node.withdraw_agreement(&caller, request(Vec::new())).await;
    assert!(matches!(refused, Err(ExchangeError::Malformed(_))));
    let operator = federation.caller(HERE, AgentRole::Operator, true);
    let refused = node
        .withdraw_agreement(&operator, request(vec![agreement.chain]))
        .await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
}
