//! The ports of the use cases, wired to TLS channels, signed tokens, the trust list and threads.

mod blocking;
mod node_clock;
mod peers;
mod sessions;
mod tokens;
mod trust;

pub use blocking::BlockingPool;
pub use node_clock::NodeClock;
pub use peers::GrpcPeers;
pub use sessions::StoredSessions;
pub use tokens::{OwnKeys, SignedTokens};
pub use trust::ListInForce;
