//! Three real nodes in one process, over real TLS on the loopback, for tests of what must hold
//! between them.
//!
//! Keys, certificates and trust list are those of a throw-away federation, the nodes are put together
//! as `passerelle serve` does it, and everything is asked through the public gRPC APIs. It panics
//! where a test has gone wrong.
//!
//! Read first: [`Federation`], [`Agency`].

mod agency;
mod canary;
mod client_file;
mod disk;
mod federation;
mod member;
mod records;
mod seen;
mod story;
mod told;

pub use agency::{Agency, Agent, channel, exchange_id, open_session, proof};
pub use canary::{Canaries, Found};
pub use client_file::client_file;
pub use disk::FailingDisk;
pub use federation::{
    ASSOCIATION, DEPARTEMENT, Federation, MISSION_LOCALE, NODES, NOTICE, OTHER_SYSTEM, SYSTEM, Site,
};
pub use member::{Attempting, Member, SOON, answer};
pub use records::{diagnosis, never_issued, project, step};
pub use seen::Entries;
pub use story::{Amina, Linked, Opening, register};
pub use told::{Told, refusal};
