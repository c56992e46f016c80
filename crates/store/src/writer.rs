use std::mem;
use std::sync::Arc;

use passerelle_domain::Timestamp;
use passerelle_tlog::{Tree, leaf_hash};
use prost::Message;

use crate::core::Core;
use crate::engine::Changes;
use crate::error::Refusal;
use crate::log::{Head, Leaf};
use crate::tables::changes;
use crate::tx::{Effects, Scope, Serials, Tx};
use crate::wal::{AppendError, BatchBuffer, Wal};

mod job;
mod queue;

pub(crate) use job::{Call, Job, Ran};
pub use job::{Committed, Logged};
pub(crate) use queue::Queue;

/// The one that writes: runs transactions, makes them durable as a batch, shows and answers them.
///
/// A state machine: [`Writer::step`] is all it does, and whoever has it calls it.
pub(crate) struct Writer {
    core: Arc<Core>,
    wal: Wal,
    /// The log with all durable entries.
    tree: Tree,
    buffer: BatchBuffer,
}

/// What a transaction came to, unless its batch cannot be written: the index of its entry, if it has
/// one, or why it is refused.
type Outcome = Result<Option<u64>, Refusal>;

/// The transactions of one batch that ran.
#[derive(Default)]
struct Round {
    ran: Vec<(Box<dyn Job>, Outcome)>,
    changes: Changes,
    leaves: Vec<Leaf>,
    /// All that wrote something are urgent.
    urgent: bool,
    now: Timestamp,
}

impl Writer {
    pub(crate) fn new(core: Arc<Core>, wal: Wal, tree: Tree) -> Self {
        Self {
            core,
            wal,
            tree,
            buffer: BatchBuffer::new(),
        }
    }

    /// Runs the jobs in order, in as few batches as their sizes allow, and answers each once it is
    /// durable. Before each batch it waits for what `room` waits for.
    pub(crate) fn step(&mut self, jobs: Vec<Box<dyn Job>>, room: impl Fn()) {
        let core = self.core.clone();
        let mut jobs = jobs.into_iter();
        while jobs.len() > 0 {
            room();
            if core.has_failed() {
                jobs.for_each(|job| job.answer(Err(Refusal::Closed)));
                return;
            }
            let serials = core.serials();
            let round = self.run(&mut jobs, *serials);
            self.commit(round, *serials);
        }
    }

    /// Runs jobs until the batch is large enough.
    fn run(&mut self, jobs: &mut dyn Iterator<Item = Box<dyn Job>>, serials: Serials) -> Round {
        let mut round = Round {
            urgent: true,
            now: self.core.now(),
            ..Round::default()
        };
        self.buffer.clear();
        let may = Allowed::now(&self.core, &self.wal);
        for mut job in jobs {
            let outcome = self.run_one(&mut *job, &mut round, serials, &may);
            round.ran.push((job, outcome));
            if self.buffer.bytes() >= self.core.config.batch_bytes {
                break;
            }
        }
        round
    }

    fn run_one(
        &mut self,
        job: &mut dyn Job,
        round: &mut Round,
        serials: Serials,
        may: &Allowed,
    ) -> Outcome {
        let next_index = self.tree.size() + round.leaves.len() as u64;
        let mut tx = Tx::new(Scope {
            name: job.name(),
            overlay: &self.core.overlay,
            pending: &round.changes,
            rng: &*self.core.ports.rng,
            sealer: &self.core.sealer,
            now: round.now,
            next_index,
            serials,
            most_bytes: self.core.config.transaction_bytes,
        });
        let ran = job.run(&mut tx);
        if let Ran::Panicked = ran {
            return Err(Refusal::Panicked { name: job.name() });
        }
        // A refusal comes first: the closure may have given up over rows that could not be read.
        let effects = tx.finish()?;
        if matches!(ran, Ran::Aborted) || effects.is_empty() {
            return Ok(None);
        }
        may.write(&effects, job.urgent())?;
        round.urgent &= job.urgent();
        let frame = effects.to_frame(round.now);
        self.buffer.push(|bytes| {
            // Writing to a `Vec` does not fail.
            let _ = frame.encode(bytes);
        });
        round.changes.extend(effects.changes);
        let Some(entry) = effects.entry else {
            return Ok(None);
        };
        round.leaves.push(Leaf {
            hash: leaf_hash(&entry),
            entry,
            sealed: effects.sealed,
            at: round.now,
        });
        Ok(Some(next_index))
    }

