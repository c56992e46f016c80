//! The one map from what went wrong to what the caller is told.
//!
//! A gRPC status, `google.rpc.ErrorInfo` whose `reason` is the name of an [`ErrorReason`] and whose
//! `domain` is [`DOMAIN`], `google.rpc.LocalizedMessage` in French fit to be shown to an agent, and
//! `google.rpc.RetryInfo` where trying again may help. `docs/errors/` has a part for each reason. A
//! fault of the node is logged here, once, under the incident that the caller is given.

mod reason;
mod typed;

pub use reason::{Actor, Conduct, conduct};
pub use typed::{person_refused, record_refused};

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use data_encoding::HEXLOWER;
use passerelle_domain::Rng;
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_exchange::{Contact, ExchangeError};
use passerelle_proto::agency::v1::ErrorReason;
use passerelle_transport::rng::SystemRng;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// `domain` of every `ErrorInfo`.
pub const DOMAIN: &str = "passerelle";

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// A use case refused it.
    UseCase(ExchangeError),
    /// The same of one that called another organisation.
    AboutPeer {
        /// Why.
        error: ExchangeError,
        /// Whom to ring.
        whom: Contact,
    },
    /// The certificate of the channel belongs to no live member, or to no system of the
    /// configuration.
    NotAMember,
    /// The call brings no token of a session.
    NoToken,
    /// Too many calls at once, or in too short a time.
    TooManyCalls {
        /// When to try again.
        retry_after: Duration,
    },
    /// It took longer than a call may.
    TooSlow,
    /// The message is longer than the call takes.
    MessageTooLong {
        /// The longest in bytes.
        most: usize,
    },
    /// The bytes are no message of the call.
    MessageUnreadable,
}

impl From<ExchangeError> for CallError {
    fn from(error: ExchangeError) -> Self {
        Self::UseCase(error)
    }
}

/// What the caller is told of an error, however it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The gRPC status.
    pub code: Code,
    /// The reason.
    pub reason: ErrorReason,
    /// In English, for a developer; no personal data.
    pub message: String,
    /// What is told beside the reason, `act_by` always.
    pub metadata: HashMap<String, String>,
    /// French, fit to be shown to an agent.
    pub text_fr: &'static str,
    /// When trying again may help.
    pub retry_after: Option<Duration>,
}

impl CallError {
    /// What the caller is told. A fault of the node is logged.
    pub fn said(&self) -> Said {
        let told = Told::of(self);
        let conduct = conduct(told.reason);
        let mut metadata = told.metadata;
        metadata.push(("act_by", told.act_by.unwrap_or(conduct.act_by).to_string()));
        let metadata = metadata.into_iter();
        Said {
            code: conduct.code,
            reason: told.reason,
            message: told.message,
            metadata: metadata
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
            text_fr: told.text_fr.unwrap_or(conduct.text_fr),
            retry_after: told.retry_after.or(conduct.retry_after),
        }
    }
}

impl From<CallError> for Status {
    fn from(error: CallError) -> Self {
        let said = error.said();
        let mut details = ErrorDetails::new();
        details
            .set_error_info(said.reason.as_str_name(), DOMAIN, said.metadata)
            .set_localized_message("fr", said.text_fr);
        if let Some(delay) = said.retry_after {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(said.code, said.message, details)
    }
}

/// The status of a use case's error.
pub fn status(error: ExchangeError) -> Status {
    CallError::from(error).into()
}

/// What is said about one error beyond what its reason always says.
struct Told {
    reason: ErrorReason,
    /// In English, for a developer; no personal data.
    message: String,
    metadata: Vec<(&'static str, String)>,
    text_fr: Option<&'static str>,
    act_by: Option<Actor>,
    retry_after: Option<Duration>,
}

impl Told {
    fn of(error: &CallError) -> Self {
        match error {
            CallError::UseCase(error) => Self::of_use_case(error),
            CallError::AboutPeer { error, whom } => {
                let told = Self::of_use_case(error);
                if rings(error) { told.ring(whom) } else { told }
            }
            CallError::NotAMember => Self::new(
                ErrorReason::PeerNotAMember,
                "the certificate belongs to no live member",
            ),
            CallError::NoToken => Self::new(
                ErrorReason::SessionInvalid,
                "no Bearer token: exactly one header `authorization: Bearer <session token>`",
            ),
            CallError::TooManyCalls { retry_after } => Self {
                retry_after: Some(*retry_after),
                text_fr: Some(TOO_MANY_CALLS),
                act_by: Some(Actor::AgencySystem),
                ..Self::new(
                    ErrorReason::QuotaExceeded,
                    "too many calls at once, or in too short a time",
                )
            },
            CallError::TooSlow => {
                Self::new(ErrorReason::TooSlow, "the node did not finish in time")
            }
            CallError::MessageTooLong { most } => {
                Self::message(format_args!("at most {most} bytes"))
            }
            CallError::MessageUnreadable => Self::message("an encoded message of this call"),
        }
    }

