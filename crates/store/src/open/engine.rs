use std::sync::Arc;

use crate::config::StoreConfig;
use crate::core::ENGINE;
use crate::engine::{Changes, Engine, EngineError, Mark};
use crate::error::OpenError;
use crate::ports::Ports;
use crate::snapshot::{Covered, Snapshots};
use crate::wal::BatchRead;

/// The engine while the wal is replayed to it.
pub(super) struct EngineState {
    pub(super) engine: Arc<dyn Engine>,
    /// Where it was found, or restored.
    pub(super) found: Mark,
    /// Before this the rows of a snapshot are not whole.
    whole_at: Mark,
    pub(super) replayed: u64,
    /// Why it was made again, if it was.
    pub(super) rebuilt: Option<String>,
    waiting: Changes,
    waiting_mark: Mark,
}

impl EngineState {
    /// Opens the engine and checks it; makes it again from a snapshot if it does not pass, or if
    /// the wal, from batch `oldest` on, no longer reaches back to it.
    pub(super) fn open(
        config: &StoreConfig,
        ports: &Ports,
        snapshots: &Snapshots,
        oldest: u64,
        closed_well: bool,
    ) -> Result<Self, OpenError> {
        let dir = config.dir.join(ENGINE);
        let reason = if ports.engines.exists(&dir) {
            match found(config, ports, closed_well) {
                Ok((engine, mark)) if mark.batch >= oldest => {
                    return Ok(Self::new(engine, mark, mark, None));
                }
                Ok((_, mark)) => format!(
                    "it holds batch {} and the wal begins at {oldest}",
                    mark.batch
                ),
                Err(EngineError::Damaged(reason)) => reason,
                Err(error) => return Err(OpenError::Engine(error)),
            }
        } else if oldest == 0 {
            let engine = ports.engines.open(&dir).map_err(OpenError::Engine)?;
            return Ok(Self::new(engine, Mark::default(), Mark::default(), None));
        } else {
            "it is missing".to_owned()
        };
        if ports.engines.exists(&dir) {
            let aside = config.dir.join(ASIDE);
            ports
                .engines
                .set_aside(&dir, &aside)
                .map_err(OpenError::io("setting the engine aside"))?;
        }
        let engine = ports.engines.open(&dir).map_err(OpenError::Engine)?;
        let restored = snapshots
            .restore(&*engine, oldest)
            .map_err(OpenError::Engine)?;
        let covered = match restored {
            Some(covered) => covered,
            None if oldest == 0 => Covered {
                from: Mark::default(),
                until: Mark::default(),
            },
            None => return Err(OpenError::EngineLost { reason }),
        };
        tracing::warn!(
            reason,
            from_batch = covered.from.batch,
            "the engine is rebuilt"
        );
        Ok(Self::new(engine, covered.from, covered.until, Some(reason)))
    }

    fn new(engine: Arc<dyn Engine>, found: Mark, whole_at: Mark, rebuilt: Option<String>) -> Self {
        Self {
            engine,
            found,
            whole_at,
            replayed: 0,
            rebuilt,
            waiting: Changes::new(),
            waiting_mark: found,
        }
    }

    /// Takes a batch of the wal, if it does not hold it yet.
    pub(super) fn replay(
        &mut self,
        batch: &BatchRead,
        changes: impl FnOnce() -> Changes,
    ) -> Result<(), OpenError> {
        if batch.before.batch < self.found.batch {
            return Ok(());
        }
        if batch.before.batch == self.found.batch && batch.before.chain != self.found.chain {
            return Err(OpenError::EngineForeign);
        }
        self.replayed += 1;
        self.waiting.extend(changes());
        self.waiting_mark = batch.after;
        if self.waiting.len() >= MANY {
            self.apply()
        } else {
            Ok(())
        }
    }

    /// The wal ends here.
    pub(super) fn finish(&mut self, end: Mark) -> Result<(), OpenError> {
        let ahead = self.found.batch.max(self.whole_at.batch);
        if ahead > end.batch {
            return Err(OpenError::EngineAhead {
                engine: ahead,
                wal: end.batch,
            });
        }
        if self.found.batch == end.batch && self.found.chain != end.chain {
            return Err(OpenError::EngineForeign);
        }
        self.apply()
    }

    fn apply(&mut self) -> Result<(), OpenError> {
        let mark = if self.waiting_mark.batch < self.whole_at.batch {
            Mark::UNFINISHED
        } else {
            self.waiting_mark
        };
        let changes = std::mem::take(&mut self.waiting);
        let taken = self.engine.mark().map_err(OpenError::Engine)?;
        if changes.is_empty() && taken.unwrap_or_default() == mark {
            return Ok(());
        }
        self.engine.apply(&changes, mark).map_err(OpenError::Engine)
    }
}

fn found(
    config: &StoreConfig,
    ports: &Ports,
    closed_well: bool,
) -> Result<(Arc<dyn Engine>, Mark), EngineError> {
    let engine = ports.engines.open(&config.dir.join(ENGINE))?;
    let mark = engine.mark()?.unwrap_or_default();
    if mark == Mark::UNFINISHED {
        let reason = "it was being rebuilt when the process ended";
        return Err(EngineError::Damaged(reason.to_owned()));
    }
    if !closed_well || engine.rows()? <= config.engine_check_rows {
        engine.check(&|_| true)?;
    }
    Ok((engine, mark))
}

const ASIDE: &str = "engine.set-aside";

/// Rows that are applied at a time.
const MANY: usize = 512;
