//! Sealing at rest: rows under the key of their table or of the person they are about, and the
//! sealed parts of log entries.

use std::cell::RefCell;
use std::sync::Arc;

use passerelle_domain::{PersonId, Rng};

use crate::keys::{KeyError, Keys, Secret, WrappedKey};

mod entry;
mod person;
mod row;

pub use entry::{KnownAgent, OpenedPart, SealedEntry, SealedFields};
pub(crate) use entry::{open_part, receipt_ref_of, seal_part, tag_of};
pub(crate) use person::PersonKey;
use person::PersonKeys;
pub(crate) use row::{Header, RowKey};

/// Seals and opens what one node stores; holds its keys, which never leave this crate.
pub(crate) struct Sealer {
    keys: Arc<Keys>,
    rng: Arc<dyn Rng>,
    persons: PersonKeys,
}

impl Sealer {
    /// Seals with `keys`; nonces, salts and persons' keys are drawn from `rng`.
    pub(crate) fn new(keys: Arc<Keys>, rng: Arc<dyn Rng>) -> Self {
        Self {
            keys,
            rng,
            persons: PersonKeys::default(),
        }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    /// Draws a key for a person and wraps it under the newest epoch key.
    pub(crate) fn new_person_key(&self, person: &PersonId) -> Result<WrappedKey, KeyError> {
        let epoch = self.keys.current_epoch()?;
        let key = Secret::random(&*self.rng);
        Ok(epoch.wrap(person, &key, &*self.rng))
    }

    /// The key that `wrapped` holds. Unwrapped keys are remembered, each with the wrapping it came
    /// from: a row that was deleted, or wrapped anew, is never answered from memory.
    pub(crate) fn person_key(
        &self,
        person: &PersonId,
        wrapped: &WrappedKey,
    ) -> Result<Arc<PersonKey>, KeyError> {
        if let Some(key) = self.persons.find(person, wrapped) {
            return Ok(key);
        }
        let epoch = wrapped.epoch();
        let key = self
            .keys
            .epoch(epoch)?
            .unwrap(person, wrapped)
            .ok_or_else(|| self.keys.wrong(epoch))?;
        let key = Arc::new(PersonKey::new(&key));
        self.persons.remember(person, wrapped, &key);
        Ok(key)
    }

    /// Drops a person's key from memory.
    pub(crate) fn forget(&self, person: &PersonId) {
        self.persons.forget(person);
    }
}

/// What one transaction, or one read, seals and opens with.
///
/// It keeps the key of the person that it looked at last: most look at one.
pub struct Sealing<'a> {
    sealer: &'a Sealer,
    last: RefCell<Option<(PersonId, Arc<PersonKey>)>>,
}

impl<'a> Sealing<'a> {
    pub(crate) fn new(sealer: &'a Sealer) -> Self {
        Self {
            sealer,
            last: RefCell::default(),
        }
    }

    pub(crate) fn sealer(&self) -> &'a Sealer {
        self.sealer
    }

    pub(crate) fn last(&self, person: &PersonId) -> Option<Arc<PersonKey>> {
        let last = self.last.borrow();
        let (_, key) = last.as_ref().filter(|(id, _)| id == person)?;
        Some(Arc::clone(key))
    }

    pub(crate) fn remember(&self, person: &PersonId, key: &Arc<PersonKey>) {
        self.last.replace(Some((*person, Arc::clone(key))));
    }

    /// To be called by whoever changes the row of a person's key.
    pub(crate) fn forget(&self, person: &PersonId) {
        self.last.replace(None);
        self.sealer.forget(person);
    }
}

impl std::fmt::Debug for Sealing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealing(***)")
    }
}

#[cfg(test)]
mod tests;