    fn of_use_case(error: &ExchangeError) -> Self {
        let said = |reason| Self::new(reason, error);
        match error {
            ExchangeError::Malformed(malformed) => {
                let typed = typed::typed(malformed.field());
                Self {
                    text_fr: typed,
                    act_by: typed.map(|_| Actor::Agent),
                    ..said(ErrorReason::FieldInvalid)
                        .with("field", malformed.field())
                        .with("rule", malformed.rule())
                }
            }
            ExchangeError::SessionInvalid => said(ErrorReason::SessionInvalid),
            ExchangeError::ProofRefused { rule } => {
                said(ErrorReason::ProofRefused).with("rule", rule)
            }
            ExchangeError::IssuerUnreachable => said(ErrorReason::IssuerUnreachable),
            ExchangeError::AgentBlocked => said(ErrorReason::AgentBlocked),
            ExchangeError::RoleNotAllowed => said(ErrorReason::RoleNotAllowed),
            ExchangeError::PersonNotFound => said(ErrorReason::PersonNotFound),
            ExchangeError::NotFound(field) => said(ErrorReason::NotFound).with("field", field),
            ExchangeError::IdReused(field) => said(ErrorReason::IdReused).with("field", field),
            ExchangeError::CannotMerge(why) => said(ErrorReason::CannotMerge).with("reason", why),
            ExchangeError::NoLink => said(ErrorReason::NoLink),
            ExchangeError::PaperFails(reason) => said(ErrorReason::PaperFails).because(*reason),
            ExchangeError::PassRefused => said(ErrorReason::PassRefused),
            ExchangeError::NotEntitled(reason) => said(ErrorReason::NotEntitled).because(*reason),
            ExchangeError::SecondFactorRequired => said(ErrorReason::SecondFactorRequired),
            ExchangeError::MemberUnknown => said(ErrorReason::MemberUnknown),
            ExchangeError::PeerUnreachable { since } => {
                said(ErrorReason::PeerUnreachable).with("since", since)
            }
            ExchangeError::PeerAnswerRefused { rule } => {
                said(ErrorReason::PeerAnswerRefused).with("rule", rule)
            }
            // Nothing was written: the same call may be decided again.
            ExchangeError::LogUnavailable | ExchangeError::DecidedUnderOther => {
                said(ErrorReason::LogUnavailable)
            }
            ExchangeError::RolledBack => said(ErrorReason::RolledBack),
            ExchangeError::ClockSkew => said(ErrorReason::ClockSkew),
            ExchangeError::TrustListExpired => said(ErrorReason::TrustListExpired),
            ExchangeError::QuotaExceeded => said(ErrorReason::QuotaExceeded),
            ExchangeError::CursorUnknown => said(ErrorReason::CursorUnknown),
            ExchangeError::Internal { what } => {
                let incident = incident();
                tracing::error!(incident, fault = %what, "a call failed by a fault of this node");
                Self::new(ErrorReason::Internal, "a fault of this node").with("incident", incident)
            }
        }
    }

    /// About a message as a whole, in the words of [`passerelle_domain::Malformed`].
    fn message(rule: impl fmt::Display) -> Self {
        Self::new(ErrorReason::FieldInvalid, format_args!("message: {rule}"))
            .with("field", "message")
            .with("rule", rule)
    }

    fn new(reason: ErrorReason, message: impl fmt::Display) -> Self {
        Self {
            reason,
            message: message.to_string(),
            metadata: Vec::new(),
            text_fr: None,
            act_by: None,
            retry_after: None,
        }
    }

    fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    fn ring(self, whom: &Contact) -> Self {
        let told = self.with("organisation", &whom.organisation);
        if whom.contact.is_empty() {
            told
        } else {
            told.with("contact", &whom.contact)
        }
    }

    /// The words of the vocabulary about a refusal, and who acts on it, come before those of the
    /// reason.
    fn because(self, refusal: RefusalReason) -> Self {
        Self {
            text_fr: refusal.item().attribute("text_fr"),
            act_by: Some(refusal.act_by().into()),
            ..self.with("reason", refusal.id())
        }
    }
}

/// Whether it is mended with the other organisation.
fn rings(error: &ExchangeError) -> bool {
    matches!(
        error,
        ExchangeError::PeerUnreachable { .. }
            | ExchangeError::PeerAnswerRefused { .. }
            | ExchangeError::PassRefused
            | ExchangeError::NotEntitled(RefusalReason::PeerSuspended)
    )
}

/// A name under which a fault is found again in the node's own log.
pub(crate) fn incident() -> String {
    let rng: &dyn Rng = &SystemRng::new();
    HEXLOWER.encode(&rng.bytes::<8>())
}

/// The reason speaks of a quota a day; this passes by itself.
const TOO_MANY_CALLS: &str = "Trop de demandes à la fois. Réessayez dans un instant.";

#[cfg(test)]
mod tests;
