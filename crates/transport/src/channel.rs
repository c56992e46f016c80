//! Channels to peers: gRPC over connections that are verified against the member dialled.

mod connector;
mod error;
mod met;

pub use error::DialError;
pub use met::Met;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use passerelle_domain::{Clock, Digest, NodeId};
use tonic::transport::{Channel, Endpoint};

use crate::channel::connector::Connector;
use crate::server::Http2Limits;
use crate::tls::{PeerRefused, TrustHandle};

/// The bounds of what a node opens to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelLimits {
    /// Connections to one peer.
    pub connections: usize,
    /// Calls to one peer that wait for a connection. When there are more, a call waits to wait, and
    /// its deadline runs.
    pub waiting: usize,
    /// How long one address of a peer may take to answer.
    pub reach: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a connection may take over all addresses of a peer.
    pub connect: Duration,
    /// How long a connection lives at most.
    pub connection_age: Duration,
    /// The bounds of HTTP/2.
    pub http2: Http2Limits,
}

impl Default for ChannelLimits {
    fn default() -> Self {
        Self {
            connections: 4,
            waiting: 64,
            reach: Duration::from_secs(2),
            handshake: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            connection_age: Duration::from_secs(3600),
            http2: Http2Limits::default(),
        }
    }
}

/// The channels of a node to its peers. Cloning shares them.
#[derive(Clone)]
pub struct PeerChannels(Arc<Shared>);

struct Shared {
    trust: TrustHandle,
    clock: Arc<dyn Clock>,
    limits: ChannelLimits,
    peers: Mutex<BTreeMap<NodeId, Arc<Peer>>>,
}

struct Peer {
    channels: Vec<(Channel, Met)>,
    next: AtomicUsize,
}

impl PeerChannels {
    /// No connection is opened yet.
    pub fn new(trust: TrustHandle, clock: Arc<dyn Clock>, limits: ChannelLimits) -> Self {
        Self(Arc::new(Shared {
            trust,
            clock,
            limits,
            peers: Mutex::default(),
        }))
    }

    /// SHA-256 of the certificate that is shown to peers now.
    pub fn own_certificate(&self) -> Digest {
        self.0.trust.current().own().certificate_sha256
    }

    /// A channel to `node`, which must be a live member. Each call gives the next of its
    /// connections; one that is not open is opened when it is first used, and again after it has
    /// ended. Needs a Tokio runtime.
    pub fn channel(&self, node: &NodeId) -> Result<Channel, DialError> {
        self.channel_and_met(node).map(|(channel, _)| channel)
    }

    /// As [`PeerChannels::channel`], with what tells by which certificate the member was known on
    /// it.
    pub fn channel_and_met(&self, node: &NodeId) -> Result<(Channel, Met), DialError> {
        let mut peers = self.0.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(refused) = self.0.trust.current().live_member(node) {
            // Its connections end by themselves; what was kept for it goes too.
            peers.remove(node);
            return Err(refused.into());
        }
        let peer = match peers.get(node) {
            Some(peer) => Arc::clone(peer),
            None => {
                let peer = Arc::new(self.0.open(node)?);
                peers.insert(node.clone(), Arc::clone(&peer));
                peer
            }
        };
        peer.next()
            .ok_or_else(|| DialError::from(PeerRefused::NotAMember(node.clone())))
    }
}

impl Shared {
    fn open(&self, node: &NodeId) -> Result<Peer, DialError> {
        let endpoint = self.endpoint(node)?;
        let channel = || {
            let met = Met::default();
            let connector = Connector::new(node, &self.trust, &self.clock, &self.limits, &met);
            (endpoint.connect_with_connector_lazy(connector), met)
        };
        let channels = (0..self.limits.connections.max(1))
            .map(|_| channel())
            .collect();
        Ok(Peer {
            channels,
            next: AtomicUsize::new(0),
        })
    }

    fn endpoint(&self, node: &NodeId) -> Result<Endpoint, DialError> {
        let http2 = &self.limits.http2;
        // The authority of a call; the connector looks up where the node is.
        Ok(Endpoint::from_shared(format!("http://{node}"))
            .map_err(DialError::Name)?
            .buffer_size(self.limits.waiting)
            .connect_timeout(self.limits.connect)
            .initial_stream_window_size(http2.stream_window_bytes)
            .initial_connection_window_size(http2.connection_window_bytes)
            .http2_adaptive_window(false)
            .max_frame_size(http2.frame_bytes)
            .http2_max_header_list_size(http2.header_list_bytes)
            .http2_max_local_error_reset_streams(http2.local_resets)
            .http2_max_concurrent_reset_streams(http2.pending_resets)
            .http2_keep_alive_interval(http2.keep_alive)
            .keep_alive_timeout(http2.keep_alive_timeout)
            .keep_alive_while_idle(true))
    }
}

impl Peer {
    fn next(&self) -> Option<(Channel, Met)> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.channels.len();
        self.channels.get(turn).cloned()
    }
}

#[cfg(test)]
mod tests;
