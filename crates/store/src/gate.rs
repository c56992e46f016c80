use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use passerelle_domain::PersonId;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The gates of all persons: what orders disclosures against withdrawals (invariant I3).
///
/// A gate takes memory only while somebody holds it or waits at it.
#[derive(Debug)]
pub(crate) struct Gates {
    shards: [Mutex<Shard>; SHARDS],
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

type Shard = BTreeMap<PersonId, Arc<RwLock<()>>>;

impl Gates {
    pub(crate) fn gate(self: &Arc<Self>, person: PersonId) -> Gate {
        let lock = self.shard(person).entry(person).or_default().clone();
        Gate {
            gates: self.clone(),
            person,
            lock: Some(lock),
        }
    }

    /// How many persons have a gate just now.
    #[cfg(test)]
    fn in_use(&self) -> usize {
        let len = |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(len).sum()
    }

    fn shard(&self, person: PersonId) -> MutexGuard<'_, Shard> {
        // Ids are random: any byte spreads them.
        let shard = usize::from(person.as_bytes()[0]) % SHARDS;
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The gate of one person. Fair: who waits comes first, whatever arrives later.
#[derive(Debug)]
pub struct Gate {
    gates: Arc<Gates>,
    person: PersonId,
    /// There until the gate is dropped.
    lock: Option<Arc<RwLock<()>>>,
}

impl Gate {
    /// For a disclosure: held from reading the standing until its frame is durable. Several may
    /// hold it at once.
    pub async fn shared(self) -> SharedGuard {
        let lock = self.lock.clone().unwrap_or_default();
        SharedGuard {
            _held: lock.read_owned().await,
            _gate: self,
        }
    }

    /// For a withdrawal, an objection, an unlinking, a receipt put in force: held until its frame is
    /// durable, by nobody else.
    pub async fn exclusive(self) -> ExclusiveGuard {
        let lock = self.lock.clone().unwrap_or_default();
        ExclusiveGuard {
            _held: lock.write_owned().await,
            _gate: self,
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let mut shard = self.gates.shard(self.person);
        // Clones are made and dropped under the shard's lock: none but the map's is left now.
        drop(self.lock.take());
        if shard
            .get(&self.person)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            shard.remove(&self.person);
        }
    }
}

/// A gate held together with other disclosures.
#[derive(Debug)]
pub struct SharedGuard {
    // Dropped before the gate, which then finds the lock unused.
    _held: OwnedRwLockReadGuard<()>,
    _gate: Gate,
}

/// A gate held alone.
#[derive(Debug)]
pub struct ExclusiveGuard {
    _held: OwnedRwLockWriteGuard<()>,
    _gate: Gate,
}

const SHARDS: usize = 64;

#[cfg(test)]
mod tests;
