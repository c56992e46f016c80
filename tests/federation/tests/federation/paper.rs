//! What a person is shown, and given on paper.

use passerelle_domain::Digest;
use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{
    GetAgreementCopyRequest, GetNoticeRequest, ListNoticesRequest, ListPassesRequest,
    NewPinRequest, PassState,
};
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_found_in_every_language_and_read_as_it_was_signed() {
    let federation = Federation::start().await;
    let agent = Agency::caseworker(&federation, MISSION_LOCALE).await;
    let mut notices = agent.notices();
    let of = |page_size, page_token: &str| {
        agent.request(ListNoticesRequest {
            page_size,
            page_token: page_token.to_owned(),
            ..ListNoticesRequest::default()
        })
    };
    let first = Agency::told(notices.list_notices(of(4, ""))).await;
    assert_eq!(first.notices.len(), 4);
    let rest = Agency::told(notices.list_notices(of(4, &first.next_page_token))).await;
    assert_eq!((rest.notices.len(), &*rest.next_page_token), (2, ""));
    let all = [first.notices, rest.notices].concat();
    assert!(all.iter().all(|notice| notice.shown_today));

    let easy = all
        .iter()
        .find(|notice| (&*notice.notice_id, &*notice.lang) == ("spie-information", "fr-x-falc"));
    let easy = easy.unwrap();
    let get = |lang: &str| {
        agent.request(GetNoticeRequest {
            notice_id: easy.notice_id.clone(),
            lang: lang.to_owned(),
            ..GetNoticeRequest::default()
        })
    };
    let read = Agency::told(notices.get_notice(get("fr-x-falc"))).await;
    assert_eq!(read.notice.as_ref(), Some(easy));
    assert_eq!(Digest::of(read.text.as_bytes()).to_string(), easy.sha256);

    let none = notices.get_notice(get("ar")).await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_takes_home_what_was_recorded_and_the_partner_can_give_the_same_copy() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let agreed = amina.agree(&Opening::usual()).await;
    let copy = |agent: &Agency, person: &str| {
        let (mut agreements, request) = (
            agent.agreements(),
            agent.request(GetAgreementCopyRequest {
                person_id: person.to_owned(),
                chain: agreed.chain.clone(),
            }),
        );
        async move { agreements.get_agreement_copy(request).await }
    };
    let here = Agency::told(copy(&amina.asker, &amina.there)).await;
    let there = Agency::told(copy(&amina.holder, &amina.here)).await;
    assert_eq!(here.reference, there.reference, "one receipt, held by both");
    assert!(here.html.contains(&here.reference) && here.html.contains("Belkacem"));
    let parts: Vec<_> = here.reference.split(':').collect();
    assert_eq!(
        &parts[..4],
        ["passerelle-receipt", "1", DEPARTEMENT, &agreed.chain]
    );

    let other = copy(&amina.asker, &amina.here).await.unwrap_err();
    assert_eq!(
        other.code(),
        Code::NotFound,
        "nobody's paper but the person's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pin_opens_a_pass_that_misses_had_locked() {
    let federation = Federation::start().await;
    let mut amina = Linked::known(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let mut pass = amina.issue_pass().await;
    assert!(!pass.html.contains(&pass.pin), "the PIN is told apart");
    let (first, mut passes) = (pass.pin.clone(), amina.holder.passes());
    pass.pin = if first == "000000" {
        "000001"
    } else {
        "000000"
    }
    .to_owned();
    for _ in 0..5 {
        amina.redeem(&pass).await.unwrap_err();
    }
    // A new agent redeems five a day.
    let another = Agent::caseworker("agent-2");
    amina.asker = Agency::open(&federation, DEPARTEMENT, &another).await;
    pass.pin = first;
    amina.redeem(&pass).await.unwrap_err();
    let listed = amina.holder.request(ListPassesRequest {
        person_id: amina.here.clone(),
        ..ListPassesRequest::default()
    });
    let listed = Agency::told(passes.list_passes(listed)).await.passes;
    assert_eq!(listed[0].pass_id, pass.pass_id);
    assert_eq!(listed[0].state(), PassState::Locked);

    let new = amina.holder.request(NewPinRequest {
        pass_id: pass.pass_id.clone(),
    });
    pass.pin = Agency::told(passes.new_pin(new)).await.pin;
    Agency::told(amina.redeem(&pass)).await;
}
