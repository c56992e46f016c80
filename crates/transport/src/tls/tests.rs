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

#[tokio::test]
async fn an_agency_system_is_let_in_by_its_listed_certificate_alone() {
    let world = World::new();
    let files = world.files(HOLDER);
    let handle = AgencyUnit::start(files.agency.clone(), world.clock()).unwrap();
    let (_, system) = files.systems.first_key_value().unwrap();
    let config = agency_client(&system.certificate, &system.key, &world);
    assert_eq!(
        meet_with(&*handle.current(), config).await,
        Ok(HandshakeKind::Full)
    );

    let authority = pki::Authority::open(&files.agency.anchors.with_file_name("")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let subject = Subject::System {
        dns: "unlisted.example".to_owned(),
    };
    pki::request(&subject, &path("key"), &path("csr")).unwrap();
    let issued = authority
        .issue(&path("csr"), &subject, LEAF_VALIDITY, NOW)
        .unwrap();
    fs::write(path("pem"), &issued.pem).unwrap();
    let config = agency_client(&path("pem"), &path("key"), &world);
    let outcome = meet_with(&*handle.current(), config).await;
    refused_for(outcome, "none of those that agency.systems lists");
}

#[tokio::test]
async fn a_nodes_certificate_opens_no_agency_listener() {
    let world = World::new();
    let files = world.files(HOLDER);
    let handle = AgencyUnit::start(files.agency.clone(), world.clock()).unwrap();
    let config = agency_client(&files.trust.certificate, &files.trust.key, &world);
    refused_for(meet_with(&*handle.current(), config).await, "UnknownIssuer");
}

/// A client that takes any server, since only the server is looked at here.
fn agency_client(
    certificate: &std::path::Path,
    key: &std::path::Path,
    world: &World,
) -> Arc<ClientConfig> {
    let provider = config::provider();
    let own = credentials::certified_key(certificate, key, &provider).unwrap();
    config::client(&own, Arc::new(AnyServer), &provider, &world.clock()).unwrap()
}

#[derive(Debug)]
struct AnyServer;

impl rustls::client::danger::ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        config::provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn start_fails_for(files: TrustFiles, world: &World, reason: &str) {
    let error = TrustUnit::start(files, world.clock())
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(error.contains(reason), "{error} does not say {reason}");
}

#[test]
fn a_unit_without_a_revocation_list_of_each_anchor_does_not_load() {
    let (world, other) = (World::new(), World::new());
    let files = world.files(HOLDER).trust.clone();
    fs::write(&files.revocation_lists, "").unwrap();
    start_fails_for(
        files.clone(),
        &world,
        "no revocation list of one of the anchors",
    );
    fs::copy(
        other.federation.authority().revocation_file(),
        &files.revocation_lists,
    )
    .unwrap();
    start_fails_for(files.clone(), &world, "that its authority did not sign");
    let ours = fs::read_to_string(world.federation.authority().revocation_file()).unwrap();
    fs::write(&files.revocation_lists, format!("{ours}{ours}")).unwrap();
    start_fails_for(files, &world, "two revocation lists of one authority");
}

#[test]
fn anchors_are_authorities_each_of_its_own_name() {
    let (world, namesake) = (World::new(), World::new());
    let mut files = world.files(HOLDER).trust.clone();
    files.anchors = files.certificate.clone();
    start_fails_for(files.clone(), &world, "not the certificate of an authority");
    let both = [&world, &namesake]
        .map(|w| fs::read_to_string(w.federation.authority().certificate_file()).unwrap());
    files.anchors = files.key.with_file_name("both.pem");
    fs::write(&files.anchors, both.concat()).unwrap();
    start_fails_for(files, &world, "two authorities of one name");
}

#[test]
fn an_agency_listener_says_when_its_papers_end() {
    let world = World::new();
    let files = world.files(HOLDER).agency.clone();
    let unit = AgencyUnit::start(files.clone(), world.clock())
        .unwrap()
        .current();
    assert_eq!(unit.certificate_ends(), NOW.plus(LEAF_VALIDITY));
    assert_eq!(
        unit.revocation_ends(),
        Some(NOW.plus(REVOCATION_LIST_VALIDITY))
    );
    world.clock.set(NOW.plus(LEAF_VALIDITY).plus(DAY));
    let error = AgencyUnit::start(files, world.clock())
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("certificate.pem: a certificate that is out of date"),
        "{error}"
    );
}

