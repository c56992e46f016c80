use std::time::Duration;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Class, TokenId};
use passerelle_policy::{LocalDenial, ObjectionEffect};

use super::AnswerObjection;
use crate::testing::{Federation, Met, rules_with, step};
use crate::{ExchangeError, Objecting, RecordObjection, RequestId};

const HERE: &str = "mission-locale";
const THERE: &str = "departement";

/// A person about whom `THERE` may ask `HERE`, which has one record.
async fn met(federation: &Federation) -> Met {
    let met = federation.meet(HERE, THERE, Class::MAX).await;
    federation
        .write(HERE, met.there, "R-1", step("Soudure"))
        .await;
    let receipt = federation.receipt(THERE, met.link, HERE, THERE);
    federation.keep(&receipt).await;
    met
}

async fn object(federation: &Federation, met: &Met) -> TokenId {
    let request = RecordObjection {
        person: met.there,
        request: RequestId::new("O-1").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(HERE);
    let node = federation.node(HERE);
    let recorded = node.record_objection(&caller, request).await.unwrap();
    federation.pass(Duration::from_secs(1));
    recorded.id
}

async fn answer(
    federation: &Federation,
    role: AgentRole,
    met: &Met,
    objection: TokenId,
    upheld: bool,
) -> Result<(), ExchangeError> {
    let answer = AnswerObjection {
        person: met.there,
        issuer: HERE.parse().unwrap(),
        objection,
        upheld,
    };
    let caller = federation.caller(HERE, role, true);
    let answered = federation
        .node(HERE)
        .answer_objection(&caller, answer)
        .await;
    federation.pass(Duration::from_secs(1));
    answered
}

async fn asked(federation: &Federation, met: &Met) -> Option<usize> {
    federation.ask(THERE, met.here, HERE).await.unwrap()
}

#[tokio::test]
async fn an_overruled_objection_closes_only_what_is_open_to_objection() {
    let federation = Federation::new(1);
    federation.replace_rules(|list| rules_with(list, ObjectionEffect::Closed));
    let met = met(&federation).await;
    assert_eq!(asked(&federation, &met).await, Some(1));
    let objection = object(&federation, &met).await;
    assert_eq!(asked(&federation, &met).await, None, "until it is answered");

    let officer = AgentRole::PrivacyOfficer;
    let overruled = answer(&federation, officer, &met, objection, false).await;
    assert_eq!(overruled, Ok(()));
    assert_eq!(asked(&federation, &met).await, Some(1));
    let upheld = answer(&federation, officer, &met, objection, true).await;
    assert_eq!(upheld, Ok(()));
    assert_eq!(asked(&federation, &met).await, None);

    federation.replace_rules(|list| rules_with(list, ObjectionEffect::Open));
    let overruled = answer(&federation, officer, &met, objection, false).await;
    assert_eq!(overruled, Ok(()));
    assert_eq!(
        asked(&federation, &met).await,
        None,
        "the text lets the person object"
    );
}

#[tokio::test]
async fn an_answer_is_the_officers_is_logged_once_and_names_an_objection() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let objection = object(&federation, &met).await;
    let refused = answer(&federation, AgentRole::Caseworker, &met, objection, false).await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));

    let officer = AgentRole::PrivacyOfficer;
    let other = TokenId::from_bytes([7; 16]);
    assert_eq!(
        answer(&federation, officer, &met, other, false).await,
        Err(ExchangeError::not_found("objection_id"))
    );
    let node = federation.node(HERE);
    let before = node.store().log().size();
    for _ in 0..2 {
        let answered = answer(&federation, officer, &met, objection, false).await;
        assert_eq!(answered, Ok(()));
    }
    assert_eq!(node.store().log().size(), before + 1);
    let caller = federation.caller(HERE, officer, true);
    let listed = node.list_agreements(&caller, &met.there).unwrap();
    let officers: Vec<_> = listed.objections.iter().map(|one| one.officer).collect();
    assert_eq!(officers, [super::OfficerAnswer::Overruled]);
}

#[tokio::test]
async fn what_the_organisation_closes_is_closed_whatever_the_person_agreed_to() {
    let mut federation = Federation::new(1);
    let met = met(&federation).await;
    assert_eq!(asked(&federation, &met).await, Some(1));
    let denial = LocalDenial {
        requester: Some(THERE.parse().unwrap()),
        ..LocalDenial::default()
    };
    federation.deny_at(HERE, denial).await;
    assert_eq!(asked(&federation, &met).await, None);
}
