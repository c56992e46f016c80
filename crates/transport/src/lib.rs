//! TLS between nodes and to agency systems, peer identity, signed tokens, trust list files, signed
//! catalogues of notices, and the generator that keys are made with.
//!
//! It says who is at the other end of a channel and whose key signed a token, and keeps both
//! questions bounded: handshakes, connections and queues have limits, and a bad, slow or hostile
//! peer costs the others nothing. It does not know what a receipt means, what a journey holds, or
//! where anything is stored; it never reads the wall clock, which comes in as
//! [`Clock`](passerelle_domain::Clock).
//!
//! Read first: [`tls::TrustUnit`], what a node trusts, replaced as a whole;
//! [`identity::PeerIdentity`], whom a certificate names; [`jwt::verify`], the one way in for a
//! token.

pub mod accept;
pub mod channel;
pub mod client;
mod connection;
mod file;
pub mod identity;
pub mod jwt;
pub mod key_file;
pub mod notices;
pub mod pki;
pub mod rng;
#[cfg(test)]
mod sample;
pub mod server;
mod spki;
pub mod throwaway;
pub mod tls;
pub mod trust_list;

pub use connection::Connection;
pub use file::FileError;
