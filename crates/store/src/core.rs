use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use passerelle_domain::Timestamp;
use tokio::sync::watch;

use crate::config::StoreConfig;
use crate::engine::Mark;
use crate::log::Log;
use crate::overlay::Overlay;
use crate::ports::Ports;
use crate::seal::Sealer;
use crate::tx::Serials;

/// What the writer, the readers and those who work behind them share.
pub(crate) struct Core {
    pub(crate) config: StoreConfig,
    pub(crate) ports: Ports,
    pub(crate) overlay: Overlay,
    pub(crate) log: Log,
    pub(crate) sealer: Sealer,
    /// Held by the writer from running a transaction until it is durable, so that whoever changed
    /// them knows that nothing decided under the old ones comes later.
    serials: RwLock<Serials>,
    newest: AtomicU64,
    written: Mutex<Mark>,
    wal_bytes: AtomicU64,
    failed: AtomicBool,
    /// Told when changes for the agency's systems became durable.
    changed: watch::Sender<()>,
}

impl Core {
    pub(crate) fn new(
        config: StoreConfig,
        ports: Ports,
        overlay: Overlay,
        log: Log,
        newest: Timestamp,
    ) -> Self {
        let sealer = Sealer::new(Arc::clone(&ports.keys), Arc::clone(&ports.rng));
        Self {
            config,
            sealer,
            ports,
            overlay,
            log,
            serials: RwLock::default(),
            newest: AtomicU64::new(newest.as_millis()),
            written: Mutex::default(),
            wal_bytes: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            changed: watch::Sender::new(()),
        }
    }

    pub(crate) fn serials(&self) -> RwLockReadGuard<'_, Serials> {
        self.serials.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put_serials(&self, serials: Serials) {
        *self.serials.write().unwrap_or_else(PoisonError::into_inner) = serials;
    }

    /// Runs `f` while nothing is written.
    pub(crate) fn with_nothing_written<T>(&self, f: impl FnOnce() -> T) -> T {
        let _unwritten = self.serials.write().unwrap_or_else(PoisonError::into_inner);
        f()
    }

    /// The time of the newest frame whose clock is believed.
    pub(crate) fn newest(&self) -> Timestamp {
        Timestamp::from_millis(self.newest.load(Ordering::Acquire))
    }

    pub(crate) fn set_newest(&self, newest: Timestamp) {
        self.newest.store(newest.as_millis(), Ordering::Release);
    }

    /// The wall clock, but never before the newest frame.
    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now().max(self.newest())
    }

    /// Since when an entry waits for publication, if no further one may be promised: too much waits,
    /// or too long.
    pub(crate) fn publication_stalled(&self) -> Option<Timestamp> {
        let since = self.log.unpublished_since()?;
        let waits = self.now().since(since);
        let stalled = waits > Duration::from_millis(self.config.promise_ms)
            || self.log.recent_bytes() >= self.config.unpublished_bytes;
        stalled.then_some(since)
    }

    /// The last batch that was written; none before the first since the store was opened.
    pub(crate) fn written(&self) -> Mark {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_written(&self, mark: Mark) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = mark;
    }

    /// Wal written since the store was opened.
    pub(crate) fn wal_bytes(&self) -> u64 {
        self.wal_bytes.load(Ordering::Acquire)
    }

    pub(crate) fn count_wal_bytes(&self, bytes: u64) {
        self.wal_bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// The end: nothing is acknowledged from here on, whatever the port does.
    pub(crate) fn fail(&self, reason: &str) {
        self.failed.store(true, Ordering::Release);
        self.ports.fatal.fatal(reason);
    }

    /// Changes for the agency's systems became durable, and are seen by every reader.
    pub(crate) fn note_changed(&self) {
        self.changed.send_replace(());
    }

    pub(crate) fn watch_changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn wal_dir(&self) -> PathBuf {
        self.config.dir.join(WAL)
    }
}

pub(crate) const WAL: &str = "wal";
pub(crate) const LOG: &str = "log";
pub(crate) const ENGINE: &str = "engine";
