//! The two ports of a node, bound before any work starts.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::Config;

/// The bound ports. Connections queue in the kernel until the node runs.
#[derive(Debug)]
pub struct Listeners {
    pub(crate) nodes: TcpListener,
    pub(crate) agency: TcpListener,
}

/// A port that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("`{field}`: {address} cannot be listened on: {source}")]
pub struct BindError {
    field: &'static str,
    address: SocketAddr,
    source: io::Error,
}

impl Listeners {
    /// Binds both, or none.
    pub async fn bind(config: &Config) -> Result<Self, BindError> {
        Ok(Self {
            nodes: bind("node_listener.address", config.node_listener.address).await?,
            agency: bind("agency_listener.address", config.agency_listener.address).await?,
        })
    }

    /// Where other nodes call.
    pub fn node_address(&self) -> io::Result<SocketAddr> {
        self.nodes.local_addr()
    }

    /// Where the organisation's own systems call.
    pub fn agency_address(&self) -> io::Result<SocketAddr> {
        self.agency.local_addr()
    }
}

async fn bind(field: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| BindError {
            field,
            address,
            source,
        })
}
