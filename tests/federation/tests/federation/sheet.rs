//! What an agent of one organisation reads of a journey that another one shared.

use std::path::Path;

use passerelle_federation_tests::*;
use passerelle_gateway::client::{ClientSettings, NodeSession};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::sheet::{self, Sheet, SheetError};
use passerelle_gateway::shown::Language;
use passerelle_gateway::stubs::agency::v1::rectification_service_client::RectificationServiceClient;
use passerelle_gateway::yaml::Document;
use passerelle_proto::agency::v1::{RectificationKind, RequestRectificationRequest};

use super::import::settings;

async fn gathered(federation: &Federation, person: &str) -> Result<Sheet, SheetError> {
    gathered_at(federation, DEPARTEMENT, person).await
}

async fn gathered_at(
    federation: &Federation,
    node: &str,
    person: &str,
) -> Result<Sheet, SheetError> {
    let settings = settings(federation, node, "[pwd, otp]");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_a_person_contests_says_so_here_and_at_the_other_organisation() {
    let federation = Federation::start().await;
    let amina = Linked::by_pass(&federation, MISSION_LOCALE, DEPARTEMENT).await;
    let of_holder = Agency::caseworker(&federation, MISSION_LOCALE).await;
    amina.keep(vec![step("step-1", "Atelier 1")]).await;
    let contest = RequestRectificationRequest {
        person_id: amina.here.clone(),
        request_id: "contest-1".to_owned(),
        reference: "step-1".to_owned(),
        kind: RectificationKind::Rectify.into(),
        wrong: "Atelier non suivi".to_owned(),
        ..RequestRectificationRequest::default()
    };
    let mut rectifications = RectificationServiceClient::new(of_holder.channel());
    let asked = rectifications.request_rectification(of_holder.request(contest));
    Agency::told(asked).await;
    amina.agree(&Opening::usual()).await;
    let fetched = amina.fetch(&amina.question(&["steps"])).await;
    Agency::told(async { fetched }).await;

    let shared = gathered(&federation, "dossier-1").await.unwrap();
    assert_eq!(shared.sources[1].marks.len(), 1);
    assert!(read(&shared).contains("contesté par la personne depuis"));
    let own = gathered_at(&federation, MISSION_LOCALE, &amina.here).await;
    assert!(read(&own.unwrap()).contains("contesté par la personne depuis"));
}
