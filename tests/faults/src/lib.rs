//! The holder of a throw-away federation as a process of its own, to be killed, traced and robbed of
//! what it had not synced; and the requester that remembers everything the holder has answered.
//!
//! It panics where a test has gone wrong.
//!
//! Read first: [`Stand`], [`Holder`].

mod holder;
mod requester;
mod stand;

pub use holder::Holder;
pub use requester::Requester;
pub use stand::Stand;
