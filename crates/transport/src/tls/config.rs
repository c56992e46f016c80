use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Timestamp};
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::UnixTime;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error, SupportedProtocolVersion};

/// What nodes speak with each other, and agency systems unless the configuration says more.
pub(super) const NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];
/// For agency systems on platforms without TLS 1.3. The library has no suites for TLS 1.2 but those
/// with ECDHE and AEAD, no renegotiation, and nothing older.
pub(super) const SINCE_1_2: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

const HTTP_2: &[u8] = b"h2";

/// The one crypto library, named rather than found.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// An instant, as the TLS library has it.
pub(super) fn unix_time(at: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(at.as_millis()))
}

pub(super) fn server(
    own: &Arc<CertifiedKey>,
    verifier: Arc<dyn ClientCertVerifier>,
    provider: &Arc<CryptoProvider>,
    clock: &Arc<dyn Clock>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Arc<ServerConfig>, Error> {
    let time = Arc::new(ClockTime(Arc::clone(clock)));
    let mut config = ServerConfig::builder_with_details(Arc::clone(provider), time)
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(own))));
    config.alpn_protocols = vec![HTTP_2.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

pub(super) fn client(
    own: &Arc<CertifiedKey>,
    verifier: Arc<dyn ServerCertVerifier>,
    provider: &Arc<CryptoProvider>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<ClientConfig>, Error> {
    let time = Arc::new(ClockTime(Arc::clone(clock)));
    let mut config = ClientConfig::builder_with_details(Arc::clone(provider), time)
        .with_protocol_versions(NEWEST)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(own))));
    config.alpn_protocols = vec![HTTP_2.to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    // Nodes are named by their certificates; a name sent in clear would only tell whoever listens.
    config.enable_sni = false;
    Ok(Arc::new(config))
}

/// The node's clock, as the TLS library asks for it.
struct ClockTime(Arc<dyn Clock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}
