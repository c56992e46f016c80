use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{PersonId, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::config::{Drive, StoreConfig};
use crate::core::Core;
use crate::engine::EngineError;
use crate::error::{OpenError, Refusal, TransactError};
use crate::files::FileLock;
use crate::gate::Gate;
use crate::log::{Log, LogError};
use crate::open::OpenReport;
use crate::ports::Ports;
use crate::rollback::RollbackMark;
use crate::snapshot::Snapshots;
use crate::tx::{Serials, Tx};
use crate::view::View;
use crate::wal::Spares;
use crate::writer::{Call, Committed, Writer};

mod health;
mod inner;

pub use health::{ClockFault, CloseError, Health, TendError};
pub(crate) use inner::Inner;

/// A node's store. Cheap to clone; all clones are one store.
///
/// When the last clone is dropped the store stops as by [`Store::close`], but is not noted as closed
/// in good order.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
    /// Last: stops the threads when the last clone goes.
    _alive: Arc<Alive>,
}

struct Alive(Arc<Inner>);

/// Hears when changes for the agency's systems became durable.
pub struct ChangesWatch(watch::Receiver<()>);

impl ChangesWatch {
    /// Completes when some became durable since it was last waited for; `false` where the store is
    /// gone.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

impl Store {
    /// Opens the store in a folder, or makes one there, and brings it to where the wal ends.
    pub fn open(config: StoreConfig, ports: Ports) -> Result<(Self, OpenReport), OpenError> {
        crate::open::open(config, ports)
    }

    /// Runs a transaction; when this returns it is durable.
    ///
    /// The closure may run more than once, each time from the start, on the thread that writes: it
    /// must not wait for anything, nor call the store but through the [`Tx`]. An `Err` from it, or a
    /// panic, leaves nothing behind. A transaction that writes nothing costs no sync. Dropping the
    /// future after its first poll does not undo it.
    pub async fn transact<T, E, F>(
        &self,
        name: &'static str,
        f: F,
    ) -> Result<Committed<T>, TransactError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.call(name, false, f).await
    }

    /// As [`Store::transact`], for withdrawals and objections: it has room in a full queue, and wal
    /// in reserve for a full disk.
    pub async fn transact_urgent<T, E, F>(
        &self,
        name: &'static str,
        f: F,
    ) -> Result<Committed<T>, TransactError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.call(name, true, f).await
    }

    /// Reads outside of a transaction, on the caller's thread: everything that was acknowledged
    /// before is seen.
    pub fn read<T>(&self, f: impl FnOnce(&View<'_>) -> T) -> Result<T, EngineError> {
        let view = View::new(&self.inner.core.overlay, &self.inner.core.sealer);
        let value = f(&view);
        view.into_failure().map_or(Ok(value), Err)
    }

    /// The exchange log.
    pub fn log(&self) -> &Log {
        &self.inner.core.log
    }

    /// The gate of a person.
    pub fn gate(&self, person: PersonId) -> Gate {
        self.inner.gates.gate(person)
    }

    /// What is in force: transactions that were decided under something else are refused.
    pub fn serials(&self) -> Serials {
        *self.inner.core.serials()
    }

    /// Says what is in force from now on. When this returns, nothing that was decided under
    /// something else becomes durable any more. They are not kept: set them after every start.
    pub fn put_serials(&self, serials: Serials) {
        self.inner.core.put_serials(serials);
    }

    /// Hears, from now on, of every time that rows of [`changes`](crate::tables::changes) became
    /// durable: whoever reads after it heard sees them. Ends with the store.
    pub fn watch_changes(&self) -> ChangesWatch {
        ChangesWatch(self.inner.core.watch_changes())
    }

    /// The wall clock, but never before the newest frame.
    pub fn now(&self) -> Timestamp {
        self.inner.core.now()
    }

    /// The clocks, if the wall clock is too far behind the newest frame to be believed.
    pub fn clock_fault(&self) -> Option<ClockFault> {
        let wall = self.inner.core.ports.clock.now();
        let newest = self.inner.core.newest();
        let most = Duration::from_millis(self.inner.core.config.clock_fault_ms);
        (newest.since(wall) > most).then_some(ClockFault { wall, newest })
    }

    /// How it is.
    pub fn health(&self) -> Health {
        let core = &self.inner.core;
        Health {
            failed: core.has_failed(),
            disk_full: !self
                .inner
                .spares
                .have_room_for(core.config.largest_batch_bytes()),
            engine: core.overlay.failure(),
            publication_stalled: core.publication_stalled(),
            clock: self.clock_fault(),
            rolled_back: self.inner.rollback.is_set(),
        }
    }

    /// Stops in good order: what waits is done, the log is published, the engine is handed to the
    /// disk. Further calls are refused; the folder is free.
    pub async fn close(&self) -> Result<(), CloseError> {
        let (done, closed) = oneshot::channel();
        let inner = self.inner.clone();
        let close = move || {
            // Nobody may be waiting any more.
            let _ = done.send(inner.close());
        };
        if self.inner.core.config.drive == Drive::Threads {
            let thread = std::thread::Builder::new()
                .name("passerelle-close".to_owned())
                .spawn(close);
            thread.map_err(CloseError::Io)?;
        } else {
            close();
        }
        closed.await.unwrap_or(Err(CloseError::Interrupted))
    }

    /// Steps the writer once: says how many transactions it answered. For [`Drive::Manual`].
    pub fn step(&self) -> usize {
        self.inner.step()
    }

    /// Does what otherwise the threads behind the writer do: lets the engine take what waits, makes
    /// spare segments, publishes, takes a snapshot if one is due, and removes what is covered.
    pub fn tend(&self) -> Result<(), TendError> {
        self.inner.apply();
        self.inner.prepare();
        self.publish_now()?;
        self.inner.snapshot_if_due()?;
        Ok(())
    }

    /// Publishes what is new in the exchange log, now.
    pub fn publish_now(&self) -> Result<(), LogError> {
        self.inner.core.log.publish().map(drop)
    }

    async fn call<T, E, F>(
        &self,
        name: &'static str,
        urgent: bool,
        f: F,
    ) -> Result<Committed<T>, TransactError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Call {
            name,
            urgent,
            f,
            returned: None,
            reply,
        };
        self.inner.queue.push(Box::new(job))?;
        if self.inner.core.config.drive == Drive::Inline {
            self.inner.step();
            self.inner.apply();
        }
        // A writer that ends answers all that it took; what it did not take ends with the queue.
        answer.await.unwrap_or(Err(Refusal::Closed.into()))
    }
}

/// The parts of a store that was opened.
pub(crate) struct Parts {
    pub(crate) core: Arc<Core>,
    pub(crate) writer: Writer,
    pub(crate) spares: Arc<Spares>,
    pub(crate) snapshots: Snapshots,
    pub(crate) rollback: RollbackMark,
    pub(crate) lock: FileLock,
}

impl Store {
    pub(crate) fn start(parts: Parts) -> Result<Self, OpenError> {
        let inner = Arc::new(Inner::new(parts));
        let store = Self {
            _alive: Arc::new(Alive(inner.clone())),
            inner,
        };
        if store.inner.core.config.drive == Drive::Threads {
            store
                .inner
                .spawn_all()
                .map_err(OpenError::io("starting a thread"))?;
        }
        Ok(store)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.stop();
        self.0.unlock();
    }
}

#[cfg(test)]
mod tests;
