//! Measures a holder: summaries given over mutual TLS, each decided, logged durably and proved,
//! beside a bare server that answers as many bytes from memory, the *ceiling*.
//!
//! The two are asked in turns by one driver, in one process, each on threads of its own; what counts
//! is the ratio of the two in one round. It panics where the measure has gone wrong. `README.md` says
//! how to read what comes out.
//!
//! Beside that, [`run_upserts`] measures how fast records are kept, [`run_reads`] how fast journeys and
//! changes are read, and [`run_imports`] how fast a file is taken over.
//!
//! Read first: [`Plan`], [`run`].

mod asking;
mod ceiling;
mod checked;
mod cpu;
mod disk;
mod driver;
mod fetching;
mod imports;
mod persons;
mod reading;
mod report;
mod rounds;
mod sessions;
mod upserts;

pub use disk::Disk;
pub use imports::{ImportPlan, ImportReport, ImportRound, run_imports};
pub use reading::{ReadPlan, ReadReport, ReadRound, What, run_reads};
pub use report::{Line, Report};
pub use rounds::{Plan, run};
pub use upserts::{UpsertPlan, UpsertReport, UpsertRound, run_upserts};
