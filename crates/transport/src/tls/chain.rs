use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use crate::tls::LoadError;
use crate::tls::credentials::Anchors;
use crate::tls::crl::RevocationLists;

/// Chains are checked as those of clients, on either end of a connection: the library's check for
/// servers also wants a DNS name, which nodes do not have. That a node's certificate is for both
/// ends is checked where its name is read ([`PeerIdentity::from_certificate`](crate::identity::PeerIdentity::from_certificate)).
pub(super) fn chain_verifier(
    anchors: &Anchors,
    revocation: Option<&RevocationLists>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, LoadError> {
    let store = Arc::clone(&anchors.store);
    let mut builder = WebPkiClientVerifier::builder_with_provider(store, Arc::clone(provider));
    if let Some(revocation) = revocation {
        // An unknown status is an error by default; a list that has ended becomes one here.
        builder = builder
            .with_crls(revocation.lists.clone())
            .enforce_revocation_expiration();
    }
    builder.build().map_err(|_| {
        LoadError::refused(&anchors.path, "not authorities with their revocation lists")
    })
}
