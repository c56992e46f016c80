use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::member::{KeyAlgorithm, Member};
use crate::{Digest, FederationId, Malformed, NodeId, Timestamp};

/// The members of a federation, signed by a coordinator key of the list in force before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    /// The federation.
    pub federation: FederationId,
    /// Rises when operators pin a new coordinator key by hand.
    pub epoch: u32,
    /// Rises with each list of an epoch.
    pub serial: u64,
    /// SHA-256 of the list before it, as signed; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// Who may sign the next list, 1 to 8.
    pub coordinator_keys: Vec<CoordinatorKey>,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// From this on operators are warned; 30 days after `iat` by default.
    pub soft_expiry: NumericDate,
    /// From this on nothing is disclosed; 90 days after `iat` by default, 400 at most.
    #[serde(rename = "exp")]
    pub hard_expiry: NumericDate,
    /// The members, suspended ones included, ordered by node id.
    pub members: Vec<Member>,
}

/// A key of the federation's coordinators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoordinatorKey {
    /// Its name in token headers.
    pub kid: String,
    /// The one algorithm it is used with.
    pub alg: KeyAlgorithm,
    /// The public key: PEM SubjectPublicKeyInfo.
    pub public_key: String,
}

/// How far a trust list is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// In date.
    Fresh,
    /// Past its soft expiry: warn.
    Stale,
    /// Past its hard expiry: disclose nothing, still take withdrawals.
    Expired,
}

impl TrustList {
    /// Its place among the lists of its federation: only a higher one replaces it.
    pub const fn number(&self) -> (u32, u64) {
        (self.epoch, self.serial)
    }

    /// The member of that name, suspended or not.
    pub fn member(&self, node: &NodeId) -> Option<&Member> {
        self.members.iter().find(|m| &m.node == node)
    }

    /// How far it is from its end.
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        if now >= self.hard_expiry.at() {
            Freshness::Expired
        } else if now >= self.soft_expiry.at() {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }
}

impl Claim for TrustList {
    const TYP: &'static str = "trust-list+jwt";
    /// 1,500 members of 2 KiB, base64.
    const MAX_BYTES: usize = 4 << 20;

    fn check(&self) -> Result<(), Malformed> {
        if self.coordinator_keys.is_empty() || self.coordinator_keys.len() > 8 {
            return Err(Malformed::new("coordinator_keys", "1 to 8 keys"));
        }
        let kids: BTreeSet<_> = self.coordinator_keys.iter().map(|k| &k.kid).collect();
        if kids.len() != self.coordinator_keys.len()
            || kids.iter().any(|k| k.is_empty() || k.len() > 64)
        {
            return Err(Malformed::new(
                "coordinator_keys",
                "each kid once, 1 to 64 characters",
            ));
        }
        if self.soft_expiry > self.hard_expiry || self.issued_at >= self.hard_expiry {
            return Err(Malformed::new(
                "exp",
                "later than iat, not before soft_expiry",
            ));
        }
        for (i, member) in self.members.iter().enumerate() {
            member
                .check(&self.federation)
                .map_err(|e| e.within(&format!("members[{i}]")))?;
        }
        if self.hard_expiry.at() > self.issued_at.at().plus(LONGEST) {
            return Err(Malformed::new("exp", "at most 400 days after iat"));
        }
        if !self.members.is_sorted_by(|a, b| a.node < b.node) {
            return Err(Malformed::new("members", "each node once, ordered by node"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}

/// The longest that a list may be in force: who left the federation must leave its lists.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 3600);
