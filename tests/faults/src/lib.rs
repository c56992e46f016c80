//! The holder of a throw-away federation as a process of its own, to be killed, traced and robbed of
//! what it had not synced; and a requester and an agency system that remember all that it answered.
//!
//! It panics where a test has gone wrong.
//!
//! Read first: [`Stand`], [`Holder`].

mod agency;
mod holder;
mod requester;
mod stand;
mod trace;
mod waiting;

pub use agency::Agency;
pub use holder::Holder;
pub use requester::Requester;
pub use stand::Stand;
pub use trace::Trace;
pub use waiting::{LONGEST, before_another, until};
