use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::claim::{Effect, NumericDate};
use passerelle_domain::vocabulary::{AgentRole, Class, Section};
use passerelle_domain::{Digest, RefusalReason};
use passerelle_store::tables::deliveries::DeliveryState;

use super::prepare::{CONSENT, OTHER_BASIS};
use super::*;
use crate::testing::{Federation, Met, catalogue, permit, step};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";
const ELSEWHERE: &str = "association";

async fn met(federation: &Federation) -> Met {
    federation.meet(THERE, HERE, Class::MAX).await
}

fn to_read(federation: &Federation, met: Met) -> RecordAgreement {
    federation.agreement(met.here, THERE, Direction::PartnerToOwn, Class::MAX)
}

async fn agree(
    federation: &Federation,
    request: RecordAgreement,
) -> Result<Vec<AgreementOutcome>, ExchangeError> {
    let caller = federation.caseworker(HERE);
    federation
        .node(HERE)
        .record_agreement(&caller, request)
        .await
}

fn malformed(result: Result<Vec<AgreementOutcome>, ExchangeError>) -> String {
    match result {
        Err(ExchangeError::Malformed(malformed)) => malformed.field().to_owned(),
        other => panic!("not malformed: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_agreed_is_delivered_and_opens_what_it_says() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let paper = |reason| Err(ExchangeError::PaperFails(reason));
    assert_eq!(
        federation.ask(HERE, met.here, THERE).await,
        paper(RefusalReason::NoReceipt)
    );

    let outcomes = agree(&federation, to_read(&federation, met)).await.unwrap();
    assert_eq!(outcomes[0].delivery.state, DeliveryState::Queued);
    federation.deliver_all().await;

    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    let caller = federation.caseworker(HERE);
    let here = federation
        .node(HERE)
        .list_agreements(&caller, &met.here)
        .unwrap();
    let [file] = &here.agreements[..] else {
        panic!("{here:?}")
    };
    assert_eq!(file.delivery.state, DeliveryState::Delivered);
    assert_eq!(
        (file.direction, file.issued_here),
        (Direction::PartnerToOwn, true)
    );
    let caller = federation.caseworker(THERE);
    let there = federation
        .node(THERE)
        .list_agreements(&caller, &met.there)
        .unwrap();
    assert_eq!(there.agreements[0].direction, Direction::OwnToPartner);
    assert!(!there.agreements[0].issued_here);
    assert_eq!(
        federation.kinds(HERE),
        [
            EntryKind::Asked,
            EntryKind::Received,
            EntryKind::Agreed,
            EntryKind::Asked,
            EntryKind::Received,
        ]
    );
    assert_eq!(
        federation.kinds(THERE),
        [
            EntryKind::Refused,
            EntryKind::ReceiptKept,
            EntryKind::Disclosed
        ]
    );
}

#[tokio::test]
async fn a_question_carries_the_receipt_that_was_not_delivered() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    agree(&federation, to_read(&federation, met)).await.unwrap();
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));
    // Its delivery after that has no further effect (I5).
    federation.deliver_all().await;
    assert_eq!(
        federation.kinds(THERE),
        [EntryKind::ReceiptKept, EntryKind::Disclosed]
    );
}

#[tokio::test]
async fn each_partner_gets_a_receipt_of_its_own_with_nothing_in_common() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let elsewhere = federation
        .register(ELSEWHERE, "A-1", crate::testing::awa())
        .await;
    federation
        .link((ELSEWHERE, elsewhere), (HERE, met.here), Class::MAX)
        .await;
    let mut request = to_read(&federation, met);
    request.partners.push(Partner {
        node: ELSEWHERE.parse().unwrap(),
        direction: Direction::OwnToPartner,
    });
    let outcomes = agree(&federation, request).await.unwrap();
    let chains: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.chain).collect();
    assert_eq!(chains.len(), 2);
    federation.deliver_all().await;
    let told = |node: &str, person| {
        let caller = federation.caseworker(node);
        let listed = federation
            .node(node)
            .list_agreements(&caller, &person)
            .unwrap();
        listed
            .agreements
            .into_iter()
            .map(|file| file.chain)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(THERE, met.there), [outcomes[0].chain]);
    assert_eq!(told(ELSEWHERE, elsewhere), [outcomes[1].chain]);
}

