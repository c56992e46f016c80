//! A start that ends while it makes the engine again.

use std::ops::Range;
use std::sync::Mutex;

use super::*;
use crate::table::Row;
use crate::{Changes, Engine, EngineError, Engines, Mark, MemoryEngines};

/// What happens before an engine does something; an error is the power cut.
type Before = Arc<Mutex<dyn FnMut(Call) -> Result<(), EngineError> + Send>>;

#[derive(Clone, Copy, PartialEq)]
enum Call {
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

fn watched(
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

#[test]
fn a_power_cut_at_any_moment_of_a_rebuild_only_makes_the_next_start_begin_again() {
    let damaged = filled();
    damaged.engines.damage();
    let mut interrupted = 0;
    loop {
        let node = damaged.copy();
        node.engines.damage();
        let mut left = interrupted;
        let cut = move |call| {
            if call == Call::Apply {
                if left == 0 {
                    return Err(EngineError::Failed("the power is cut".to_owned()));
                }
                left -= 1;
            }
            Ok(())
        };
        let first = Store::open(config(), watched(&node, cut));
        let whole = first.is_ok();
        drop(first);
        node.crash(crate::sim::Crash::Whole, 0);
        let (store, report) = Store::open(config(), node.ports())
            .unwrap_or_else(|error| panic!("after {interrupted} times: {error}"));
        assert_eq!(report.engine_rebuilt.is_none(), whole);
        assert!(reads_right(&store));
        drop(store);
        let (_, report) = Store::open(config(), node.ports()).unwrap();
        assert_eq!(report.engine_rebuilt, None);
        if whole {
            break;
        }
        interrupted += 1;
    }
    assert!(
        interrupted > 3,
        "a page of rows at a time, and then the wal"
    );
}

#[test]
fn i4_rows_newer_than_the_wal_are_refused_at_every_start_after_a_rebuild() {
    let node = node();
    let engine = Arc::new(Mutex::new(None::<Store>));
    let store_of = Arc::clone(&engine);
    // While the snapshot is read, the engine takes what was written since it began.
    let take = move |call| {
        if call == Call::Scan
            && let Some(store) = store_of.lock().unwrap().take()
        {
            put(&store, "zzz", "newer than the copy of the wal");
            store.inner.apply();
        }
        Ok(())
    };
    let config = StoreConfig {
        snapshot_interval_bytes: 1,
        ..config()
    };
    let (store, _) = Store::open(config.clone(), watched(&node, take)).unwrap();
    put(&store, "aaa", "in both");
    let old = node.copy();
    *engine.lock().unwrap() = Some(store.clone());
    store.inner.snapshot_if_due().unwrap();
    drop(store);
    assert!(engine.lock().unwrap().is_none(), "the snapshot was taken");

    // The wal of before, the snapshot of after, and no engine.
    let mixed = node.copy();
    for path in files(&mixed, "wal") {
        match old.disk.read(&path) {
            Ok(bytes) => mixed
                .disk
                .tamper(&path, |content| *content = bytes)
                .unwrap(),
            Err(_) => mixed.disk.remove(&path).unwrap(),
        }
    }
    mixed.engines.damage();
    for _ in 0..3 {
        let opened = Store::open(config.clone(), mixed.ports());
        assert!(
            matches!(opened, Err(OpenError::EngineAhead { engine: 2, wal: 1 })),
            "{:?}",
            opened.err()
        );
    }
}