    /// Makes a round durable and answers it. Without space, its urgent jobs alone run again.
    fn commit(&mut self, mut round: Round, serials: Serials) {
        match self.write(&mut round) {
            Ok(head) => round.answer(head.as_ref()),
            Err(AppendError::NoSpace) if round.urgent => round.refuse(&Refusal::DiskFull),
            Err(AppendError::NoSpace) => {
                let (urgent, others) = round.split();
                others.refuse(&Refusal::DiskFull);
                let mut again = urgent.into_iter();
                while again.len() > 0 {
                    let round = self.run(&mut again, serials);
                    self.commit(round, serials);
                }
            }
            Err(AppendError::Fatal(what, error)) => {
                self.core.fail(&format!("{what}: {error}"));
                round.refuse(&Refusal::Closed);
            }
        }
    }

    /// Wal first; then, durable, everything that shows it.
    fn write(&mut self, round: &mut Round) -> Result<Option<Arc<Head>>, AppendError> {
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let bytes = self.buffer.bytes() as u64;
        let mark = self
            .wal
            .append(&mut self.buffer, self.tree.size(), round.urgent)?;
        self.core.count_wal_bytes(bytes);
        self.core.set_newest(round.now);
        self.core.set_written(mark);
        let changed = changes::are_in(&round.changes);
        self.core.overlay.push(mem::take(&mut round.changes), mark);
        if changed {
            self.core.note_changed();
        }
        if round.leaves.is_empty() {
            return Ok(None);
        }
        self.tree.extend(round.leaves.iter().map(|leaf| leaf.hash));
        let head = Head::sign(self.core.log.key(), self.tree.size(), self.tree.root());
        self.core
            .log
            .extend(mem::take(&mut round.leaves), head.clone());
        Ok(Some(head))
    }
}

impl Round {
    fn answer(self, head: Option<&Arc<Head>>) {
        for (job, outcome) in self.ran {
            job.answer(outcome.map(|index| {
                let (index, head) = index.zip(head)?;
                Some(Logged {
                    index,
                    head: head.clone(),
                })
            }));
        }
    }

    fn refuse(self, refusal: &Refusal) {
        for (job, outcome) in self.ran {
            // What was refused for a reason of its own keeps it.
            job.answer(outcome.and(Err(refusal.clone())));
        }
    }

    fn split(self) -> (Vec<Box<dyn Job>>, Self) {
        let (urgent, ran): (Vec<_>, Vec<_>) =
            self.ran.into_iter().partition(|(job, _)| job.urgent());
        let urgent = urgent.into_iter().map(|(job, _)| job).collect();
        (
            urgent,
            Self {
                ran,
                ..Self::default()
            },
        )
    }
}

/// What may be written just now.
struct Allowed {
    space: bool,
    entries: bool,
    engine: Result<(), Refusal>,
    anything: bool,
}

impl Allowed {
    fn now(core: &Core, wal: &Wal) -> Self {
        let failure = core.overlay.failure();
        Self {
            space: wal.has_room(),
            entries: core.publication_stalled().is_none(),
            anything: failure.is_none() || !core.overlay.is_full(),
            engine: failure.map_or(Ok(()), |failure| Err(Refusal::Engine(failure))),
        }
    }

    fn write(&self, effects: &Effects, urgent: bool) -> Result<(), Refusal> {
        if urgent && self.anything {
            return Ok(());
        }
        self.engine.clone()?;
        if !self.space {
            return Err(Refusal::DiskFull);
        }
        if effects.entry.is_some() && !self.entries {
            return Err(Refusal::PublicationStalled);
        }
        Ok(())
    }
}
