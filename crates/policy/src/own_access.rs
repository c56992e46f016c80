//! What an organisation's own agents may do with its own journeys.

use passerelle_domain::Caller;
use passerelle_domain::vocabulary::{AgentRole, Class, Section, SessionAssurance};

use crate::cells::CellSet;
use crate::entitlement::sections_of;

/// What an agent wants to do at its own node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnAct {
    /// Read journeys: own records, and copies received from others.
    ReadJourney,
    /// Write records of the own organisation.
    WriteJourney,
    /// Find the person: whatever else is done begins with it.
    FindPerson,
    /// What is done with the person there: register them, hand out or redeem a pass, record an
    /// agreement, a withdrawal or an objection.
    MeetPerson,
    /// Say which agents accompany which persons.
    KeepCaseload,
    /// Ask another node.
    AskPartner,
    /// Hear of what changed here: of whom and of what kind, never of what it says.
    FollowChanges,
    /// Read the exchange log and answer objections.
    Audit,
    /// Keep agents out and let them in again.
    BlockAgents,
    /// See who is kept out.
    ListBlockedAgents,
}

/// Leave for one act at the own node; consumed by it.
///
/// ```compile_fail
/// fn twice(access: passerelle_policy::OwnAccess) {
///     let _ = access.clone();
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct OwnAccess {
    act: OwnAct,
    cells: CellSet,
}

/// The agent's role, session or factor does not allow it. Said to the agency system, which shows
/// it to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The role does not do this.
    #[error("this role does not do this")]
    Role,
    /// Work without an agent does not do this.
    #[error("a session without an agent does not do this")]
    WithoutAgent,
}

/// Trades a caller for leave to do one thing at its own node.
pub fn own_access(caller: &Caller, act: OwnAct) -> Result<OwnAccess, NotAllowed> {
    if !does(caller.role, act) {
        return Err(NotAllowed::Role);
    }
    let agentless = caller.assurance == SessionAssurance::System;
    if agentless && !without_agent(act) {
        return Err(NotAllowed::WithoutAgent);
    }
    Ok(OwnAccess {
        act,
        cells: reach(caller, act),
    })
}

fn does(role: AgentRole, act: OwnAct) -> bool {
    use OwnAct::{
        AskPartner, Audit, BlockAgents, FindPerson, FollowChanges, KeepCaseload, ListBlockedAgents,
        MeetPerson, ReadJourney, WriteJourney,
    };
    match act {
        WriteJourney => role == AgentRole::Caseworker,
        MeetPerson | AskPartner | KeepCaseload => {
            matches!(role, AgentRole::Caseworker | AgentRole::Reception)
        }
        // Whoever must answer a person for their data can look at it, and changes nothing.
        FindPerson | ReadJourney | FollowChanges => role != AgentRole::Operator,
        Audit => role == AgentRole::PrivacyOfficer,
        BlockAgents => role == AgentRole::Operator,
        ListBlockedAgents => matches!(role, AgentRole::Operator | AgentRole::PrivacyOfficer),
    }
}

/// What is also done at night, and by the operator's tools.
fn without_agent(act: OwnAct) -> bool {
    matches!(
        act,
        OwnAct::ReadJourney
            | OwnAct::WriteJourney
            | OwnAct::KeepCaseload
            | OwnAct::FollowChanges
            | OwnAct::BlockAgents
            | OwnAct::ListBlockedAgents
    )
}

fn reach(caller: &Caller, act: OwnAct) -> CellSet {
    let sections = match (caller.role, act) {
        (AgentRole::PrivacyOfficer, OwnAct::ReadJourney) => CellSet::ALL,
        (role, _) => sections_of(role),
    };
    sections & CellSet::every_section_up_to(highest(caller))
}

/// Class 3 and 4 need a second factor; work without an agent has none to show, and never reaches
/// class 4.
fn highest(caller: &Caller) -> Class {
    match (caller.assurance, caller.second_factor) {
        (SessionAssurance::System, _) => Class::Social,
        (_, true) => Class::MAX,
        (_, false) => Class::LivingConditions,
    }
}

impl OwnAccess {
    /// What it was given for.
    pub const fn act(&self) -> OwnAct {
        self.act
    }

    /// Whether it reaches records of that section and class.
    pub const fn reaches(&self, section: Section, class: Class) -> bool {
        self.cells.contains(section, class)
    }
}

#[cfg(test)]
mod tests;
