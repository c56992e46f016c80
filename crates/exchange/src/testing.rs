//! A whole federation in one process, for tests: real stores and real exchange logs over a disk in
//! memory, and in place of TLS, signatures, time and chance what a test can set.
//!
//! Only with the feature `testing`; nothing of it is part of a node.
//!
//! ```
//! # use passerelle_exchange::testing::{Federation, awa, step};
//! # use passerelle_domain::Class;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! // Three members: "mission-locale", "departement" and "association". One seed, one history.
//! let federation = Federation::new(1);
//! let mission_locale = federation.node("mission-locale"); // a `Passerelle`: call its use cases
//! let here = federation.register("mission-locale", "ML-1", awa()).await;
//! let there = federation.register("departement", "D-1", awa()).await;
//! // As if the person had carried a pass from the first to the second.
//! let link = federation
//!     .link(("mission-locale", here), ("departement", there), Class::MAX)
//!     .await;
//! // The second may read what the first holds: the receipt is kept by both.
//! let receipt = federation.receipt("departement", link, "mission-locale", "departement");
//! federation.keep(&receipt).await;
//! let caller = federation.caseworker("departement"); // an agent, with a second factor
//! federation.write("mission-locale", here, "ML-1-1", step("Soudure")).await;
//! # let _ = (mission_locale, caller);
//! # });
//! ```
//!
//! - **Time** stands still until [`Federation::pass`] moves it, or somebody sleeps: sleepers wake at
//!   once and find that their time has passed ([`InstantTimer`]).
//! - **The network** hands calls over directly ([`Network`]); it can be cut, and lose answers after
//!   the call was carried out.
//! - **Outboxes** wait until [`Federation::deliver_all`] delivers them, or
//!   [`Passerelle::run`](crate::Passerelle::run) is spawned.
//! - **Tokens** are claims with the name of whoever signed them ([`Statements`]): what another node
//!   has signed cannot be made here by accident, and what nobody may sign can be made on purpose.
//! - **Disks**: [`Federation::restart`] stops a node in order, [`Federation::crash`] cuts its power;
//!   both start it again from its disk. [`Federation::disk`] gives the disk, to look for what should
//!   not be there, to damage it, or to fail at an operation.
//!
//! It panics where a test has gone wrong: an unknown name, a store that does not open.

mod exchanges;
mod federation;
mod members;
mod network;
mod samples;
mod story;
mod task;
mod time;
mod tokens;

pub use exchanges::{Met, permit};
pub use federation::{Federation, NodeDisk};
pub use members::{SharedList, member, open_rules, rules_with};
pub use network::{Answer, Answered, Call, Network, Sent};
pub use samples::{constraint, contact_card, step, upsert, with_note};
pub use story::{amina, awa, catalogue, notice, traits};
pub use task::Task;
pub use time::InstantTimer;
pub use tokens::Statements;
