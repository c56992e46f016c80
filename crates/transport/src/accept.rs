//! The accept loop: TLS handshakes with bounds, and connections under watch.
//!
//! Whatever is beyond a bound is closed at once, before TLS: it is not kept waiting, and takes
//! nothing from the others (I8). The loop never ends by itself; it ends when its [`Incoming`] is
//! dropped, and closes the port then.

mod limits;
mod places;

pub use limits::AcceptLimits;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use passerelle_domain::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_stream::Stream;

use crate::accept::places::{Place, Places};
use crate::connection::{Connection, Watch, life};
use crate::tls::{Entrance, Live, PeerRefused};

/// Connections let in, for `tonic::transport::Server::serve_with_incoming`.
pub struct Incoming<I> {
    connections: mpsc::Receiver<Connection<I>>,
}

/// Starts to accept on `listener`. Needs a Tokio runtime.
pub fn accept<E: Entrance>(
    listener: TcpListener,
    entrance: Live<E>,
    limits: AcceptLimits,
    clock: Arc<dyn Clock>,
) -> Incoming<E::Identity> {
    let (ready, connections) = mpsc::channel(READY);
    tokio::spawn(Loop::new(entrance, limits, clock, ready).run(listener));
    Incoming { connections }
}

impl<I> Stream for Incoming<I> {
    type Item = Result<Connection<I>, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.connections
            .poll_recv(cx)
            .map(|connection| connection.map(Ok))
    }
}

/// Where connections come from.
trait Listen: Send + 'static {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Listen for TcpListener {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        Self::accept(self)
    }
}

struct Loop<E: Entrance> {
    shared: Arc<Shared<E>>,
    handshakes: Places<()>,
    per_address: Places<IpAddr>,
    ready: mpsc::Sender<Connection<E::Identity>>,
}

/// What a handshake needs.
struct Shared<E: Entrance> {
    entrance: Live<E>,
    limits: AcceptLimits,
    clock: Arc<dyn Clock>,
    connections: Places<()>,
    per_party: Places<String>,
}

impl<E: Entrance> Loop<E> {
    fn new(
        entrance: Live<E>,
        limits: AcceptLimits,
        clock: Arc<dyn Clock>,
        ready: mpsc::Sender<Connection<E::Identity>>,
    ) -> Self {
        Self {
            handshakes: Places::new(limits.handshakes),
            per_address: Places::new(limits.handshakes_per_address),
            shared: Arc::new(Shared {
                connections: Places::new(limits.connections),
                per_party: Places::new(limits.connections_per_party),
                entrance,
                limits,
                clock,
            }),
            ready,
        }
    }

    async fn run(self, listener: impl Listen) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let accepted = tokio::select! {
                () = self.ready.closed() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((tcp, address)) => {
                    pause = SHORTEST_PAUSE;
                    self.begin(tcp, address);
                }
                Err(error) if of_one_connection(&error) => {}
                // Out of descriptors or memory: others must let go of some first.
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
    }

    /// Starts a handshake, where there is room for one.
    fn begin(&self, tcp: TcpStream, address: SocketAddr) {
        let places = (
            self.handshakes.take(()),
            self.per_address.take(counted_as(address.ip())),
            self.shared.connections.take(()),
        );
        let (Some(handshake), Some(of_address), Some(connection)) = places else {
            tracing::debug!(%address, "connection closed: too many at once");
            return;
        };
        let (shared, ready) = (Arc::clone(&self.shared), self.ready.clone());
        tokio::spawn(async move {
            let greeted = shared.greet(tcp, connection, ready);
            match timeout(shared.limits.handshake, greeted).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => match PeerRefused::within(&error) {
                    Some(reason) => tracing::warn!(%address, %reason, "not let in"),
                    None => tracing::info!(%address, %error, "TLS handshake failed"),
                },
                Err(_) => tracing::info!(%address, "TLS handshake took too long"),
            }
            drop((handshake, of_address));
        });
    }
}

impl<E: Entrance> Shared<E> {
    /// The handshake, and the way of the connection to whoever serves it.
    async fn greet(
        &self,
        tcp: TcpStream,
        place: Place<()>,
        ready: mpsc::Sender<Connection<E::Identity>>,
    ) -> io::Result<()> {
        // Subscribed before the handshake: a change during it is seen after it.
        let mut units = self.entrance.subscribe();
        let unit = Arc::clone(&units.borrow_and_update());
        tcp.set_nodelay(true)?;
        let tls = TlsAcceptor::from(unit.server_config()).accept(tcp).await?;
        let chain: Vec<_> = tls
            .get_ref()
            .1
            .peer_certificates()
            .unwrap_or_default()
            .to_vec();
        let identity = unit
            .admit(&chain, self.clock.now())
            .map_err(io::Error::other)?;
        let party = E::party(&identity).to_owned();
        let Some(of_party) = self.per_party.take(party.clone()) else {
            tracing::warn!(party, "connection closed: too many of this party");
            return Ok(());
        };
        let clock = Arc::clone(&self.clock);
        let watch = Watch {
            units,
            life: life(
                self.limits.connection_age,
                E::not_after(&identity),
                &*self.clock,
            ),
            still_admitted: Box::new(move |unit: &E| unit.admit(&chain, clock.now()).map(drop)),
        };
        let connection = Connection::new(tls, identity, watch, (place, of_party));
        // Refused only when nobody serves any more.
        let _gone = ready.send(connection).await;
        Ok(())
    }
}

/// An end user of IPv6 has a /64 (RFC 6177), and all its addresses.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// accept(2): these belong to a connection that was there and is gone.
fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Connections that are let in and not yet served. Serving one is handing it to a task; when the
/// queue is full all the same, the handshake keeps its place and its deadline.
const READY: usize = 16;
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
