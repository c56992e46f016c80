//! A node that was restored from an old copy of its folder.

use std::fs;
use std::path::Path;

use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::DeliveryState;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_rolled_back_is_found_out_and_discloses_nothing_until_it_is_put_right() {
    let mut federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    amina.keep(vec![step("step-1", "Atelier")]).await;
    let agreed = amina.agree(&Opening::usual()).await;

    let data = federation.data_dir(MISSION_LOCALE);
    let old = federation.folder().join("old-copy");
    let newer = federation.folder().join("newer");
    let config = federation.stop(MISSION_LOCALE).await;
    copy(&data, &old);
    federation.start_again(config).await.unwrap();
    // The département is shown a checkpoint that the old copy does not know.
    Agency::told(amina.fetch(&amina.question(&["steps"]))).await;

    let config = federation.stop(MISSION_LOCALE).await;
    fs::rename(&data, &newer).unwrap();
    copy(&old, &data);
    federation.start_again(config).await.unwrap();
    let told = refusal(amina.fetch(&amina.question(&["steps"])).await);
    assert_eq!(told.reason, "ROLLED_BACK");
    for said in [
        "copie ancienne",
        "remettre le dossier de données plus récent",
    ] {
        assert!(told.text_fr.contains(said), "{}", told.text_fr);
    }

    // It stays so: for whoever knows nothing of its log, and after a restart.
    let attempting = Attempting::first(amina.link(&federation));
    let departement = Member::of(&federation, DEPARTEMENT);
    let given = departement.ask(MISSION_LOCALE, &attempting).await;
    assert_eq!(refusal(given).reason, "ROLLED_BACK");
    federation.restart(MISSION_LOCALE).await;
    let store = federation.site(MISSION_LOCALE).passerelle.store().clone();
    assert!(store.health().rolled_back);
    let given = departement
        .ask(MISSION_LOCALE, &Attempting::first(amina.link(&federation)))
        .await;
    assert_eq!(refusal(given).reason, "ROLLED_BACK");
    drop(store);

    // With the newer folder it goes on.
    let config = federation.stop(MISSION_LOCALE).await;
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&newer, &data).unwrap();
    federation.start_again(config).await.unwrap();
    Agency::told(amina.fetch(&amina.question(&["steps"]))).await;
    let withdrawn = amina.withdraw(&agreed.chain).await;
    assert_eq!(
        withdrawn.delivery.unwrap().state(),
        DeliveryState::Delivered
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}
