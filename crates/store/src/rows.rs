use std::ops::Bound;

use bytes::Bytes;

use crate::engine::{Changes, EngineError, rows_with};
use crate::overlay::Overlay;
use crate::table::{Row, Table};

/// Reading rows: what a transaction ([`Tx`](crate::Tx)) and a read outside of one
/// ([`View`](crate::View)) have in common.
pub trait ReadRows {
    /// The value under a key.
    fn get(&self, table: Table, key: &[u8]) -> Option<Bytes>;

    /// At most `limit` keys and values, in order: those whose key starts with `prefix` and is not
    /// before `from`. To go on after a key, add a zero byte to it.
    fn scan(&self, table: Table, prefix: &[u8], from: &[u8], limit: usize) -> Vec<(Bytes, Bytes)>;
}

/// The rows as one reader sees them: changes that are not durable yet, newest last, over what is.
pub(crate) struct Rows<'a> {
    pub(crate) overlay: &'a Overlay,
    pub(crate) pending: [&'a Changes; 2],
}

impl Rows<'_> {
    pub(crate) fn get(&self, row: &Row) -> Result<Option<Bytes>, EngineError> {
        match self
            .pending
            .iter()
            .rev()
            .find_map(|changes| changes.get(row))
        {
            Some(value) => Ok(value.clone()),
            None => self.overlay.get(row),
        }
    }

    pub(crate) fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, EngineError> {
        let (mut start, end) = rows_with(&Row::new(table, prefix), &Row::new(table, from));
        let mut found = Vec::new();
        while found.len() < limit && start < end {
            start = self.page(&start, &end, limit - found.len(), &mut found)?;
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Adds the next rows of a range; says where the following page starts.
    fn page(
        &self,
        start: &[u8],
        end: &Bytes,
        wanted: usize,
        found: &mut Vec<(Bytes, Bytes)>,
    ) -> Result<Bytes, EngineError> {
        // The overlay first: a row that leaves it in between is in the engine by then.
        let mut newer = Changes::new();
        let stop = self.overlay.copy_range(start, end, wanted, &mut newer);
        let mut stop = stop.map_or_else(|| end.clone(), Row::into_bytes);
        let stored = self.overlay.scan_engine(start..&stop, wanted)?;
        if let Some((last, _)) = stored.last().filter(|_| stored.len() == wanted) {
            stop = last.successor().into_bytes();
        }
        for pending in self.pending {
            let bounds = (Bound::Included(start), Bound::Excluded(&*stop));
            let rows = pending.range::<[u8], _>(bounds);
            newer.extend(rows.map(|(row, value)| (row.clone(), value.clone())));
        }
        if newer.is_empty() {
            found.extend(stored.into_iter().map(|(row, value)| (row.key(), value)));
            return Ok(stop);
        }
        let mut merged: Changes = stored
            .into_iter()
            .map(|(row, value)| (row, Some(value)))
            .collect();
        merged.extend(newer);
        let rows = merged
            .into_iter()
            .filter(|(row, _)| row.as_bytes() < &*stop);
        found.extend(rows.filter_map(|(row, value)| Some((row.key(), value?))));
        Ok(stop)
    }
}
