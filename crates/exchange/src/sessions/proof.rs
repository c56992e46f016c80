use std::time::Duration;

use passerelle_domain::claim::{AgentProof, OidcAgent, OidcProof, SystemProof};
use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{Pii, Siret, Timestamp, TokenId, Verified};

use super::{AgencySystem, LONGEST, proof_refused};
use crate::ports::{IssuerRefused, TokenRefused};
use crate::{ExchangeError, Passerelle};

/// How far ahead of this node's clock the system's may be (DESIGN.md section 7).
const LEAD: Duration = Duration::from_secs(60);
/// What the names of systems begin with among those of agents.
const SYSTEM: &str = "system:";

/// A proof of whom a session is for.
#[derive(Clone, Copy)]
pub enum SessionProof<'a> {
    /// The agency system asserts who its agent is.
    Asserted(&'a str),
    /// The agency system works without an agent.
    System(&'a str),
    /// An issuer of OpenID Connect says who the agent is.
    Oidc(OidcProof<'a>),
}

/// What a proof proves, whatever its kind.
#[derive(Clone)]
pub(super) struct Proved {
    /// Who made the proof, and which it is: good once.
    pub(super) issuer: String,
    pub(super) id: TokenId,
    /// From when on it is not good any more.
    pub(super) until: Timestamp,
    /// When the agent authenticated, where there is one.
    authenticated: Option<Timestamp>,
    pub(super) subject: Pii<String>,
    pub(super) siret: Siret,
    pub(super) role: AgentRole,
    pub(super) assurance: SessionAssurance,
    pub(super) second_factor: bool,
}

impl Passerelle {
    /// What `proof` proves to this node of a caller of `system`; its times against the store's are
    /// left to [`Proved::check_times`].
    pub(super) async fn proved(
        &self,
        system: &AgencySystem<'_>,
        proof: SessionProof<'_>,
    ) -> Result<Proved, ExchangeError> {
        let tokens = &self.0.tokens;
        let proved = match proof {
            SessionProof::Asserted(token) => {
                Proved::of_agent(&tokens.agent_proof(token, system.name).map_err(refused)?)?
            }
            SessionProof::System(token) => {
                let proof = tokens.system_proof(token, system.name).map_err(refused)?;
                if !system.without_agent.contains(&proof.role) {
                    return Err(proof_refused(
                        "role: one in which the configuration lets this system work without an agent",
                    ));
                }
                Proved::of_system(&proof)
            }
            SessionProof::Oidc(proof) => {
                let agent = tokens.oidc_agent(proof, system.certificate).await;
                Proved::of_issuer(&agent.map_err(|error| match error {
                    IssuerRefused::Token(error) => refused(error),
                    IssuerRefused::NoKeys => ExchangeError::IssuerUnreachable,
                })?)?
            }
        };
        if system.sirets.contains(&proved.siret) {
            Ok(proved)
        } else {
            Err(proof_refused(
                "siret: an establishment of this agency system",
            ))
        }
    }
}

impl Proved {
    fn of_agent(proof: &Verified<AgentProof>) -> Result<Self, ExchangeError> {
        no_system(&proof.subject)?;
        Ok(Self {
            issuer: proof.issuer.clone(),
            id: proof.id,
            until: proof.expires_at.at(),
            authenticated: Some(proof.auth_time.at()),
            subject: proof.subject.clone(),
            siret: proof.siret,
            role: proof.role,
            assurance: SessionAssurance::Asserted,
            second_factor: proof.second_factor(),
        })
    }

    fn of_issuer(agent: &Verified<OidcAgent>) -> Result<Self, ExchangeError> {
        no_system(&agent.subject)?;
        Ok(Self {
            issuer: agent.issuer.clone(),
            id: agent.id,
            until: agent.until,
            authenticated: Some(agent.authenticated),
            subject: agent.subject.clone(),
            siret: agent.siret,
            role: agent.role,
            assurance: SessionAssurance::Oidc,
            second_factor: agent.second_factor,
        })
    }

    fn of_system(proof: &Verified<SystemProof>) -> Self {
        Self {
            issuer: proof.issuer.clone(),
            id: proof.id,
            until: proof.expires_at.at(),
            authenticated: None,
            subject: Pii::new(format!("{SYSTEM}{}", proof.issuer)),
            siret: proof.siret,
            role: proof.role,
            assurance: SessionAssurance::System,
            second_factor: false,
        }
    }

    /// The store's time may be ahead of the wall clock by which the token was checked, and what has
    /// expired by the store's time is no longer remembered as used.
    pub(super) fn check_times(&self, now: Timestamp) -> Result<(), ExchangeError> {
        if self.until <= now {
            return Err(proof_refused("exp: in the future"));
        }
        let stale = |at: Timestamp| at > now.plus(LEAD) || now.since(at) > LONGEST;
        if self.authenticated.is_some_and(stale) {
            return Err(proof_refused("auth_time: less than 12 hours ago"));
        }
        Ok(())
    }
}

/// Nobody passes for a system in the log.
fn no_system(subject: &Pii<String>) -> Result<(), ExchangeError> {
    if subject.expose().starts_with(SYSTEM) {
        return Err(proof_refused("sub: does not begin with `system:`"));
    }
    Ok(())
}

fn refused(refused: TokenRefused) -> ExchangeError {
    ExchangeError::ProofRefused { rule: refused.rule }
}
