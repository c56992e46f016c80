use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, NumericDate};
use crate::vocabulary::{Class, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Purpose, Section};
use crate::{ChainId, Digest, LinkId, Malformed, NodeId, Timestamp, TokenId};

const DAY: u64 = 24 * 3600;
/// A consent is renewed every year; 366 days, so that a year that holds 29 February fits.
const LONGEST_CONSENT: Duration = Duration::from_secs(366 * DAY);
/// No receipt lives longer: 24 months, counted as 731 days.
const LONGEST_RECEIPT: Duration = Duration::from_secs(731 * DAY);
const MOST_GRANTS: usize = 16;

/// The signed record of what a person was told and agreed to, for one holder, one requester, one
/// link and one basis.
///
/// On a public task it says that the person was *informed*, never that they agreed: the words shown
/// to people follow `basis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Whoever met the person: the holder or the requester.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The other of the two.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The link of the two about the person.
    #[serde(rename = "sub")]
    pub link: LinkId,
    /// Unique for its issuer.
    #[serde(rename = "jti")]
    pub id: TokenId,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Before this it opens nothing.
    #[serde(rename = "nbf")]
    pub not_before: NumericDate,
    /// From this on it opens nothing.
    #[serde(rename = "exp")]
    pub expires_at: NumericDate,
    /// Which of the two holds what may be read; the other is the requester.
    pub holder: NodeId,
    /// The receipts that replace each other; only its first issuer continues it.
    pub chain: ChainId,
    /// Place in the chain: the highest replaces the others.
    #[serde(rename = "ver")]
    pub version: u32,
    /// The ground on which the two may exchange.
    pub basis: LawfulBasis,
    /// Who was informed or agreed.
    pub given_by: GivenBy,
    /// The exact text that was shown.
    pub notice: Notice,
    /// How it is known that it was the person.
    pub evidence: Evidence,
    /// What it opens and closes, 1 to 16.
    pub grants: Vec<Grant>,
    /// How the person comes back on it.
    pub withdrawal: WithdrawalMeans,
}

impl Receipt {
    /// The one who asks under this receipt.
    pub fn requester(&self) -> &NodeId {
        if self.holder == self.issuer {
            &self.audience
        } else {
            &self.issuer
        }
    }

    /// Whether `now` lies in its dates: from `nbf` on, before `exp`.
    pub fn in_date(&self, now: Timestamp) -> bool {
        self.not_before.at() <= now && now < self.expires_at.at()
    }
}

impl Claim for Receipt {
    const TYP: &'static str = "consent-receipt+jwt";
    const MAX_BYTES: usize = 4096;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        if self.holder != self.issuer && self.holder != self.audience {
            return Err(Malformed::new("holder", "one of iss and aud"));
        }
        if self.version == 0 {
            return Err(Malformed::new("ver", "1 or more"));
        }
        if self.not_before >= self.expires_at {
            return Err(Malformed::new("exp", "later than nbf"));
        }
        let consent = matches!(
            self.basis,
            LawfulBasis::Consent | LawfulBasis::ExplicitConsent
        );
        let life = self
            .expires_at
            .at()
            .since(self.issued_at.at().min(self.not_before.at()));
        if consent && life > LONGEST_CONSENT {
            return Err(Malformed::new(
                "exp",
                "at most 12 months after iat, for a consent",
            ));
        }
        if life > LONGEST_RECEIPT {
            return Err(Malformed::new("exp", "at most 24 months after iat"));
        }
        self.notice.check().map_err(|e| e.within("notice"))?;
        self.withdrawal
            .check()
            .map_err(|e| e.within("withdrawal"))?;
        if self.grants.is_empty() || self.grants.len() > MOST_GRANTS {
            return Err(Malformed::new("grants", "1 to 16 grants"));
        }
        for (i, grant) in self.grants.iter().enumerate() {
            grant
                .check()
                .map_err(|e| e.within(&format!("grants[{i}]")))?;
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }

    fn not_before(&self) -> Option<NumericDate> {
        Some(self.not_before)
    }

    fn expires_at(&self) -> Option<NumericDate> {
        Some(self.expires_at)
    }
}

/// The exact text shown to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its name in the catalogue: `[a-z0-9._-]{1,64}`.
    pub id: String,
    /// Its language, a short BCP 47 tag such as `fr` or `fr-x-falc`.
    pub lang: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

impl Notice {
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        if self.id.is_empty() || self.id.len() > 64 || !self.id.bytes().all(plain) {
            return Err(Malformed::new(
                "id",
                "1 to 64 characters among a-z, 0-9, ., _ and -",
            ));
        }
        let tag = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if self.lang.len() < 2 || self.lang.len() > 35 || !self.lang.bytes().all(tag) {
            return Err(Malformed::new("lang", "a BCP 47 tag of 2 to 35 characters"));
        }
        Ok(())
    }
}

/// How it is known that it was the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The kind of evidence.
    pub kind: EvidenceKind,
    /// Whether the agent who recorded it had a second factor.
    pub agent_mfa: bool,
}

/// Where a person goes to withdraw or to object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WithdrawalMeans(pub String);

impl WithdrawalMeans {
    fn check(&self) -> Result<(), Malformed> {
        let length = self.0.chars().count();
        if length == 0 || length > 200 || self.0.chars().any(char::is_control) {
            return Err(Malformed::new(
                "",
                "1 to 200 characters, no control character",
            ));
        }
        Ok(())
    }
}

/// What a grant does to the cells it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Opens sections up to a class.
    Permit,
    /// Closes sections from a class up, whatever permits them.
    Deny,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Opens or closes.
    pub effect: Effect,
    /// Reading, importing, following; at least one.
    pub actions: BTreeSet<GrantAction>,
    /// Each section with a class: the highest that a permit opens, the lowest that a deny closes.
    pub sections: BTreeMap<Section, Class>,
    /// For which purposes; at least one, none of those that nodes never ask for.
    pub purposes: BTreeSet<Purpose>,
    /// Ends before the receipt does. A deny that has ended no longer closes; one whose receipt was
    /// withdrawn does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NumericDate>,
}

impl Grant {
    /// Whether the grant is still in force at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until.at())
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.actions.is_empty() {
            return Err(Malformed::new(
                "actions",
                "at least one of read, follow, import",
            ));
        }
        if self.sections.is_empty() {
            return Err(Malformed::new("sections", "at least one section"));
        }
        if self.purposes.is_empty() {
            return Err(Malformed::new("purposes", "at least one purpose"));
        }
        let between_nodes = |p: &Purpose| p.between_nodes();
        if !self.purposes.iter().all(between_nodes) {
            return Err(Malformed::new(
                "purposes",
                "only purposes that nodes may ask each other for",
            ));
        }
        Ok(())
    }
}