#[tokio::test]
async fn i5_a_repeated_request_records_nothing_again() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let request = to_read(&federation, met);
    let first = agree(&federation, request.clone()).await.unwrap();
    federation.deliver_all().await;
    let again = agree(&federation, request.clone()).await.unwrap();
    assert_eq!(again[0].chain, first[0].chain);
    assert_eq!(again[0].delivery.state, DeliveryState::Delivered);
    assert_eq!(federation.kinds(HERE), [EntryKind::Agreed]);

    let other = RecordAgreement {
        grants: vec![permit(Class::Professional)],
        ..request
    };
    assert_eq!(
        agree(&federation, other).await,
        Err(ExchangeError::IdReused("request_id"))
    );
}

#[tokio::test]
async fn what_is_not_well_formed_is_refused_by_its_field_and_nothing_is_recorded() {
    let federation = Federation::new(1);
    let low = federation.meet(THERE, HERE, Class::LivingConditions).await;
    let request = |highest| federation.agreement(low.here, THERE, Direction::PartnerToOwn, highest);
    let fits = || request(Class::LivingConditions);

    assert_eq!(
        malformed(agree(&federation, request(Class::Social)).await),
        "grants[0].sections"
    );
    let mut unknown_notice = fits();
    unknown_notice.notice.sha256 = Digest::of(b"another text");
    assert_eq!(
        malformed(agree(&federation, unknown_notice).await),
        "notice.sha256"
    );
    let mut other_language = fits();
    other_language.notice.lang = "fr-x-falc".to_owned();
    assert_eq!(
        malformed(agree(&federation, other_language).await),
        "notice.sha256"
    );
    let mut unknown_language = fits();
    unknown_language.notice.lang = "ar".to_owned();
    assert_eq!(
        malformed(agree(&federation, unknown_language).await),
        "notice.lang"
    );
    let mut unknown_name = fits();
    unknown_name.notice.id = "other".to_owned();
    assert_eq!(
        malformed(agree(&federation, unknown_name).await),
        "notice.notice_id"
    );
    let mut no_longer_shown = fits();
    no_longer_shown.notice = catalogue().texts[0].notice();
    assert_eq!(
        malformed(agree(&federation, no_longer_shown).await),
        "notice"
    );
    let mut past = fits();
    past.expires_at = Some(federation.now());
    assert_eq!(malformed(agree(&federation, past).await), "expires_at");
    let mut too_long = fits();
    too_long.basis = LawfulBasis::Consent;
    too_long.expires_at = Some(federation.now().plus(OTHER_BASIS));
    assert_eq!(malformed(agree(&federation, too_long).await), "expires_at");
    let mut ends_later = fits();
    ends_later.expires_at = Some(federation.now().plus(CONSENT));
    ends_later.grants[0].until = Some(NumericDate::of(federation.now().plus(OTHER_BASIS)));
    assert_eq!(
        malformed(agree(&federation, ends_later).await),
        "grants[0].until"
    );
    let mut nothing = fits();
    nothing.grants.clear();
    assert_eq!(malformed(agree(&federation, nothing).await), "grants");
    let mut twice = fits();
    twice.partners.push(twice.partners[0].clone());
    assert_eq!(malformed(agree(&federation, twice).await), "partners");
    let mut nobody = fits();
    nobody.partners.clear();
    assert_eq!(malformed(agree(&federation, nobody).await), "partners");
    assert_eq!(federation.kinds(HERE), []);

    // A deny may name what the pass does not open: it closes it all the more.
    let mut deny = permit(Class::Health);
    deny.effect = Effect::Deny;
    let mut with_deny = fits();
    with_deny.grants.push(deny);
    assert!(agree(&federation, with_deny).await.is_ok());
}

