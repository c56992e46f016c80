use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::table::Row;

/// Rows that were read from the engine a moment ago, as it holds them: sealed.
///
/// There are single rows, and groups: all rows of a table whose keys start with one id, such as the
/// records of a person; none that is large. At most so many bytes: what nobody reads goes first.
/// Whoever changes the engine says so by [`RowCache::forget`] before anybody may rely on the change.
pub(crate) struct RowCache {
    shards: [Mutex<Shard>; SHARDS],
    /// Of one generation of one shard.
    most_bytes: usize,
}

/// All rows of a group, in order.
pub(crate) type Group = Arc<[(Row, Bytes)]>;

/// Taken before the engine is read, so that what was read is not kept when rows have changed since.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

/// Two generations: what is read moves to the young one; when that is full it becomes the old one,
/// and what nobody read since goes.
#[derive(Default)]
struct Shard {
    changes: u64,
    young: Generation,
    old: Generation,
}

#[derive(Default)]
struct Generation {
    rows: HashMap<Bytes, Bytes>,
    groups: HashMap<Bytes, Group>,
    bytes: usize,
}

impl RowCache {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            most_bytes: most_bytes / 2 / SHARDS,
        }
    }

    /// The value of a row, if it is known.
    pub(crate) fn row(&self, row: &Row) -> Result<Bytes, Ticket> {
        self.find(row.as_bytes(), |generation| &mut generation.rows)
    }

    /// The rows of a group, if they are known.
    pub(crate) fn group(&self, group: &[u8]) -> Result<Group, Ticket> {
        self.find(group, |generation| &mut generation.groups)
    }

    /// Keeps the value of a row that was read.
    pub(crate) fn keep_row(&self, ticket: Ticket, row: &Row, value: &Bytes) {
        let key = row.clone().into_bytes();
        self.keep(ticket, &key, value.clone(), |generation| {
            &mut generation.rows
        });
    }

    /// Keeps a group whose rows were read.
    pub(crate) fn keep_group(&self, ticket: Ticket, group: &[u8], rows: &[(Row, Bytes)]) {
        let key = Bytes::copy_from_slice(group);
        self.keep(ticket, &key, rows.into(), |generation| {
            &mut generation.groups
        });
    }

    /// Forgets what is known of rows that have changed, and what is being read of them.
    pub(crate) fn forget<'a>(&self, rows: impl Iterator<Item = &'a Row>) {
        for row in rows {
            let row = row.as_bytes();
            self.shard(row).forget_row(row);
            if let Some(group) = row.get(..GROUP) {
                self.shard(group).forget_group(group);
            }
        }
    }

    fn find<V: Weighed>(
        &self,
        key: &[u8],
        of: fn(&mut Generation) -> &mut HashMap<Bytes, V>,
    ) -> Result<V, Ticket> {
        let mut shard = self.shard(key);
        if let Some(known) = of(&mut shard.young).get(key) {
            return Ok(known.clone());
        }
        let Some((key, known)) = of(&mut shard.old).remove_entry(key) else {
            return Err(Ticket(shard.changes));
        };
        shard.old.bytes -= weight(&key, &known);
        shard.put(&key, known.clone(), of, self.most_bytes);
        Ok(known)
    }

    fn keep<V: Weighed>(
        &self,
        ticket: Ticket,
        key: &Bytes,
        value: V,
        of: fn(&mut Generation) -> &mut HashMap<Bytes, V>,
    ) {
        let most = self.most_bytes.min(LARGEST);
        let mut shard = self.shard(key);
        if shard.changes == ticket.0 && weight(key, &value) <= most {
            shard.put(key, value, of, self.most_bytes);
        }
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        // Ids are random and numbers count up: their last byte spreads them.
        let shard = usize::from(key.last().copied().unwrap_or_default()) % SHARDS;
        // Nothing under the lock panics half-way.
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn put<V: Weighed>(
        &mut self,
        key: &Bytes,
        value: V,
        of: fn(&mut Generation) -> &mut HashMap<Bytes, V>,
        most_bytes: usize,
    ) {
        let bytes = weight(key, &value);
        if self.young.bytes + bytes > most_bytes {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.bytes += bytes;
        if let Some(before) = of(&mut self.young).insert(key.clone(), value) {
            self.young.bytes -= weight(key, &before);
        }
    }

    fn forget_row(&mut self, row: &[u8]) {
        self.changes += 1;
        for generation in [&mut self.young, &mut self.old] {
            if let Some((key, value)) = generation.rows.remove_entry(row) {
                generation.bytes -= weight(&key, &value);
            }
        }
    }

    fn forget_group(&mut self, group: &[u8]) {
        self.changes += 1;
        for generation in [&mut self.young, &mut self.old] {
            if let Some((key, rows)) = generation.groups.remove_entry(group) {
                generation.bytes -= weight(&key, &rows);
            }
        }
    }
}

/// What takes memory.
trait Weighed: Clone {
    fn bytes(&self) -> usize;
}

impl Weighed for Bytes {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Weighed for Group {
    fn bytes(&self) -> usize {
        weight_of(self)
    }
}

fn weight(key: &Bytes, value: &impl Weighed) -> usize {
    key.len() + value.bytes() + ENTRY
}

fn weight_of(rows: &[(Row, Bytes)]) -> usize {
    let bytes = |(row, value): &(Row, Bytes)| row.as_bytes().len() + value.len() + ENTRY;
    rows.iter().map(bytes).sum()
}

/// Whether a range holds all rows of a group: those of a table whose keys start with one id.
pub(crate) fn is_group(start: &[u8], end: &[u8]) -> bool {
    if start.len() != GROUP {
        return false;
    }
    // The end is the start with one added.
    let carried = start.iter().rev().take_while(|byte| **byte == u8::MAX);
    let last = GROUP - carried.count();
    last > 0
        && end.len() == last
        && end[..last - 1] == start[..last - 1]
        && end[last - 1] == start[last - 1] + 1
}

/// The number of a table and an id.
const GROUP: usize = 1 + 16;

/// What a row costs beside its bytes, about.
const ENTRY: usize = 128;

/// A long journey; what is larger is read anew each time.
const LARGEST: usize = 64 * 1024;

const SHARDS: usize = 16;

#[cfg(test)]
mod tests;
