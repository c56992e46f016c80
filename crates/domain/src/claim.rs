//! What is signed: receipts, withdrawals, objections, ends of links, introductions, purge orders and
//! answers, trust lists, catalogues of notices, proofs of agents and systems, and session tokens.
//!
//! Each is the claims set of one kind of JWT: it refuses unknown, duplicate and mistyped members
//! when it is read (RFC 7519 leaves all three open), and [`Claim::check`] refuses what the members
//! may not say together. Signatures, `typ` and times against the clock are checked elsewhere.

mod agent_proof;
mod introduction;
mod link_end;
mod notice_catalogue;
mod numeric_date;
mod objection;
mod oidc;
mod purge;
mod receipt;
mod session_token;
mod system_proof;
mod trust_list;
mod withdrawal;

pub use agent_proof::AgentProof;
pub use introduction::{Introduction, IntroductionOutcome, IntroductionReply};
pub use link_end::{LinkEnd, LinkEndGround};
pub use notice_catalogue::{NoticeCatalogue, NoticeText};
pub use numeric_date::NumericDate;
pub use objection::{Objection, ObjectionScope};
pub use oidc::{OidcAgent, OidcProof};
pub use purge::{PurgeAnswer, PurgeOrder};
pub use receipt::{Effect, Evidence, Grant, Notice, Receipt, WithdrawalMeans};
pub use session_token::{Confirmation, SessionToken};
pub use system_proof::SystemProof;
pub use trust_list::{CoordinatorKey, Freshness, TrustList};
pub use withdrawal::Withdrawal;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Malformed;

/// The claims set of one kind of token.
pub trait Claim: Serialize + DeserializeOwned {
    /// The exact `typ` of the header, compared as bytes.
    const TYP: &'static str;
    /// The longest token of this kind, in bytes of its compact form.
    const MAX_BYTES: usize;
    /// Whether it counts whatever the clocks say: what ends something, and the answer to it, is not
    /// put off because one of two clocks is wrong.
    const WHATEVER_THE_CLOCKS_SAY: bool = false;

    /// What the members may not say together; independent of the time.
    fn check(&self) -> Result<(), Malformed>;
    /// When the token was issued.
    fn issued_at(&self) -> NumericDate;
    /// Before this it is not valid, where it says so.
    fn not_before(&self) -> Option<NumericDate> {
        None
    }
    /// From this on it is not valid, where it says so.
    fn expires_at(&self) -> Option<NumericDate> {
        None
    }
}

#[cfg(test)]
mod tests;
