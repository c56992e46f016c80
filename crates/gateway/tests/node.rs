//! A node over real TLS on the loopback: who is let through, how long a call may take, how it ends.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use passerelle_domain::Clock;
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::stubs::agency::v1::session_service_client::SessionServiceClient;
use passerelle_gateway::stubs::exchange::v1::exchange_service_client::ExchangeServiceClient;
use passerelle_proto::agency::v1::{
    FindPersonsResponse, OpenSessionRequest, RegisterPersonRequest,
};
use passerelle_proto::exchange::v1::{AskRequest, Envelope};
use passerelle_transport::channel::{ChannelLimits, PeerChannels};

use support::{HOLDER, REQUESTER, Running, SOON, Stand, TOKEN, find, id};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt;

fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

/// Tells both where the holder is, and gives the requester's channels.
fn acquaint(stand: &mut Stand, holder: &Running, requester: &Running) -> PeerChannels {
    stand
        .federation
        .move_to(
            &id(HOLDER),
            vec![holder.address.to_string()],
            SystemClock.now(),
        )
        .unwrap();
    for running in [holder, requester] {
        running.trust.reload().unwrap();
    }
    PeerChannels::new(
        requester.trust.nodes.clone(),
        Arc::new(SystemClock),
        ChannelLimits::default(),
    )
}

/// Whom the holder takes the requester for.
async fn ask(peers: &PeerChannels) -> Result<String, Status> {
    let channel = peers.channel(&id(HOLDER)).unwrap();
    let answer = ExchangeServiceClient::new(channel)
        .ask(AskRequest::default())
        .await?;
    Ok(String::from_utf8(answer.into_inner().envelope.unwrap().body.to_vec()).unwrap())
}

#[tokio::test]
async fn i9_a_caller_is_who_the_channel_and_the_session_say() {
    let node = Stand::new().running(HOLDER).await;
    assert_eq!(node.find("").await.unwrap(), "solis for caseworker");
}

#[tokio::test]
async fn i9_without_exactly_one_good_token_nothing_is_called() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    let good = format!("Bearer {TOKEN}");
    for wrong in [
        None,
        Some("Bearer other"),
        Some(TOKEN),
        Some("Basic dTpw"),
        Some("Bearer "),
        Some(""),
    ] {
        let status = find(node.channel.clone(), "", wrong).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{wrong:?}");
        assert_eq!(reason(&status), "ERROR_REASON_SESSION_INVALID", "{wrong:?}");
    }
    let mut twice = Request::new(Default::default());
    twice
        .metadata_mut()
        .append("authorization", good.parse().unwrap());
    twice
        .metadata_mut()
        .append("authorization", good.parse().unwrap());
    let status = node.persons().find_persons(twice).await.unwrap_err();
    assert_eq!(reason(&status), "ERROR_REASON_SESSION_INVALID");
}

#[tokio::test]
async fn a_session_is_opened_without_one() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    let opened = SessionServiceClient::new(node.channel.clone())
        .open_session(OpenSessionRequest::default())
        .await;
    assert_eq!(opened.unwrap().into_inner().role, "solis");
}

#[tokio::test]
async fn health_and_reflection_need_no_session() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    for service in [
        "",
        "passerelle.agency.v1.PersonService",
        "passerelle.exchange.v1.ExchangeService",
    ] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let health = HealthClient::new(node.channel.clone())
            .check(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(health.status(), ServingStatus::Serving, "{service}");
    }
    let services = reflected(&node).await;
    assert!(
        services.contains(&"passerelle.agency.v1.PersonService".to_owned()),
        "{services:?}"
    );
    assert!(
        !services
            .iter()
            .any(|name| name.starts_with("passerelle.exchange.")),
        "{services:?}"
    );
}

