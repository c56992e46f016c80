//! What must hold between nodes, by the numbers of the design, over three of them and real TLS.

#![allow(
    clippy::unwrap_used,
    reason = "a test that goes wrong stops, and says where"
)]

mod answers;
mod blocking;
mod canary;
mod caseload;
mod changes;
mod decisions;
mod disclosure;
mod fields;
mod growth;
mod identity;
mod import;
mod paper;
mod production;
mod repeats;
mod rollback;
mod several;
mod sheet;
mod story;
