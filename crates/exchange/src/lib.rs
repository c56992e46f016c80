//! The use cases of a node: record, ask, answer, withdraw; and the ports through which they reach
//! the world.
//!
//! Not here: gRPC, TLS, tokens' signatures, engines, configuration files. A use case takes domain
//! values and a [`Caller`](passerelle_domain::Caller) or a [`Peer`](passerelle_domain::Peer), and
//! gives back domain values or wire messages; `gateway` carries them.
//!
//! Read first: [`Passerelle`], one organisation's node; the [`ports`]; [`ExchangeError`].

mod answer;
mod attempt;
mod error;
mod fetch;
mod logging;
mod passerelle;
pub mod ports;
mod reading;
mod receive;
mod shown;
mod standing;

pub use error::ExchangeError;
pub use fetch::{FetchSummary, Fetched};
pub use passerelle::{Limits, Own, Parts, Passerelle, RulesInForce};
