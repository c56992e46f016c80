//! What the agency systems were told: it must be there, whatever comes after.

use passerelle_domain::{ChainId, LinkId, NodeId, PersonId, RecordId, TokenId};

/// What use cases returned.
#[derive(Clone, Debug, Default)]
pub(super) struct Acknowledged {
    /// Records kept at the holder.
    pub records: Vec<(PersonId, RecordId)>,
    /// Receipts in force at the node that issued them.
    pub agreements: Vec<(NodeId, ChainId, u32)>,
    /// Chains that ended there.
    pub withdrawn: Vec<(NodeId, ChainId)>,
    /// Links that ended there.
    pub unlinked: Vec<(NodeId, LinkId)>,
    /// Objections taken at the holder.
    pub objections: Vec<TokenId>,
    /// Entries about what was received, at the node that asked.
    pub received: Vec<(NodeId, u64)>,
    /// Nodes that redeemed a pass of the holder's.
    pub linked: Vec<NodeId>,
}