#[tokio::test]
async fn an_agreement_needs_a_link_a_member_and_an_agent_who_meets_persons() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let with =
        |node: &str| federation.agreement(met.here, node, Direction::PartnerToOwn, Class::MAX);
    let no_link = agree(&federation, with(ELSEWHERE)).await;
    assert_eq!(no_link, Err(ExchangeError::NoLink));
    for no_member in ["nobody-known", HERE] {
        let refused = agree(&federation, with(no_member)).await;
        assert_eq!(refused, Err(ExchangeError::MemberUnknown));
    }
    let officer = federation.caller(HERE, AgentRole::PrivacyOfficer, true);
    let refused = federation
        .node(HERE)
        .record_agreement(&officer, with(THERE))
        .await;
    assert_eq!(refused, Err(ExchangeError::RoleNotAllowed));
    let mut half = with(THERE);
    half.partners.extend(with(ELSEWHERE).partners);
    assert_eq!(agree(&federation, half).await, Err(ExchangeError::NoLink));
    assert_eq!(
        federation.kinds(HERE),
        [],
        "one partner fails: nothing is recorded"
    );
}

#[tokio::test]
async fn a_chain_goes_on_in_one_direction_and_never_after_its_end() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let first = agree(&federation, to_read(&federation, met)).await.unwrap()[0].clone();
    let going_on = || RecordAgreement {
        replaces: Some(first.chain),
        ..to_read(&federation, met)
    };
    let second = agree(&federation, going_on()).await.unwrap()[0].clone();
    assert_eq!((second.chain, second.version), (first.chain, 2));

    let mut turned = going_on();
    turned.partners[0].direction = Direction::OwnToPartner;
    assert_eq!(
        malformed(agree(&federation, turned).await),
        "replaces_chain"
    );
    let mut unknown = going_on();
    unknown.replaces = Some(ChainId::random(federation.chance()));
    assert_eq!(
        agree(&federation, unknown).await,
        Err(ExchangeError::not_found("replaces_chain"))
    );

    let caller = federation.caseworker(HERE);
    let ended = crate::WithdrawAgreement {
        person: met.here,
        chains: vec![first.chain],
    };
    federation
        .node(HERE)
        .withdraw_agreement(&caller, ended)
        .await
        .unwrap();
    assert_eq!(
        malformed(agree(&federation, going_on()).await),
        "replaces_chain"
    );
}

#[tokio::test]
async fn i6_a_receipt_that_narrows_takes_back_what_came_under_the_wider_one() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let first = agree(&federation, to_read(&federation, met)).await.unwrap()[0].clone();
    assert_eq!(federation.ask(HERE, met.here, THERE).await, Ok(Some(1)));

    let mut same = to_read(&federation, met);
    same.replaces = Some(first.chain);
    agree(&federation, same.clone()).await.unwrap();
    let copies = || {
        let node = federation.node(HERE);
        let all = node.read(|view| {
            Ok(passerelle_store::tables::copies::of_person(
                view, &met.here,
            )?)
        });
        all.unwrap().pop().unwrap().1
    };
    assert!(matches!(
        copies(),
        passerelle_store::tables::copies::Copy::Held(_)
    ));

    let mut narrower = permit(Class::MAX);
    narrower.sections.remove(&Section::Steps);
    let narrower = RecordAgreement {
        request: RequestId::new("narrower").unwrap(),
        grants: vec![narrower],
        ..same
    };
    agree(&federation, narrower).await.unwrap();
    assert!(matches!(
        copies(),
        passerelle_store::tables::copies::Copy::Purged { records: 1, .. }
    ));
}

#[tokio::test]
async fn no_agreement_is_recorded_while_the_clock_is_in_fault() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let request = to_read(&federation, met);
    federation
        .clock()
        .set(federation.now().minus(Duration::from_secs(61)));
    assert_eq!(
        agree(&federation, request).await,
        Err(ExchangeError::ClockSkew)
    );
}
