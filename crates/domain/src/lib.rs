//! What Passerelle talks about: ids, vocabulary, journeys, receipts and other signed claims,
//! members and their rights, log entries; and conversions that refuse what is malformed.
//!
//! Not here: async code, I/O, TLS, storage, the wall clock (time and chance come in through
//! [`Clock`] and [`Rng`]), and no signature is checked here ([`Verified`] only says that one was).
//!
//! Read first: [`Malformed`], the one error of every conversion; [`Verified`]; [`Record`].

mod caller;
pub mod claim;
mod clock;
pub mod entry;
mod id;
mod malformed;
pub mod member;
mod pii;
mod question;
mod verified;

pub use caller::{Caller, Peer};
pub use clock::{Clock, Rng, Sleep, Timer, Timestamp};
pub use id::{
    AgentRef, ChainId, Digest, ExchangeId, FederationId, LinkId, NodeId, PassId, PersonId, RecordId, SessionId,
    TokenId,
};
pub use malformed::Malformed;
pub use pii::Pii;
pub use question::{AskingAgent, Question, action_for, nonce};
pub use verified::Verified;
