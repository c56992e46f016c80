use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use passerelle_domain::{PersonId, Timestamp};
use tokio::sync::oneshot;

use crate::config::{Drive, StoreConfig};
use crate::core::Core;
use crate::engine::EngineError;
use crate::error::{OpenError, Refusal, TransactError};
use crate::files::FileLock;
use crate::gate::{Gate, Gates};
use crate::log::{Log, LogError};
use crate::open::OpenReport;
use crate::ports::Ports;
use crate::rollback::RollbackMark;
use crate::snapshot::Snapshots;
use crate::threads::{Bell, Threads};
use crate::tx::{Serials, Tx};
use crate::view::View;
use crate::wal::Spares;
use crate::writer::{Call, Committed, Queue, Writer};

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

pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    writer: Mutex<Writer>,
    queue: Queue,
    spares: Arc<Spares>,
    pub(crate) snapshots: Snapshots,
    pub(crate) rollback: RollbackMark,
    gates: Arc<Gates>,
    bells: Bells,
    writing: Threads,
    behind: Threads,
    publishing: AtomicBool,
    lock: Mutex<Option<FileLock>>,
}

/// One for each thread that works behind the writer.
#[derive(Default)]
struct Bells {
    apply: Bell,
    publish: Bell,
    prepare: Bell,
    snapshot: Bell,
}

struct Alive(Arc<Inner>);

impl Store {
    /// Opens the store in a folder, or makes one there, and brings it to where the wal ends.
    pub fn open(config: StoreConfig, ports: Ports) -> Result<(Self, OpenReport), OpenError> {
        crate::open::open(config, ports)
    }

    /// Runs a transaction; when this returns it is durable.
    ///
    /// The closure may run more than once, each time from the start, on the thread that writes: it
    /// must not wait for anything, nor call the store but through the [`Tx`]. An `Err` from it, or a panic, leaves nothing behind. A
    /// transaction that writes nothing costs no sync. Dropping the future after its first poll does
    /// not undo it.
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
            disk_full: self.inner.spares.disk_full(),
            engine: core.overlay.failure(),
            publication_stalled: core.log.recent_bytes() >= core.config.unpublished_bytes,
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
        let inner = Arc::new(Inner {
            queue: Queue::new(parts.core.config.queue_transactions),
            core: parts.core,
            writer: Mutex::new(parts.writer),
            spares: parts.spares,
            snapshots: parts.snapshots,
            rollback: parts.rollback,
            gates: Arc::default(),
            bells: Bells::default(),
            writing: Threads::default(),
            behind: Threads::default(),
            publishing: AtomicBool::new(true),
            lock: Mutex::new(Some(parts.lock)),
        });
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

impl Inner {
    fn spawn_all(self: &Arc<Self>) -> std::io::Result<()> {
        let work = |name: &str, threads: &Threads, run: fn(&Self)| {
            let inner = self.clone();
            let name_of = name.to_owned();
            let work = move || {
                // The state that a panic leaves behind is not used again: all ends here.
                if catch_unwind(AssertUnwindSafe(|| run(&inner))).is_err() {
                    inner.core.fail(&format!("the thread {name_of} panicked"));
                    inner.core.overlay.stop();
                    inner.queue.abandon();
                }
            };
            threads.spawn(name, work)
        };
        self.bells.prepare.ring();
        self.bells.publish.ring();
        work("writer", &self.writing, Self::write_until_closed)?;
        work("engine", &self.behind, |inner| {
            while inner.bells.apply.wait(None) {
                inner.apply();
            }
        })?;
        work("publisher", &self.behind, |inner| {
            let interval = Duration::from_millis(inner.core.config.publish_interval_ms);
            while inner.bells.publish.wait(None) && inner.bells.publish.pause(interval) {
                inner.publish();
            }
        })?;
        work("segments", &self.behind, |inner| {
            let mut again = None;
            while inner.bells.prepare.wait(again) {
                again = (!inner.prepare()).then_some(TRY_AGAIN);
            }
        })?;
        work("snapshots", &self.behind, |inner| {
            while inner.bells.snapshot.wait(None) {
                if let Err(error) = inner.snapshot_if_due() {
                    tracing::error!(%error, "no snapshot; the wal is kept until there is one");
                    inner.bells.snapshot.pause(TRY_AGAIN);
                }
            }
        })
    }