async fn reflected(node: &Running) -> Vec<String> {
    let asked = MessageRequest::ListServices(String::new());
    match reflect(node, asked).await.unwrap() {
        Some(MessageResponse::ListServicesResponse(list)) => {
            list.service.into_iter().map(|s| s.name).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn reflect(node: &Running, asked: MessageRequest) -> Result<Option<MessageResponse>, Status> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(asked),
    };
    let answers = ServerReflectionClient::new(node.channel.clone())
        .server_reflection_info(tokio_stream::once(request))
        .await?;
    let answer = answers.into_inner().message().await?;
    Ok(answer.and_then(|answer| answer.message_response))
}

#[tokio::test]
async fn i9_a_peer_is_who_its_certificate_says() {
    let mut stand = Stand::new();
    let (holder, requester) = (stand.running(HOLDER).await, stand.running(REQUESTER).await);
    let peers = acquaint(&mut stand, &holder, &requester);
    assert_eq!(ask(&peers).await.unwrap(), REQUESTER);
}

#[tokio::test]
async fn i9_a_member_that_was_suspended_is_let_in_no_more() {
    let mut stand = Stand::new();
    let (holder, requester) = (stand.running(HOLDER).await, stand.running(REQUESTER).await);
    let peers = acquaint(&mut stand, &holder, &requester);
    ask(&peers).await.unwrap();
    stand
        .federation
        .suspend(&id(REQUESTER), SystemClock.now())
        .unwrap();
    holder.trust.reload().unwrap();
    assert!(ask(&peers).await.is_err());
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_broken_off() {
    let stand = Stand::new();
    let mut config = stand.config(HOLDER);
    config.limits.call_seconds = 1;
    let node = stand.running_with(&config).await;
    let status = tokio::time::timeout(SOON, node.find("for ever"))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "ERROR_REASON_TOO_SLOW");
}

fn field_and_rule(status: &Status) -> (String, String) {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    assert_eq!(reason(status), "ERROR_REASON_FIELD_INVALID");
    assert!(status.get_details_localized_message().is_some());
    let metadata = status.get_details_error_info().unwrap().metadata;
    (metadata["field"].clone(), metadata["rule"].clone())
}

#[tokio::test]
async fn a_message_that_is_too_long_is_told_its_limit() {
    let mut stand = Stand::new();
    let node = stand.running(HOLDER).await;
    let status = node.find(&"x".repeat(70_000)).await.unwrap_err();
    let told = ("message".to_owned(), "at most 65536 bytes".to_owned());
    assert_eq!(field_and_rule(&status), told);

    let requester = stand.running(REQUESTER).await;
    let channel = acquaint(&mut stand, &node, &requester)
        .channel(&id(HOLDER))
        .unwrap();
    let long = AskRequest {
        envelope: Some(Envelope {
            body: vec![0; 70_000].into(),
        }),
    };
    let asked = ExchangeServiceClient::new(channel).ask(long).await;
    assert_eq!(field_and_rule(&asked.unwrap_err()), told);
}

#[tokio::test]
async fn a_message_that_is_none_is_the_callers_fault() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    // A `reference` that is no UTF-8.
    let mut request = Request::new(vec![0xff_u8]);
    let token = format!("Bearer {TOKEN}").parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    let mut client = tonic::client::Grpc::new(node.channel.clone());
    client.ready().await.unwrap();
    let path = "/passerelle.agency.v1.PersonService/FindPersons";
    let codec = tonic_prost::ProstCodec::<Vec<u8>, FindPersonsResponse>::default();
    let status = client
        .unary(request, http::uri::PathAndQuery::from_static(path), codec)
        .await
        .unwrap_err();
    let (field, rule) = field_and_rule(&status);
    assert_eq!(
        (field.as_str(), rule.as_str()),
        ("message", "an encoded message of this call")
    );
}

#[tokio::test]
async fn a_panic_is_a_fault_with_an_incident_and_the_connection_lives_on() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    let mut request = Request::new(RegisterPersonRequest::default());
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    let status = node.persons().register_person(request).await.unwrap_err();
    assert_eq!(reason(&status), "ERROR_REASON_INTERNAL");
    assert!(!status.message().contains("Zéphyrine"));
    assert!(node.find("").await.is_ok());
}

