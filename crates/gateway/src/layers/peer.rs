use http::{Request, Response};
use passerelle_domain::Peer;
use passerelle_transport::identity::PeerIdentity;
use passerelle_transport::tls::TrustHandle;
use tonic::body::Body;

use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::errors::CallError;

/// Turns the identity of a channel into a [`Peer`] that is live in the trust list (I9).
#[derive(Clone)]
pub struct PeerOf {
    trust: TrustHandle,
}

impl PeerOf {
    /// Members are those of the list in force at the time of the call.
    pub fn new(trust: TrustHandle) -> Self {
        Self { trust }
    }
}

impl Step for PeerOf {
    async fn around<S: Rest>(&self, mut request: Request<Body>, next: Next<S>) -> Response<Body> {
        let peer = request
            .extensions()
            .get::<PeerIdentity>()
            .filter(|identity| {
                // The channel is cut within a minute when its member leaves; a call is refused at once.
                self.trust.current().live_member(&identity.node).is_ok()
            });
        let Some(identity) = peer else {
            return refusal(CallError::NotAMember);
        };
        let peer = Peer {
            node: identity.node.clone(),
            federation: identity.federation.clone(),
            certificate: identity.certificate_sha256,
        };
        request.extensions_mut().insert(peer);
        next.run(request).await
    }
}