    fn write_until_closed(&self) {
        while let Some(jobs) = self.queue.wait(self.core.config.batch_transactions) {
            self.core.overlay.wait_for_room();
            self.writer().step(jobs);
            self.ring();
        }
    }

    fn ring(&self) {
        self.bells.apply.ring();
        if self.core.log.is_unpublished() {
            self.bells.publish.ring();
        }
        if !self.spares.is_complete() {
            self.bells.prepare.ring();
        }
        if self.snapshots.is_due(self.core.wal_bytes()) {
            self.bells.snapshot.ring();
        }
    }

    fn step(&self) -> usize {
        let mut writer = self.writer();
        let jobs = self.queue.take(self.core.config.batch_transactions);
        let answered = jobs.len();
        if answered > 0 {
            writer.step(jobs);
        }
        answered
    }

    fn apply(&self) {
        while self.core.overlay.apply() {}
    }

    /// Makes spare segments; says whether all are there.
    fn prepare(&self) -> bool {
        if self.core.has_failed() {
            return true;
        }
        match self.spares.prepare() {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "no spare segment for the wal");
                false
            }
        }
    }

    fn publish(&self) {
        let published = self.core.log.publish();
        let worked = published.is_ok();
        if let Err(error) = published {
            // Said once, not every second.
            if self.publishing.swap(false, Ordering::AcqRel) {
                tracing::error!(%error, "the exchange log cannot be published");
            }
            self.bells.publish.ring();
        }
        if worked && !self.publishing.swap(true, Ordering::AcqRel) {
            tracing::info!("the exchange log is published again");
        }
        self.bells.snapshot.ring();
    }

    fn snapshot_if_due(&self) -> Result<(), TendError> {
        self.snapshots.take_if_due(&self.core)?;
        self.snapshots.trim_wal(&self.core)?;
        Ok(())
    }

    fn close(&self) -> Result<(), CloseError> {
        self.stop();
        if self.core.config.drive != Drive::Threads {
            while self.step() > 0 {}
        }
        self.apply();
        let published = self.core.log.publish();
        let flushed = self.core.overlay.engine().flush();
        let in_order =
            !self.core.has_failed() && self.core.overlay.failure().is_none() && flushed.is_ok();
        if in_order {
            crate::open::note_good_order(&self.core).map_err(CloseError::Io)?;
        }
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        published?;
        Ok(flushed?)
    }

    /// Ends the threads: first the writer, which may still wait for the others.
    fn stop(&self) {
        self.queue.close();
        self.writing.join();
        let bells = &self.bells;
        for bell in [
            &bells.apply,
            &bells.publish,
            &bells.prepare,
            &bells.snapshot,
        ] {
            bell.stop();
        }
        self.behind.join();
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // Closures cannot panic through it, and its own steps do not.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.stop();
        self.0
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

/// A wall clock that is behind what was already written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockFault {
    /// What it shows.
    pub wall: Timestamp,
    /// The time of the newest frame.
    pub newest: Timestamp,
}

/// How a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// It has failed for good and refuses everything.
    pub failed: bool,
    /// Only urgent transactions are taken.
    pub disk_full: bool,
    /// Why the engine takes nothing any more: restart, and it is brought up or rebuilt.
    pub engine: Option<EngineError>,
    /// Transactions with an entry are refused.
    pub publication_stalled: bool,
    /// The wall clock is behind.
    pub clock: Option<ClockFault>,
    /// The node was found to be an old copy of itself.
    pub rolled_back: bool,
}

/// What did not work behind the writer.
#[derive(Debug, thiserror::Error)]
pub enum TendError {
    /// The log was not published.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The engine could not be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A file could not be written or removed.
    #[error("snapshots and segments: {0}")]
    Io(#[from] std::io::Error),
}

/// Why a store was not closed in good order. It is closed all the same.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The last entries were not published; the next start does it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The engine was not handed to the disk; the next start checks it whole.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The disk says so.
    #[error("closing the store: {0}")]
    Io(#[source] std::io::Error),
    /// The thread that closed it ended early.
    #[error("closing the store was interrupted")]
    Interrupted,
}

/// Between two tries at what a full disk does not let happen.
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
