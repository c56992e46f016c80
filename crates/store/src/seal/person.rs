use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::PersonId;

use super::RowKey;
use crate::keys::{Derive, Secret, WrappedKey};

/// What is derived from one person's key, with its schedules.
pub(crate) struct PersonKey {
    /// Seals the rows about the person.
    pub(crate) rows: RowKey,
    /// Gives the keys of log entries about the person.
    pub(crate) entries: Derive,
}

impl PersonKey {
    pub(crate) fn new(key: &Secret) -> Self {
        let derive = Derive::new(b"passerelle person key v1", key);
        Self {
            rows: RowKey::new(&derive.expand(&[b"rows"])),
            entries: Derive::new(
                b"passerelle person entries v1",
                &derive.expand(&[b"entries"]),
            ),
        }
    }
}

/// Unwrapped keys of the persons seen last, at most twice [`GENERATION`].
///
/// Two generations: a key that is used moves to the young one; when that is full it becomes the
/// old one, and what nobody used since goes. Keys are overwritten when they go.
#[derive(Default)]
pub(super) struct PersonKeys(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: BTreeMap<PersonId, Unwrapped>,
    old: BTreeMap<PersonId, Unwrapped>,
}

#[derive(Clone)]
struct Unwrapped {
    from: WrappedKey,
    key: Arc<PersonKey>,
}

impl PersonKeys {
    /// The key, if the one remembered was unwrapped from these very bytes.
    pub(super) fn find(&self, person: &PersonId, wrapped: &WrappedKey) -> Option<Arc<PersonKey>> {
        let mut generations = self.lock();
        if let Some(known) = generations.young.get(person) {
            return (known.from == *wrapped).then(|| Arc::clone(&known.key));
        }
        let known = generations.old.remove(person)?;
        if known.from != *wrapped {
            return None;
        }
        let key = Arc::clone(&known.key);
        generations.remember(*person, known);
        Some(key)
    }

    pub(super) fn remember(&self, person: &PersonId, wrapped: &WrappedKey, key: &Arc<PersonKey>) {
        let unwrapped = Unwrapped {
            from: wrapped.clone(),
            key: Arc::clone(key),
        };
        self.lock().remember(*person, unwrapped);
    }

    pub(super) fn forget(&self, person: &PersonId) {
        let mut generations = self.lock();
        generations.young.remove(person);
        generations.old.remove(person);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        // Nothing under the lock leaves the maps half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn remember(&mut self, person: PersonId, key: Unwrapped) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(person, key);
    }
}

/// About 1 KiB each.
const GENERATION: usize = 2048;

#[cfg(test)]
mod tests;
