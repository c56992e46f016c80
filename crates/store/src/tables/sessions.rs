//! Sessions of agents. They go once they have expired.
//!
//! `sessions`: session → for whom.

use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{AgentRef, Caller, Digest, Malformed, Pii, SessionId, Siret, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field, maybe_at, maybe_millis, word};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The agency system, by its name in the configuration.
    pub system: String,
    /// SHA-256 of the system's certificate.
    pub certificate: Digest,
    /// The agent, as the agency system knows them.
    pub subject: Pii<String>,
    /// The agent, as other nodes know them.
    pub agent: AgentRef,
    /// The establishment.
    pub siret: Siret,
    /// The agent's role.
    pub role: AgentRole,
    /// How the session was proved.
    pub assurance: SessionAssurance,
    /// Whether it was opened with a second factor.
    pub second_factor: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was closed, if it was.
    pub closed_at: Option<Timestamp>,
}

impl Session {
    /// Whether calls may be made in it.
    pub fn open_at(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && now < self.expires_at
    }

    /// Who calls in it.
    pub fn caller(&self) -> Caller {
        Caller {
            session: self.id,
            system: self.system.clone(),
            subject: self.subject.clone(),
            reference: self.agent.clone(),
            siret: self.siret,
            role: self.role,
            assurance: self.assurance,
            second_factor: self.second_factor,
        }
    }
}

/// One session, closed and expired ones too until they are swept.
pub fn find(read: &impl Read, id: &SessionId) -> Result<Option<Session>, TableError> {
    SESSIONS.find(read, id.as_bytes())?.map(session).transpose()
}

/// At most `limit` sessions, those after `after`.
pub fn page(
    read: &impl Read,
    after: Option<&SessionId>,
    limit: usize,
) -> Result<Vec<Session>, TableError> {
    let after = after.map(|id| &id.as_bytes()[..]);
    SESSIONS
        .page(read, &[], after, limit)?
        .into_iter()
        .map(session)
        .collect()
}

/// Keeps a session until it expires.
pub fn put(tx: &mut impl Write, session: &Session) -> Result<(), TableError> {
    let row = rows::SessionRow {
        system: session.system.clone(),
        certificate: bytes(session.certificate.as_bytes()),
        subject: session.subject.expose().clone(),
        agent_ref: session.agent.to_string(),
        siret: session.siret.to_string(),
        role: session.role.id().to_owned(),
        assurance: session.assurance.id().to_owned(),
        second_factor: session.second_factor,
        opened_at: session.opened_at.as_millis(),
        expires_at: session.expires_at.as_millis(),
        closed_at: maybe_millis(session.closed_at),
    };
    expiry::put(tx, session.expires_at, &SESSIONS, session.id.as_bytes())?;
    SESSIONS.put(tx, None, session.id.as_bytes(), &row)
}

fn session(found: Found<rows::SessionRow>) -> Result<Session, TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        Ok(Session {
            id: field("key", SessionId::from_slice(&key))?,
            certificate: field("certificate", Digest::from_slice(&row.certificate))?,
            agent: field("agent_ref", AgentRef::new(&row.agent_ref))?,
            siret: field("siret", row.siret.parse())?,
            role: word("role", AgentRole::parse(&row.role))?,
            assurance: word("assurance", SessionAssurance::parse(&row.assurance))?,
            second_factor: row.second_factor,
            opened_at: at(row.opened_at),
            expires_at: at(row.expires_at),
            closed_at: maybe_at(row.closed_at),
            system: row.system,
            subject: Pii::new(row.subject),
        })
    };
    read().map_err(|what: Malformed| SESSIONS.malformed(what))
}

pub(super) const SESSIONS: Spec = Spec::new(26, "sessions");
