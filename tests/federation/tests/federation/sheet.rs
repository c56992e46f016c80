//! What an agent of one organisation reads of a journey that another one shared.

use std::path::Path;

use passerelle_federation_tests::*;
use passerelle_gateway::client::{ClientSettings, NodeSession};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::sheet::{self, Sheet, SheetError};
use passerelle_gateway::shown::Language;
use passerelle_gateway::yaml::Document;

use super::import::settings;

async fn gathered(federation: &Federation, person: &str) -> Result<Sheet, SheetError> {
    let settings = settings(federation, DEPARTEMENT, "[pwd, otp]");
    let settings = ClientSettings::parse(&Document::new("client.yaml", settings), Path::new(""));
    let rng = SystemRng::new();
    let settings = settings.unwrap();
    let session = NodeSession::open(&settings, &SystemClock, &rng)
        .await
        .unwrap();
    let now = passerelle_domain::Clock::now(&SystemClock);
    sheet::gather(&session, person, now).await
}

fn read(sheet: &Sheet) -> String {
    let mut out = Vec::new();
    sheet::text(sheet, Language::French, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_all_sources_are_on_the_sheet_and_no_note() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let mut records: Vec<_> = (0..300)
        .map(|n| step(&format!("step-{n}"), &format!("Atelier {n}")))
        .collect();
    for record in &mut records {
        record.record.as_mut().unwrap().note = "canari".to_owned();
    }
    for some in records.chunks(50) {
        amina.keep(some.to_vec()).await;
    }
    amina.agree(&Opening::usual()).await;
    let fetched = amina.fetch(&amina.question(&["steps", "diagnosis"])).await;
    Agency::told(async { fetched }).await;

    let sheet = gathered(&federation, "dossier-1").await.unwrap();
    assert_eq!(sheet.sources.len(), 2);
    assert_eq!(sheet.sources[1].records.len(), 300);
    let text = read(&sheet);
    assert!(
        text.contains("Atelier 0") && text.contains("Atelier 299"),
        "{text}"
    );
    assert!(text.contains("réponse reçue le"), "{text}");
    assert!(
        text.contains("demandé et non ouvert\u{a0}: Diagnostic"),
        "{text}"
    );
    assert!(!text.contains("canari"));

    // The id of the node finds her as well as the reference.
    let by_id = gathered(&federation, &amina.there).await.unwrap();
    assert_eq!(by_id.reference, "dossier-1");
    for nobody in ["dossier-9", &amina.here] {
        assert!(gathered(&federation, nobody).await.is_err());
    }
}
