//! What the issuer keeps of a pass.

use std::time::Duration;

use passerelle_domain::{Class, Malformed, PassId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{PassSecret, PinHash};

/// Misses that lock a pass: counted over the life of its PIN, whoever made them.
pub const MAX_MISSES: u8 = 5;

/// Links that may be born from one pass.
pub const MAX_REDEMPTIONS: u8 = 3;

/// The longest that a pass can be redeemed.
pub const MAX_VALIDITY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A pass at its issuer: pure state, changed only by making a new row, stored by others.
///
/// Its serde form is for the sealed store: it holds the hash of the PIN. Redeeming goes through
/// [`Attempt`](super::Attempt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassRow {
    pub(super) id: PassId,
    pub(super) person: PersonId,
    pub(super) ceiling: Class,
    #[serde(with = "millis")]
    issued_at: Timestamp,
    #[serde(with = "millis")]
    expires_at: Timestamp,
    pub(super) state: PassState,
}

/// What a pass is issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassTerms {
    /// The person who carries it.
    pub person: PersonId,
    /// The highest class that any receipt over a link born from it may open.
    pub ceiling: Class,
    /// When it is issued.
    pub issued_at: Timestamp,
    /// The first instant at which it no longer works; at most [`MAX_VALIDITY`] later.
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PassState {
    Live(LivePass),
    Revoked(RevokedPass),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LivePass {
    pub(super) pin: PinHash,
    /// Rises with every new PIN, so that an attempt at the one before counts for nothing.
    pub(super) pin_version: u32,
    pub(super) attempts_left: u8,
    pub(super) redemptions_left: u8,
}

/// Nothing is left of its PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevokedPass {
    #[serde(with = "millis")]
    at: Timestamp,
}

/// What a pass is good for, told to its own organisation alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassStatus {
    /// It can be redeemed.
    Usable,
    /// Too many misses; a new PIN opens it again.
    Locked,
    /// All its redemptions are used; links that stand are found again with it.
    Spent,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A pass that can get no new PIN: a new pass is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the pass has expired or was revoked; issue a new one")]
pub struct PassEnded;

impl PassRow {
    /// The row of a new pass.
    pub fn issue(secret: &PassSecret, terms: PassTerms, pin: PinHash) -> Result<Self, Malformed> {
        let PassTerms {
            person,
            ceiling,
            issued_at,
            expires_at,
        } = terms;
        if expires_at <= issued_at || expires_at.since(issued_at) > MAX_VALIDITY {
            return Err(Malformed::new(
                "expires_at",
                "after the pass is issued, by at most 365 days",
            ));
        }
        let state = PassState::Live(LivePass {
            pin,
            pin_version: 1,
            attempts_left: MAX_MISSES,
            redemptions_left: MAX_REDEMPTIONS,
        });
        Ok(Self {
            id: secret.id(),
            person,
            ceiling,
            issued_at,
            expires_at,
            state,
        })
    }

    /// The row once the pass is revoked, for good. Revoking twice changes nothing.
    pub fn revoke(&self, now: Timestamp) -> Self {
        match self.state {
            PassState::Live(_) => self.with(PassState::Revoked(RevokedPass { at: now })),
            PassState::Revoked(_) => self.clone(),
        }
    }

    /// The row with a new PIN, all its attempts back. Redemptions that were used stay used.
    pub fn replace_pin(&self, pin: PinHash, now: Timestamp) -> Result<Self, PassEnded> {
        match &self.state {
            PassState::Live(live) if !self.has_expired(now) => {
                Ok(self.with(PassState::Live(LivePass {
                    pin,
                    pin_version: live.pin_version.wrapping_add(1),
                    attempts_left: MAX_MISSES,
                    redemptions_left: live.redemptions_left,
                })))
            }
            _ => Err(PassEnded),
        }
    }

    /// What the pass is good for at `now`.
    pub fn status(&self, now: Timestamp) -> PassStatus {
        match &self.state {
            PassState::Revoked(_) => PassStatus::Revoked,
            PassState::Live(_) if self.has_expired(now) => PassStatus::Expired,
            PassState::Live(live) if live.attempts_left == 0 => PassStatus::Locked,
            PassState::Live(live) if live.redemptions_left == 0 => PassStatus::Spent,
            PassState::Live(_) => PassStatus::Usable,
        }
    }

    /// The key of the row.
    pub fn id(&self) -> PassId {
        self.id
    }

    /// The person who carries the pass.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The highest class that any receipt over a link born from it may open.
    pub fn ceiling(&self) -> Class {
        self.ceiling
    }

    /// When it was issued.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// How many links may still be born from it; none once it is revoked.
    pub fn redemptions_left(&self) -> u8 {
        match &self.state {
            PassState::Live(live) => live.redemptions_left,
            PassState::Revoked(_) => 0,
        }
    }

    /// How many misses are left before it is locked; none once it is revoked.
    pub fn attempts_left(&self) -> u8 {
        match &self.state {
            PassState::Live(live) => live.attempts_left,
            PassState::Revoked(_) => 0,
        }
    }

    /// The first instant at which it no longer works.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    pub(super) fn with(&self, state: PassState) -> Self {
        Self {
            state,
            ..self.clone()
        }
    }
}

/// A timestamp as milliseconds since 1970.
mod millis {
    use passerelle_domain::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(at.as_millis())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        u64::deserialize(from).map(Timestamp::from_millis)
    }
}

#[cfg(test)]
pub(crate) mod tests;
