use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use passerelle_domain::Caller;
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Log;
use passerelle_tlog::{Depth, SignedCheckpoint, verify_log};
use tokio::sync::oneshot;

use super::unreadable;
use crate::{ExchangeError, Passerelle};

/// What checking the log on disk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Entries that are what was logged.
    pub entries: u64,
    /// The checkpoint that they were checked against, a C2SP signed note; what lies in the folder,
    /// whatever it is.
    pub checkpoint: String,
    /// What is wrong first, naming the entry or the file; `None` where everything holds.
    pub finding: Option<String>,
}

/// The head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestCheckpoint {
    /// A C2SP signed note.
    pub checkpoint: String,
    /// The key that checks it, a C2SP verifier key.
    pub verifier_key: String,
}

/// Whether a verification runs. One at a time: each reads the whole log.
#[derive(Clone, Default)]
pub(crate) struct Verifying(Arc<AtomicBool>);

/// Held while a verification runs.
pub(super) struct Turn(Verifying);

impl Passerelle {
    /// Publishes the log, and checks what lies on disk as anybody could who has the folder and the
    /// key: every tile and every entry against the checkpoint.
    ///
    /// A large log takes minutes: give `passerelle log verify` the folder then. While one
    /// verification runs, another is refused.
    pub async fn verify_log(&self, caller: &Caller) -> Result<Verification, ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let turn = self
            .running()
            .verifying
            .turn()
            .ok_or(ExchangeError::QuotaExceeded)?;
        let store = self.0.store.clone();
        let (answer, verified) = oneshot::channel();
        // On a thread of its own, one at a time: among the hashes of PINs it would keep redemptions
        // waiting for minutes. It runs to its end even if nobody waits any more, and keeps its turn
        // until then.
        let started = thread::Builder::new()
            .name("verify-log".to_owned())
            .spawn(move || {
                let verified = store.publish_now().map_err(unreadable);
                let verified = verified.and_then(|()| verify(store.log()));
                drop(turn);
                // Whoever asked may be gone.
                let _gone = answer.send(verified);
            });
        let ended = || ExchangeError::Internal {
            what: "the verification of the log has not come to its end".to_owned(),
        };
        started.map_err(|_| ended())?;
        verified.await.unwrap_or_else(|_| Err(ended()))
    }

    /// The last checkpoint that this node has signed, and the key that checks it.
    pub fn latest_checkpoint(&self, caller: &Caller) -> Result<LatestCheckpoint, ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let log = self.0.store.log();
        Ok(LatestCheckpoint {
            checkpoint: log.head().checkpoint.to_string(),
            verifier_key: log.verifying_key().to_string(),
        })
    }
}

fn verify(log: &Log) -> Result<Verification, ExchangeError> {
    // Nothing was logged yet, so nothing lies there.
    if log.published() == 0 {
        return Ok(Verification {
            entries: 0,
            checkpoint: log.head().checkpoint.to_string(),
            finding: None,
        });
    }
    let note = log
        .published_checkpoint()
        .map_err(unreadable)?
        .unwrap_or_default();
    let mut entries = 0;
    let finding = check(log, &note, &mut entries).err();
    Ok(Verification {
        entries,
        checkpoint: String::from_utf8_lossy(&note).into_owned(),
        finding,
    })
}

/// Counts the good entries up to the first finding.
fn check(log: &Log, note: &[u8], entries: &mut u64) -> Result<(), String> {
    let head = SignedCheckpoint::open(note, log.verifying_key())
        .map_err(|error| format!("checkpoint: {error}"))?;
    if head.size() < log.published() {
        return Err(format!(
            "checkpoint: of {} entries, where {} were published",
            head.size(),
            log.published()
        ));
    }
    verify_log(&log.folder(), &head, Depth::Entries, |checked| {
        *entries = checked
    })
    .map(drop)
    .map_err(|finding| finding.to_string())
}

impl Verifying {
    pub(super) fn turn(&self) -> Option<Turn> {
        let free = self
            .0
            .compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        free.then(|| Turn(self.clone()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}
