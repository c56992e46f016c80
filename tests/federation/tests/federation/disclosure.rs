//! I1, I2 and I3: what leaves, when, and never after it was withdrawn.

use passerelle_federation_tests::*;
use passerelle_gateway::assemble::World;
use passerelle_proto::agency::v1::SourceState;
use passerelle_proto::exchange::v1::answer_body::Result as Answered;
use prost::Message;
use std::sync::Arc;

const LABEL: &str = "Atelier de rédaction du CV";

#[tokio::test(flavor = "multi_thread")]
async fn i1_without_a_receipt_nothing_leaves() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", LABEL)]).await;
    let told = refusal(amina.fetch(&amina.question(&["steps"])).await);
    assert_eq!(told.says("reason"), "no_receipt");
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    assert!(log.of_kind("disclosed").is_empty());
    let source = amina.source().await;
    assert!(source.summary.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_receipt_opens_what_it_names_and_nothing_else() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let records = vec![
        step("step-1", LABEL),
        project("project-1", "Devenir animatrice"),
    ];
    amina.keep(records).await;
    let opening = Opening {
        sections: vec![("steps", 2)],
        ..Opening::usual()
    };
    amina.agree(&opening).await;
    let answer = Agency::told(amina.fetch(&amina.question(&["steps", "project"]))).await;
    let summary = answer.summary.unwrap();
    assert_eq!(summary.records.len(), 1);
    assert!(!holds(&summary.encode_to_vec(), "animatrice"));
    let closed: Vec<_> = summary
        .not_opened
        .iter()
        .map(|cell| &*cell.section)
        .collect();
    assert!(closed.contains(&"project"), "{closed:?}");

    // The other way nothing was agreed.
    let mut back = amina.question(&["steps"]);
    back.person_id.clone_from(&amina.here);
    DEPARTEMENT.clone_into(&mut back.holder);
    let request = amina.holder.request(back);
    let told = refusal(amina.holder.journeys().fetch_summary(request).await);
    assert_eq!(told.says("reason"), "no_receipt");
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_came_through_an_exchange_is_never_passed_on() {
    let federation = Federation::start().await;
    let first = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    first.keep(vec![step("step-1", LABEL)]).await;
    first.agree(&Opening::usual()).await;
    let received = Agency::told(first.fetch(&first.question(&["steps"]))).await;
    assert_eq!(received.summary.unwrap().records.len(), 1);

    // The same person goes on from the département, which holds the copy, to the association.
    let second = Linked::by_pass(&federation, DEPARTEMENT, ASSOCIATION).await;
    assert_eq!(first.there, second.here);
    second.keep(vec![step("step-2", "Forum des métiers")]).await;
    second.agree(&Opening::usual()).await;
    let answer = Agency::told(second.fetch(&second.question(&["steps", "project"]))).await;
    let summary = answer.summary.unwrap();
    assert_eq!(summary.records.len(), 1);
    let bytes = summary.encode_to_vec();
    assert!(holds(&bytes, "Forum des métiers"));
    assert!(!holds(&bytes, LABEL), "not even in an overview");
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_nothing_is_sent_when_the_log_cannot_be_written() {
    let disk = FailingDisk::default();
    let broken = disk.clone();
    let federation = Federation::start_with(move |node, world| match node {
        MISSION_LOCALE => World {
            files: Arc::new(broken.clone()),
            fatal: Arc::new(broken.clone()),
            ..world
        },
        _ => world,
    })
    .await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", LABEL)]).await;
    amina.agree(&Opening::usual()).await;
    let link = amina.link(&federation);
    let departement = Member::of(&federation, DEPARTEMENT);
    let given = departement
        .ask(MISSION_LOCALE, &Attempting::first(link))
        .await;
    assert!(matches!(
        answer(given.unwrap().get_ref()),
        Answered::Summary(_)
    ));

    disk.fail();
    let given = departement
        .ask(MISSION_LOCALE, &Attempting::first(link))
        .await;
    let told = refusal(given);
    assert_eq!(told.reason, "LOG_UNAVAILABLE");
    assert!(disk.refused() > 0, "the log was tried");
    let told = refusal(amina.fetch(&amina.question(&["steps"])).await);
    assert_eq!(told.reason, "PEER_UNREACHABLE");
    assert!(amina.source().await.summary.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_nothing_is_asked_when_the_own_log_cannot_be_written() {
    let disk = FailingDisk::default();
    let broken = disk.clone();
    let federation = Federation::start_with(move |node, world| match node {
        DEPARTEMENT => World {
            files: Arc::new(broken.clone()),
            fatal: Arc::new(broken.clone()),
            ..world
        },
        _ => world,
    })
    .await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.agree(&Opening::usual()).await;
    disk.fail();
    let question = amina.question(&["steps"]);
    let told = refusal(amina.fetch(&question).await);
    assert_eq!(told.reason, "LOG_UNAVAILABLE");
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    assert!(log.of_exchange(&question.exchange_id).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_no_disclosure_follows_the_withdrawal_that_covers_it() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", LABEL)]).await;
    let agreed = amina.agree(&Opening::usual()).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let amina = amina.clone();
        asking.spawn(async move { amina.fetch(&amina.question(&["steps"])).await.is_ok() });
    }
    // Some are under way.
    let first = asking.join_next().await.unwrap().unwrap();
    let withdrawing = amina.clone();
    let withdrawn = tokio::spawn(async move { withdrawing.withdraw(&agreed.chain).await });
    let mut opened = usize::from(first);
    while let Some(answered) = asking.join_next().await {
        opened += usize::from(answered.unwrap());
    }
    withdrawn.await.unwrap();

    let log = Entries::of(&federation, MISSION_LOCALE).await;
    let kinds = log.kinds();
    let end = kinds
        .iter()
        .position(|kind| *kind == "withdrawn")
        .expect("it is logged");
    let disclosed = log.of_kind("disclosed").len();
    assert!(disclosed >= opened && opened > 0, "{opened} of {disclosed}");
    assert!(!kinds[end..].contains(&"disclosed"), "{kinds:?}");
    // What came before is gone at the asker, and what landed after it was not kept.
    assert_eq!(amina.source().await.state(), SourceState::Purged);
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
