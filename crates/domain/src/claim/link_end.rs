use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::{LinkId, Malformed, NodeId, TokenId};

/// One side of a link ends it for good: every chain of receipts over it ends with it, and the copies
/// that came over it are destroyed on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkEnd {
    /// The node that ends it.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The other node of the link.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The link.
    #[serde(rename = "sub")]
    pub link: LinkId,
    /// Why, as far as the other side is told.
    pub ground: LinkEndGround,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Unique for its issuer; what the answer names.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

/// Why a link ends, as far as the other side is told: not whether the person asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEndGround {
    /// It is no longer used.
    Unlinked,
    /// It joins two persons: the officers of both sides look at it.
    WrongLink,
}

impl Claim for LinkEnd {
    const TYP: &'static str = "link-end+jwt";
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
