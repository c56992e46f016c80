use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::vocabulary::AgentRole;
use crate::{Malformed, NodeId, Siret, TokenId};

const LONGEST: Duration = Duration::from_secs(300);

/// What an agency system says when it works without an agent, signed by the key that the node's
/// configuration registers for it. Used once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemProof {
    /// The name of the agency system in the node's configuration.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The node.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The establishment for which it works.
    pub siret: Siret,
    /// What it may do: of caseworkers to import, of operators to keep agents out.
    pub role: AgentRole,
    /// When the proof was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// At most five minutes later.
    #[serde(rename = "exp")]
    pub expires_at: NumericDate,
    /// Unique for its issuer; remembered until `exp`.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

impl Claim for SystemProof {
    const TYP: &'static str = "system-proof+jwt";
    const MAX_BYTES: usize = 4096;

    fn check(&self) -> Result<(), Malformed> {
        if !matches!(self.role, AgentRole::Caseworker | AgentRole::Operator) {
            return Err(Malformed::new("role", "caseworker or operator"));
        }
        if self.expires_at <= self.issued_at {
            return Err(Malformed::new("exp", "later than iat"));
        }
        if self.expires_at.at().since(self.issued_at.at()) > LONGEST {
            return Err(Malformed::new("exp", "at most 5 minutes after iat"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }

    fn expires_at(&self) -> Option<NumericDate> {
        Some(self.expires_at)
    }
}
