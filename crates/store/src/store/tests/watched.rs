//! Engines that tell a test before they do something.

use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::table::Row;
use crate::{Changes, Engine, Engines, Mark, MemoryEngines};

/// What happens before an engine does something; an error is the power cut.
type Before = Arc<Mutex<dyn FnMut(Call) -> Result<(), EngineError> + Send>>;

/// What an engine is asked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Call {
    Apply,
    Scan,
}

/// The engines of a node, watched.
struct Watched {
    engines: MemoryEngines,
    before: Before,
}

struct WatchedEngine {
    engine: Arc<dyn Engine>,
    before: Before,
}

impl WatchedEngine {
    fn before(&self, call: Call) -> Result<(), EngineError> {
        match self.before.try_lock() {
            Ok(mut before) => before(call),
            // It is at work, and what it does is not watched.
            Err(_) => Ok(()),
        }
    }
}

impl Engines for Watched {
    fn open(&self, dir: &Path) -> Result<Arc<dyn Engine>, EngineError> {
        Ok(Arc::new(WatchedEngine {
            engine: self.engines.open(dir)?,
            before: self.before.clone(),
        }))
    }

    fn exists(&self, dir: &Path) -> bool {
        self.engines.exists(dir)
    }

    fn set_aside(&self, dir: &Path, aside: &Path) -> std::io::Result<()> {
        self.engines.set_aside(dir, aside)
    }
}

impl Engine for WatchedEngine {
    fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        self.engine.get(row)
    }

    fn scan(&self, range: Range<&[u8]>, limit: usize) -> Result<Vec<(Row, Bytes)>, EngineError> {
        self.before(Call::Scan)?;
        self.engine.scan(range, limit)
    }

    fn apply(&self, changes: &Changes, mark: Mark) -> Result<(), EngineError> {
        self.before(Call::Apply)?;
        self.engine.apply(changes, mark)
    }

    fn mark(&self) -> Result<Option<Mark>, EngineError> {
        self.engine.mark()
    }

    fn rows(&self) -> Result<u64, EngineError> {
        self.engine.rows()
    }

    fn check(&self, rest: &dyn Fn(u64) -> bool) -> Result<(), EngineError> {
        self.engine.check(rest)
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.engine.flush()
    }
}

/// The ports of a node whose engine calls `before`.
pub(super) fn watched(
    node: &SimNode,
    before: impl FnMut(Call) -> Result<(), EngineError> + Send + 'static,
) -> Ports {
    let engines = Watched {
        engines: node.engines.clone(),
        before: Arc::new(Mutex::new(before)),
    };
    Ports {
        engines: Arc::new(engines),
        ..node.ports()
    }
}
