use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::{Bound, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;

use super::{Changes, Engine, EngineError, Engines, Mark};
use crate::table::Row;

/// Engines in memory, for simulations. They outlive the store that opened them, and a crash can take
/// back the last of what they took. Clones share their engines.
#[derive(Debug, Clone, Default)]
pub struct MemoryEngines(Arc<Mutex<BTreeMap<PathBuf, Arc<MemoryEngine>>>>);

impl MemoryEngines {
    /// No engine yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As a crash does: every engine loses the last `applied` times it took changes (at most 64).
    pub fn lose(&self, applied: usize) {
        for engine in self.all() {
            engine.lose(applied);
        }
    }

    /// Damages every engine: its next check finds out.
    pub fn damage(&self) {
        for engine in self.all() {
            engine.write().damaged = true;
        }
    }

    /// A copy of all engines as they are now, with what they may still lose, to go on separately.
    pub fn copy(&self) -> Self {
        let engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let copies = engines.iter().map(|(dir, engine)| {
            let state = engine.read();
            let copy = State {
                rows: state.rows.clone(),
                mark: state.mark,
                undo: state.undo.clone(),
                damaged: false,
            };
            (dir.clone(), Arc::new(MemoryEngine(RwLock::new(copy))))
        });
        Self(Arc::new(Mutex::new(copies.collect())))
    }

    fn all(&self) -> Vec<Arc<MemoryEngine>> {
        let engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        engines.values().cloned().collect()
    }
}

impl Engines for MemoryEngines {
    fn open(&self, dir: &Path) -> Result<Arc<dyn Engine>, EngineError> {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(engines.entry(dir.to_owned()).or_default().clone())
    }

    fn exists(&self, dir: &Path) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(dir)
    }

    fn set_aside(&self, dir: &Path, aside: &Path) -> io::Result<()> {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = engines.remove(dir).ok_or(io::ErrorKind::NotFound)?;
        engines.insert(aside.to_owned(), engine);
        Ok(())
    }
}

#[derive(Debug, Default)]
struct MemoryEngine(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Row, Bytes>,
    mark: Option<Mark>,
    undo: VecDeque<Undo>,
    damaged: bool,
}

/// What one application replaced.
#[derive(Debug, Clone)]
struct Undo {
    rows: Changes,
    mark: Option<Mark>,
}

impl MemoryEngine {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self, applied: usize) {
        let mut state = self.write();
        for _ in 0..applied {
            let Some(undo) = state.undo.pop_back() else {
                return;
            };
            for (row, value) in undo.rows {
                state.put(row, value);
            }
            state.mark = undo.mark;
        }
    }
}

impl State {
    fn put(&mut self, row: Row, value: Option<Bytes>) -> Option<Bytes> {
        match value {
            Some(value) => self.rows.insert(row, value),
            None => self.rows.remove(&row),
        }
    }
}

impl Engine for MemoryEngine {
    fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        Ok(self.read().rows.get(row).cloned())
    }

    fn scan(&self, range: Range<&[u8]>, limit: usize) -> Result<Vec<(Row, Bytes)>, EngineError> {
        let state = self.read();
        let bounds = (Bound::Included(range.start), Bound::Excluded(range.end));
        let rows = state.rows.range::<[u8], _>(bounds);
        Ok(rows
            .take(limit)
            .map(|(row, value)| (row.clone(), value.clone()))
            .collect())
    }

    fn apply(&self, changes: &Changes, mark: Mark) -> Result<(), EngineError> {
        let mut state = self.write();
        let mut undo = Undo {
            rows: Changes::new(),
            mark: state.mark,
        };
        for (row, value) in changes {
            let old = state.put(row.clone(), value.clone());
            undo.rows.insert(row.clone(), old);
        }
        state.mark = Some(mark);
        state.undo.push_back(undo);
        if state.undo.len() > UNDO {
            state.undo.pop_front();
        }
        Ok(())
    }

    fn mark(&self) -> Result<Option<Mark>, EngineError> {
        Ok(self.read().mark)
    }

    fn rows(&self) -> Result<u64, EngineError> {
        Ok(self.read().rows.len() as u64)
    }

    fn check(&self, _rest: &dyn Fn(u64) -> bool) -> Result<(), EngineError> {
        if self.read().damaged {
            return Err(EngineError::Damaged("as the simulation asked".to_owned()));
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

const UNDO: usize = 64;

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::*;

    #[test]
    fn it_conforms() {
        conformance::run(&MemoryEngines::new(), Path::new("engine"));
    }

    #[test]
    fn what_a_crash_takes_back_takes_the_mark_along() {
        let engines = MemoryEngines::new();
        let engine = engines.open(Path::new("engine")).unwrap();
        let row = Row::new(crate::Table::new(1), b"key");
        let put = |value: &'static str, batch| {
            let changes = Changes::from([(row.clone(), Some(Bytes::from(value)))]);
            engine.apply(&changes, Mark { batch, chain: 0 }).unwrap();
        };
        put("one", 1);
        put("two", 2);
        engines.lose(1);
        assert_eq!(engine.get(&row).unwrap().unwrap(), "one");
        assert_eq!(engine.mark().unwrap().unwrap().batch, 1);
        engines.lose(5);
        assert_eq!(engine.get(&row).unwrap(), None);
        assert_eq!(engine.mark().unwrap(), None);
    }
}