#[tokio::test]
async fn i8_beyond_its_rate_an_agent_is_told_when_to_come_back() {
    let stand = Stand::new();
    let mut config = stand.config(HOLDER);
    config.limits.calls_per_second_per_agent = 1;
    let node = stand.running_with(&config).await;
    for _ in 0..10 {
        node.find("").await.unwrap();
    }
    let status = node.find("").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
}

#[tokio::test]
async fn i8_calls_of_one_system_at_once_are_bounded() {
    let stand = Stand::new();
    let mut config = stand.config(HOLDER);
    config.limits.calls_at_once_per_peer = 1;
    let node = stand.running_with(&config).await;
    let channel = node.channel.clone();
    let waiting =
        tokio::spawn(async move { find(channel, "wait", Some(&format!("Bearer {TOKEN}"))).await });
    node.seen.entered.acquire().await.unwrap().forget();
    assert_eq!(
        node.find("").await.unwrap_err().code(),
        Code::ResourceExhausted
    );
    node.seen.let_go.add_permits(1);
    waiting.await.unwrap().unwrap();
    assert!(node.find("").await.is_ok());
}

#[tokio::test]
async fn at_its_end_a_node_lets_calls_finish_takes_no_new_ones_and_closes() {
    let stand = Stand::new();
    let mut node = stand.running(HOLDER).await;
    let channel = node.channel.clone();
    let waiting =
        tokio::spawn(async move { find(channel, "wait", Some(&format!("Bearer {TOKEN}"))).await });
    node.seen.entered.acquire().await.unwrap().forget();

    node.begin_to_end();
    let address = node.address;
    tokio::time::timeout(SOON, async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the port closes");
    assert!(
        !node.seen.closed.load(Ordering::SeqCst),
        "a call still runs"
    );

    node.seen.let_go.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap(), "solis for caseworker");
    let closed = Arc::clone(&node.seen.closed);
    tokio::time::timeout(SOON, node.ended())
        .await
        .expect("the node ends");
    assert!(closed.load(Ordering::SeqCst));
}

#[tokio::test]
async fn at_its_end_a_node_does_not_wait_for_whoever_watches_its_health() {
    let stand = Stand::new();
    let mut node = stand.running(HOLDER).await;
    let mut health = HealthClient::new(node.channel.clone());
    let request = HealthCheckRequest::default();
    let mut watched = health.watch(request).await.unwrap().into_inner();
    let first = watched.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);

    node.begin_to_end();
    let last = watched.message().await.unwrap().unwrap();
    assert_eq!(last.status(), ServingStatus::NotServing);
    assert_eq!(watched.message().await.unwrap(), None);
    tokio::time::timeout(SOON, node.ended())
        .await
        .expect("calls may finish for 30 seconds, and none runs");
}

#[tokio::test]
async fn i8_whoever_has_no_session_sends_short_messages() {
    let stand = Stand::new();
    let node = stand.running(HOLDER).await;
    let request = HealthCheckRequest {
        service: "x".repeat(5000),
    };
    let status = HealthClient::new(node.channel.clone())
        .check(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
    let short = MessageRequest::FileContainingSymbol("x".repeat(4000));
    let status = reflect(&node, short).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound, "read, and no symbol");
    // Reflection ends its stream at what it does not read.
    let long = MessageRequest::FileContainingSymbol("x".repeat(5000));
    assert_eq!(reflect(&node, long).await.unwrap(), None);
}

#[tokio::test]
async fn at_its_end_a_node_does_not_wait_for_ever() {
    let stand = Stand::new();
    let mut config = stand.config(HOLDER);
    config.limits.drain_seconds = 1;
    let mut node = stand.running_with(&config).await;
    let channel = node.channel.clone();
    let _waiting =
        tokio::spawn(async move { find(channel, "wait", Some(&format!("Bearer {TOKEN}"))).await });
    node.seen.entered.acquire().await.unwrap().forget();
    node.begin_to_end();
    tokio::time::timeout(SOON, node.ended())
        .await
        .expect("the node ends");
}
