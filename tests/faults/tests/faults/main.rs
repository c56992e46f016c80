//! Durability of the real binary: what it acknowledged is there, whatever ends it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that goes wrong stops, and says where"
)]

mod kill;
mod load;
mod power_cut;
mod trace;
