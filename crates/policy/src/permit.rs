//! The permit: without one, no journey is read for another organisation.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use passerelle_domain::vocabulary::{Class, LawfulBasis, Purpose, RecordUse, Section};
use passerelle_domain::{
    AskingAgent, ChainId, ExchangeId, LinkId, NodeId, Record, RecordId, Timestamp, TokenId,
};

use crate::cells::CellSet;
use crate::rules::Environment;
use crate::trace::Trace;

/// Leave to read one journey once, for one question.
///
/// Only [`decide`](crate::decide) makes one that is good for an answer to another organisation;
/// what [`preview`](crate::preview) makes serves to show own agents what an answer would be. It
/// cannot be copied or stored, and whoever reads consumes it.
///
/// ```compile_fail
/// fn twice(permit: passerelle_policy::Permit) {
///     let _ = permit.clone();
/// }
/// ```
/// ```compile_fail
/// fn make(terms: passerelle_policy::Terms) -> passerelle_policy::Permit {
///     passerelle_policy::Permit { terms, aim: std::marker::PhantomData }
/// }
/// ```
#[derive(Debug)]
#[must_use = "a permit that is not used opens nothing, and must be logged as such"]
pub struct Permit<Aim = ToSend> {
    pub(crate) terms: Terms,
    pub(crate) aim: PhantomData<Aim>,
}

/// The aim of a permit that answers another organisation.
#[derive(Debug)]
pub enum ToSend {}

/// The aim of a permit that shows own agents what an answer would be: nothing that it opens is ever
/// sent.
///
/// ```compile_fail
/// use passerelle_domain::Summary;
/// use passerelle_policy::{Opened, ToPreview, summarise};
/// fn send(opened: Opened<ToPreview>) -> Summary {
///     summarise(opened)
/// }
/// ```
#[derive(Debug)]
pub enum ToPreview {}

/// Who asked, and what a permit opens on what ground: what the log says before anything is read.
/// It opens nothing by itself.
#[derive(Clone, Debug)]
pub struct Terms {
    pub(crate) exchange: ExchangeId,
    pub(crate) link: LinkId,
    pub(crate) holder: NodeId,
    pub(crate) requester: NodeId,
    pub(crate) purpose: Purpose,
    pub(crate) usage: RecordUse,
    pub(crate) agent: AskingAgent,
    pub(crate) environment: Environment,
    pub(crate) decided_at: Timestamp,
    pub(crate) open: CellSet,
    pub(crate) trace: Trace,
}

/// A journey that a permit let somebody read; only [`summarise`](crate::summarise), or
/// [`summarise_preview`](crate::summarise_preview), takes it.
///
/// What other nodes have sent is no [`Record`] of this node's own organisation, and has no way in:
/// it is never passed on (I1).
///
/// ```compile_fail
/// use passerelle_domain::SummaryRecord;
/// use passerelle_policy::{Opened, Permit};
/// fn pass_on(permit: Permit, received: Vec<SummaryRecord>) -> Opened {
///     Opened::new(permit, received)
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Opened<Aim = ToSend> {
    pub(crate) terms: Terms,
    pub(crate) aim: PhantomData<Aim>,
    pub(crate) records: Vec<Record>,
    pub(crate) contested: BTreeMap<RecordId, Timestamp>,
}

impl<Aim> Opened<Aim> {
    /// Consumes the permit for the person's whole journey as their own organisation has it.
    pub fn new(permit: Permit<Aim>, records: Vec<Record>) -> Self {
        Self {
            terms: permit.terms,
            aim: permit.aim,
            records,
            contested: BTreeMap::new(),
        }
    }

    /// With the records that the person contests, each since when.
    pub fn contested(self, contested: BTreeMap<RecordId, Timestamp>) -> Self {
        Self { contested, ..self }
    }

    /// Who asked, and what the permit opened.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }
}

/// One cell that is open; its use is that of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedCell {
    /// The section.
    pub section: Section,
    /// The class.
    pub class: Class,
    /// The receipt that opens it: place in [`Terms::grounds`].
    pub ground: usize,
    /// The end of the receipt or of its grant, whichever comes first.
    pub until: Timestamp,
}

/// A receipt that opens something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitGround {
    /// Who issued it.
    pub issuer: NodeId,
    /// Its `jti`.
    pub receipt: TokenId,
    /// Its chain.
    pub chain: ChainId,
    /// Its place in the chain.
    pub version: u32,
    /// The basis that it states.
    pub basis: LawfulBasis,
}

impl<Aim> Permit<Aim> {
    /// What it opens, to be logged before it is used.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }
}

impl Terms {
    /// The exchange in which it was asked.
    pub const fn exchange(&self) -> ExchangeId {
        self.exchange
    }

    /// The link about the person.
    pub const fn link(&self) -> LinkId {
        self.link
    }

    /// The node that gives.
    pub const fn holder(&self) -> &NodeId {
        &self.holder
    }

    /// The node that receives.
    pub const fn requester(&self) -> &NodeId {
        &self.requester
    }

    /// Why it was asked.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// To what use.
    pub const fn usage(&self) -> RecordUse {
        self.usage
    }

    /// For which agent.
    pub const fn agent(&self) -> &AskingAgent {
        &self.agent
    }

    /// Under rules of which environment; in training the entry is marked.
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The time that it was decided at.
    pub const fn decided_at(&self) -> Timestamp {
        self.decided_at
    }

    /// The open cells, at least one, in the order of the sections.
    pub fn opened(&self) -> &[OpenedCell] {
        &self.trace.opened
    }

    /// The open cell of that section and class.
    pub fn open_cell(&self, section: Section, class: Class) -> Option<&OpenedCell> {
        self.opened()
            .iter()
            .find(|cell| cell.section == section && cell.class == class)
    }

    /// The receipts that open something, each once.
    pub fn grounds(&self) -> &[PermitGround] {
        &self.trace.grounds
    }

    /// The cells asked for and not open: question minus permit, whatever the journey holds.
    pub fn not_opened(&self) -> impl Iterator<Item = (Section, Class)> {
        (self.trace.asked - self.open).iter()
    }

    /// Each section of which something is open, with the highest class that is.
    pub fn given(&self) -> impl Iterator<Item = (Section, Class)> {
        Section::ALL.iter().filter_map(|section| {
            let highest = Class::ALL
                .iter()
                .rev()
                .find(|class| self.open.contains(*section, **class))?;
            Some((*section, *highest))
        })
    }

    /// Why each cell is open or not.
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }
}
