//! Who may ask for what at all, whoever the person is.

use passerelle_domain::member::{Member, Rights};
use passerelle_domain::vocabulary::{
    AgentRole, OrganisationKind, RefusalReason, Section, SessionAssurance,
};
use passerelle_domain::{AskingAgent, NodeId, Question};

use crate::cells::CellSet;

/// The two members between whom a question is decided.
#[derive(Clone, Copy, Debug)]
pub struct Parties<'a> {
    /// The one that holds what is asked for.
    pub holder: Party<'a>,
    /// The one that asks.
    pub requester: Party<'a>,
}

/// A member, as far as a decision depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// Its node.
    pub node: &'a NodeId,
    /// What its organisation is.
    pub kind: OrganisationKind,
    /// Its rights in the trust list in force.
    pub rights: &'a Rights,
}

impl<'a> From<&'a Member> for Party<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            node: &member.node,
            kind: member.organisation.kind,
            rights: &member.rights,
        }
    }
}

/// Whether a requester may ask a question at all; looks at no person. The refusal is an error of
/// the call, not an answer: it is the same for every link.
pub fn entitled(question: &Question, requester: &Party<'_>) -> Result<(), RefusalReason> {
    if !question.purpose.between_nodes() {
        return Err(RefusalReason::PurposeForbidden);
    }
    let asked = asked_cells(question);
    if asked.is_empty() {
        return Err(RefusalReason::UnsupportedRequest);
    }
    if (asked & entitled_cells(question, requester)).is_empty() {
        return Err(RefusalReason::OrganisationNotEntitled);
    }
    Ok(())
}

/// The cells that a question asks for.
pub(crate) fn asked_cells(question: &Question) -> CellSet {
    question
        .sections
        .iter()
        .map(|(section, class)| CellSet::up_to(*section, *class))
        .collect()
}

/// The cells within the member's rights and its agent's role.
pub(crate) fn entitled_cells(question: &Question, requester: &Party<'_>) -> CellSet {
    match requester.rights.purposes.get(&question.purpose) {
        Some(highest) => CellSet::every_section_up_to(*highest) & askable_by(&question.agent),
        None => CellSet::EMPTY,
    }
}

/// What an agent may ask another node for. Work without an agent never fetches.
fn askable_by(agent: &AskingAgent) -> CellSet {
    match agent.assurance {
        SessionAssurance::System => CellSet::EMPTY,
        SessionAssurance::Oidc | SessionAssurance::Asserted => sections_of(agent.role),
    }
}

/// The sections that a role works with: reception needs to know whom to call, not why; officers
/// and operators accompany nobody.
pub(crate) fn sections_of(role: AgentRole) -> CellSet {
    match role {
        AgentRole::Caseworker => CellSet::ALL,
        AgentRole::Reception => {
            CellSet::section(Section::Identity) | CellSet::section(Section::ContactCard)
        }
        AgentRole::PrivacyOfficer | AgentRole::Operator => CellSet::EMPTY,
    }
}
