use std::sync::Arc;

use passerelle_domain::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;

use crate::tls::PeerRefused;

/// What stands behind a listener: who is let in, and under which name.
///
/// Two there are: a node's listener for other nodes ([`TrustUnit`](crate::tls::TrustUnit)), and its
/// listener for agency systems ([`AgencyUnit`](crate::tls::AgencyUnit)).
pub trait Entrance: Send + Sync + 'static {
    /// What is known of whoever was let in.
    type Identity: Clone + Send + Sync + 'static;

    /// How the listener speaks TLS.
    fn server_config(&self) -> Arc<ServerConfig>;

    /// Whom the certificates, the leaf first, belong to, if they are let in at `now`.
    fn admit(
        &self,
        chain: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<Self::Identity, PeerRefused>;

    /// Under what its connections are counted together.
    fn party(identity: &Self::Identity) -> &str;

    /// When its certificate ends, and with it its connections.
    fn not_after(identity: &Self::Identity) -> Timestamp;
}
