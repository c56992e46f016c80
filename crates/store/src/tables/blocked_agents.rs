//! Agents who are kept out.
//!
//! `blocked_agents`: HMAC of subject → who, and since when.

use passerelle_domain::{AgentRef, Malformed, Pii, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, field};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// An agent who is kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedAgent {
    /// The agent, as agency systems know them.
    pub subject: Pii<String>,
    /// Since when.
    pub since: Timestamp,
    /// Who blocked them, as other nodes know agents.
    pub by: AgentRef,
}

/// Whether, and how, an agent is kept out.
pub fn find(read: &impl Read, subject: &Pii<String>) -> Result<Option<BlockedAgent>, TableError> {
    let key = blocked_key(read, subject);
    let found = BLOCKED.find(read, &key)?;
    Ok(found.map(blocked).transpose()?.map(|(_, agent)| agent))
}

/// At most `limit` of them with where each stands in the list, those after `after`.
pub fn page(
    read: &impl Read,
    after: Option<&TokenId>,
    limit: usize,
) -> Result<Vec<(TokenId, BlockedAgent)>, TableError> {
    let after = after.map(|place| &place.as_bytes()[..]);
    let found = BLOCKED.page(read, &[], after, limit)?;
    found.into_iter().map(blocked).collect()
}

/// Keeps an agent out.
pub fn put(tx: &mut impl Write, agent: &BlockedAgent) -> Result<(), TableError> {
    let row = rows::BlockedAgentRow {
        subject: agent.subject.expose().clone(),
        since: agent.since.as_millis(),
        by: agent.by.to_string(),
    };
    let key = blocked_key(tx, &agent.subject);
    BLOCKED.put(tx, None, &key, &row)
}

/// Lets an agent in again.
pub fn remove(tx: &mut impl Write, subject: &Pii<String>) {
    let key = blocked_key(tx, subject);
    BLOCKED.delete(tx, &key);
}

fn blocked(found: Found<rows::BlockedAgentRow>) -> Result<(TokenId, BlockedAgent), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let place = field("key", TokenId::from_slice(&key))?;
        let agent = BlockedAgent {
            since: at(row.since),
            by: field("by", AgentRef::new(row.by))?,
            subject: Pii::new(row.subject),
        };
        Ok((place, agent))
    };
    read().map_err(|what: Malformed| BLOCKED.malformed(what))
}

fn blocked_key(read: &impl Read, subject: &Pii<String>) -> Key {
    let parts = [subject.expose().as_bytes()];
    Key::new().id(&read.sealing().sealer().keys().index(BLOCKED.name, &parts))
}

pub(super) const BLOCKED: Spec = Spec::new(70, "blocked_agents");
