use std::cell::RefCell;

use bytes::Bytes;

use crate::engine::{Changes, EngineError};
use crate::overlay::Overlay;
use crate::rows::{ReadRows, Rows};
use crate::seal::{Sealer, Sealing};
use crate::table::{Row, Table};

/// Rows read outside of a transaction: all that was acknowledged before the read began, each row as
/// it was at some moment since.
///
/// When the engine fails, rows read as if they were not there, and the whole read fails.
pub struct View<'a> {
    rows: Rows<'a>,
    sealing: Sealing<'a>,
    failure: RefCell<Option<EngineError>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(overlay: &'a Overlay, sealer: &'a Sealer) -> Self {
        Self {
            rows: Rows {
                overlay,
                pending: [&NONE, &NONE],
            },
            sealing: Sealing::new(sealer),
            failure: RefCell::default(),
        }
    }

    pub(crate) fn into_failure(self) -> Option<EngineError> {
        self.failure.into_inner()
    }

    pub(crate) fn sealing(&self) -> &Sealing<'_> {
        &self.sealing
    }

    fn or_fail<T: Default>(&self, read: Result<T, EngineError>) -> T {
        read.unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl ReadRows for View<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Option<Bytes> {
        self.or_fail(self.rows.get(&Row::new(table, key)))
    }

    fn scan(&self, table: Table, prefix: &[u8], from: &[u8], limit: usize) -> Vec<(Bytes, Bytes)> {
        self.or_fail(self.rows.scan(table, prefix, from, limit))
    }
}

static NONE: Changes = Changes::new();
