//! TLS as nodes and agency systems speak it: 1.3 only, certificates on both sides, revocation
//! enforced, nothing resumed.
//!
//! What a node trusts (its own certificate, anchors, revocation lists, trust list) is one
//! [`TrustUnit`], loaded and replaced whole: a bad new file leaves the old unit in force. A resumed
//! session would skip the check of the other end's certificate (RFC 8446 §2.2), so no ticket is
//! given out and none is taken.

mod admission;
mod agency;
mod chain;
mod config;
mod credentials;
mod crl;
mod entrance;
mod error;
mod live;
mod node;

pub use admission::PeerRefused;
pub use agency::{AgencyFiles, AgencyHandle, AgencyUnit, SystemCertificate};
pub use entrance::Entrance;
pub use error::LoadError;
pub use live::Live;
pub use node::{TrustFiles, TrustHandle, TrustUnit};

#[cfg(test)]
mod tests;
