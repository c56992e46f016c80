use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{Request, Response};
use passerelle_domain::vocabulary::{AgentRole, SessionAssurance};
use passerelle_domain::{Caller, Clock, Digest, NodeId, Peer, Pii, SessionId, Timestamp};
use passerelle_exchange::ExchangeError;
use passerelle_transport::identity::{PeerIdentity, SystemIdentity};
use passerelle_transport::throwaway::Federation;
use passerelle_transport::tls::TrustUnit;
use tempfile::TempDir;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::deadline::WAITS;
use super::session::{CLOSE, CallerFuture, CallerOf, LONG, OPEN, Sessions};
use super::{Methods, PeerOf, Step, StepLayer};
use crate::runtime::SystemClock;
use crate::sample::plan;

/// What comes back from a service behind `step`, which answers with the name of the peer it sees.
async fn behind(step: impl Step, request: Request<Body>) -> Response<Body> {
    let service = service_fn(|request: Request<Body>| async move {
        let peer = request
            .extensions()
            .get::<Peer>()
            .map(|peer| peer.node.to_string());
        Ok::<_, Infallible>(
            Response::builder()
                .header("peer", peer.unwrap_or_default())
                .body(Body::empty())
                .unwrap(),
        )
    });
    let mut service = StepLayer(step).layer(service);
    match service.ready().await.unwrap().call(request).await {
        Ok(response) => response,
    }
}

fn code(response: &Response<Body>) -> Code {
    Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
}

fn identity(node: &str) -> PeerIdentity {
    PeerIdentity {
        node: node.parse().unwrap(),
        federation: "test.example".parse().unwrap(),
        certificate_sha256: Digest::of(b"certificate"),
        key_sha256: Digest::of(b"key"),
        not_after: Timestamp::MAX,
    }
}

fn federation(folder: &TempDir) -> Federation {
    let plans = ["here", "there"].map(plan);
    Federation::create(
        folder.path(),
        &"test.example".parse().unwrap(),
        &plans,
        SystemClock.now(),
    )
    .unwrap()
}

#[tokio::test]
async fn i9_only_a_live_member_becomes_a_peer() {
    let folder = TempDir::new().unwrap();
    let mut federation = federation(&folder);
    let here: NodeId = "here".parse().unwrap();
    let files = federation.node(&here).unwrap().trust.clone();
    let trust = TrustUnit::start(files, Arc::new(SystemClock)).unwrap();
    let step = PeerOf::new(trust.clone());
    let from = |identity: Option<PeerIdentity>| {
        let mut request = Request::new(Body::empty());
        identity.map(|identity| request.extensions_mut().insert(identity));
        request
    };

    let response = behind(step.clone(), from(Some(identity("there")))).await;
    assert_eq!(response.headers()["peer"], "there");
    assert_eq!(
        code(&behind(step.clone(), from(Some(identity("nowhere")))).await),
        Code::Unauthenticated
    );
    assert_eq!(
        code(&behind(step.clone(), from(None)).await),
        Code::Unauthenticated
    );

    federation
        .suspend(&"there".parse().unwrap(), SystemClock.now())
        .unwrap();
    trust.reload().unwrap();
    let refused = behind(step, from(Some(identity("there")))).await;
    let refused = Status::from_header_map(refused.headers()).unwrap();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.reason, "ERROR_REASON_PEER_NOT_A_MEMBER");
}

struct NoSession;

impl Sessions for NoSession {
    fn caller<'a>(&'a self, _: &'a str, _: &'a SystemIdentity) -> CallerFuture<'a> {
        Box::pin(async { Err(ExchangeError::SessionInvalid) })
    }

    fn closing<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        self.caller(token, system)
    }
}

#[tokio::test]
async fn i9_every_method_but_those_named_needs_a_session() {
    let step = CallerOf::new(Arc::new(NoSession));
    let methods = Methods::known();
    assert!(methods.all().count() > 20);
    for path in methods
        .all()
        .chain(["/", "/grpc.health.v1.Health/Check/", "/unknown"])
    {
        let mut request = Request::builder().uri(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(SystemIdentity {
            name: "solis".to_owned(),
            certificate_sha256: Digest::of(b"certificate"),
            not_after: Timestamp::MAX,
        });
        let expected = if OPEN.contains(&path) {
            Code::Ok
        } else {
            Code::Unauthenticated
        };
        assert_eq!(
            code(&behind(step.clone(), request).await),
            expected,
            "{path}"
        );
    }
}

/// A session that ends while its first call runs.
#[derive(Default)]
struct OneLook(AtomicBool);

impl Sessions for OneLook {
    fn caller<'a>(&'a self, _: &'a str, _: &'a SystemIdentity) -> CallerFuture<'a> {
        let ended = self.0.swap(true, Ordering::Relaxed);
        Box::pin(async move {
            if ended {
                return Err(ExchangeError::AgentBlocked);
            }
            Ok(Caller {
                session: SessionId::from_bytes([0; 16]),
                system: "solis".to_owned(),
                subject: Pii::new("jeanne".to_owned()),
                reference: "a-1".parse().unwrap(),
                siret: "99900100100018".parse().unwrap(),
                role: AgentRole::Caseworker,
                assurance: SessionAssurance::Asserted,
                second_factor: false,
            })
        })
    }

    fn closing<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        self.caller(token, system)
    }
}

#[tokio::test]
async fn i9_whoever_is_kept_out_while_a_call_lasts_is_not_answered() {
    for path in LONG {
        let mut request = Request::builder()
            .uri(*path)
            .header("authorization", "Bearer token")
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(SystemIdentity {
            name: "solis".to_owned(),
            certificate_sha256: Digest::of(b"certificate"),
            not_after: Timestamp::MAX,
        });
        let step = CallerOf::new(Arc::new(OneLook::default()));
        assert_eq!(code(&behind(step, request).await), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn i9_without_a_channel_that_is_known_not_even_health_is_told() {
    let request = Request::builder()
        .uri("/grpc.health.v1.Health/Check")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        code(&behind(CallerOf::new(Arc::new(NoSession)), request).await),
        Code::Unauthenticated
    );
}

#[test]
fn methods_that_a_layer_names_exist() {
    let methods = Methods::known();
    for path in OPEN.iter().chain(LONG).chain([&CLOSE, &WAITS]) {
        assert_eq!(methods.named(path), Some(*path));
    }
}

#[test]
fn i10_a_path_that_is_no_method_is_not_named() {
    assert_eq!(
        Methods::known().named("/passerelle.agency.v1.PersonService/Dupont"),
        None
    );
}
