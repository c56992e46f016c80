use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::vocabulary::{Purpose, Section};
use crate::{LinkId, Malformed, NodeId, TokenId};

/// A person objects (RGPD art. 21), or lifts an objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// The node that took it.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The node that is to adopt it as holder.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The link of the two about the person.
    #[serde(rename = "sub")]
    pub link: LinkId,
    /// What it closes.
    pub scope: ObjectionScope,
    /// The objection that this one lifts: then `scope` repeats what is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifts: Option<TokenId>,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Unique for its issuer.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

/// What an objection closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ObjectionScope {
    /// Every exchange about the person.
    All,
    /// Exchanges for these purposes.
    Purposes(BTreeSet<Purpose>),
    /// These sections, whatever their class.
    Sections(BTreeSet<Section>),
    /// Whatever this node asks.
    Requester(NodeId),
}

impl Claim for Objection {
    const TYP: &'static str = "objection+jwt";
    const MAX_BYTES: usize = 2048;
    const WHATEVER_THE_CLOCKS_SAY: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        self.scope.check().map_err(|e| e.within("scope"))
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}

impl ObjectionScope {
    /// A scope that names nothing closes nothing: refused rather than kept.
    pub fn check(&self) -> Result<(), Malformed> {
        match self {
            Self::Purposes(purposes) if purposes.is_empty() => {
                Err(Malformed::new("purposes", "at least one purpose"))
            }
            Self::Sections(sections) if sections.is_empty() => {
                Err(Malformed::new("sections", "at least one section"))
            }
            _ => Ok(()),
        }
    }
}
