use std::sync::Arc;

use passerelle_domain::Timestamp;
use passerelle_tlog::{KeyError, KeyName, LogKey};

use super::{Crash, FatalNote, SeededRng, SetClock, SimDisk};
use crate::config::StoreConfig;
use crate::engine::MemoryEngines;
use crate::error::OpenError;
use crate::keys::Keys;
use crate::open::OpenReport;
use crate::ports::Ports;
use crate::store::Store;

/// All that outlives the store of a simulated node: its disk, its engine, its keys, its clock.
#[derive(Clone)]
pub struct SimNode {
    /// Wal, log, snapshots, markers.
    pub disk: SimDisk,
    /// The engine.
    pub engines: MemoryEngines,
    /// The wall clock; starts at 2026-11-24T09:00:00Z.
    pub clock: SetClock,
    /// Why the process would have ended.
    pub fatal: FatalNote,
    log_key: Arc<LogKey>,
    keys: Arc<Keys>,
    seed: u64,
}

impl SimNode {
    /// A node whose log has this origin. Its keys and all that it draws come from the seed.
    pub fn new(origin: &str, seed: u64) -> Result<Self, KeyError> {
        let key = |purpose: u8| {
            let mut bytes = [purpose; 32];
            bytes[..8].copy_from_slice(&seed.to_be_bytes());
            bytes
        };
        let name: KeyName = origin.parse()?;
        Ok(Self {
            disk: SimDisk::new(),
            engines: MemoryEngines::new(),
            clock: SetClock::new(Timestamp::from_secs(1_795_510_800)),
            fatal: FatalNote::new(),
            log_key: Arc::new(LogKey::from_seed(&key(1), name)?),
            keys: Arc::new(Keys::in_memory(key(2), key(3))),
            seed,
        })
    }

    /// What its store lives with.
    pub fn ports(&self) -> Ports {
        Ports {
            clock: Arc::new(self.clock.clone()),
            rng: Arc::new(SeededRng::new(self.seed)),
            log_key: self.log_key.clone(),
            keys: self.keys.clone(),
            engines: Arc::new(self.engines.clone()),
            files: Arc::new(self.disk.clone()),
            fatal: Arc::new(self.fatal.clone()),
        }
    }

    /// Opens its store, with small sizes and moved inline.
    pub fn open(&self) -> Result<(Store, OpenReport), OpenError> {
        Store::open(StoreConfig::small("node"), self.ports())
    }

    /// Cuts the power: what was not synced is lost, and the engine forgets the last `applied` times
    /// it took changes. A store that was open is of no use any more; drop it first.
    pub fn crash(&self, crash: Crash, applied: usize) {
        self.disk.crash(crash);
        self.engines.lose(applied);
    }

    /// A copy of the node as it is now, to go on separately: a folder restored from an old copy.
    pub fn copy(&self) -> Self {
        Self {
            disk: self.disk.copy(),
            engines: self.engines.copy(),
            ..self.clone()
        }
    }
}
