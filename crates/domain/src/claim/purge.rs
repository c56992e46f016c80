use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::{LinkId, Malformed, NodeId, TokenId};

/// A holder asks that the copies which a requester received over a link be destroyed. It gives no
/// reason: an objection is the person's own affair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeOrder {
    /// The holder.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The requester that received.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The link over which it received.
    #[serde(rename = "sub")]
    pub link: LinkId,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Unique for its issuer; what the answer names.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

impl Claim for PurgeOrder {
    const TYP: &'static str = "purge-order+jwt";
    const MAX_BYTES: usize = 2048;
    const WHATEVER_THE_CLOCKS_SAY: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}

/// The signed answer to a withdrawal or a purge order: the copies are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeAnswer {
    /// The node that destroyed its copies.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The node that asked for it.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// `jti` of the withdrawal or purge order.
    pub order: TokenId,
    /// How many records were destroyed; 0 when nothing had been received.
    pub records: u64,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
}

impl Claim for PurgeAnswer {
    const TYP: &'static str = "purge-answer+jwt";
    const MAX_BYTES: usize = 2048;
    const WHATEVER_THE_CLOCKS_SAY: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}
