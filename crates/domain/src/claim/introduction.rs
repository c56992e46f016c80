use serde::{Deserialize, Serialize};

use crate::claim::{Claim, Notice, NumericDate};
use crate::vocabulary::{Class, GivenBy, Purpose};
use crate::{LinkId, Malformed, MessageToPartner, NodeId, Pii, TokenId};

/// One organisation, with the person there, introduces them to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// The node that introduces the person.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The node to which the person is introduced.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// When it was made.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// From then on it cannot be accepted.
    #[serde(rename = "exp")]
    pub expires_at: NumericDate,
    /// Names the introduction, at both nodes.
    #[serde(rename = "jti")]
    pub id: TokenId,
    /// What for.
    pub purpose: Purpose,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
    /// The text that the person was shown.
    pub notice: Notice,
    /// Who agreed.
    pub given_by: GivenBy,
    /// The name at birth.
    #[serde(with = "crate::pii::plain")]
    pub birth_name: Pii<String>,
    /// All first names, in order.
    #[serde(with = "crate::pii::plain")]
    pub first_names: Pii<String>,
    /// `YYYY-MM-DD`, or less where less is known: what whoever accepts must say, and is shown nowhere.
    #[serde(with = "crate::pii::plain")]
    pub birth_date: Pii<String>,
    /// Written for the agents of the other organisation; empty if nothing was.
    #[serde(with = "crate::pii::plain")]
    pub message: Pii<String>,
}

impl Introduction {
    /// The longest life, in seconds: 30 days.
    pub const LONGEST_SECS: u64 = 30 * 24 * 3600;
}

impl Claim for Introduction {
    const TYP: &'static str = "introduction+jwt";
    const MAX_BYTES: usize = 8192;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        let life = self.issued_at.as_secs()..=self.issued_at.as_secs() + Self::LONGEST_SECS;
        if !life.contains(&self.expires_at.as_secs()) || self.expires_at == self.issued_at {
            return Err(Malformed::new("exp", "after iat, by at most 30 days"));
        }
        for (field, name) in [
            ("birth_name", &self.birth_name),
            ("first_names", &self.first_names),
        ] {
            if !(1..=120).contains(&name.expose().chars().count()) {
                return Err(Malformed::new(field, "1 to 120 characters"));
            }
        }
        if !self.message.expose().is_empty() {
            MessageToPartner::new(self.message.expose().as_str())
                .map_err(|error| error.within("message"))?;
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

/// What became of an introduction, by the side that has decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntroductionReply {
    /// The node that says so.
    #[serde(rename = "iss")]
    pub issuer: NodeId,
    /// The other node of the introduction.
    #[serde(rename = "aud")]
    pub audience: NodeId,
    /// The introduction.
    #[serde(rename = "sub")]
    pub introduction: TokenId,
    /// What became of it.
    pub outcome: IntroductionOutcome,
    /// The link, drawn by the side that accepts; with `accepted`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// When it was said.
    #[serde(rename = "iat")]
    pub issued_at: NumericDate,
    /// Unique for its issuer.
    #[serde(rename = "jti")]
    pub id: TokenId,
}

/// What became of an introduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntroductionOutcome {
    /// Accepted with the person there.
    Accepted,
    /// Declined: the organisation does not accompany such persons.
    NotConcerned,
    /// Declined: no room at present.
    NoCapacity,
    /// Declined: the person did not come.
    PersonAbsent,
    /// Declined for another reason.
    Other,
    /// Withdrawn by the side that has introduced the person.
    Withdrawn,
}

impl Claim for IntroductionReply {
    const TYP: &'static str = "introduction-reply+jwt";
    const MAX_BYTES: usize = 2048;
    const WHATEVER_THE_CLOCKS_SAY: bool = true;

    fn check(&self) -> Result<(), Malformed> {
        if self.issuer == self.audience {
            return Err(Malformed::new("aud", "another node than iss"));
        }
        if self.link.is_some() != (self.outcome == IntroductionOutcome::Accepted) {
            return Err(Malformed::new("link", "with accepted, and only there"));
        }
        Ok(())
    }

    fn issued_at(&self) -> NumericDate {
        self.issued_at
    }
}
