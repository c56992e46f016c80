//! Sessions: for whom an agency system calls.

use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::claim::{AgentProof, Confirmation, NumericDate, SessionToken};
use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{Caller, Digest, SessionId, Siret, Timestamp, Verified};
use passerelle_store::Tx;
use passerelle_store::tables::sessions::Session;
use passerelle_store::tables::{agents, expiry, sessions, used_tokens};

use crate::ports::Outgoing;
use crate::{ExchangeError, Passerelle};

/// No session is longer, whatever the limits say.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// How far ahead of this node's clock the system's may be (DESIGN.md section 7).
const LEAD: Duration = Duration::from_secs(60);
/// Rows whose time has come that go with each session that opens: more than it will leave behind.
const SWEPT: usize = 16;

/// An agency system, as the node's configuration registers it.
#[derive(Clone, Copy, Debug)]
pub struct AgencySystem<'a> {
    /// Its name.
    pub name: &'a str,
    /// SHA-256 of the certificate that it shows.
    pub certificate: Digest,
    /// The establishments for whose agents it may call.
    pub sirets: &'a BTreeSet<Siret>,
}

/// A session that was opened.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The bearer token, of use only with the certificate that opened it.
    pub token: String,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// How it was proved.
    pub assurance: SessionAssurance,
    /// Whether the agent authenticated with a second factor.
    pub second_factor: bool,
    /// What the agent may do.
    pub role: AgentRole,
}

impl std::fmt::Debug for OpenedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenedSession(***)")
    }
}

impl Passerelle {
    /// Opens a session for the agent whom a proof of an agency system asserts. Each proof is good
    /// for one session, whatever happens to the node in between.
    pub async fn open_session(
        &self,
        system: AgencySystem<'_>,
        proof: &str,
    ) -> Result<OpenedSession, ExchangeError> {
        if self.0.store.clock_fault().is_some() {
            return Err(ExchangeError::ClockSkew);
        }
        let proof = self
            .0
            .tokens
            .agent_proof(proof, system.name)
            .map_err(|refused| ExchangeError::ProofRefused { rule: refused.rule })?;
        if !system.sirets.contains(&proof.siret) {
            return Err(proof_refused(
                "siret: an establishment of this agency system",
            ));
        }
        let (name, certificate) = (system.name.to_owned(), system.certificate);
        let life = self.0.limits.session.min(LONGEST);
        let opened = self
            .transact("open_session", move |tx| {
                open(tx, &name, certificate, &proof, life)
            })
            .await?;
        self.opened(&opened.value)
    }

    /// Who calls with a session token over a channel with that certificate. Reads, and writes
    /// nothing.
    pub fn authenticate(&self, token: &str, certificate: Digest) -> Result<Caller, ExchangeError> {
        let now = self.now();
        self.session(token, certificate)?
            .filter(|session| session.open_at(now))
            .map(|session| session.caller())
            .ok_or(ExchangeError::SessionInvalid)
    }

    /// The same for who ends a session: also one that has ended already.
    pub fn authenticate_to_close(
        &self,
        token: &str,
        certificate: Digest,
    ) -> Result<Caller, ExchangeError> {
        self.session(token, certificate)?
            .map(|session| session.caller())
            .ok_or(ExchangeError::SessionInvalid)
    }

    fn session(&self, token: &str, certificate: Digest) -> Result<Option<Session>, ExchangeError> {
        let claim = self
            .0
            .tokens
            .session_token(token)
            .map_err(|_| ExchangeError::SessionInvalid)?;
        if claim.cnf.certificate != certificate {
            return Err(ExchangeError::SessionInvalid);
        }
        let found = self.read(|view| Ok(sessions::find(view, &claim.session)?))?;
        Ok(found.filter(|session| session.certificate == certificate))
    }

    /// Ends the session that the call is made in. Ending it twice is no error.
    pub async fn close_session(&self, caller: &Caller) -> Result<(), ExchangeError> {
        let id = caller.session;
        self.transact("close_session", move |tx| {
            let Some(mut session) = sessions::find(tx, &id)? else {
                return Ok(());
            };
            if session.closed_at.is_none() {
                session.closed_at = Some(tx.now());
                sessions::put(tx, &session)?;
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    fn opened(&self, session: &Session) -> Result<OpenedSession, ExchangeError> {
        let claim = SessionToken {
            issuer: self.0.own.node.clone(),
            session: session.id,
            cnf: Confirmation {
                certificate: session.certificate,
            },
            issued_at: NumericDate::of(session.opened_at),
            expires_at: NumericDate::of(session.expires_at),
        };
        let token = self.0.tokens.sign(Outgoing::SessionToken(&claim));
        Ok(OpenedSession {
            token: token.map_err(|fault| ExchangeError::Internal {
                what: fault.to_string(),
            })?,
            expires_at: session.expires_at,
            assurance: session.assurance,
            second_factor: session.second_factor,
            role: session.role,
        })
    }
}

fn open(
    tx: &mut Tx<'_>,
    system: &str,
    certificate: Digest,
    proof: &Verified<AgentProof>,
    life: Duration,
) -> Result<Session, ExchangeError> {
    let now = tx.now();
    // The store's time may be ahead of the wall clock by which the token was checked, and what has
    // expired by the store's time is no longer remembered as used.
    if proof.expires_at.at() <= now {
        return Err(proof_refused("exp: in the future"));
    }
    let authenticated = proof.auth_time.at();
    if authenticated > now.plus(LEAD) || now.since(authenticated) > LONGEST {
        return Err(proof_refused("auth_time: less than 12 hours ago"));
    }
    expiry::sweep(tx, now, SWEPT)?;
    if !used_tokens::spend(tx, &proof.issuer, &proof.id, proof.expires_at.at())? {
        return Err(proof_refused("jti: used once"));
    }
    let agent = agents::find_or_add(tx, &proof.siret, &proof.subject, now)?;
    let session = Session {
        id: SessionId::from_bytes(tx.random()),
        system: system.to_owned(),
        certificate,
        subject: proof.subject.clone(),
        agent: agent.reference,
        siret: proof.siret,
        role: proof.role,
        assurance: SessionAssurance::Asserted,
        second_factor: proof.second_factor(),
        // In seconds, as its token says it.
        opened_at: NumericDate::of(now).at(),
        expires_at: NumericDate::of(now.plus(life)).at(),
        closed_at: None,
    };
    sessions::put(tx, &session)?;
    Ok(session)
}

fn proof_refused(rule: &str) -> ExchangeError {
    ExchangeError::ProofRefused {
        rule: rule.to_owned(),
    }
}

#[cfg(test)]
mod tests;
