use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use passerelle_domain::{Clock, NodeId};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::Uri;
use tower::Service;

use crate::channel::{ChannelLimits, DialError, Met};
use crate::connection::{Connection, Watch, life};
use crate::identity::PeerIdentity;
use crate::tls::{PeerRefused, TrustHandle, TrustUnit};

/// Opens connections to one member, wherever the trust list in force says that it is.
#[derive(Clone)]
pub(super) struct Connector {
    node: NodeId,
    trust: TrustHandle,
    clock: Arc<dyn Clock>,
    limits: ChannelLimits,
    met: Met,
}

impl Connector {
    pub(super) fn new(
        node: &NodeId,
        trust: &TrustHandle,
        clock: &Arc<dyn Clock>,
        limits: &ChannelLimits,
        met: &Met,
    ) -> Self {
        Self {
            node: node.clone(),
            trust: trust.clone(),
            clock: Arc::clone(clock),
            limits: *limits,
            met: met.clone(),
        }
    }

    async fn connect(self) -> Result<Connection<PeerIdentity>, DialError> {
        // Subscribed before the handshake: a change during it is seen after it.
        let mut units = self.trust.subscribe();
        let unit = Arc::clone(&units.borrow_and_update());
        let tls = self.first_reached(&unit).await?;
        let chain: Vec<_> = tls
            .get_ref()
            .1
            .peer_certificates()
            .unwrap_or_default()
            .to_vec();
        let identity = unit.admit_as(&self.node, &chain, self.clock.now())?;
        self.met.note(identity.certificate_sha256);
        let (node, clock) = (self.node, Arc::clone(&self.clock));
        let watch = Watch {
            units,
            life: life(self.limits.connection_age, identity.not_after, &*self.clock),
            still_admitted: Box::new(move |unit: &TrustUnit| {
                unit.admit_as(&node, &chain, clock.now()).map(drop)
            }),
        };
        Ok(Connection::new(tls, identity, watch, ()))
    }

    /// The addresses of the member in their order, until one leads to it.
    async fn first_reached(&self, unit: &TrustUnit) -> Result<TlsStream<TcpStream>, DialError> {
        let member = unit.live_member(&self.node)?;
        let connector = TlsConnector::from(unit.client_config(&self.node)?);
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for endpoint in &member.endpoints {
            match self.reach(endpoint, &connector).await {
                Ok(tls) => return Ok(tls),
                Err(error) => {
                    tracing::info!(node = %self.node, endpoint, %error, "peer not reached");
                    last = error;
                }
            }
        }
        Err(DialError::Unreached {
            node: self.node.clone(),
            source: last,
        })
    }

    async fn reach(&self, endpoint: &str, tls: &TlsConnector) -> io::Result<TlsStream<TcpStream>> {
        let tcp = within(self.limits.reach, TcpStream::connect(endpoint)).await?;
        tcp.set_nodelay(true)?;
        let tls = within(self.limits.handshake, tls.connect(unused_name()?, tcp)).await;
        tls.map_err(|error| match PeerRefused::within(&error) {
            Some(refused) => io::Error::other(refused.clone()),
            None => error,
        })
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Connection<PeerIdentity>>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    /// The address in the request is the name of the member, which is known already.
    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect().await.map(TokioIo::new) })
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, step)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// The TLS library wants a name, which is neither sent nor compared.
fn unused_name() -> io::Result<ServerName<'static>> {
    ServerName::try_from("node.invalid").map_err(io::Error::other)
}
