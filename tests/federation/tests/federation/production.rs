//! Real persons: only under rules that somebody has accepted and verified.

use passerelle_domain::Digest;
use passerelle_federation_tests::*;
use passerelle_gateway::assemble::{World, assemble};
use passerelle_gateway::config::Acceptance;
use passerelle_policy::Environment;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_in_production_does_not_start_with_the_example_rules() {
    let mut federation = Federation::start().await;
    let mut config = federation.stop(ASSOCIATION).await;
    config.node.environment = Environment::Production;
    let refused = |config| async move {
        match assemble(&config, World::small()).await {
            Ok(_) => panic!("it starts"),
            Err(error) => error.to_string(),
        }
    };
    let told = refused(config.clone()).await;
    assert!(told.contains("accepted_sha256"), "{told}");

    // Accepted or not: nobody has verified a row of it.
    let table = std::fs::read(&config.rules.path).unwrap();
    config.rules.acceptance = Some(Acceptance {
        sha256: Digest::of(&table),
        by: "Anne Martin, déléguée à la protection des données".to_owned(),
        on: "2026-11-24".to_owned(),
    });
    let told = refused(config.clone()).await;
    assert!(told.contains("no row counts in production"), "{told}");

    // Another file than the one that was accepted.
    if let Some(acceptance) = &mut config.rules.acceptance {
        acceptance.sha256 = Digest::of(b"another table");
    }
    let told = refused(config.clone()).await;
    assert!(told.contains("Anne Martin"), "{told}");

    // In training it is what it is made for.
    config.node.environment = Environment::Training;
    config.rules.acceptance = None;
    federation.start_again(config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_node_in_training_say_so() {
    let federation = Federation::start().await;
    Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let log = Entries::of(&federation, MISSION_LOCALE).await;
    for entry in log.of_kind("redeemed") {
        assert_eq!(entry["training"], true);
    }
}
