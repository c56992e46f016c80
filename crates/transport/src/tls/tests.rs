//! Handshakes between nodes.

mod agency;
mod loading;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use passerelle_domain::NodeId;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;
use crate::pki::{self, LEAF_VALIDITY, REVOCATION_LIST_VALIDITY, Subject};
use crate::sample::{DAY, HOLDER, NOW, OTHER, REQUESTER, World, federation_id, node};

/// One connection from `client`, dialling `dialled`, to a listener of `server`: what either end
/// says of the other.
async fn meet(
    server: &TrustUnit,
    client: &TrustUnit,
    dialled: &NodeId,
) -> Result<HandshakeKind, String> {
    meet_with(server, client.client_config(dialled).unwrap()).await
}

async fn meet_with(
    server: &impl Entrance,
    client: Arc<ClientConfig>,
) -> Result<HandshakeKind, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(server.server_config());
    let serve = async {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut tls = acceptor
            .accept(tcp)
            .await
            .map_err(|e| format!("server: {}", reason(&e)))?;
        tls.write_all(b"!")
            .await
            .map_err(|e| format!("server: {}", reason(&e)))?;
        tls.shutdown()
            .await
            .map_err(|e| format!("server: {}", reason(&e)))?;
        tls.get_ref()
            .1
            .handshake_kind()
            .ok_or_else(|| "no handshake".to_owned())
    };
    let (served, dialled) = tokio::join!(serve, dial(address, client));
    match (served, dialled) {
        (Ok(kind), Ok(())) => Ok(kind),
        (served, dialled) => {
            let faults: Vec<_> = [served.err(), dialled.err()]
                .into_iter()
                .flatten()
                .collect();
            Err(faults.join(" / "))
        }
    }
}

/// A client learns that it is refused only when it reads (RFC 8446 §4.4.2.4).
async fn dial(address: SocketAddr, config: Arc<ClientConfig>) -> Result<(), String> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("node.invalid").unwrap();
    let fault = |e| format!("client: {}", reason(&e));
    let mut tls = TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .map_err(fault)?;
    let mut byte = [0];
    tls.read_exact(&mut byte).await.map_err(fault)?;
    Ok(())
}

fn reason(error: &io::Error) -> String {
    PeerRefused::within(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn refused_for(outcome: Result<HandshakeKind, String>, reason: &str) {
    let error = outcome.unwrap_err();
    assert!(error.contains(reason), "{error} does not say {reason}");
}

#[tokio::test]
async fn two_members_meet() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    let kind = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    assert_eq!(kind, Ok(HandshakeKind::Full));
}

#[tokio::test]
async fn i9_the_member_that_answers_must_be_the_one_that_was_dialled() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    let outcome = meet(&holder.current(), &requester.current(), &node(OTHER)).await;
    refused_for(
        outcome,
        "association-lien was dialled, and ml-nord answered",
    );
}

#[tokio::test]
async fn i9_a_member_that_is_suspended_is_not_let_in_and_not_dialled() {
    let mut world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    world.federation.suspend(&node(REQUESTER), NOW).unwrap();
    holder.reload().unwrap();
    let outcome = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    refused_for(outcome, "server: departement-59 is suspended");
    let outcome = meet(&requester.current(), &holder.current(), &node(REQUESTER)).await;
    refused_for(outcome, "client: departement-59 is suspended");
}

#[tokio::test]
async fn i9_a_node_that_is_in_no_list_is_not_let_in() {
    let mut world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    world
        .federation
        .publish(NOW, |list| {
            list.members.retain(|m| m.node != node(REQUESTER))
        })
        .unwrap();
    holder.reload().unwrap();
    let outcome = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    refused_for(outcome, "departement-59 is not in the trust list");
}

