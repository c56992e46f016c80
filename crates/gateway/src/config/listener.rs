use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use passerelle_transport::accept::AcceptLimits;
use passerelle_transport::server::Http2Limits;
use serde::{Deserialize, Deserializer};

use super::limits::ranged;
use super::{Base, Refused};

/// Where other nodes call: mutual TLS 1.3, certificates of the federation alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeListener {
    /// `address:port`; port 0 takes a free one.
    #[serde(deserialize_with = "address")]
    pub address: SocketAddr,
    /// The node's certificate and what links it to an anchor, PEM.
    pub certificate_file: PathBuf,
    /// The key of that certificate, PEM (PKCS #8).
    pub key_file: PathBuf,
    /// The certificate authorities of the federation, PEM.
    pub anchors_file: PathBuf,
    /// Their lists of revoked certificates, PEM.
    pub crl_file: PathBuf,
    /// Bounds on connections.
    #[serde(default)]
    pub bounds: ListenerBounds,
}

/// Where the organisation's own systems call: mutual TLS, certificates of its own authority alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyListener {
    /// `address:port`; port 0 takes a free one.
    #[serde(deserialize_with = "address")]
    pub address: SocketAddr,
    /// The server certificate (a DNS name that the systems call) and its chain, PEM.
    pub certificate_file: PathBuf,
    /// The key of that certificate, PEM (PKCS #8).
    pub key_file: PathBuf,
    /// The organisation's own authority for the certificates of its systems, PEM.
    pub client_ca_file: PathBuf,
    /// That authority's list of revoked certificates, PEM; none is checked when left out.
    #[serde(default)]
    pub client_crl_file: Option<PathBuf>,
    /// Whether TLS 1.2 is spoken too, with AEAD suites alone. Nodes never speak it with each other.
    #[serde(default)]
    pub tls12: bool,
    /// Bounds on connections.
    #[serde(default)]
    pub bounds: ListenerBounds,
}

/// Bounds on the connections of one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenerBounds {
    /// A TLS handshake that takes longer is broken off.
    #[serde(deserialize_with = "ranged::<_, _, 1, 60>")]
    pub handshake_seconds: u64,
    /// Handshakes at once; further connections are closed at once.
    #[serde(deserialize_with = "ranged::<_, _, 1, 65_536>")]
    pub handshakes_at_once: usize,
    /// The same from one address.
    #[serde(deserialize_with = "ranged::<_, _, 1, 65_536>")]
    pub handshakes_per_address: usize,
    /// Connections at once; a further one is closed.
    #[serde(deserialize_with = "ranged::<_, _, 1, 65_536>")]
    pub connections_at_once: usize,
    /// Connections of one member or system at once; a further one is closed.
    #[serde(deserialize_with = "ranged::<_, _, 1, 1_024>")]
    pub connections_per_peer: usize,
    /// Calls at once on a connection; further ones wait at the caller (HTTP/2).
    #[serde(deserialize_with = "ranged::<_, _, 1, 1_024>")]
    pub streams_per_connection: u32,
    /// Calls of one connection that this side may reset for errors of the caller before it is
    /// closed.
    #[serde(deserialize_with = "ranged::<_, _, 1, 65_536>")]
    pub local_resets: usize,
    /// Calls that the caller may reset before they were looked at; then the connection is closed.
    #[serde(deserialize_with = "ranged::<_, _, 1, 1_024>")]
    pub pending_resets: usize,
    /// Headers of one call.
    #[serde(deserialize_with = "ranged::<_, _, 4_096, 65_536>")]
    pub header_list_bytes: u32,
    /// How often a silent connection is asked whether it lives.
    #[serde(deserialize_with = "ranged::<_, _, 1, 3_600>")]
    pub keep_alive_seconds: u64,
    /// How long it may take to answer that.
    #[serde(deserialize_with = "ranged::<_, _, 1, 600>")]
    pub keep_alive_reply_seconds: u64,
    /// How long a connection lives; the caller then dials again, and is checked again.
    #[serde(deserialize_with = "ranged::<_, _, 10, 3_600>")]
    pub connection_age_seconds: u64,
}

impl Default for ListenerBounds {
    fn default() -> Self {
        Self {
            handshake_seconds: 5,
            handshakes_at_once: 256,
            handshakes_per_address: 32,
            connections_at_once: 2_048,
            // A peer has four, and four more while those end and are replaced; agency systems have
            // several machines.
            connections_per_peer: 16,
            streams_per_connection: 64,
            local_resets: 256,
            pending_resets: 20,
            header_list_bytes: 16 * 1024,
            keep_alive_seconds: 30,
            keep_alive_reply_seconds: 10,
            connection_age_seconds: 3_600,
        }
    }
}

impl ListenerBounds {
    /// Bounds on handshakes and connections.
    pub fn accept(&self) -> AcceptLimits {
        AcceptLimits {
            handshake: Duration::from_secs(self.handshake_seconds),
            handshakes: self.handshakes_at_once,
            handshakes_per_address: self.handshakes_per_address,
            connections: self.connections_at_once,
            connections_per_party: self.connections_per_peer,
            connection_age: Duration::from_secs(self.connection_age_seconds),
        }
    }

    /// Bounds of HTTP/2 on one connection.
    pub fn http2(&self) -> Http2Limits {
        Http2Limits {
            streams: self.streams_per_connection,
            local_resets: self.local_resets,
            pending_resets: self.pending_resets,
            header_list_bytes: self.header_list_bytes,
            keep_alive: Duration::from_secs(self.keep_alive_seconds),
            keep_alive_timeout: Duration::from_secs(self.keep_alive_reply_seconds),
            ..Http2Limits::default()
        }
    }
}

impl NodeListener {
    pub(super) fn resolve(&mut self, base: &Base<'_>) -> Result<(), Refused> {
        base.resolve("node_listener.certificate_file", &mut self.certificate_file)?;
        base.resolve("node_listener.key_file", &mut self.key_file)?;
        base.resolve("node_listener.anchors_file", &mut self.anchors_file)?;
        base.resolve("node_listener.crl_file", &mut self.crl_file)
    }
}

impl AgencyListener {
    pub(super) fn resolve(&mut self, base: &Base<'_>) -> Result<(), Refused> {
        base.resolve(
            "agency_listener.certificate_file",
            &mut self.certificate_file,
        )?;
        base.resolve("agency_listener.key_file", &mut self.key_file)?;
        base.resolve("agency_listener.client_ca_file", &mut self.client_ca_file)?;
        match &mut self.client_crl_file {
            Some(file) => base.resolve("agency_listener.client_crl_file", file),
            None => Ok(()),
        }
    }
}

fn address<'de, D: Deserializer<'de>>(yaml: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(yaml)?;
    text.parse()
        .map_err(|_| serde::de::Error::custom("an IP address and a port, such as 0.0.0.0:8443"))
}
