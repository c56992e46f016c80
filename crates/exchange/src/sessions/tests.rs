mod block;
mod by_issuer;
mod without_agent;

use passerelle_domain::claim::AgentProof;
use passerelle_domain::{NodeId, Pii, TokenId};
use passerelle_store::sim::Crash;

use super::*;
use crate::testing::{Federation, Statements};

const SYSTEM: &str = "logiciel-metier";

fn proof(federation: &Federation) -> AgentProof {
    let issued_at = NumericDate::of(federation.now());
    AgentProof {
        issuer: SYSTEM.to_owned(),
        audience: NodeId::new("mission-locale").unwrap(),
        subject: Pii::new("agent-canary@example.fr".to_owned()),
        siret: federation.caseworker("mission-locale").siret,
        role: AgentRole::Caseworker,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        auth_time: issued_at,
        issued_at,
        expires_at: NumericDate::from_secs(issued_at.as_secs() + 300),
        id: TokenId::random(federation.chance()),
    }
}

fn certificate() -> Digest {
    Digest::of(b"the agency system's")
}

async fn opened(
    federation: &Federation,
    proof: &AgentProof,
) -> Result<OpenedSession, ExchangeError> {
    let sirets = BTreeSet::from([federation.caseworker("mission-locale").siret]);
    let system = AgencySystem {
        name: SYSTEM,
        certificate: certificate(),
        sirets: &sirets,
        without_agent: &BTreeSet::new(),
    };
    let token = Statements::signed(SYSTEM, proof);
    federation
        .node("mission-locale")
        .open_session(system, SessionProof::Asserted(&token))
        .await
}

fn refused(rule: &str) -> Result<OpenedSession, ExchangeError> {
    Err(proof_refused(rule))
}

#[tokio::test]
async fn a_session_says_who_calls_until_it_is_closed() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    assert_eq!(session.expires_at, federation.now().plus(LONGEST));
    assert!(session.second_factor);

    let caller = node.authenticate(&session.token, certificate()).unwrap();
    assert_eq!(caller.system, SYSTEM);
    assert_eq!(caller.subject.expose(), "agent-canary@example.fr");
    assert_eq!(
        (caller.role, caller.second_factor),
        (AgentRole::Caseworker, true)
    );

    node.close_session(&caller).await.unwrap();
    node.close_session(&caller).await.unwrap();
    let closed = node.authenticate(&session.token, certificate());
    assert_eq!(closed, Err(ExchangeError::SessionInvalid));
    let again = node.authenticate_to_close(&session.token, certificate());
    node.close_session(&again.unwrap()).await.unwrap();
    let elsewhere = node.authenticate_to_close(&session.token, Digest::of(b"another"));
    assert_eq!(elsewhere, Err(ExchangeError::SessionInvalid));
}

#[tokio::test]
async fn i5_a_proof_opens_one_session_even_across_a_restart() {
    let mut federation = Federation::new(1);
    let proof = proof(&federation);
    let session = opened(&federation, &proof).await.unwrap();
    assert_eq!(opened(&federation, &proof).await, refused("jti: used once"));

    federation.crash("mission-locale", Crash::Whole, 0);
    assert_eq!(opened(&federation, &proof).await, refused("jti: used once"));
    let node = federation.node("mission-locale");
    assert!(node.authenticate(&session.token, certificate()).is_ok());
}

#[tokio::test]
async fn a_proof_that_was_forgotten_is_refused_by_its_age() {
    let federation = Federation::new(1);
    let old = proof(&federation);
    opened(&federation, &old).await.unwrap();
    federation.pass(Duration::from_secs(301));
    // Sweeps what has expired.
    opened(&federation, &proof(&federation)).await.unwrap();
    // The wall clock falls back, less than would be a fault: the token is in date by it.
    let back = federation.now().minus(Duration::from_secs(50));
    federation.clock().set(back);
    assert_eq!(
        opened(&federation, &old).await,
        refused("exp: in the future")
    );
}

#[tokio::test]
async fn a_session_is_bound_to_the_certificate_that_opened_it() {
    let federation = Federation::new(1);
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    let node = federation.node("mission-locale");
    let other = node.authenticate(&session.token, Digest::of(b"another"));
    assert_eq!(other, Err(ExchangeError::SessionInvalid));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let federation = Federation::new(1);
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    let node = federation.node("mission-locale");
    federation.pass(LONGEST - Duration::from_secs(1));
    assert!(node.authenticate(&session.token, certificate()).is_ok());
    federation.pass(Duration::from_secs(1));
    let over = node.authenticate(&session.token, certificate());
    assert_eq!(over, Err(ExchangeError::SessionInvalid));
}

