use std::sync::Arc;

use passerelle_domain::Timestamp;
use passerelle_tlog::{Depth, Finding, SignedCheckpoint, verify_log};

use crate::core::Core;
use crate::engine::EngineError;
use crate::error::OpenError;
use crate::files::Files;
use crate::open::origin_digest;
use crate::store::{Inner, Store};
use crate::wal;

mod pace;

use pace::{Pace, PacedFiles};

/// What a scrub reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScrubPart {
    /// Every segment of the wal, to the newest batch at the start of the scrub.
    Wal,
    /// Every published tile and entry, up to the published checkpoint.
    Log,
    /// Every file of sealed parts.
    Sealed,
    /// The snapshots of the engine.
    Snapshots,
    /// Every row of the engine.
    Engine,
}

/// Something that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrubFinding {
    /// Where.
    pub part: ScrubPart,
    /// What, and what to do.
    pub what: String,
}

/// What a scrub came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrubReport {
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Bytes that it read.
    pub bytes: u64,
    /// What it found: at most 64 a part.
    pub findings: Vec<ScrubFinding>,
}

impl Store {
    /// Reads again all that lies on the disk, without a rest, and names what is not what was
    /// written. Others may read and write meanwhile. A store that has threads does it by itself
    /// every day, slowly.
    ///
    /// An engine that is found damaged is not read any more: a restart makes it again. Everything
    /// else goes on, for what it serves is checked when it is read.
    pub fn scrub(&self) -> ScrubReport {
        run(&self.inner, &Pace::new(|_| true))
    }

    /// What the last whole scrub since the start came to.
    pub fn last_scrub(&self) -> Option<ScrubReport> {
        self.inner.scrubbed().clone()
    }
}

/// Scrubs; `rest` is called now and then with the number of bytes that were read since the last
/// time, and ends it early with `false`.
pub(crate) fn slowly(inner: &Inner, rest: impl Fn(u64) -> bool + Send + Sync + 'static) {
    run(inner, &Pace::new(rest));
}

fn run(inner: &Inner, pace: &Arc<Pace>) -> ScrubReport {
    let core = &*inner.core;
    let began = core.now();
    let files: Arc<dyn Files> = Arc::new(PacedFiles {
        files: core.ports.files.clone(),
        pace: pace.clone(),
    });
    let mut findings = Vec::new();
    let mut part = |part, found: Vec<String>| {
        findings.extend(found.into_iter().map(|what| ScrubFinding { part, what }));
    };
    let one = |outcome: Result<(), String>| outcome.err().into_iter().collect();
    let in_wal = inner.snapshots.without_trim(|| wal(core, &*files));
    part(ScrubPart::Wal, one(in_wal));
    part(ScrubPart::Log, one(log(core, &files)));
    let sealed = core.log.check_sealed(files.clone()).take(MOST_FINDINGS);
    part(ScrubPart::Sealed, sealed.map(|e| e.to_string()).collect());
    part(ScrubPart::Snapshots, inner.snapshots.check(&*files));
    part(ScrubPart::Engine, one(engine(core, pace)));
    let report = ScrubReport {
        began,
        ended: core.now(),
        bytes: pace.read(),
        findings,
    };
    // One that was stopped has seen errors that are its own.
    if !pace.has_stopped() {
        keep(inner, &report);
    }
    report
}

fn keep(inner: &Inner, report: &ScrubReport) {
    for finding in &report.findings {
        let ScrubFinding { part, what } = finding;
        tracing::error!(kind = ?part, what, "a scrub finds what was not written");
    }
    let count = report.findings.len();
    tracing::info!(
        bytes = report.bytes,
        count,
        "all that is kept was read again"
    );
    *inner.scrubbed() = Some(report.clone());
}

fn wal(core: &Core, files: &dyn Files) -> Result<(), String> {
    let until = core.written().batch;
    let origin = origin_digest(core.log.verifying_key());
    let segments =
        wal::segments(files, &core.wal_dir(), origin).map_err(|error| error.to_string())?;
    let mut reached = 0;
    let read = wal::read_from(files, &segments, |batch| {
        reached = batch.after.batch;
        Ok::<_, OpenError>(())
    });
    match read {
        // The writer goes on: what it has half written is none of our business.
        _ if reached >= until => Ok(()),
        Ok(_) => Err(format!(
            "the wal ends at batch {reached}, {until} were written"
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn log(core: &Core, files: &Arc<dyn Files>) -> Result<(), String> {
    let checkpoint = core
        .log
        .published_checkpoint()
        .map_err(|error| error.to_string())?;
    let Some(bytes) = checkpoint else {
        let published = core.log.published();
        return if published == 0 {
            Ok(())
        } else {
            Err(OpenError::NoCheckpoint.to_string())
        };
    };
    let head = SignedCheckpoint::open(&bytes, core.log.verifying_key());
    let head = head.map_err(|_| OpenError::NoCheckpoint.to_string())?;
    let ours = core.log.root(head.size());
    if !matches!(ours, Ok(root) if root == *head.root()) {
        return Err(OpenError::OtherCheckpoint { size: head.size() }.to_string());
    }
    let folder = core.log.folder_over(files.clone());
    let verified = verify_log(&folder, &head, Depth::Entries, |_| {});
    verified
        .map(drop)
        .map_err(|finding: Finding| finding.to_string())
}

fn engine(core: &Core, pace: &Pace) -> Result<(), String> {
    let checked = core.overlay.engine().check(&|bytes| pace.count(bytes));
    checked.map_err(|error| {
        if let EngineError::Damaged(_) = error {
            core.overlay.condemn(&error);
        }
        error.to_string()
    })
}

/// A part that is damaged everywhere says no more than one that is damaged so often.
const MOST_FINDINGS: usize = 64;
