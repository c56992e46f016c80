//! The story that the project is about.

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{DeliveryState, SourceState, UpsertStatus};

#[tokio::test(flavor = "multi_thread")]
async fn amina_goes_from_the_mission_locale_to_the_departement() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let kept = amina
        .keep(vec![
            step("step-1", "Atelier de rédaction du CV"),
            project("project-1", "Travailler auprès des enfants"),
        ])
        .await;
    for result in &kept {
        assert_eq!(result.status(), UpsertStatus::Created, "{result:?}");
    }

    let agreed = amina.agree(&Opening::usual()).await;
    assert_eq!(
        agreed.delivery.as_ref().unwrap().state(),
        DeliveryState::Delivered
    );

    let question = amina.question(&["steps", "project", "diagnosis"]);
    let answer = Agency::told(amina.fetch(&question)).await;
    assert!(!answer.nothing_to_share);
    let summary = answer.summary.unwrap();
    assert_eq!(summary.records.len(), 2);
    assert!(
        summary
            .not_opened
            .iter()
            .any(|cell| cell.section == "diagnosis")
    );
    assert_eq!(amina.source().await.state(), SourceState::Received);

    refused_without_receipt(&federation).await;

    let withdrawn = amina.withdraw(&agreed.chain).await;
    assert_eq!(
        withdrawn.delivery.unwrap().state(),
        DeliveryState::Delivered
    );
    let told = refusal(amina.fetch(&amina.question(&["steps"])).await);
    assert_eq!(told.reason, "PAPER_FAILS");
    assert_eq!(amina.source().await.state(), SourceState::Purged);

    for node in NODES {
        let verified = Entries::verify(&federation, node).await;
        assert!(verified.whole, "{node}: {}", verified.finding);
        assert!(verified.entries > 0);
    }
}

/// The association redeems a pass of Amina's too, and has no receipt: both logs hold the refusal.
async fn refused_without_receipt(federation: &Federation) {
    let association = Linked::by_pass(federation, MISSION_LOCALE, ASSOCIATION).await;
    let question = association.question(&["steps"]);
    let told = refusal(association.fetch(&question).await);
    assert_eq!(
        (&*told.reason, told.says("reason")),
        ("PAPER_FAILS", "no_receipt")
    );
    let holder = Entries::of(federation, MISSION_LOCALE).await;
    let asker = Entries::of(federation, ASSOCIATION).await;
    let of_holder = holder.of_exchange(&question.exchange_id);
    assert_eq!(
        (&of_holder[0]["kind"], &of_holder[0]["outcome"]),
        (&"refused".into(), &"paper".into())
    );
    let of_asker = asker.of_exchange(&question.exchange_id);
    let kinds: Vec<_> = of_asker.iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["asked", "received"]);
}
