use passerelle_domain::claim::SystemProof;

use super::*;

fn system_proof(federation: &Federation, role: AgentRole) -> SystemProof {
    let proof = proof(federation);
    SystemProof {
        issuer: proof.issuer,
        audience: proof.audience,
        siret: proof.siret,
        role,
        issued_at: proof.issued_at,
        expires_at: proof.expires_at,
        id: proof.id,
    }
}

/// Opens a session without an agent, at a system that may work so in every role that there is.
pub(super) async fn at_night(
    federation: &Federation,
    role: AgentRole,
) -> Result<OpenedSession, ExchangeError> {
    open(federation, &system_proof(federation, role), AgentRole::ALL).await
}

async fn open(
    federation: &Federation,
    proof: &SystemProof,
    without_agent: &[AgentRole],
) -> Result<OpenedSession, ExchangeError> {
    let sirets = BTreeSet::from([federation.caseworker("mission-locale").siret]);
    let system = AgencySystem {
        name: SYSTEM,
        certificate: certificate(),
        sirets: &sirets,
        without_agent: &without_agent.iter().copied().collect(),
    };
    let token = Statements::signed(SYSTEM, proof);
    federation
        .node("mission-locale")
        .open_session(system, SessionProof::System(&token))
        .await
}

#[tokio::test]
async fn a_session_without_an_agent_says_so() {
    let federation = Federation::new(1);
    let session = at_night(&federation, AgentRole::Caseworker).await.unwrap();
    assert_eq!(session.assurance, SessionAssurance::System);
    assert!(!session.second_factor);
    let node = federation.node("mission-locale");
    let caller = node.authenticate(&session.token, certificate()).unwrap();
    assert_eq!(caller.subject.expose(), "system:logiciel-metier");
    assert_eq!(caller.assurance, SessionAssurance::System);
}

#[tokio::test]
async fn only_a_system_that_was_allowed_works_without_an_agent() {
    let federation = Federation::new(1);
    let proof = system_proof(&federation, AgentRole::Operator);
    let rule = "role: one in which the configuration lets this system work without an agent";
    assert_eq!(open(&federation, &proof, &[]).await, refused(rule));
    assert_eq!(
        open(&federation, &proof, &[AgentRole::Caseworker]).await,
        refused(rule)
    );
    assert!(
        open(&federation, &proof, &[AgentRole::Operator])
            .await
            .is_ok()
    );
    // Used once, as every proof.
    assert_eq!(
        open(&federation, &proof, &[AgentRole::Operator]).await,
        refused("jti: used once")
    );
}

#[tokio::test]
async fn one_proof_does_not_pass_for_the_other() {
    let federation = Federation::new(1);
    let sirets = BTreeSet::from([federation.caseworker("mission-locale").siret]);
    let without_agent = BTreeSet::from([AgentRole::Caseworker]);
    let system = AgencySystem {
        name: SYSTEM,
        certificate: certificate(),
        sirets: &sirets,
        without_agent: &without_agent,
    };
    let node = federation.node("mission-locale");
    let agents = Statements::signed(SYSTEM, &proof(&federation));
    let systems = Statements::signed(SYSTEM, &system_proof(&federation, AgentRole::Caseworker));
    for wrong in [
        SessionProof::System(&agents),
        SessionProof::Asserted(&systems),
    ] {
        let refused = node.open_session(system, wrong).await;
        assert!(matches!(refused, Err(ExchangeError::ProofRefused { .. })));
    }
}

#[tokio::test]
async fn no_agent_passes_for_a_system() {
    let federation = Federation::new(1);
    let named = AgentProof {
        subject: Pii::new("system:logiciel-metier".to_owned()),
        ..proof(&federation)
    };
    assert_eq!(
        opened(&federation, &named).await,
        refused("sub: does not begin with `system:`")
    );
}
