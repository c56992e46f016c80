use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use passerelle_domain::SessionId;
use tokio::sync::watch;

/// Calls of one session that may wait at once.
const MOST_OF_SESSION: usize = 4;
/// Calls of all sessions that may wait at once.
const MOST: usize = 256;

/// Who waits for changes. Beyond the bounds nobody waits: they are told to come back.
pub(crate) struct Waiting {
    by_session: Mutex<BTreeMap<SessionId, usize>>,
    ended: watch::Sender<bool>,
}

impl Waiting {
    /// A place to wait, given back when it is dropped; none where all are taken.
    pub(super) fn take(&self, session: SessionId) -> Option<Place<'_>> {
        let mut waiting = self.by_session();
        if waiting.values().sum::<usize>() >= MOST {
            return None;
        }
        let calls = waiting.entry(session).or_default();
        if *calls >= MOST_OF_SESSION {
            return None;
        }
        *calls += 1;
        Some(Place { session, of: self })
    }

    /// Completes when nobody shall wait any more.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // An error would mean that the sender is gone, which is `self`.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Nobody waits any more.
    pub(super) fn end(&self) {
        self.ended.send_replace(true);
    }

    fn by_session(&self) -> MutexGuard<'_, BTreeMap<SessionId, usize>> {
        self.by_session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            by_session: Mutex::default(),
            ended: watch::Sender::new(false),
        }
    }
}

/// A call that waits.
pub(super) struct Place<'a> {
    session: SessionId,
    of: &'a Waiting,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.of.by_session();
        if let Some(calls) = waiting.get_mut(&self.session) {
            *calls -= 1;
            if *calls == 0 {
                waiting.remove(&self.session);
            }
        }
    }
}
