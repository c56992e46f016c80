//! I9: every call belongs to whom the channel names, and to nobody whom a message names.

use passerelle_domain::claim::{NumericDate, Withdrawal};
use passerelle_domain::{ChainId, Clock, LinkId, TokenId};
use passerelle_federation_tests::*;
use passerelle_gateway::runtime::SystemClock;
use passerelle_proto::agency::v1::{CloseSessionRequest, FindPersonsRequest};
use passerelle_proto::exchange::v1::answer_body::Result as Answered;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_proto::exchange::v1::delivery_item::Item;
use passerelle_transport::jwt::sign;

async fn find(agency: &Agency) -> Result<tonic::Response<impl std::fmt::Debug>, tonic::Status> {
    let request = agency.request(FindPersonsRequest {
        reference: "dossier-1".to_owned(),
        ..FindPersonsRequest::default()
    });
    agency.persons().find_persons(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_session_token_is_of_no_use_with_another_certificate() {
    let federation = Federation::start().await;
    let agency = Agency::caseworker(&federation, MISSION_LOCALE).await;
    assert!(find(&agency).await.is_ok());
    let stolen = agency.over(channel(&federation, MISSION_LOCALE, OTHER_SYSTEM));
    assert_eq!(refusal(find(&stolen).await).reason, "SESSION_INVALID");
    // Nor at another node.
    let elsewhere = agency.over(channel(&federation, DEPARTEMENT, SYSTEM));
    assert_eq!(refusal(find(&elsewhere).await).reason, "SESSION_INVALID");
    assert!(find(&agency).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_proof_is_taken_from_the_system_that_signed_it_for_this_node() {
    let federation = Federation::start().await;
    let agent = Agent::caseworker("agent-1");
    for (node, system) in [(MISSION_LOCALE, OTHER_SYSTEM), (DEPARTEMENT, SYSTEM)] {
        let proof = proof(&federation, MISSION_LOCALE, &agent);
        let channel = channel(&federation, node, system);
        let told = refusal(open_session(channel, proof).await);
        assert_eq!(told.reason, "PROOF_REFUSED", "{node} {system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_proof_is_used_once_and_sessions_end_across_a_restart_too() {
    let mut federation = Federation::start().await;
    let agent = Agent::caseworker("agent-1");
    let used = proof(&federation, MISSION_LOCALE, &agent);
    let open = |federation: &Federation| {
        open_session(channel(federation, MISSION_LOCALE, SYSTEM), used.clone())
    };
    open(&federation).await.unwrap();
    let lasting = Agency::open(&federation, MISSION_LOCALE, &agent).await;
    let closed = Agency::open(&federation, MISSION_LOCALE, &agent).await;
    let request = closed.request(CloseSessionRequest {});
    closed.sessions().close_session(request).await.unwrap();

    federation.restart(MISSION_LOCALE).await;
    assert_eq!(refusal(open(&federation).await).reason, "PROOF_REFUSED");
    let again = channel(&federation, MISSION_LOCALE, SYSTEM);
    assert!(find(&lasting.over(again.clone())).await.is_ok());
    let told = refusal(find(&closed.over(again)).await);
    assert_eq!(told.reason, "SESSION_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_a_member_that_is_suspended_is_refused_on_every_channel() {
    let mut federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, ASSOCIATION).await;
    let association = Member::of(&federation, ASSOCIATION);
    let attempting = Attempting::first(amina.link(&federation));
    assert!(association.ask(MISSION_LOCALE, &attempting).await.is_ok());

    federation.suspend(ASSOCIATION);
    let before = Entries::of(&federation, MISSION_LOCALE).await.kinds().len();
    // Over the connection that it has, and over the next one.
    for _ in 0..2 {
        let attempting = Attempting::first(amina.link(&federation));
        assert!(association.ask(MISSION_LOCALE, &attempting).await.is_err());
    }
    assert!(amina.fetch(&amina.question(&["steps"])).await.is_err());
    let after = Entries::of(&federation, MISSION_LOCALE).await;
    assert_eq!(after.kinds().len(), before, "it was not looked at");

    // Nor is it asked by the others, who are told that it is suspended.
    let told = refusal(back(&amina).await);
    assert_eq!(told.reason, "NOT_ENTITLED");
    assert_eq!(told.metadata["reason"], "peer_suspended");
}

/// The holder asks the asker.
async fn back(linked: &Linked) -> Result<tonic::Response<impl std::fmt::Debug>, tonic::Status> {
    let mut question = linked.question(&["steps"]);
    question.person_id.clone_from(&linked.here);
    linked.asker_node.clone_into(&mut question.holder);
    let request = linked.holder.request(question);
    linked.holder.journeys().fetch_summary(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_no_body_speaks_for_another_member() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    let agreed = amina.agree(&Opening::usual()).await;
    let link = amina.link(&federation);
    let association = Member::of(&federation, ASSOCIATION);

    // The link and the receipt are the département's, whoever names them.
    let attempting = Attempting::first(link);
    let given = association.ask(MISSION_LOCALE, &attempting).await.unwrap();
    assert!(matches!(
        answer(given.get_ref()),
        Answered::NothingToShare(_)
    ));
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    let refused = log.of_kind("refused");
    assert_eq!(refused[0]["peer"]["node"], ASSOCIATION);

    // Nor does it withdraw in the name of the département, with its own key or over its own channel.
    let chain: ChainId = agreed.chain.parse().unwrap();
    let forged = withdrawal(&federation, ASSOCIATION, DEPARTEMENT, link, chain);
    let replayed = withdrawal(&federation, DEPARTEMENT, DEPARTEMENT, link, chain);
    let own = withdrawal(&federation, ASSOCIATION, ASSOCIATION, link, chain);
    let items = [forged, replayed, own].map(Item::Withdrawal).to_vec();
    let answers = association.deliver(MISSION_LOCALE, items).await.unwrap();
    for answer in &answers[..2] {
        // The keys of the département may change: one that is not known may be known later.
        assert!(
            matches!(
                answer.outcome,
                Some(Outcome::Refused(_) | Outcome::Later(_))
            ),
            "{answer:?}"
        );
    }
    assert!(amina.fetch(&amina.question(&["steps"])).await.is_ok());
}

/// A withdrawal by `issuer`, signed with the key of `signer`.
fn withdrawal(
    federation: &Federation,
    signer: &str,
    issuer: &str,
    link: LinkId,
    chain: ChainId,
) -> String {
    let claim = Withdrawal {
        issuer: issuer.parse().unwrap(),
        audience: MISSION_LOCALE.parse().unwrap(),
        receipt_iss: issuer.parse().unwrap(),
        chain,
        link,
        issued_at: NumericDate::of(SystemClock.now()),
        id: TokenId::from_bytes([7; 16]),
    };
    sign(&claim, &federation.receipt_key(signer)).unwrap()
}
