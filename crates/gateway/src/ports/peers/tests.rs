use passerelle_domain::Malformed;
use passerelle_exchange::ExchangeError;

use super::*;
use crate::errors::{CallError, status};

/// What the requester makes of what the holder's error becomes on the wire.
fn over_the_wire(error: ExchangeError) -> PeerError {
    peer_error(&status(error))
}

#[test]
fn what_a_peer_refuses_is_told_apart() {
    let malformed = Malformed::new("question", "an encoded Question");
    for (error, refusal) in [
        (ExchangeError::ClockSkew, PeerRefusal::ClockSkew),
        (ExchangeError::MemberUnknown, PeerRefusal::NotAMember),
        (
            ExchangeError::TrustListExpired,
            PeerRefusal::TrustListExpired,
        ),
        (ExchangeError::RolledBack, PeerRefusal::RolledBack),
        (ExchangeError::LogUnavailable, PeerRefusal::LogUnavailable),
        (ExchangeError::QuotaExceeded, PeerRefusal::QuotaExceeded),
        (
            ExchangeError::IdReused("exchange_id"),
            PeerRefusal::IdReused,
        ),
        (malformed.into(), PeerRefusal::Invalid),
        (ExchangeError::SessionInvalid, PeerRefusal::Other),
    ] {
        assert_eq!(over_the_wire(error), PeerError::Refused(refusal));
    }
    for unread in [
        CallError::MessageTooLong { most: 1 },
        CallError::MessageUnreadable,
    ] {
        assert_eq!(
            peer_error(&unread.into()),
            PeerError::Refused(PeerRefusal::Invalid)
        );
    }
    assert_eq!(
        peer_error(&CallError::NotAMember.into()),
        PeerError::Refused(PeerRefusal::NotAMember)
    );
}

#[test]
fn what_may_have_been_carried_out_is_unreachable() {
    assert_eq!(
        peer_error(&CallError::TooSlow.into()),
        PeerError::Unreachable
    );
    for code in [
        Code::Unavailable,
        Code::Cancelled,
        Code::DeadlineExceeded,
        Code::Unknown,
        Code::Internal,
    ] {
        assert_eq!(
            peer_error(&Status::new(code, "broken off")),
            PeerError::Unreachable
        );
    }
}

#[test]
fn a_reason_of_another_domain_is_none_of_ours() {
    let mut details = tonic_types::ErrorDetails::new();
    let none = std::collections::HashMap::<String, String>::new();
    details.set_error_info("ERROR_REASON_CLOCK_SKEW", "elsewhere", none);
    let status = Status::with_error_details(Code::Unavailable, "", details);
    assert_eq!(peer_error(&status), PeerError::Unreachable);
}

#[test]
fn what_lies_under_a_failed_call_is_told_to_the_operator() {
    let alert = std::io::Error::other("received fatal alert: CertificateUnknown");
    let status = Status::from_error(Box::new(std::io::Error::other(alert)));
    let told = causes(&status).unwrap();
    assert!(told.contains("fatal alert: CertificateUnknown"), "{told}");
    assert_eq!(causes(&Status::unavailable("said by the other end")), None);
}
