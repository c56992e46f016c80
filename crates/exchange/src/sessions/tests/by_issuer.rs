use passerelle_domain::claim::OidcProof;

use super::*;

async fn opened_by(
    federation: &Federation,
    id_token: &str,
) -> Result<OpenedSession, ExchangeError> {
    let sirets = BTreeSet::from([federation.caseworker("mission-locale").siret]);
    let system = AgencySystem {
        name: SYSTEM,
        certificate: certificate(),
        sirets: &sirets,
        without_agent: &BTreeSet::new(),
    };
    let proof = OidcProof {
        id_token,
        userinfo: "",
        nonce_secret: "a-secret-of-22-characters",
    };
    let node = federation.node("mission-locale");
    node.open_session(system, SessionProof::Oidc(proof)).await
}

fn token(federation: &Federation, subject: &str) -> String {
    format!(
        "{subject} {}",
        federation.caseworker("mission-locale").siret
    )
}

#[tokio::test]
async fn what_an_issuer_says_opens_one_session_and_no_second_one_over_a_restart() {
    let mut federation = Federation::new(1);
    let token = token(&federation, "a-17");
    let session = opened_by(&federation, &token).await.unwrap();
    assert_eq!(session.assurance, SessionAssurance::Oidc);
    assert!(session.second_factor);
    let node = federation.node("mission-locale");
    let caller = node.authenticate(&session.token, certificate()).unwrap();
    assert_eq!(caller.subject.expose(), "a-17");
    federation.restart("mission-locale").await;
    assert_eq!(
        opened_by(&federation, &token).await,
        refused("jti: used once")
    );
}

#[tokio::test]
async fn an_issuer_names_neither_a_system_nor_an_agent_of_another_establishment() {
    let federation = Federation::new(1);
    let system = token(&federation, "system:night");
    let rule = "sub: does not begin with `system:`";
    assert_eq!(opened_by(&federation, &system).await, refused(rule));
    let elsewhere = format!("a-17 {}", federation.caseworker("departement").siret);
    let rule = "siret: an establishment of this agency system";
    assert_eq!(opened_by(&federation, &elsewhere).await, refused(rule));
    let away = opened_by(&federation, "-").await;
    assert_eq!(away, Err(ExchangeError::IssuerUnreachable));
}
