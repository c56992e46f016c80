use std::sync::Arc;

use passerelle_domain::{Clock, Malformed};
use passerelle_exchange::ExchangeError;
use passerelle_transport::channel::ChannelLimits;
use passerelle_transport::throwaway::Federation;
use passerelle_transport::tls::TrustUnit;

use super::*;
use crate::errors::{CallError, status};
use crate::runtime::SystemClock;
use crate::sample::plan;

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

#[tokio::test]
async fn the_certificate_that_entries_name_is_the_one_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemClock.now();
    let (id, node) = ("test.example".parse().unwrap(), "ml-nord".parse().unwrap());
    let mut federation = Federation::create(folder.path(), &id, &[plan("ml-nord")], now).unwrap();
    let files = federation.node(&node).unwrap().trust.clone();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let trust = TrustUnit::start(files, Arc::clone(&clock)).unwrap();
    let channels = PeerChannels::new(trust.clone(), clock, ChannelLimits::default());
    let peers = GrpcPeers::new(channels, &Limits::default());
    let first = peers.own_certificate();

    federation.renew(&node, now).unwrap();
    assert_eq!(peers.own_certificate(), first);
    let renewed = trust.reload().unwrap().own().certificate_sha256;
    assert_eq!(peers.own_certificate(), Some(renewed));
    assert_ne!(peers.own_certificate(), first);
}
