//! Who calls, once the channel and the session were checked.

use crate::vocabulary::{AgentRole, SessionAssurance};
use crate::{AgentRef, AskingAgent, Digest, FederationId, NodeId, Pii, SessionId, Siret};

/// An agent of the node's own organisation, calling through an agency system.
///
/// Made only where a verified channel and a session row were joined; a use case trades it for a
/// permit or for access to its own journeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The session.
    pub session: SessionId,
    /// The agency system, by its name in the configuration.
    pub system: String,
    /// The agent, as the agency system knows them.
    pub subject: Pii<String>,
    /// The agent, as other nodes know them.
    pub reference: AgentRef,
    /// The establishment for which the agent works.
    pub siret: Siret,
    /// What the agent may do.
    pub role: AgentRole,
    /// How the session was proved.
    pub assurance: SessionAssurance,
    /// Whether it was opened with a second factor.
    pub second_factor: bool,
}

impl Caller {
    /// The agent, as far as another node may know.
    pub fn asking_agent(&self) -> AskingAgent {
        AskingAgent {
            reference: self.reference.clone(),
            role: self.role,
            assurance: self.assurance,
            second_factor: self.second_factor,
        }
    }
}

/// Another node, known by the certificate of its channel and live in the trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name.
    pub node: NodeId,
    /// The federation in which it is a member.
    pub federation: FederationId,
    /// SHA-256 of its certificate.
    pub certificate: Digest,
}
