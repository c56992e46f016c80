//! What a *département*'s own agents and privacy officer see while its node exchanges with others.

use std::time::Duration;

use passerelle_domain::member::MemberStatus;
use passerelle_domain::vocabulary::{AgentRole, DiagnosisTheme, EntryKind, RefusalReason};
use passerelle_domain::{Class, PersonId, Section};
use passerelle_exchange::testing::{Federation, awa, constraint, step};
use passerelle_exchange::{
    Direction, ExchangeError, ExchangeFilter, FindPersons, JourneySource, PageSize, RegisterPerson,
    SourceState, WithdrawAgreement,
};
use passerelle_tlog::{TlogProof, VerifyingKey};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// The *mission locale* holds three records of a person whom the *département* follows too.
async fn followed() -> (Federation, PersonId) {
    let federation = Federation::new(1);
    let there = federation.register(THERE, "ML-1", awa()).await;
    federation.write(THERE, there, "R-1", step("Soudure")).await;
    federation
        .write(THERE, there, "R-2", constraint(DiagnosisTheme::Housing))
        .await;
    federation
        .write(THERE, there, "R-3", constraint(DiagnosisTheme::Health))
        .await;
    let here = federation.register(HERE, "D-1", awa()).await;
    federation
        .link((THERE, there), (HERE, here), Class::MAX)
        .await;
    (federation, here)
}

async fn agreed(federation: &Federation, person: PersonId) -> passerelle_domain::ChainId {
    let agreement = federation.agreement(
        person,
        THERE,
        Direction::PartnerToOwn,
        Class::LivingConditions,
    );
    let caller = federation.caseworker(HERE);
    let outcomes = federation
        .node(HERE)
        .record_agreement(&caller, agreement)
        .await
        .expect("an agreement with a partner");
    federation.deliver_all().await;
    outcomes[0].chain
}

async fn source(federation: &Federation, person: PersonId) -> JourneySource {
    let caller = federation.caseworker(HERE);
    let journey = federation
        .node(HERE)
        .merged_journey(&caller, person)
        .await
        .expect("a person who is known here");
    assert_eq!(journey.sources.len(), 1, "{journey:?}");
    journey.sources[0].clone()
}

async fn fetch(federation: &Federation, person: PersonId) -> Result<u64, ExchangeError> {
    let caller = federation.caseworker(HERE);
    let question = federation.question(person, THERE);
    let fetched = federation.node(HERE).fetch_summary(&caller, question).await;
    fetched.map(|fetched| fetched.log_index)
}

#[tokio::test]
async fn i11_each_thing_that_can_happen_to_a_question_shows_as_itself() {
    let (federation, person) = followed().await;
    assert_eq!(
        source(&federation, person).await.state,
        SourceState::NeverAsked
    );

    let chain = agreed(&federation, person).await;
    fetch(&federation, person).await.unwrap();
    let received = source(&federation, person).await;
    assert_eq!(received.state, SourceState::Received);
    assert_eq!(
        received
            .summary
            .as_ref()
            .map(|summary| summary.records.len()),
        Some(2)
    );

    federation.pass(Duration::from_secs(60));
    federation.network().cut(HERE, THERE);
    let since = federation.now();
    let failed = fetch(&federation, person).await;
    assert_eq!(failed, Err(ExchangeError::PeerUnreachable { since }));
    let unreachable = source(&federation, person).await;
    assert_eq!(
        (unreachable.state, unreachable.since),
        (SourceState::Unreachable, since)
    );
    assert_eq!(unreachable.summary, received.summary);

    let caller = federation.caseworker(HERE);
    let withdrawal = WithdrawAgreement {
        person,
        chains: vec![chain],
    };
    federation
        .node(HERE)
        .withdraw_agreement(&caller, withdrawal)
        .await
        .unwrap();
    let purged = source(&federation, person).await;
    assert_eq!((purged.state, purged.summary), (SourceState::Purged, None));
}

