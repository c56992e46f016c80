//! What a requester asks in one exchange, and what its agent is known by.

use std::collections::BTreeMap;

use passerelle_proto::exchange::v1 as wire;

use crate::vocabulary::{
    AgentRole, Class, GrantAction, Purpose, RecordUse, Section, SessionAssurance,
};
use crate::{AgentRef, ExchangeId, LinkId, Malformed};

/// What a requester asks: serialised once, sent unchanged in every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// This exchange.
    pub exchange: ExchangeId,
    /// The link about the person.
    pub link: LinkId,
    /// Why.
    pub purpose: Purpose,
    /// Each section with the highest class asked for; 1 or more.
    pub sections: BTreeMap<Section, Class>,
    /// What the agent means to do with the answer.
    pub usage: RecordUse,
    /// For whom.
    pub agent: AskingAgent,
    /// So that the digest of the question cannot be guessed back.
    pub nonce: [u8; 32],
}

/// An agent, as far as another node may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskingAgent {
    /// Opaque, stable for one agent at one node.
    pub reference: AgentRef,
    /// What the agent may do at home.
    pub role: AgentRole,
    /// How the session was proved.
    pub assurance: SessionAssurance,
    /// Whether it was opened with a second factor.
    pub second_factor: bool,
}

impl Purpose {
    /// Whether a node may ever ask another for this purpose: not the forbidden ones, and not those
    /// that are of use inside one node only.
    pub fn between_nodes(self) -> bool {
        !matches!(
            self,
            Self::PersonAccess | Self::Statistics | Self::FraudDetection | Self::Sanction
        )
    }
}

/// The action of a grant that lets a record be put to a use.
pub fn action_for(usage: RecordUse) -> GrantAction {
    match usage {
        RecordUse::Display => GrantAction::Read,
        RecordUse::Import => GrantAction::Import,
    }
}

impl TryFrom<&wire::Question> for Question {
    type Error = Malformed;

    fn try_from(from: &wire::Question) -> Result<Self, Malformed> {
        let mut sections = BTreeMap::new();
        for (i, asked) in from.sections.iter().enumerate() {
            let at = |field: &str, rule| Malformed::new(format!("sections[{i}]{field}"), rule);
            let section = Section::parse(&asked.section)
                .ok_or_else(|| at(".section", "a section of the vocabulary"))?;
            let class = u8::try_from(asked.sensitivity)
                .ok()
                .and_then(|c| Class::try_from(c).ok())
                .ok_or_else(|| at(".sensitivity", "1 to 4"))?;
            if sections.insert(section, class).is_some() {
                return Err(at("", "each section once"));
            }
        }
        if sections.is_empty() {
            return Err(Malformed::new("sections", "at least one section"));
        }
        Ok(Self {
            exchange: ExchangeId::from_slice(&from.exchange_id)
                .map_err(|e| e.within("exchange_id"))?,
            link: LinkId::from_slice(&from.link_id).map_err(|e| e.within("link_id"))?,
            purpose: Purpose::parse(&from.purpose)
                .ok_or_else(|| Malformed::new("purpose", "a purpose of the vocabulary"))?,
            sections,
            usage: RecordUse::parse(&from.usage)
                .ok_or_else(|| Malformed::new("usage", "display or import"))?,
            agent: from
                .agent
                .as_ref()
                .ok_or_else(|| Malformed::new("agent", "must be set"))
                .and_then(|a| AskingAgent::try_from(a).map_err(|e| e.within("agent")))?,
            nonce: nonce(&from.nonce)?,
        })
    }
}

impl From<&Question> for wire::Question {
    fn from(from: &Question) -> Self {
        Self {
            exchange_id: from.exchange.as_bytes().to_vec().into(),
            link_id: from.link.as_bytes().to_vec().into(),
            purpose: from.purpose.id().to_owned(),
            sections: from
                .sections
                .iter()
                .map(|(section, class)| wire::AskedSection {
                    section: section.id().to_owned(),
                    sensitivity: u32::from(class.as_u8()),
                })
                .collect(),
            usage: from.usage.id().to_owned(),
            agent: Some((&from.agent).into()),
            nonce: from.nonce.to_vec().into(),
        }
    }
}

impl TryFrom<&wire::AskingAgent> for AskingAgent {
    type Error = Malformed;

    fn try_from(from: &wire::AskingAgent) -> Result<Self, Malformed> {
        Ok(Self {
            reference: AgentRef::new(&from.agent_ref).map_err(|e| e.within("agent_ref"))?,
            role: AgentRole::parse(&from.role)
                .ok_or_else(|| Malformed::new("role", "a role of the vocabulary"))?,
            assurance: SessionAssurance::parse(&from.assurance)
                .ok_or_else(|| Malformed::new("assurance", "an assurance of the vocabulary"))?,
            second_factor: from.second_factor,
        })
    }
}

impl From<&AskingAgent> for wire::AskingAgent {
    fn from(from: &AskingAgent) -> Self {
        Self {
            agent_ref: from.reference.to_string(),
            role: from.role.id().to_owned(),
            assurance: from.assurance.id().to_owned(),
            second_factor: from.second_factor,
        }
    }
}

/// 32 random bytes that every body between nodes carries.
pub fn nonce(bytes: &[u8]) -> Result<[u8; 32], Malformed> {
    bytes
        .try_into()
        .map_err(|_| Malformed::new("nonce", "32 bytes"))
}

#[cfg(test)]
mod tests;
