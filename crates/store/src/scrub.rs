use passerelle_tlog::{Depth, Finding, SignedCheckpoint, verify_log};

use crate::core::Core;
use crate::engine::EngineError;
use crate::error::OpenError;
use crate::open::origin_digest;
use crate::store::Store;
use crate::wal;

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

impl Store {
    /// Reads again all that lies on the disk, and names what is not what was written. Others may
    /// read and write meanwhile. `progress` is told each part as it begins.
    ///
    /// An engine that is found damaged is not read any more: a restart makes it again. Everything
    /// else goes on, for what it serves is checked when it is read.
    pub fn scrub(&self, mut progress: impl FnMut(ScrubPart)) -> Vec<ScrubFinding> {
        let core = &*self.inner.core;
        let mut findings = Vec::new();
        let mut part = |part, found: Vec<String>| {
            findings.extend(found.into_iter().map(|what| ScrubFinding { part, what }));
        };
        progress(ScrubPart::Wal);
        part(
            ScrubPart::Wal,
            self.inner
                .snapshots
                .without_trim(|| wal(core).err())
                .into_iter()
                .collect(),
        );
        progress(ScrubPart::Log);
        part(ScrubPart::Log, log(core).err().into_iter().collect());
        progress(ScrubPart::Sealed);
        part(
            ScrubPart::Sealed,
            core.log
                .check_sealed()
                .into_iter()
                .map(|error| error.to_string())
                .collect(),
        );
        progress(ScrubPart::Snapshots);
        part(ScrubPart::Snapshots, self.inner.snapshots.check());
        progress(ScrubPart::Engine);
        part(ScrubPart::Engine, engine(core).err().into_iter().collect());
        findings
    }
}

fn wal(core: &Core) -> Result<(), String> {
    let until = core.written().batch;
    let files = &*core.ports.files;
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

fn log(core: &Core) -> Result<(), String> {
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
    let verified = verify_log(&core.log.folder(), &head, Depth::Entries, |_| {});
    verified
        .map(drop)
        .map_err(|finding: Finding| finding.to_string())
}

fn engine(core: &Core) -> Result<(), String> {
    core.overlay.engine().check().map_err(|error| {
        if let EngineError::Damaged(_) = error {
            core.overlay.condemn(&error);
        }
        error.to_string()
    })
}
