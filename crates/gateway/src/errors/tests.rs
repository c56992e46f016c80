use std::fs;
use std::path::Path;
use std::time::Duration;

use passerelle_domain::vocabulary::{RefusalReason, Tell};
use passerelle_domain::{Malformed, Timestamp};
use passerelle_exchange::{Contact, ExchangeError};
use passerelle_proto::agency::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Actor, CallError, DOMAIN, conduct, status};

fn every_reason() -> impl Iterator<Item = ErrorReason> {
    (0..).map_while(|number| ErrorReason::try_from(number).ok())
}

fn every_error() -> Vec<CallError> {
    use ExchangeError as E;
    let at = Timestamp::from_secs(1_795_000_000);
    let mut errors: Vec<CallError> = [
        E::Malformed(Malformed::new("records[2].reference", "1 to 64 characters")),
        E::SessionInvalid,
        E::ProofRefused {
            rule: "exp has passed".to_owned(),
        },
        E::AgentBlocked,
        E::IssuerUnreachable,
        E::RoleNotAllowed,
        E::PersonNotFound,
        E::NotFound("pass_id".to_owned()),
        E::IdReused("exchange_id"),
        E::CannotMerge("linked"),
        E::NoLink,
        E::PaperFails(RefusalReason::ReceiptExpired),
        E::PassRefused,
        E::NotEntitled(RefusalReason::PurposeForbidden),
        E::SecondFactorRequired,
        E::MemberUnknown,
        E::PeerUnreachable { since: at },
        E::PeerAnswerRefused {
            rule: "the proof does not hold",
        },
        E::LogUnavailable,
        E::DecidedUnderOther,
        E::RolledBack,
        E::ClockSkew,
        E::TrustListExpired,
        E::QuotaExceeded,
        E::CursorUnknown,
        E::Internal {
            what: "the writer has ended".to_owned(),
        },
    ]
    .map(CallError::from)
    .into();
    errors.extend([
        CallError::NotAMember,
        CallError::NoToken,
        CallError::TooManyCalls {
            retry_after: Duration::from_secs(1),
        },
        CallError::TooSlow,
        CallError::MessageTooLong { most: 65_536 },
        CallError::MessageUnreadable,
    ]);
    errors
}

fn reason_of(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[test]
fn every_error_says_reason_domain_who_acts_and_french() {
    for error in every_error() {
        let status = Status::from(error.clone());
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.domain, DOMAIN);
        let reason = ErrorReason::from_str_name(&info.reason).unwrap();
        assert_eq!(status.code(), conduct(reason).code, "{error:?}");
        assert!(info.metadata.contains_key("act_by"), "{error:?}");
        let message = status.get_details_localized_message().unwrap();
        assert_eq!(message.locale, "fr");
        assert!(
            message.message.ends_with('.'),
            "{error:?}: {}",
            message.message
        );
    }
}

#[test]
fn every_reason_is_used_by_some_error() {
    let used: Vec<String> = every_error()
        .into_iter()
        .map(|error| reason_of(&error.into()))
        .collect();
    for reason in every_reason().filter(|reason| *reason != ErrorReason::Unspecified) {
        assert!(
            used.iter().any(|name| name == reason.as_str_name()),
            "{reason:?}"
        );
    }
}

#[test]
fn a_malformed_field_is_named_with_its_rule() {
    let info = status(Malformed::new("grants[0].until", "an RFC 3339 instant").into())
        .get_details_error_info()
        .unwrap();
    assert_eq!(info.metadata["field"], "grants[0].until");
    assert_eq!(info.metadata["rule"], "an RFC 3339 instant");
}

#[test]
fn what_is_mended_with_the_other_organisation_says_whom_to_ring() {
    let at = Timestamp::from_secs(1_795_000_000);
    let told = |error: ExchangeError, contact: &str| {
        let whom = Contact {
            organisation: "Mission locale de Strasbourg".to_owned(),
            contact: contact.to_owned(),
        };
        let status = Status::from(CallError::AboutPeer { error, whom });
        status.get_details_error_info().unwrap().metadata
    };
    for error in [
        ExchangeError::PeerUnreachable { since: at },
        ExchangeError::PeerAnswerRefused { rule: "the proof" },
        ExchangeError::PassRefused,
        ExchangeError::NotEntitled(RefusalReason::PeerSuspended),
    ] {
        let metadata = told(error.clone(), "03 88 00 00 00");
        assert_eq!(metadata["organisation"], "Mission locale de Strasbourg");
        assert_eq!(metadata["contact"], "03 88 00 00 00");
        assert!(!told(error, "").contains_key("contact"));
    }
    for error in [ExchangeError::NoLink, ExchangeError::LogUnavailable] {
        assert!(!told(error, "03 88 00 00 00").contains_key("organisation"));
    }
}

