use std::cell::RefCell;

use bytes::Bytes;
use passerelle_domain::{Rng, Timestamp};
use passerelle_proto::storage::v1 as proto;
use passerelle_tlog::MAX_ENTRY_BYTES;

use crate::engine::{Changes, EngineError, MAX_KEY_BYTES};
use crate::error::Refusal;
use crate::overlay::Overlay;
use crate::rows::{ReadRows, Rows};
use crate::seal::{Sealer, Sealing};
use crate::table::{Row, Table};

/// The versions of what decisions rest on beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Serials {
    /// Serial of the trust list.
    pub trust_list: u64,
    /// Serial of the local rules.
    pub rules: u64,
}

/// One transaction, as its closure sees it: the rows as of all transactions before it, and its own
/// writes.
///
/// What goes wrong here (an engine that fails, a value that is too long) is not said at once: the
/// closure runs to its end, and the transaction is refused with nothing written.
pub struct Tx<'a> {
    scope: Scope<'a>,
    sealing: Sealing<'a>,
    own: Changes,
    own_bytes: usize,
    entry: Option<Bytes>,
    sealed: Option<Bytes>,
    decided_under: Option<Serials>,
    refusal: RefCell<Option<Refusal>>,
}

/// What a transaction runs in.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) name: &'static str,
    pub(crate) overlay: &'a Overlay,
    /// Writes of the transactions before it in its batch.
    pub(crate) pending: &'a Changes,
    pub(crate) rng: &'a dyn Rng,
    pub(crate) sealer: &'a Sealer,
    pub(crate) now: Timestamp,
    pub(crate) next_index: u64,
    pub(crate) serials: Serials,
    pub(crate) most_bytes: usize,
}

/// What a transaction wants to be done.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) changes: Changes,
    pub(crate) entry: Option<Bytes>,
    pub(crate) sealed: Option<Bytes>,
    pub(crate) decided_under: Option<Serials>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(scope: Scope<'a>) -> Self {
        Self {
            scope,
            sealing: Sealing::new(scope.sealer),
            own: Changes::new(),
            own_bytes: 0,
            entry: None,
            sealed: None,
            decided_under: None,
            refusal: RefCell::default(),
        }
    }

    /// When the transaction runs: the wall clock, but never before the newest frame.
    pub fn now(&self) -> Timestamp {
        self.scope.now
    }

    /// Random bytes. A transaction that runs again draws others.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        self.scope.rng.bytes()
    }

    /// Writes a value under a key.
    pub fn put(&mut self, table: Table, key: &[u8], value: impl Into<Bytes>) {
        self.change(table, key, Some(value.into()));
    }

    /// Removes what is under a key, if there is something.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.change(table, key, None);
    }

    /// The index that an entry appended now will have.
    pub fn next_index(&self) -> u64 {
        self.scope.next_index
    }

    /// Appends an entry to the exchange log, the only one of this transaction; gives its index.
    pub fn append(&mut self, entry: impl Into<Bytes>) -> u64 {
        let entry = entry.into();
        if entry.len() > MAX_ENTRY_BYTES {
            self.refuse(Refusal::TooLarge {
                name: self.scope.name,
                bytes: entry.len(),
                most: MAX_ENTRY_BYTES,
            });
        } else if self.entry.is_some() {
            self.misuse("a transaction appends one entry to the exchange log, this is the second");
        } else {
            self.grow(entry.len());
            self.entry = Some(entry);
        }
        self.scope.next_index
    }

    /// Keeps a sealed part beside the tiles, under the index of this transaction's entry.
    pub fn attach_sealed(&mut self, sealed: impl Into<Bytes>) {
        let sealed = sealed.into();
        if self.sealed.is_some() {
            self.misuse("an entry has one sealed part, this is the second");
        }
        if sealed.len() > MAX_ENTRY_BYTES {
            self.refuse(Refusal::TooLarge {
                name: self.scope.name,
                bytes: sealed.len(),
                most: MAX_ENTRY_BYTES,
            });
        }
        self.grow(sealed.len());
        self.sealed = Some(sealed);
    }

    /// What is in force now, and until this transaction is durable.
    pub fn serials(&self) -> Serials {
        self.scope.serials
    }

    /// Says what was in force when this was decided. If it is no longer when the transaction runs,
    /// the transaction is refused ([`Refusal::Stale`]).
    pub fn decided_under(&mut self, serials: Serials) {
        if serials != self.scope.serials {
            self.refuse(Refusal::Stale);
        }
        self.decided_under = Some(serials);
    }

    /// What it did, or why it may not.
    pub(crate) fn finish(self) -> Result<Effects, Refusal> {
        if self.sealed.is_some() && self.entry.is_none() {
            self.misuse("a sealed part belongs to an entry, and there is none");
        }
        match self.refusal.into_inner() {
            Some(refusal) => Err(refusal),
            None => Ok(Effects {
                changes: self.own,
                entry: self.entry,
                sealed: self.sealed,
                decided_under: self.decided_under,
            }),
        }
    }

    pub(crate) fn sealing(&self) -> &Sealing<'_> {
        &self.sealing
    }

    fn change(&mut self, table: Table, key: &[u8], value: Option<Bytes>) {
        if key.len() > MAX_KEY_BYTES {
            self.refuse(Refusal::TooLarge {
                name: self.scope.name,
                bytes: key.len(),
                most: MAX_KEY_BYTES,
            });
            return;
        }
        self.grow(key.len() + value.as_ref().map_or(0, Bytes::len) + CHANGE);
        self.own.insert(Row::new(table, key), value);
    }

    fn grow(&mut self, bytes: usize) {
        self.own_bytes = self.own_bytes.saturating_add(bytes);
        if self.own_bytes > self.scope.most_bytes {
            self.refuse(Refusal::TooLarge {
                name: self.scope.name,
                bytes: self.own_bytes,
                most: self.scope.most_bytes,
            });
        }
    }

    fn misuse(&self, what: &'static str) {
        let name = self.scope.name;
        self.refuse(Refusal::Misuse { name, what });
    }

    /// The first refusal counts.
    fn refuse(&self, refusal: Refusal) {
        self.refusal.borrow_mut().get_or_insert(refusal);
    }

    fn or_fail<T: Default>(&self, read: Result<T, EngineError>) -> T {
        read.unwrap_or_else(|error| {
            self.refuse(error.into());
            T::default()
        })
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            overlay: self.scope.overlay,
            pending: [self.scope.pending, &self.own],
        }
    }
}

impl ReadRows for Tx<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Option<Bytes> {
        self.or_fail(self.rows().get(&Row::new(table, key)))
    }

    fn scan(&self, table: Table, prefix: &[u8], from: &[u8], limit: usize) -> Vec<(Bytes, Bytes)> {
        self.or_fail(self.rows().scan(table, prefix, from, limit))
    }
}

impl Effects {
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.entry.is_none()
    }

    /// As the wal holds it.
    pub(crate) fn to_frame(&self, now: Timestamp) -> proto::Frame {
        let change = |(row, value): (&Row, &Option<Bytes>)| proto::Change {
            table: row.table().number().into(),
            key: row.key(),
            value: value.clone(),
        };
        proto::Frame {
            time_ms: now.as_millis(),
            changes: self.changes.iter().map(change).collect(),
            entry: self.entry.clone(),
            sealed: self.sealed.clone(),
            serials: self.decided_under.map(|serials| proto::Serials {
                trust_list: serials.trust_list,
                rules: serials.rules,
            }),
        }
    }
}

/// What a change costs in a frame beside its bytes, at most.
const CHANGE: usize = 24;
