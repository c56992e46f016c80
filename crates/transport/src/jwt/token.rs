use std::fmt;

use passerelle_domain::claim::{
    AgentProof, Claim, Introduction, IntroductionReply, LinkEnd, NoticeCatalogue, Objection,
    PurgeAnswer, PurgeOrder, Receipt, SessionToken, SystemProof, TrustList, Withdrawal,
};
use passerelle_domain::{FederationId, NodeId};

/// A claims set that is signed: whose key signs it, and to whom it is addressed.
pub trait Token: Claim {
    /// Who says so.
    fn issuer(&self) -> Issuer<'_>;
    /// To whom, where it is to one.
    fn audience(&self) -> Option<&NodeId>;
}

/// Whose key signs a kind of token. A token of one kind never passes for another: most have keys of
/// their own, and all a `typ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer<'a> {
    /// A member, with one of its receipt keys.
    Node(&'a NodeId),
    /// The coordinators of a federation.
    Coordinators(&'a FederationId),
    /// Whoever answers for the texts shown to persons in a federation.
    Notices(&'a FederationId),
    /// An agency system, by its name in the node's configuration.
    System(&'a str),
    /// The node itself, with the key of its sessions.
    Own(&'a NodeId),
}

impl fmt::Display for Issuer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "node {node}"),
            Self::Coordinators(federation) => write!(f, "coordinators of {federation}"),
            Self::Notices(federation) => write!(f, "notices of {federation}"),
            Self::System(_) => f.write_str("an agency system"),
            Self::Own(node) => write!(f, "sessions of {node}"),
        }
    }
}

macro_rules! between_nodes {
    ($($claim:ty),+) => {$(
        impl Token for $claim {
            fn issuer(&self) -> Issuer<'_> {
                Issuer::Node(&self.issuer)
            }

            fn audience(&self) -> Option<&NodeId> {
                Some(&self.audience)
            }
        }
    )+};
}
between_nodes!(
    Receipt,
    Withdrawal,
    Objection,
    PurgeOrder,
    PurgeAnswer,
    LinkEnd,
    Introduction,
    IntroductionReply
);

impl Token for TrustList {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::Coordinators(&self.federation)
    }

    fn audience(&self) -> Option<&NodeId> {
        None
    }
}

impl Token for NoticeCatalogue {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::Notices(&self.federation)
    }

    fn audience(&self) -> Option<&NodeId> {
        None
    }
}

impl Token for AgentProof {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::System(&self.issuer)
    }

    fn audience(&self) -> Option<&NodeId> {
        Some(&self.audience)
    }
}

impl Token for SystemProof {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::System(&self.issuer)
    }

    fn audience(&self) -> Option<&NodeId> {
        Some(&self.audience)
    }
}

impl Token for SessionToken {
    fn issuer(&self) -> Issuer<'_> {
        Issuer::Own(&self.issuer)
    }

    fn audience(&self) -> Option<&NodeId> {
        None
    }
}
