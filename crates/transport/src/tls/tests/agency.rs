//! The listener for agency systems.

use super::*;

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

#[tokio::test]
async fn tls_1_2_is_spoken_only_where_the_configuration_says_so_and_never_between_nodes() {
    let world = World::new();
    let (files, trust) = (world.files(HOLDER), world.trust(HOLDER));
    let system = files.systems.values().next().unwrap();
    let client = || old_client(&system.certificate, &system.key, &world);
    let unit = |tls12| {
        let mut files = files.agency.clone();
        files.tls12 = tls12;
        AgencyUnit::start(files, world.clock()).unwrap().current()
    };
    let no_version = "Tls12NotOfferedOrEnabled";
    let by_default = meet_with(&*unit(false), client()).await;
    refused_for(by_default, no_version);
    let allowed = meet_with(&*unit(true), client()).await;
    assert_eq!(allowed, Ok(HandshakeKind::Full));
    refused_for(meet_with(&*trust.current(), client()).await, no_version);
}

#[tokio::test]
async fn tls_1_2_lets_in_by_the_listed_certificate_alone() {
    let world = World::new();
    let mut files = world.files(HOLDER).agency.clone();
    let system = world.files(HOLDER).systems.values().next().unwrap();
    files.tls12 = true;
    files.systems.clear();
    let unit = AgencyUnit::start(files, world.clock()).unwrap().current();
    let old = old_client(&system.certificate, &system.key, &world);
    let outcome = meet_with(&*unit, old).await;
    refused_for(outcome, "none of those that agency.systems lists");
}

/// CBC, RC4, 3DES and RSA key exchange by their absence, so that no update of the library brings one.
#[test]
fn every_suite_of_tls_1_2_has_ecdhe_and_aead() {
    for suite in &config::provider().cipher_suites {
        let name = format!("{:?}", suite.suite());
        if suite.tls13().is_none() {
            assert!(name.starts_with("TLS_ECDHE_"), "{name}");
            assert!(
                name.contains("_GCM_") || name.contains("_POLY1305_"),
                "{name}"
            );
        }
    }
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

/// The same, on a platform without TLS 1.3.
fn old_client(
    certificate: &std::path::Path,
    key: &std::path::Path,
    world: &World,
) -> Arc<ClientConfig> {
    let newest = agency_client(certificate, key, world);
    let mut old = ClientConfig::builder_with_provider(config::provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer))
        .with_client_cert_resolver(Arc::clone(&newest.client_auth_cert_resolver));
    old.alpn_protocols.clone_from(&newest.alpn_protocols);
    Arc::new(old)
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
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
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