#[tokio::test]
async fn i9_a_certificate_over_another_key_than_the_pinned_one_is_not_let_in() {
    let mut world = World::new();
    let holder = world.trust(HOLDER);
    let key = world.trust(REQUESTER).current().own().key_sha256;
    world
        .federation
        .publish(NOW, |list| {
            let member = list
                .members
                .iter_mut()
                .find(|m| m.node == node(REQUESTER))
                .unwrap();
            member.certificate_pins = vec![key];
        })
        .unwrap();
    holder.reload().unwrap();
    let pinned = world.trust(REQUESTER);
    assert!(
        meet(&holder.current(), &pinned.current(), &node(HOLDER))
            .await
            .is_ok()
    );
    world.federation.renew(&node(REQUESTER), NOW).unwrap();
    let renewed = pinned.reload().unwrap();
    let outcome = meet(&holder.current(), &renewed, &node(HOLDER)).await;
    refused_for(outcome, "none of those that the trust list pins");
}

#[tokio::test]
async fn i9_a_certificate_of_another_federation_is_not_let_in() {
    let (world, other) = (
        World::new(),
        World::named(&"autre.example".parse().unwrap()),
    );
    let (holder, stranger) = (world.trust(HOLDER), other.trust(REQUESTER));
    let outcome = meet(&holder.current(), &stranger.current(), &node(HOLDER)).await;
    refused_for(outcome, "UnknownIssuer");
}

#[tokio::test]
async fn a_revoked_certificate_that_comes_again_is_refused() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    let config = requester.current().client_config(&node(HOLDER)).unwrap();
    assert_eq!(
        meet_with(&*holder.current(), Arc::clone(&config)).await,
        Ok(HandshakeKind::Full)
    );
    world.federation.revoke(&node(REQUESTER), NOW).unwrap();
    let revoking = holder.reload().unwrap();
    refused_for(meet_with(&*revoking, config).await, "Revoked");
}

#[tokio::test]
async fn a_server_whose_certificate_is_revoked_is_refused_by_its_client() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    world.federation.revoke(&node(HOLDER), NOW).unwrap();
    requester.reload().unwrap();
    let outcome = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    refused_for(outcome, "client: invalid peer certificate: Revoked");
}

#[tokio::test]
async fn no_session_is_ever_resumed() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    // A client that would resume if it could.
    let mut eager = (*requester.current().client_config(&node(HOLDER)).unwrap()).clone();
    eager.resumption = rustls::client::Resumption::in_memory_sessions(32);
    eager.enable_early_data = true;
    let eager = Arc::new(eager);
    for _ in 0..3 {
        let kind = meet_with(&*holder.current(), Arc::clone(&eager)).await;
        assert_eq!(kind, Ok(HandshakeKind::Full));
    }
}

#[tokio::test]
async fn a_certificate_that_has_ended_is_refused_by_either_end() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    world.clock.set(NOW.plus(LEAF_VALIDITY).plus(DAY));
    let outcome = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    refused_for(outcome, "Expired");
}

#[tokio::test]
async fn a_revocation_list_that_has_ended_lets_nobody_in() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    world
        .clock
        .set(NOW.plus(REVOCATION_LIST_VALIDITY).plus(DAY));
    let outcome = meet(&holder.current(), &requester.current(), &node(HOLDER)).await;
    refused_for(outcome, "certificate revocation list expired");
    let now = NOW.plus(REVOCATION_LIST_VALIDITY);
    world
        .federation
        .authority()
        .renew_revocation_list(REVOCATION_LIST_VALIDITY, now)
        .unwrap();
    world.federation.hand_out_revocations().unwrap();
    let (holder, requester) = (holder.reload().unwrap(), requester.reload().unwrap());
    assert!(meet(&holder, &requester, &node(HOLDER)).await.is_ok());
}

#[tokio::test]
async fn whoever_shows_no_certificate_is_refused() {
    let world = World::new();
    let (holder, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    let mut config = (*requester.current().client_config(&node(HOLDER)).unwrap()).clone();
    config.client_auth_cert_resolver = Arc::new(NoCertificate);
    let outcome = meet_with(&*holder.current(), Arc::new(config)).await;
    refused_for(outcome, "peer sent no certificates");
}

#[derive(Debug)]
struct NoCertificate;

impl rustls::client::ResolvesClientCert for NoCertificate {
    fn resolve(
        &self,
        _: &[&[u8]],
        _: &[rustls::SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