#[test]
fn a_paper_that_fails_speaks_the_words_of_the_vocabulary() {
    for refusal in RefusalReason::ALL
        .iter()
        .copied()
        .filter(|r| r.tell() == Tell::Asker)
    {
        let status = status(ExchangeError::PaperFails(refusal));
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.metadata["reason"], refusal.id());
        assert_eq!(
            info.metadata["act_by"],
            Actor::from(refusal.act_by()).to_string()
        );
        let text = refusal.item().attribute("text_fr").unwrap();
        assert_eq!(
            status.get_details_localized_message().unwrap().message,
            text
        );
    }
}

#[test]
fn what_may_pass_by_itself_says_when_to_try_again() {
    let retry = |error: CallError| {
        Status::from(error)
            .get_details_retry_info()
            .and_then(|info| info.retry_delay)
    };
    assert_eq!(
        retry(CallError::TooManyCalls {
            retry_after: Duration::from_secs(7)
        }),
        Some(Duration::from_secs(7))
    );
    assert!(retry(ExchangeError::LogUnavailable.into()).is_some());
    assert!(
        retry(
            ExchangeError::PeerUnreachable {
                since: Timestamp::default()
            }
            .into()
        )
        .is_some()
    );
    // A daily quota, and a folder that was put back, do not pass by themselves.
    assert_eq!(retry(ExchangeError::QuotaExceeded.into()), None);
    assert_eq!(retry(ExchangeError::RolledBack.into()), None);
}

#[test]
fn too_many_calls_at_once_are_not_told_as_a_quota_of_the_day() {
    let retry_after = Duration::from_secs(1);
    let status = Status::from(CallError::TooManyCalls { retry_after });
    let message = status.get_details_localized_message().unwrap().message;
    assert!(!message.contains("aujourd"), "{message}");
    assert_eq!(
        status.get_details_error_info().unwrap().metadata["act_by"],
        "agency_system"
    );
}

#[test]
fn a_fault_gives_the_caller_an_incident_and_nothing_else() {
    let status = status(ExchangeError::Internal {
        what: "disk full at segment 7".to_owned(),
    });
    assert_eq!(status.code(), Code::Internal);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.metadata["incident"].len(), 16);
    assert!(!format!("{status:?}").contains("segment"));
}

#[test]
fn every_reason_has_its_french_text() {
    for reason in every_reason() {
        assert!(!conduct(reason).text_fr.is_empty(), "{reason:?}");
    }
}

#[test]
fn every_reason_is_documented_with_its_status_and_who_acts() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors/README.md");
    let page = fs::read_to_string(page).unwrap();
    for reason in every_reason().filter(|reason| *reason != ErrorReason::Unspecified) {
        let name = reason.as_str_name();
        let part = page
            .split("\n## ")
            .find(|part| part.lines().next() == Some(name));
        let part = part.unwrap_or_else(|| panic!("docs/errors/README.md has no part {name}"));
        let conduct = conduct(reason);
        let code = format!("`{}`", code_name(conduct.code));
        assert!(part.contains(&code), "{name} does not say {code}");
        assert!(
            part.contains(&format!("`{}`", conduct.act_by)),
            "{name} does not say {}",
            conduct.act_by
        );
        for line in ["**Status**", "**Meaning**", "**Who acts**", "**Example**"] {
            assert!(part.contains(line), "{name} has no line {line}");
        }
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::Unauthenticated => "UNAUTHENTICATED",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::Unavailable => "UNAVAILABLE",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Internal => "INTERNAL",
        Code::OutOfRange => "OUT_OF_RANGE",
        other => panic!("no reason comes with {other:?}"),
    }
}
