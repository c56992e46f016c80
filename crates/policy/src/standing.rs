//! What a holder knows about one person and one requester when a question comes: read under the
//! person's gate, and all that a decision may depend on besides rights, rules and time.

use passerelle_domain::claim::{Objection, ObjectionScope, Receipt};
use passerelle_domain::vocabulary::{Class, Purpose, Section};
use passerelle_domain::{ChainId, NodeId, TokenId, Verified};

use crate::cells::CellSet;

/// The standing of a person towards one requester. Order and repetition in its lists mean nothing.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The link that the question names.
    pub link: LinkStanding,
    /// Every receipt kept for that link, dead ones included: they say why nothing opens.
    pub receipts: Vec<Verified<Receipt>>,
    /// The chains of receipts that were withdrawn.
    pub withdrawn: Vec<WithdrawnChain>,
    /// The person's objections that bind this node, lifted ones and those that lift them included.
    pub objections: Vec<TakenObjection>,
    /// Whether the link was born from a pass of this holder that the requester redeemed here:
    /// nothing else counts as evidence `pass`.
    pub pass_redeemed: bool,
    /// What the holder's own organisation closes.
    pub local: LocalRules,
}

/// The link that a question names, as the holder has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStanding {
    /// No link with this requester has that id.
    Unknown,
    /// It was ended by one side.
    Ended,
    /// One side reported that it joins two different persons.
    Reported,
    /// It stands.
    Live {
        /// The highest class that any receipt over it may open; set if it was born from a pass.
        ceiling: Option<Class>,
    },
}

/// A chain of receipts that was withdrawn, whether or not its receipts have arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnChain {
    /// The issuer of the chain.
    pub receipt_issuer: NodeId,
    /// The chain.
    pub chain: ChainId,
    /// The node that issued the withdrawal.
    pub by: NodeId,
}

/// An objection that this node took or adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenObjection {
    /// The node that took it.
    pub issuer: NodeId,
    /// Unique for its issuer.
    pub id: TokenId,
    /// What it closes.
    pub scope: ObjectionScope,
    /// The objection of the same issuer that this one lifts; then it closes nothing itself.
    pub lifts: Option<TokenId>,
    /// What this node's privacy officer has answered.
    pub officer: OfficerAnswer,
}

/// What a privacy officer answers to an objection where the text excludes the right to object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfficerAnswer {
    /// Nothing yet.
    Pending,
    /// It closes what it names.
    Upheld,
    /// It closes only what is open to objection anyway.
    Overruled,
}

/// What the holder's own organisation closes, whatever the person agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalRules {
    /// That the person is known here must stay hidden: nothing opens.
    pub protected: bool,
    /// Requesters, purposes and sections that are closed.
    pub denials: Vec<LocalDenial>,
}

/// A rule of the organisation; what it does not name matches anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalDenial {
    /// Only for this requester.
    pub requester: Option<NodeId>,
    /// Only for this purpose.
    pub purpose: Option<Purpose>,
    /// Only this section.
    pub section: Option<Section>,
}

impl LocalDenial {
    /// What it closes to a requester for a purpose.
    pub(crate) fn cells(&self, requester: &NodeId, purpose: Purpose) -> CellSet {
        let matches = self.requester.as_ref().is_none_or(|node| node == requester)
            && self.purpose.is_none_or(|named| named == purpose);
        self.section
            .map_or(CellSet::ALL, CellSet::section)
            .only_if(matches)
    }
}

impl TakenObjection {
    /// An objection that another node took and sent, with this node's answer to it.
    pub fn adopted(objection: &Verified<Objection>, officer: OfficerAnswer) -> Self {
        Self {
            issuer: objection.issuer.clone(),
            id: objection.id,
            scope: objection.scope.clone(),
            lifts: objection.lifts,
            officer,
        }
    }

    fn lifts(&self, other: &Self) -> bool {
        // A jti is unique for its issuer only; and no peer lifts what another node has taken.
        self.lifts == Some(other.id) && self.issuer == other.issuer
    }
}

impl Standing {
    /// No link of that id: what there is to weigh when a question names a link that is not known.
    pub fn unknown() -> Self {
        Self {
            link: LinkStanding::Unknown,
            receipts: Vec::new(),
            withdrawn: Vec::new(),
            objections: Vec::new(),
            pass_redeemed: false,
            local: LocalRules::default(),
        }
    }

    /// The objections that stand: those that lift nothing and were not lifted.
    pub(crate) fn standing_objections(&self) -> impl Iterator<Item = &TakenObjection> {
        let lifted = |one: &TakenObjection| self.objections.iter().any(|other| other.lifts(one));
        self.objections
            .iter()
            .filter(move |one| one.lifts.is_none() && !lifted(one))
    }
}
