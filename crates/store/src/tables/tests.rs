//! Rows over real engines, without wal and writer.

#![allow(clippy::disallowed_methods, reason = "tests look at what is kept")]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use passerelle_domain::{NodeId, PersonId, Timestamp};

use super::*;
use crate::engine::{Engine, Engines, Mark, MemoryEngines, SledEngines};
use crate::keys::Keys;
use crate::overlay::Overlay;
use crate::seal::Sealer;
use crate::sim::SeededRng;
use crate::table::{Row, Table};
use crate::tx::{Scope, Serials, Tx};
use crate::view::View;

mod about_persons;
mod about_the_node;
mod in_a_store;
mod round_trips;
mod sample;
mod sealing;

/// A store's rows and keys.
pub(crate) struct World {
    engine: Arc<dyn Engine>,
    overlay: Overlay,
    sealer: Sealer,
    rng: SeededRng,
    batch: u64,
    _dir: Option<tempfile::TempDir>,
}

impl World {
    pub(crate) const NODE_KEY: [u8; 32] = [7; 32];
    pub(crate) const EPOCH_KEY: [u8; 32] = [9; 32];

    pub(crate) fn memory() -> Self {
        Self::over(
            MemoryEngines::new().open(Path::new("engine")).unwrap(),
            None,
        )
    }

    pub(crate) fn sled() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::over(SledEngines::default().open(dir.path()).unwrap(), Some(dir))
    }

    fn over(engine: Arc<dyn Engine>, dir: Option<tempfile::TempDir>) -> Self {
        let keys = Keys::in_memory(Self::NODE_KEY, Self::EPOCH_KEY);
        Self {
            overlay: Overlay::new(Arc::clone(&engine), usize::MAX, 1 << 20),
            engine,
            sealer: Sealer::new(Arc::new(keys), Arc::new(SeededRng::new(1))),
            rng: SeededRng::new(2),
            batch: 0,
            _dir: dir,
        }
    }

    /// The same rows, read with other keys.
    pub(crate) fn with_keys(mut self, keys: Keys) -> Self {
        self.sealer = Sealer::new(Arc::new(keys), Arc::new(SeededRng::new(3)));
        self
    }

    pub(crate) fn write<T>(
        &mut self,
        run: impl FnOnce(&mut Tx<'_>) -> Result<T, TableError>,
    ) -> Result<T, TableError> {
        let none = crate::engine::Changes::new();
        let mut tx = Tx::new(Scope {
            name: "test",
            overlay: &self.overlay,
            pending: &none,
            rng: &self.rng,
            sealer: &self.sealer,
            now: at(0),
            next_index: 0,
            serials: Serials::default(),
            most_bytes: usize::MAX,
        });
        let value = run(&mut tx)?;
        let effects = tx.finish().unwrap();
        self.batch += 1;
        let mark = Mark {
            batch: self.batch,
            chain: 0,
        };
        self.overlay.push(effects.changes, mark);
        while self.overlay.apply() {}
        Ok(value)
    }

    fn read<T>(
        &self,
        run: impl FnOnce(&View<'_>) -> Result<T, TableError>,
    ) -> Result<T, TableError> {
        let view = View::new(&self.overlay, &self.sealer);
        let value = run(&view);
        assert_eq!(view.into_failure(), None);
        value
    }

    /// All rows as the engine holds them.
    fn raw(&self) -> Vec<(Row, Bytes)> {
        self.engine
            .scan(crate::engine::ALL_ROWS, usize::MAX)
            .unwrap()
    }

    /// Changes a row behind the tables' back.
    fn tamper(&mut self, table: Table, key: &[u8], value: Option<Bytes>) {
        self.write(|tx| {
            match value {
                Some(value) => tx.put(table, key, value),
                None => tx.delete(table, key),
            }
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn tables_have_numbers_and_names_of_their_own() {
    let numbers: std::collections::BTreeSet<_> = TABLES.iter().map(|table| table.table).collect();
    let names: std::collections::BTreeSet<_> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!((numbers.len(), names.len()), (TABLES.len(), TABLES.len()));
    assert!(!names.iter().any(|name| name.contains('\0')));
    for number in [1, 2, 39] {
        assert!(
            !numbers.contains(&Table::new(number)),
            "kept for rows that are not sealed"
        );
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + seconds)
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn node(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}