#[tokio::test]
async fn a_token_without_its_row_or_of_another_node_is_worth_nothing() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let now = NumericDate::of(federation.now());
    let claim = SessionToken {
        issuer: NodeId::new("mission-locale").unwrap(),
        session: SessionId::random(federation.chance()),
        cnf: Confirmation {
            certificate: certificate(),
        },
        issued_at: now,
        expires_at: NumericDate::from_secs(now.as_secs() + 60),
    };
    for signer in ["mission-locale", "departement", SYSTEM] {
        let token = Statements::signed(signer, &claim);
        let caller = node.authenticate(&token, certificate());
        assert_eq!(caller, Err(ExchangeError::SessionInvalid), "{signer}");
    }
}

#[tokio::test]
async fn a_proof_for_a_foreign_establishment_or_of_a_foreign_key_is_refused() {
    let federation = Federation::new(1);
    let elsewhere = AgentProof {
        siret: federation.caseworker("departement").siret,
        ..proof(&federation)
    };
    assert_eq!(
        opened(&federation, &elsewhere).await,
        refused("siret: an establishment of this agency system")
    );
    let system = AgencySystem {
        name: SYSTEM,
        certificate: certificate(),
        sirets: &BTreeSet::from([proof(&federation).siret]),
        without_agent: &BTreeSet::new(),
    };
    let token = Statements::signed("another-system", &proof(&federation));
    let refused = federation
        .node("mission-locale")
        .open_session(system, SessionProof::Asserted(&token))
        .await;
    assert!(matches!(refused, Err(ExchangeError::ProofRefused { .. })));
}

#[tokio::test]
async fn an_agent_who_authenticated_yesterday_does_so_again() {
    let federation = Federation::new(1);
    for age in [12 * 3600 + 1, 24 * 3600] {
        let proof = proof(&federation);
        let auth_time = NumericDate::from_secs(proof.auth_time.as_secs() - age);
        let opened = opened(&federation, &AgentProof { auth_time, ..proof }).await;
        assert_eq!(opened, refused("auth_time: less than 12 hours ago"));
    }
    let proof = proof(&federation);
    let auth_time = NumericDate::from_secs(proof.auth_time.as_secs() + 61);
    let early = opened(&federation, &AgentProof { auth_time, ..proof }).await;
    assert_eq!(early, refused("auth_time: less than 12 hours ago"));
}

#[tokio::test]
async fn an_agent_has_one_opaque_reference_whatever_the_session() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let mut references = Vec::new();
    for _ in 0..2 {
        let session = opened(&federation, &proof(&federation)).await.unwrap();
        references.push(
            node.authenticate(&session.token, certificate())
                .unwrap()
                .reference,
        );
    }
    let colleague = AgentProof {
        subject: Pii::new("colleague@example.fr".to_owned()),
        ..proof(&federation)
    };
    let session = opened(&federation, &colleague).await.unwrap();
    references.push(
        node.authenticate(&session.token, certificate())
            .unwrap()
            .reference,
    );
    assert_eq!(references[0], references[1]);
    assert_ne!(references[0], references[2]);
    assert!(!references[0].as_str().contains("canary"));
}

#[tokio::test]
async fn no_session_opens_while_the_clock_is_in_fault() {
    let federation = Federation::new(1);
    opened(&federation, &proof(&federation)).await.unwrap();
    federation
        .clock()
        .set(federation.now().minus(Duration::from_secs(61)));
    assert_eq!(
        opened(&federation, &proof(&federation)).await,
        Err(ExchangeError::ClockSkew)
    );
}

#[tokio::test]
async fn i10_tokens_and_agents_are_not_printed() {
    let federation = Federation::new(1);
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    let caller = federation
        .node("mission-locale")
        .authenticate(&session.token, certificate());
    let printed = format!("{session:?} {caller:?} {:?}", proof(&federation));
    assert!(!printed.contains("canary"), "{printed}");
    assert!(!printed.contains(&session.token), "{printed}");
}
