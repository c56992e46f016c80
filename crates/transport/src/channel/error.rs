use std::io;

use passerelle_domain::NodeId;

use crate::tls::PeerRefused;

/// Why there is no connection to a peer.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The trust list says that there is to be none.
    #[error(transparent)]
    Refused(#[from] PeerRefused),
    /// The name of the node cannot stand in a request.
    #[error("the name of the node cannot stand in a request: {0}")]
    Name(tonic::transport::Error),
    /// The TLS library does not take what this node has.
    #[error("no TLS with the files of this node: {0}")]
    Tls(#[from] rustls::Error),
    /// No address of the member could be reached, or whoever was there was not the member; the last
    /// reason is kept.
    #[error("{node} is not reached: {source}")]
    Unreached {
        /// The member.
        node: NodeId,
        /// The reason at the last address.
        source: io::Error,
    },
}
