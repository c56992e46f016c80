//! One question to all organisations with which a link stands.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::holder_outcome::Outcome;
use passerelle_proto::agency::v1::{ErrorReason, FetchSummariesRequest, HolderOutcome};
use tonic::{Response, Status};

async fn ask_all(amina: &Linked, request: &FetchSummariesRequest) -> Vec<HolderOutcome> {
    let request = amina.asker.request(request.clone());
    let mut journeys = amina.asker.journeys();
    Agency::told(journeys.fetch_summaries(request))
        .await
        .outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_is_told_as_if_it_alone_had_been_asked() {
    let mut federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier CV")]).await;
    amina.agree(&Opening::usual()).await;
    // A second holder, of which nobody has spoken with the person.
    let association = Linked {
        there: amina.there.clone(),
        ..Linked::known(&federation, ASSOCIATION, DEPARTEMENT).await
    };
    let pass = association.issue_pass().await;
    Agency::told(association.redeem(&pass)).await;

    let one = amina.question(&["steps", "diagnosis"]);
    let request = FetchSummariesRequest {
        person_id: one.person_id.clone(),
        exchange_id: one.exchange_id.clone(),
        holders: Vec::new(),
        purpose: one.purpose.clone(),
        sections: one.sections.clone(),
        usage: one.usage.clone(),
    };
    let outcomes = ask_all(&amina, &request).await;
    let nodes: Vec<_> = outcomes.iter().map(|outcome| &*outcome.node).collect();
    assert_eq!(nodes, [ASSOCIATION, MISSION_LOCALE]);
    match outcomes[0].outcome.as_ref().unwrap() {
        Outcome::Refused(refusal) => {
            assert_eq!(refusal.reason(), ErrorReason::PaperFails);
            assert_eq!(refusal.metadata["reason"], "no_receipt");
            assert!(refusal.text_fr.ends_with('.'), "{}", refusal.text_fr);
        }
        Outcome::Answered(answer) => panic!("{answer:?}"),
    }
    match outcomes[1].outcome.as_ref().unwrap() {
        Outcome::Answered(answer) => {
            assert_eq!((answer.records, answer.nothing_to_share), (1, false));
            assert_eq!(answer.not_opened[0].section, "diagnosis");
        }
        Outcome::Refused(refusal) => panic!("{refusal:?}"),
    }
    let source = amina.source().await;
    assert_eq!(source.summary.unwrap().records.len(), 1);

    // With one that is away: as FetchSummary with the id that was given back says it.
    federation.stop(ASSOCIATION).await;
    let outcomes = ask_all(&amina, &request).await;
    let alone = passerelle_proto::agency::v1::FetchSummaryRequest {
        holder: ASSOCIATION.to_owned(),
        exchange_id: outcomes[0].exchange_id.clone(),
        ..one
    };
    let told: Result<Response<_>, Status> = amina.fetch(&alone).await;
    let told = refusal(told);
    match outcomes[0].outcome.as_ref().unwrap() {
        Outcome::Refused(refusal) => {
            assert_eq!(refusal.reason(), ErrorReason::PeerUnreachable);
            assert_eq!(refusal.metadata["contact"], told.says("contact"));
            assert_eq!(refusal.metadata["since"], told.says("since"));
            assert!(refusal.retry_after_seconds > 0);
        }
        Outcome::Answered(answer) => panic!("{answer:?}"),
    }
    assert!(matches!(outcomes[1].outcome, Some(Outcome::Answered(_))));
}
