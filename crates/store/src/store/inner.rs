use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{CloseError, Parts, TendError};
use crate::config::Drive;
use crate::core::Core;
use crate::files::FileLock;
use crate::gate::Gates;
use crate::rollback::RollbackMark;
use crate::scrub::ScrubReport;
use crate::snapshot::Snapshots;
use crate::threads::{Bell, Threads};
use crate::wal::Spares;
use crate::writer::{Queue, Writer};

/// What all clones of a store share, and its threads move.
pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    writer: Mutex<Writer>,
    pub(super) queue: Queue,
    pub(super) spares: Arc<Spares>,
    pub(crate) snapshots: Snapshots,
    pub(crate) rollback: RollbackMark,
    pub(super) gates: Arc<Gates>,
    bells: Bells,
    writing: Threads,
    behind: Threads,
    /// The last publication worked.
    publishing: AtomicBool,
    scrubbed: Mutex<Option<ScrubReport>>,
    lock: Mutex<Option<FileLock>>,
}

/// One for each thread that works behind the writer.
#[derive(Default)]
struct Bells {
    apply: Bell,
    publish: Bell,
    prepare: Bell,
    snapshot: Bell,
    scrub: Arc<Bell>,
}

impl Inner {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
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
            scrubbed: Mutex::default(),
            lock: Mutex::new(Some(parts.lock)),
        }
    }

    pub(super) fn spawn_all(self: &Arc<Self>) -> io::Result<()> {
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
            // Each time that the engine takes something costs as much as many rows do, and nobody
            // waits for it: rows go together.
            let interval = Duration::from_millis(inner.core.config.apply_interval_ms);
            while inner.bells.apply.wait(None) && inner.bells.apply.pause(interval) {
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
        })?;
        work("scrub", &self.behind, |inner| {
            let config = &inner.core.config;
            let mut wait = config.scrub_delay_ms;
            while inner.bells.scrub.pause(Duration::from_millis(wait)) {
                inner.scrub_slowly();
                wait = config.scrub_interval_ms;
            }
        })
    }

    fn write_until_closed(&self) {
        while let Some(jobs) = self.queue.wait(self.core.config.batch_transactions) {
            self.writer().step(jobs, || self.wait_for_room());
            self.ring();
        }
    }

    /// Waits until the engine has taken enough of what waits for it.
    fn wait_for_room(&self) {
        if self.core.overlay.is_full() {
            self.bells.apply.ring();
            self.core.overlay.wait_for_room();
        }
    }

    fn ring(&self) {
        self.bells.apply.ring();
        if self.core.log.unpublished_since().is_some() {
            self.bells.publish.ring();
        }
        if !self.spares.is_complete() {
            self.bells.prepare.ring();
        }
        if self.snapshots.is_due(self.core.wal_bytes()) {
            self.bells.snapshot.ring();
        }
    }

    pub(super) fn step(&self) -> usize {
        let mut writer = self.writer();
        let jobs = self.queue.take(self.core.config.batch_transactions);
        let answered = jobs.len();
        if answered > 0 {
            // Whoever moves it lets the engine take what waits.
            writer.step(jobs, || ());
        }
        answered
    }

    pub(super) fn apply(&self) {
        while self.core.overlay.apply() {}
    }

    /// Makes spare segments; says whether all are there.
    pub(super) fn prepare(&self) -> bool {
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

    pub(super) fn snapshot_if_due(&self) -> Result<(), TendError> {
        self.snapshots.take_if_due(&self.core)?;
        self.snapshots.trim_wal(&self.core)?;
        Ok(())
    }

    fn scrub_slowly(&self) {
        let bell = Arc::clone(&self.bells.scrub);
        let pace = self.core.config.scrub_bytes_per_second.max(1);
        let rest = move |bytes: u64| {
            let millis = bytes.saturating_mul(1000) / pace;
            bell.pause(Duration::from_millis(millis))
        };
        crate::scrub::slowly(self, rest);
    }

    /// What the last whole scrub came to.
    pub(crate) fn scrubbed(&self) -> MutexGuard<'_, Option<ScrubReport>> {
        self.scrubbed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn close(&self) -> Result<(), CloseError> {
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
        self.unlock();
        published?;
        Ok(flushed?)
    }

    /// Ends the threads: first the writer, which may still wait for the others.
    pub(super) fn stop(&self) {
        self.queue.close();
        self.writing.join();
        let bells = &self.bells;
        for bell in [
            &bells.apply,
            &bells.publish,
            &bells.prepare,
            &bells.snapshot,
            &bells.scrub,
        ] {
            bell.stop();
        }
        self.behind.join();
    }

    /// Lets go of the folder.
    pub(super) fn unlock(&self) {
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // Closures cannot panic through it, and its own steps do not.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Between two tries at what a full disk does not let happen.
const TRY_AGAIN: Duration = Duration::from_secs(1);
