//! What must hold of a decision and of the summary it lets through, whoever wrote the decision.
//!
//! `naive` is a second evaluator, written from the rules and not from the code: quantifiers over
//! lists, no sets of bits. The other modules compare the two, or state properties of one.

#![allow(
    clippy::unwrap_used,
    reason = "test code: a broken assumption must fail the test"
)]

mod differential;
mod exhaustive;
mod journey;
mod monotone;
mod naive;
mod names;
mod properties;
mod random;
mod summary;
mod told;
mod trace;
mod world;