#[tokio::test]
async fn i12_an_auditor_can_check_both_sides_of_an_exchange_from_one_file() {
    let (federation, person) = followed().await;
    agreed(&federation, person).await;
    let index = fetch(&federation, person).await.unwrap();

    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let file = federation
        .node(HERE)
        .exchange_file(&officer, index)
        .unwrap();
    let shown = file.peer.unwrap();
    for (node, entry, proof) in [
        (HERE, &file.exchange.entry, &file.proof),
        (THERE, &shown.entry, &shown.proof),
    ] {
        let officer = federation.caller(node, AgentRole::PrivacyOfficer, true);
        let latest = federation.node(node).latest_checkpoint(&officer).unwrap();
        let key: VerifyingKey = latest.verifier_key.parse().unwrap();
        let proof = TlogProof::parse(proof.as_bytes()).unwrap();
        assert!(proof.verify(entry.as_bytes(), &key).is_ok(), "{node}");
        let verified = federation.node(node).verify_log(&officer).await.unwrap();
        assert_eq!(verified.finding, None, "{node}");
    }
    assert_eq!(file.sealed.unwrap().person, Some(person));
}

#[tokio::test]
async fn the_officer_finds_who_asked_and_who_looked() {
    let (federation, person) = followed().await;
    agreed(&federation, person).await;
    fetch(&federation, person).await.unwrap();
    source(&federation, person).await;

    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let about = ExchangeFilter {
        person: Some(person),
        ..ExchangeFilter::default()
    };
    let page = federation
        .node(HERE)
        .list_exchanges(&officer, &about, PageSize::default(), "");
    let kinds = page.unwrap().items.into_iter().map(|exchange| {
        let entry = passerelle_domain::entry::Entry::parse(exchange.entry.as_bytes());
        entry.unwrap().kind
    });
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            EntryKind::Viewed,
            EntryKind::Received,
            EntryKind::Asked,
            EntryKind::Agreed
        ]
    );
}

#[tokio::test]
async fn a_role_is_told_that_it_may_not_ask_before_anything_is_asked() {
    let (federation, person) = followed().await;
    agreed(&federation, person).await;
    let node = federation.node(HERE);
    let reception = federation.caller(HERE, AgentRole::Reception, true);
    let before = node.store().log().size();
    let mut question = federation.question(person, THERE);
    question
        .sections
        .retain(|section, _| *section == Section::Steps);
    let refused = node.fetch_summary(&reception, question).await;
    assert_eq!(refused.err(), Some(ExchangeError::RoleNotAllowed));
    assert_eq!(node.store().log().size(), before, "nothing was asked");
}

#[tokio::test]
async fn whoever_is_suspended_is_told_so_and_not_that_the_other_is_out_of_reach() {
    for suspended in [HERE, THERE] {
        let (federation, person) = followed().await;
        agreed(&federation, person).await;
        federation.amend_list(|list| {
            let mut members = list.members.iter_mut();
            let member = members.find(|member| member.node.as_str() == suspended);
            member.unwrap().status = MemberStatus::Suspended;
        });
        let refused = fetch(&federation, person).await;
        let told = ExchangeError::NotEntitled(RefusalReason::PeerSuspended);
        assert_eq!(refused, Err(told), "{suspended}");
    }
}

#[tokio::test]
async fn the_officer_finds_the_person_and_registers_nobody() {
    let (federation, person) = followed().await;
    let node = federation.node(HERE);
    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let reference = FindPersons::Reference("D-1".to_owned().into());
    let found = node.find_persons(&officer, &reference, PageSize::default(), "");
    assert_eq!(found.unwrap().items[0].person, person);
    let someone = RegisterPerson {
        reference: "D-2".to_owned().into(),
        identity: awa(),
        hidden: None,
    };
    let refused = node.register_person(&officer, someone).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
}
