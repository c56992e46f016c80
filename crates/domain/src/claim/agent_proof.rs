use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::vocabulary::AgentRole;
use crate::{Malformed, NodeId, Pii, Siret, TokenId};

const LONGEST: Duration = Duration::from_secs(300);

/// What an agency system asserts about the agent for whom it opens a session, signed by the key
/// that the node's configuration registers for that system. Used once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentProof {
    /// The name of the agency system in the node's configuration.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The node.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The agent, as the agency system knows them; 1 to 128 characters.
    #[serde(rename = "sub", with = "crate::pii::plain")]
    pub subject: Pii<String>,
    /// The establishment for which the agent works.
    pub siret: Siret,
    /// What the agent may do.
    pub role: AgentRole,
    /// How the agent authenticated: RFC 8176 values such as `pwd`, `otp`, `mfa`.
    pub amr: Vec<String>,
    /// When the agent authenticated.
    pub auth_time: NumericDate,
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

impl AgentProof {
    /// Whether the agent authenticated with a second factor (RFC 8176: `mfa`, or a factor that is
    /// no password).
    pub fn second_factor(&self) -> bool {
        self.amr.iter().any(|m| {
            matches!(
                m.as_str(),
                "mfa" | "otp" | "hwk" | "swk" | "sc" | "pop" | "fpt" | "face"
            )
        })
    }
}

impl Claim for AgentProof {
    const TYP: &'static str = "agent-proof+jwt";
    const MAX_BYTES: usize = 4096;

    fn check(&self) -> Result<(), Malformed> {
        let length = self.subject.expose().chars().count();
        if length == 0 || length > 128 || self.subject.expose().chars().any(char::is_control) {
            return Err(Malformed::new(
                "sub",
                "1 to 128 characters, no control character",
            ));
        }
        if self.amr.len() > 8 || self.amr.iter().any(|m| m.is_empty() || m.len() > 16) {
            return Err(Malformed::new(
                "amr",
                "at most 8 values of 1 to 16 characters",
            ));
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
