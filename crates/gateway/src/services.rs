//! Where the gRPC services of a node are registered.

use std::convert::Infallible;
use std::fmt;

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tower::Service;

use crate::readiness::Needs;

/// The services of a node, by listener, each with what it needs to serve.
///
/// Behind the agency listener a handler finds a [`Caller`](passerelle_domain::Caller) among the
/// extensions of its request (`OpenSession` alone finds only the
/// [`SystemIdentity`](passerelle_transport::identity::SystemIdentity)); behind the node listener a
/// [`Peer`](passerelle_domain::Peer). Health and reflection are added by the node.
#[derive(Default)]
pub struct Services {
    agency: RoutesBuilder,
    exchange: RoutesBuilder,
    named: Vec<(&'static str, Needs)>,
}

impl Services {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service for the organisation's own systems.
    #[must_use]
    pub fn agency<S: GrpcService>(mut self, needs: Needs, service: S) -> Self
    where
        S::Future: Send,
    {
        self.agency.add_service(service);
        self.named.push((S::NAME, needs));
        self
    }

    /// Adds a service for other nodes.
    #[must_use]
    pub fn exchange<S: GrpcService>(mut self, needs: Needs, service: S) -> Self
    where
        S::Future: Send,
    {
        self.exchange.add_service(service);
        self.named.push((S::NAME, needs));
        self
    }

    pub(crate) fn named(&self) -> &[(&'static str, Needs)] {
        &self.named
    }

    pub(crate) fn into_routes(self) -> (Routes, Routes) {
        (self.agency.routes(), self.exchange.routes())
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Services").field(&self.named).finish()
    }
}

/// What tonic generates for a service.
pub trait GrpcService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> GrpcService for S where
    S: Service<
            Request<Body>,
            Response = Response<Body>,
            Error = Infallible,
            Future: Send + 'static,
        > + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}
