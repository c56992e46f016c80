use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};

use tokio_stream::StreamExt;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService;
use tower::{Service, ServiceExt};

use super::*;
use crate::accept::{AcceptLimits, accept};
use crate::identity::PeerIdentity;
use crate::sample::{HOLDER, NOW, OTHER, REQUESTER, World, listener, node};
use crate::server::server;

/// Answers with the name under which whoever asks came in.
#[derive(Clone)]
struct Who;

impl NamedService for Who {
    const NAME: &'static str = "test.Who";
}

impl Service<Request<Body>> for Who {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let peer = request.extensions().get::<PeerIdentity>().unwrap();
        let answer = Response::builder().header("x-peer", peer.node.as_str());
        std::future::ready(Ok(answer.body(Body::empty()).unwrap()))
    }
}

struct Serving {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

async fn serve(world: &World, name: &str) -> (TrustHandle, Serving) {
    let trust = world.trust(name);
    let (listener, address) = listener().await;
    let limits = AcceptLimits::default();
    let incoming = accept(listener, trust.clone(), limits, world.clock());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let incoming = incoming.map(move |connection| {
        counted.fetch_add(1, Ordering::SeqCst);
        connection
    });
    let router = server(&Http2Limits::default(), &limits).add_service(Who);
    tokio::spawn(router.serve_with_incoming(incoming));
    (
        trust,
        Serving {
            address,
            connections,
        },
    )
}

async fn ask(channel: Channel) -> Result<String, tonic::transport::Error> {
    let request = Request::post("/test.Who/Ask").body(Body::empty()).unwrap();
    let response = channel.oneshot(request).await?;
    Ok(response.headers()["x-peer"].to_str().unwrap().to_owned())
}

/// A world in which the holder is where `serving` listens, and a requester that knows.
fn requester(world: &mut World, endpoints: Vec<String>) -> (TrustHandle, PeerChannels) {
    world
        .federation
        .move_to(&node(HOLDER), endpoints, NOW)
        .unwrap();
    let trust = world.trust(REQUESTER);
    let channels = PeerChannels::new(trust.clone(), world.clock(), ChannelLimits::default());
    (trust, channels)
}

#[tokio::test]
async fn i9_a_call_reaches_the_member_under_the_callers_own_name() {
    let mut world = World::new();
    let (_trust, holder) = serve(&world, HOLDER).await;
    let (_, channels) = requester(&mut world, vec![holder.address.to_string()]);
    let channel = channels.channel(&node(HOLDER)).unwrap();
    assert_eq!(ask(channel).await.unwrap(), REQUESTER);
}

#[tokio::test]
async fn connections_are_opened_when_first_used_and_take_turns() {
    let mut world = World::new();
    let (_trust, holder) = serve(&world, HOLDER).await;
    let (_, channels) = requester(&mut world, vec![holder.address.to_string()]);
    assert_eq!(holder.connections.load(Ordering::SeqCst), 0);
    for opened in [1, 2, 3, 4, 4, 4, 4, 4] {
        ask(channels.channel(&node(HOLDER)).unwrap()).await.unwrap();
        assert_eq!(holder.connections.load(Ordering::SeqCst), opened);
    }
}

#[tokio::test]
async fn the_first_address_that_leads_to_the_member_is_taken() {
    let mut world = World::new();
    let (_trust, holder) = serve(&world, HOLDER).await;
    let (_other, elsewhere) = serve(&world, OTHER).await;
    let nobody = listener().await.1;
    let endpoints = [nobody, elsewhere.address, holder.address]
        .iter()
        .map(ToString::to_string)
        .collect();
    let (_, channels) = requester(&mut world, endpoints);
    assert_eq!(
        ask(channels.channel(&node(HOLDER)).unwrap()).await.unwrap(),
        REQUESTER
    );
    assert_eq!(elsewhere.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn i9_another_member_at_the_address_is_not_spoken_to() {
    let mut world = World::new();
    let (_other, elsewhere) = serve(&world, OTHER).await;
    let (_, channels) = requester(&mut world, vec![elsewhere.address.to_string()]);
    let error = ask(channels.channel(&node(HOLDER)).unwrap())
        .await
        .unwrap_err();
    let mut told = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        told += &format!("{error}; ");
        cause = error.source();
    }
    assert!(
        told.contains("ml-nord was dialled, and association-lien answered"),
        "{told}"
    );
}

#[tokio::test]
async fn i9_only_live_members_have_a_channel() {
    let mut world = World::new();
    let (_trust, holder) = serve(&world, HOLDER).await;
    let (trust, channels) = requester(&mut world, vec![holder.address.to_string()]);
    assert!(matches!(
        channels.channel(&node("nobody")),
        Err(DialError::Refused(PeerRefused::NotAMember(_)))
    ));
    let kept = channels.channel(&node(HOLDER)).unwrap();
    ask(kept.clone()).await.unwrap();
    world.federation.suspend(&node(HOLDER), NOW).unwrap();
    trust.reload().unwrap();
    assert!(matches!(
        channels.channel(&node(HOLDER)),
        Err(DialError::Refused(PeerRefused::Suspended(_)))
    ));
    assert!(
        ask(kept).await.is_err(),
        "a channel that is kept does not outlive its member"
    );
}

#[tokio::test]
async fn i9_a_channel_tells_by_which_certificate_the_member_was_known() {
    let mut world = World::new();
    let (held, holder) = serve(&world, HOLDER).await;
    let (_, channels) = requester(&mut world, vec![holder.address.to_string()]);
    let (channel, met) = channels.channel_and_met(&node(HOLDER)).unwrap();
    assert_eq!(met.certificate(), None);
    ask(channel).await.unwrap();
    let shown = held.current().own().certificate_sha256;
    assert_eq!(met.certificate(), Some(shown));
}

#[tokio::test]
async fn a_channel_comes_back_after_its_connection_has_ended() {
    let mut world = World::new();
    let (holder_trust, holder) = serve(&world, HOLDER).await;
    let (_, channels) = requester(&mut world, vec![holder.address.to_string()]);
    let channel = channels.channel(&node(HOLDER)).unwrap();
    ask(channel.clone()).await.unwrap();
    world.federation.suspend(&node(REQUESTER), NOW).unwrap();
    holder_trust.reload().unwrap();
    assert!(ask(channel.clone()).await.is_err());
    world
        .federation
        .publish(NOW, |list| {
            list.members
                .iter_mut()
                .for_each(|m| m.status = passerelle_domain::member::MemberStatus::Active);
        })
        .unwrap();
    holder_trust.reload().unwrap();
    // The first call may still meet the end of the old connection.
    let mut outcome = ask(channel.clone()).await;
    for _ in 0..3 {
        if outcome.is_ok() {
            break;
        }
        outcome = ask(channel.clone()).await;
    }
    assert_eq!(outcome.unwrap(), REQUESTER);
}
