//! Why a use case did not do what it was asked: each variant says who mends it.

use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{Malformed, Timestamp};

/// Why a use case did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// A field breaks a rule. The developer of the caller mends it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No session, or it has ended, or it is bound to another certificate. The agency system opens
    /// another.
    #[error("no session of that token")]
    SessionInvalid,
    /// The proof of the agent was not accepted. The developer of the agency system mends it.
    #[error("the agent's proof was refused: {rule}")]
    ProofRefused {
        /// The rule that it breaks.
        rule: String,
    },
    /// The operator keeps this agent out. Their manager knows why.
    #[error("the operator keeps this agent out")]
    AgentBlocked,
    /// The keys of the agent's identity provider are not known, and cannot be fetched now.
    #[error("the keys of the identity provider cannot be fetched")]
    IssuerUnreachable,
    /// The agent's role may not do this.
    #[error("the agent's role may not do this")]
    RoleNotAllowed,
    /// No person of that id here.
    #[error("no such person here")]
    PersonNotFound,
    /// What this field of the request names is not here.
    #[error("{0}: nothing of that name here")]
    NotFound(String),
    /// An exchange id or a request id was used for something else, or a reference finds somebody else.
    #[error("{0} was used for something else")]
    IdReused(&'static str),
    /// Two files cannot be merged as they are: why.
    #[error("the two files cannot be merged: {0}")]
    CannotMerge(&'static str),
    /// No link with that organisation about this person: the agent redeems a pass.
    #[error("no link with that organisation about this person")]
    NoLink,
    /// One of the asker's own papers fails.
    #[error("the asker's own papers do not cover this: {}", .0.id())]
    PaperFails(RefusalReason),
    /// The pass, its PIN or the identity given was not accepted.
    #[error("the pass was not accepted")]
    PassRefused,
    /// The organisation may not ask this at all. The privacy officer mends it.
    #[error("the organisation may not ask this: {}", .0.id())]
    NotEntitled(RefusalReason),
    /// A class 3 or 4 needs a session with a second factor.
    #[error("a second factor is required")]
    SecondFactorRequired,
    /// That organisation is no live member of the federation.
    #[error("no live member of that name")]
    MemberUnknown,
    /// The other node cannot be reached.
    #[error("the other node cannot be reached since {since}")]
    PeerUnreachable {
        /// Since when.
        since: Timestamp,
    },
    /// What the other node answered cannot be accepted. The operators mend it.
    #[error("the other node's answer was refused: {rule}")]
    PeerAnswerRefused {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The log cannot be written, so nothing was done.
    #[error("the log cannot be written")]
    LogUnavailable,
    /// This node was found rolled back: the operator puts the newer folder back.
    #[error("disclosures are stopped: this node or its peer was found rolled back")]
    RolledBack,
    /// The clocks of the two nodes are more than 60 s apart.
    #[error("the clocks are more than 60 seconds apart")]
    ClockSkew,
    /// The trust list has expired.
    #[error("the trust list has expired")]
    TrustListExpired,
    /// Too many lookups or redemptions today, or too many calls at once.
    #[error("too many calls")]
    QuotaExceeded,
    /// Trust list or rules changed while it was decided: decide again.
    #[error("trust list or rules changed while it was decided")]
    DecidedUnderOther,
    /// A cursor that is not of this node, or after which something was forgotten. The agency system
    /// reads everything anew.
    #[error("the cursor is not known: begin anew")]
    CursorUnknown,
    /// A fault of this node; what it was stands in its log under the incident.
    #[error("a fault of this node: {what}")]
    Internal {
        /// What failed, without any content.
        what: String,
    },
}

impl ExchangeError {
    /// What `field` names is not here.
    pub(crate) fn not_found(field: impl Into<String>) -> Self {
        Self::NotFound(field.into())
    }
}
