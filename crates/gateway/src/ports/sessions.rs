use std::future::ready;

use passerelle_exchange::Passerelle;
use passerelle_transport::identity::SystemIdentity;

use crate::layers::{CallerFuture, Sessions};

/// Sessions as the node's store keeps them.
pub struct StoredSessions(Passerelle);

impl StoredSessions {
    /// Of this node.
    pub fn new(node: Passerelle) -> Self {
        Self(node)
    }
}

impl Sessions for StoredSessions {
    fn caller<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        Box::pin(ready(self.0.authenticate(token, system.certificate_sha256)))
    }

    fn closing<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        let certificate = system.certificate_sha256;
        Box::pin(ready(self.0.authenticate_to_close(token, certificate)))
    }
}
