//! I5: a message that is repeated has one effect, and every attempt is in both logs.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    ListAgreementsRequest, UpsertRecordsRequest, UpsertStatus, WithdrawAgreementRequest,
};
use passerelle_proto::exchange::v1::answer_body::Result as Answered;

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_question_that_is_repeated_is_answered_once() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    amina.agree(&Opening::usual()).await;
    let question = amina.question(&["steps"]);
    let first = Agency::told(amina.fetch(&question)).await;
    let second = Agency::told(amina.fetch(&question)).await;
    assert_eq!(first, second);
    let holder = Entries::of(&federation, MISSION_LOCALE).await;
    assert_eq!(holder.of_exchange(&question.exchange_id).len(), 1);

    let mut other = amina.question(&["project"]);
    other.exchange_id.clone_from(&question.exchange_id);
    assert_eq!(refusal(amina.fetch(&other).await).reason, "ID_REUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_an_attempt_that_comes_again_or_late_discloses_nothing_and_is_logged() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    amina.agree(&Opening::usual()).await;
    let departement = Member::of(&federation, DEPARTEMENT);
    let attempt = |number| {
        let mut attempting = Attempting::first(amina.link(&federation));
        attempting.number = number;
        attempting
    };
    let second = attempt(2);
    let first = Attempting {
        number: 1,
        ..second.clone()
    };
    let given = departement.ask(MISSION_LOCALE, &second).await.unwrap();
    assert!(matches!(answer(given.get_ref()), Answered::Summary(_)));
    for late in [&second, &first] {
        let given = departement.ask(MISSION_LOCALE, late).await.unwrap();
        match answer(given.get_ref()) {
            Answered::DuplicateAttempt(duplicate) => assert_eq!(duplicate.last_attempt, 2),
            other => panic!("{other:?}"),
        }
    }
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    let exchange = passerelle_domain::ExchangeId::from_slice(&second.question.exchange_id);
    let entries = log.of_exchange(&exchange.unwrap().to_string());
    let outcomes: Vec<_> = entries.iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, ["done", "duplicate", "duplicate"]);

    // The same id for another question is refused before the person is looked at.
    let mut other = attempt(3);
    other.question.exchange_id = second.question.exchange_id.clone();
    let told = refusal(departement.ask(MISSION_LOCALE, &other).await);
    assert_eq!(told.reason, "ID_REUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_pass_that_is_redeemed_again_makes_no_second_link() {
    let federation = Federation::start().await;
    let amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let pass = amina.issue_pass().await;
    let id = exchange_id();
    let first = Agency::told(amina.redeem_as(id.clone(), &pass, &pass.pin)).await;
    let link = amina.link(&federation);
    // The same call, and the same pass in another exchange.
    let again = Agency::told(amina.redeem_as(id, &pass, &pass.pin)).await;
    let anew = Agency::told(amina.redeem(&pass)).await;
    assert_eq!((&first, &first), (&again, &anew));
    assert_eq!(amina.links(&federation), [link]);
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_agreements_and_withdrawals_that_are_repeated_have_one_effect() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let first = amina.agree(&Opening::usual()).await;
    let again = amina.agree(&Opening::usual()).await;
    assert_eq!((&first.chain, first.version), (&again.chain, again.version));
    let narrower = Opening {
        sections: vec![("steps", 1)],
        ..Opening::usual()
    };
    let request = amina
        .asker
        .request(amina.agreement("agreement-1", &narrower));
    let other = amina.asker.agreements().record_agreement(request).await;
    assert_eq!(refusal(other).reason, "ID_REUSED");

    let ended = amina.withdraw(&first.chain).await;
    let again = amina.withdraw(&first.chain).await;
    assert_eq!(ended.withdrawn_at, again.withdrawn_at);
    // At the holder too there is one agreement, ended once.
    let request = amina.holder.request(ListAgreementsRequest {
        person_id: amina.here.clone(),
    });
    let listed = Agency::told(amina.holder.agreements().list_agreements(request)).await;
    assert_eq!(listed.agreements.len(), 1);
    assert!(!listed.agreements[0].withdrawn_at.is_empty());
    for node in [MISSION_LOCALE, DEPARTEMENT] {
        let log = Entries::of(&federation, node).await;
        assert_eq!(log.of_kind("withdrawn").len(), 1, "{node}");
    }
    let request = amina.asker.request(WithdrawAgreementRequest {
        person_id: amina.there.clone(),
        chains: vec!["AAAAAAAAAAAAAAAAAAAAAA".to_owned()],
    });
    let unknown = amina.asker.agreements().withdraw_agreement(request).await;
    assert_eq!(refusal(unknown).reason, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_records_that_come_again_change_nothing() {
    let federation = Federation::start().await;
    let amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let records = vec![
        step("step-1", "Atelier"),
        project("project-1", "Animatrice"),
    ];
    let first = amina.keep(records.clone()).await;
    let again = amina.keep(records.clone()).await;
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first.status(), UpsertStatus::Created);
        assert_eq!(again.status(), UpsertStatus::Unchanged);
        assert_eq!(first.record_id, again.record_id);
    }
    let mut newer = records;
    newer[0].version = 3;
    assert_eq!(
        amina.keep(newer.clone()).await[0].status(),
        UpsertStatus::Updated
    );
    newer[0].version = 2;
    assert_eq!(amina.keep(newer).await[0].status(), UpsertStatus::Outdated);
    let none = amina.holder.request(UpsertRecordsRequest {
        person_id: amina.here.clone(),
        records: Vec::new(),
    });
    let told = refusal(amina.holder.records().upsert_records(none).await);
    assert_eq!(told.says("field"), "records");
}
