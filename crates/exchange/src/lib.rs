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
mod audit;
mod error;
mod fetch;
mod journey;
mod logging;
mod paging;
mod passerelle;
mod passes;
mod persons;
pub mod ports;
mod reading;
mod receive;
mod records;
mod running;
mod sessions;
mod shown;
mod standing;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use audit::{
    ExchangeFile, ExchangeFilter, LatestCheckpoint, LoggedExchange, ShownByPeer, Verification,
};
pub use error::ExchangeError;
pub use fetch::{FetchSummary, Fetched};
pub use journey::{JourneySource, MergedJourney};
pub use paging::{Page, PageSize};
pub use passerelle::{Limits, Own, Parts, Passerelle, RulesInForce};
pub use passes::{IssuePass, IssuedPass};
pub use persons::{FindPersons, PersonFile, PersonLink, RegisterPerson, Registered};
pub use records::{KeptAs, UpsertRecord, Upserted};
pub use sessions::{AgencySystem, OpenedSession};
