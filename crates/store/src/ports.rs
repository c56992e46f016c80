use std::sync::Arc;

use passerelle_domain::{Clock, Rng};
use passerelle_tlog::LogKey;

use crate::engine::Engines;
use crate::files::Files;
use crate::keys::Keys;

/// What a store is given to live with.
#[derive(Clone)]
pub struct Ports {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Chance, for what transactions draw.
    pub rng: Arc<dyn Rng>,
    /// Signs the heads of the exchange log; its name is the log's origin.
    pub log_key: Arc<LogKey>,
    /// The keys that rows and sealed parts are sealed under.
    pub keys: Arc<Keys>,
    /// Opens the engine.
    pub engines: Arc<dyn Engines>,
    /// Wal, log, snapshots and markers are written through it.
    pub files: Arc<dyn Files>,
    /// Ends the process when going on could lose what was acknowledged.
    pub fatal: Arc<dyn Fatal>,
}

/// The end of the process, as a port so that tests can see it come.
pub trait Fatal: Send + Sync {
    /// Ends the process. One that returns, in a simulation, leaves a store that refuses everything.
    fn fatal(&self, reason: &str);
}

/// Writes the reason to the log of the process and aborts it: after a failed fsync nobody knows
/// what the disk holds, and only reading it again from the start tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct AbortProcess;

impl Fatal for AbortProcess {
    fn fatal(&self, reason: &str) {
        tracing::error!(reason, "the store cannot go on; the process ends");
        std::process::abort()
    }
}
