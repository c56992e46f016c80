//! Sessions: for whom an agency system calls.

mod block;
mod proof;

pub use block::BlockedAgent;
pub use proof::SessionProof;

use std::collections::BTreeSet;
use std::time::Duration;

use passerelle_domain::claim::{Confirmation, NumericDate, SessionToken};
use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{Caller, Digest, SessionId, Siret, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::sessions::Session;
use passerelle_store::tables::{agents, blocked_agents, expiry, sessions, used_tokens};

use crate::ports::Outgoing;
use crate::{ExchangeError, Passerelle};
use proof::Proved;

/// No session is longer, whatever the limits say.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
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
    /// As what it may work without an agent.
    pub without_agent: &'a BTreeSet<AgentRole>,
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
    /// Opens a session on a proof of whom it is for. Each proof is good for one session, whatever
    /// happens to the node in between.
    pub async fn open_session(
        &self,
        system: AgencySystem<'_>,
        proof: SessionProof<'_>,
    ) -> Result<OpenedSession, ExchangeError> {
        if self.0.store.clock_fault().is_some() {
            return Err(ExchangeError::ClockSkew);
        }
        let proved = self.proved(&system, proof).await?;
        let (name, certificate) = (system.name.to_owned(), system.certificate);
        let life = self.0.limits.session.min(LONGEST);
        let opened = self
            .transact("open_session", move |tx| {
                open(tx, &name, certificate, &proved, life)
            })
            .await?;
        self.opened(&opened.value)
    }

    /// Who calls with a session token over a channel with that certificate. Reads, and writes
    /// nothing.
    pub fn authenticate(&self, token: &str, certificate: Digest) -> Result<Caller, ExchangeError> {
        let now = self.now();
        let session = self
            .session(token, certificate)?
            .filter(|session| session.open_at(now))
            .ok_or(ExchangeError::SessionInvalid)?;
        if self
            .read(|view| Ok(blocked_agents::find(view, &session.subject)?))?
            .is_some()
        {
            return Err(ExchangeError::AgentBlocked);
        }
        Ok(session.caller())
    }

    /// Until when the session of the caller is.
    pub fn session_ends(&self, caller: &Caller) -> Result<Timestamp, ExchangeError> {
        let found = self.read(|view| Ok(sessions::find(view, &caller.session)?))?;
        let session = found.ok_or(ExchangeError::SessionInvalid)?;
        Ok(session.expires_at)
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
    proved: &Proved,
    life: Duration,
) -> Result<Session, ExchangeError> {
    let now = tx.now();
    proved.check_times(now)?;
    expiry::sweep(tx, now, SWEPT)?;
    if !used_tokens::spend(tx, &proved.issuer, &proved.id, proved.until)? {
        return Err(proof_refused("jti: used once"));
    }
    if blocked_agents::find(tx, &proved.subject)?.is_some() {
        return Err(ExchangeError::AgentBlocked);
    }
    let agent = agents::find_or_add(tx, &proved.siret, &proved.subject, now)?;
    let session = Session {
        id: SessionId::from_bytes(tx.random()),
        system: system.to_owned(),
        certificate,
        subject: proved.subject.clone(),
        agent: agent.reference,
        siret: proved.siret,
        role: proved.role,
        assurance: proved.assurance,
        second_factor: proved.second_factor,
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
