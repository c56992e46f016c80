//! Agents as other nodes know them: an opaque reference, the same for life.
//!
//! `agents`: HMAC of establishment and subject → reference.

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::{AgentRef, Malformed, Pii, Siret, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, field};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An agent, as other nodes know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The opaque reference.
    pub reference: AgentRef,
    /// When the agent was first seen.
    pub first_seen: Timestamp,
}

/// An agent that was seen before.
pub fn find(
    read: &impl Read,
    siret: &Siret,
    subject: &Pii<String>,
) -> Result<Option<Agent>, TableError> {
    let key = agent_key(read, siret, subject);
    AGENTS.find(read, &key)?.map(agent).transpose()
}

/// An agent; one who was never seen gets a reference, drawn at random.
pub fn find_or_add(
    tx: &mut impl Write,
    siret: &Siret,
    subject: &Pii<String>,
    now: Timestamp,
) -> Result<Agent, TableError> {
    if let Some(agent) = find(tx, siret, subject)? {
        return Ok(agent);
    }
    let drawn: [u8; 16] = tx.sealing().sealer().rng().bytes();
    let row = rows::AgentRow {
        agent_ref: BASE64URL_NOPAD.encode(&drawn),
        first_seen: now.as_millis(),
    };
    let key = agent_key(tx, siret, subject);
    AGENTS.put(tx, None, &key, &row)?;
    read(row).map_err(|what| AGENTS.malformed(what))
}

fn agent(found: Found<rows::AgentRow>) -> Result<Agent, TableError> {
    read(found.row).map_err(|what| AGENTS.malformed(what))
}

fn read(row: rows::AgentRow) -> Result<Agent, Malformed> {
    Ok(Agent {
        reference: field("agent_ref", AgentRef::new(row.agent_ref))?,
        first_seen: at(row.first_seen),
    })
}

fn agent_key(read: &impl Read, siret: &Siret, subject: &Pii<String>) -> Key {
    let parts = [siret.as_str().as_bytes(), subject.expose().as_bytes()];
    Key::new().id(&read.sealing().sealer().keys().index(AGENTS.name, &parts))
}

pub(super) const AGENTS: Spec = Spec::new(27, "agents");
