//! Identity traits and how two organisations can compare them; the continuity pass, by which a
//! person makes the link between two nodes.
//!
//! Not here: storage, network, tokens. Rows are states that others store; slow comparisons run
//! where [`Blocking`] puts them; when to answer is a pure function ([`pass::release_at`]).
//!
//! Read first: [`traits::IdentityTraits`], [`pass::PassSecret`], [`pass::Attempt`].

mod blocking;
#[cfg(test)]
mod chance;
pub mod names;
pub mod pass;
pub mod traits;

pub use blocking::{Blocking, Inline, Job, JobDone};
