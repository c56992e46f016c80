use std::time::Duration;

/// The bounds of one listener. What is beyond them is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptLimits {
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// TLS handshakes at once.
    pub handshakes: usize,
    /// TLS handshakes at once from one address, a /64 in IPv6.
    pub handshakes_per_address: usize,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once of one member, or of one agency system.
    pub connections_per_party: usize,
    /// How long a connection lives at most.
    pub connection_age: Duration,
}

impl Default for AcceptLimits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            handshakes: 256,
            handshakes_per_address: 32,
            connections: 2048,
            // A peer has four, and four more while those end and are replaced.
            connections_per_party: 16,
            connection_age: Duration::from_secs(3600),
        }
    }
}