#[test]
fn a_unit_whose_certificate_is_not_the_configured_node_does_not_load() {
    let world = World::new();
    let mut files = world.files(HOLDER).trust.clone();
    files.node = node(OTHER);
    start_fails_for(files, &world, "names another node or federation");
    let mut files = world.files(HOLDER).trust.clone();
    files.key = world.files(OTHER).trust.key.clone();
    start_fails_for(files, &world, "private.key: not the key of the certificate");
    let mut files = world.files(HOLDER).trust.clone();
    files.certificate = files.anchors.clone();
    files.key = files.anchors.with_file_name("ca.key");
    start_fails_for(files, &world, "one of an authority");
}

#[test]
fn a_bad_new_file_keeps_the_old_unit_and_names_itself() {
    let world = World::new();
    let handle = world.trust(HOLDER);
    let before = handle.current();
    let files = &world.files(HOLDER).trust;
    for path in [
        &files.certificate,
        &files.key,
        &files.revocation_lists,
        &files.offered_lists,
    ] {
        let good = fs::read(path).unwrap();
        fs::write(path, "no such thing").unwrap();
        let error = handle.reload().map(drop).unwrap_err().to_string();
        let named = error.contains(path.file_name().unwrap().to_str().unwrap());
        assert!(named || error.contains("trust list"), "{error}");
        assert!(Arc::ptr_eq(&before, &handle.current()));
        fs::write(path, good).unwrap();
    }
    assert!(!Arc::ptr_eq(&before, &handle.reload().unwrap()));
}

#[test]
fn an_older_revocation_list_does_not_come_back() {
    let world = World::new();
    let handle = world.trust(HOLDER);
    let path = &world.files(HOLDER).trust.revocation_lists;
    let first = fs::read(path).unwrap();
    world.federation.revoke(&node(OTHER), NOW).unwrap();
    handle.reload().unwrap();
    fs::write(path, first).unwrap();
    let error = handle.reload().map(drop).unwrap_err().to_string();
    assert!(error.contains("older than the one in force"), "{error}");
}

#[test]
fn a_node_starts_with_the_list_in_force_when_the_one_offered_is_bad() {
    let world = World::new();
    drop(world.trust(HOLDER));
    fs::write(&world.files(HOLDER).trust.offered_lists, "rubbish").unwrap();
    let unit = world.trust(HOLDER).current();
    assert_eq!(unit.list().list().serial, 1);
    assert!(unit.refused_list().is_some());
    fs::remove_file(&world.files(HOLDER).trust.offered_lists).unwrap();
    assert!(world.trust(HOLDER).current().refused_list().is_none());
}

#[test]
fn a_certificate_that_others_would_refuse_is_not_loaded() {
    let world = World::new();
    world.clock.set(NOW.plus(LEAF_VALIDITY).plus(DAY));
    start_fails_for(
        world.files(HOLDER).trust.clone(),
        &world,
        "certificate.pem: invalid peer certificate",
    );
    let other = World::new();
    let mut files = world.files(HOLDER).trust.clone();
    files.anchors = other.federation.authority().certificate_file();
    files.revocation_lists = other.federation.authority().revocation_file();
    world.clock.set(NOW);
    start_fails_for(files, &world, "certificate.pem: invalid peer certificate");
}

#[test]
fn the_spiffe_id_of_a_unit_is_of_its_federation() {
    let world = World::new();
    assert_eq!(*world.trust(HOLDER).current().federation(), federation_id());
}
