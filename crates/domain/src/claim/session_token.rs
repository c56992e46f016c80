use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::{Digest, Malformed, NodeId, SessionId};

const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// The token of an agent's session, made by the node for the agency system's certificate.
///
/// It names a row that says everything else; without the row it is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionToken {
    /// The node that made it.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The row.
    #[serde(rename = "sub")]
    pub session: SessionId,
    /// The certificate it is bound to (RFC 8705 §3.1).
    pub cnf: Confirmation,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// At most 12 hours later.
    #[serde(rename = "exp")]
    pub expires_at: NumericDate,
}

/// The certificate that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// SHA-256 of the certificate (RFC 8705 names it so; hexadecimal here, as everywhere).
    #[serde(rename = "x5t#S256")]
    pub certificate: Digest,
}

impl Claim for SessionToken {
    const TYP: &'static str = "agent-session+jwt";
    const MAX_BYTES: usize = 2048;

    fn check(&self) -> Result<(), Malformed> {
        if self.expires_at <= self.issued_at {
            return Err(Malformed::new("exp", "later than iat"));
        }
        if self.expires_at.at().since(self.issued_at.at()) > LONGEST {
            return Err(Malformed::new("exp", "at most 12 hours after iat"));
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
