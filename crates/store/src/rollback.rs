use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use passerelle_tlog::SignedCheckpoint;

use crate::files::{Files, replace};
use crate::log::{Log, LogError};
use crate::store::Store;

/// What a checkpoint that somebody shows us says about our own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is one of ours, and our log goes on from it.
    Known,
    /// It bears no valid signature of our key for this origin. It says nothing about us.
    NotOurs,
    /// We have signed it, and our log is not the one that it belongs to: the folder is an old copy,
    /// or was changed. Put the newer folder back.
    RolledBack,
}

impl Store {
    /// Judges a checkpoint of our own log that a peer or a witness shows. Changes nothing.
    pub fn judge_checkpoint(&self, bytes: &[u8]) -> Result<Shown, LogError> {
        judge(self.log(), bytes)
    }

    /// As [`Store::judge_checkpoint`], and when it proves that this node is an old copy of itself,
    /// notes that durably with the checkpoint as evidence: from then on [`Store::is_rolled_back`],
    /// after a restart too. The note is in the folder, so putting the newer folder back ends it; if
    /// that was copied over this one, the next start judges the evidence again.
    pub fn rolled_back(&self, evidence: &[u8]) -> Result<Shown, LogError> {
        let shown = judge(self.log(), evidence)?;
        if shown == Shown::RolledBack {
            self.inner
                .rollback
                .set(evidence)
                .map_err(|source| LogError::Io {
                    path: MARK.to_owned(),
                    source,
                })?;
            tracing::error!(
                "a checkpoint that this node has signed does not belong to its log: the folder of the store is an \
                 old copy; nothing is disclosed until the newer folder is put back"
            );
        }
        Ok(shown)
    }

    /// Whether the node was found to be an old copy of itself: it must disclose nothing until the
    /// newer folder is put back.
    pub fn is_rolled_back(&self) -> bool {
        self.inner.rollback.is_set()
    }
}

fn judge(log: &Log, bytes: &[u8]) -> Result<Shown, LogError> {
    let Ok(shown) = SignedCheckpoint::open(bytes, log.verifying_key()) else {
        return Ok(Shown::NotOurs);
    };
    let same = shown.size() <= log.size() && log.root(shown.size())? == *shown.root();
    Ok(if same {
        Shown::Known
    } else {
        Shown::RolledBack
    })
}

/// The note that the node was rolled back.
pub(crate) struct RollbackMark {
    files: Arc<dyn Files>,
    dir: PathBuf,
    set: AtomicBool,
}

impl RollbackMark {
    pub(crate) fn read(files: Arc<dyn Files>, dir: PathBuf) -> io::Result<Self> {
        let set = files.find(&dir.join(MARK))?.is_some();
        Ok(Self {
            files,
            dir,
            set: AtomicBool::new(set),
        })
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    /// Judges the evidence again: if the log goes on from it, the newer folder was copied over the
    /// old one, and nothing of the note is true any more.
    pub(crate) fn judge_again(&self, log: &Log) -> io::Result<()> {
        let path = self.dir.join(MARK);
        let Some(evidence) = self.files.find(&path)? else {
            return Ok(());
        };
        // Tiles that cannot be read prove nothing: the note stays.
        if matches!(judge(log, &evidence), Ok(Shown::Known)) {
            self.files.remove(&path)?;
            self.files.sync_dir(&self.dir)?;
            self.set.store(false, Ordering::Release);
            tracing::warn!("the newer folder of the store is back: it may disclose again");
        }
        Ok(())
    }

    fn set(&self, evidence: &[u8]) -> io::Result<()> {
        // In force even if it cannot be written.
        self.set.store(true, Ordering::Release);
        replace(&*self.files, &self.dir.join(MARK), evidence)?;
        self.files.sync_dir(&self.dir)
    }
}

const MARK: &str = "rolled-back";
