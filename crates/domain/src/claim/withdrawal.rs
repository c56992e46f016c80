use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::{ChainId, LinkId, Malformed, NodeId, TokenId};

/// A person comes back on what a chain of receipts records. Absorbing: the chain never revives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Either party of the receipt.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The node that is to act on it.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The issuer of the chain that ends.
    pub receipt_iss: NodeId,
    /// The chain that ends.
    pub chain: ChainId,
    /// The link of the two about the person.
    #[serde(rename = "sub")]
    pub link: LinkId,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Unique for its issuer; what the answer to it names.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

impl Claim for Withdrawal {
    const TYP: &'static str = "consent-withdrawal+jwt";
    const MAX_BYTES: usize = 2048;
    const WHATEVER_THE_CLOCKS_SAY: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        if self.receipt_iss != self.issuer && self.receipt_iss != self.audience {
            return Err(Malformed::new("receipt_iss", "one of iss and aud"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}
