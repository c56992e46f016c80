//! The ports of the use cases, wired to TLS channels, signed tokens, the trust list and threads.

mod blocking;
mod node_clock;
mod notices;
mod peers;
mod sessions;
mod tokens;
mod trust;

pub use blocking::BlockingPool;
pub use node_clock::NodeClock;
pub use notices::NoticeFolder;
pub use peers::GrpcPeers;
pub use sessions::StoredSessions;
pub use tokens::{OwnKeys, SignedTokens};
pub use trust::ListInForce;
