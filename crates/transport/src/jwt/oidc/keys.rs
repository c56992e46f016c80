use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use passerelle_domain::Timestamp;
use tokio::sync::Mutex as Turn;

use super::fetch::{FetchError, KeyServer};
use crate::file;
use crate::jwt::foreign::{IssuerAlgorithm, IssuerKeys};

/// Where the keys of an issuer are: a JWK set (RFC 7517).
#[derive(Clone, Debug)]
pub enum KeysFrom {
    /// In a file.
    File(PathBuf),
    /// At an address over HTTPS, which shows a certificate of an authority in the file.
    Url {
        /// `https://host[:port]/path`.
        url: String,
        /// The authorities, PEM.
        anchors: PathBuf,
    },
}

/// No keys are held that may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoKeys;

/// The keys of one issuer as they were last read or fetched.
pub(super) struct HeldKeys {
    from: KeysFrom,
    algorithms: Vec<IssuerAlgorithm>,
    held: Mutex<Held>,
    /// One fetches, whoever needs it.
    turn: Turn<()>,
}

#[derive(Default)]
struct Held {
    keys: IssuerKeys,
    /// When they came.
    at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    failure: Option<FetchError>,
}

impl HeldKeys {
    pub(super) fn new(from: KeysFrom, algorithms: Vec<IssuerAlgorithm>) -> Self {
        Self {
            from,
            algorithms,
            held: Mutex::default(),
            turn: Turn::default(),
        }
    }

    /// The keys, with the one of that name if the issuer has it: a name that is not known is looked for
    /// once more, but not again and again (whoever writes tokens chooses the name).
    pub(super) async fn with(&self, kid: &str, now: Timestamp) -> Result<IssuerKeys, NoKeys> {
        let known = {
            let held = self.held();
            held.is_fresh(now) && held.keys.has(kid)
        };
        if !known {
            let _turn = self.turn.lock().await;
            // Whoever had the turn before may have brought it.
            let known = self.held().keys.has(kid) && self.held().is_fresh(now);
            if !known && self.held().may_try(now) {
                self.fetch(now).await;
            }
        }
        let held = self.held();
        if held.may_be_used(now) {
            Ok(held.keys.clone())
        } else {
            Err(NoKeys)
        }
    }

    /// Reads or fetches the keys if they are not fresh.
    pub(super) async fn refresh(&self, now: Timestamp) {
        let _turn = self.turn.lock().await;
        let needed = {
            let held = self.held();
            !held.is_fresh(now) && held.may_try(now)
        };
        if needed {
            self.fetch(now).await;
        }
    }

    /// Why they could not be read or fetched the last time.
    pub(super) fn failure(&self) -> Option<FetchError> {
        self.held().failure.clone()
    }

    async fn fetch(&self, now: Timestamp) {
        self.held().tried_at = Some(now);
        let fetched = match &self.from {
            KeysFrom::File(path) => read(path),
            KeysFrom::Url { url, anchors } => match KeyServer::new(url, anchors) {
                Ok(server) => server.get().await,
                Err(error) => Err(error),
            },
        };
        let keys = fetched.and_then(|json| parsed(&json, &self.algorithms));
        let mut held = self.held();
        match keys {
            Ok(keys) => {
                held.keys = keys;
                held.at = Some(now);
                held.failure = None;
            }
            Err(error) => held.failure = Some(error),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // What is held is whole at every moment.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the files of keys, and fetches nothing.
pub(super) fn rehearse(from: &KeysFrom, algorithms: &[IssuerAlgorithm]) -> Result<(), FetchError> {
    match from {
        KeysFrom::File(path) => parsed(&read(path)?, algorithms).map(|_| ()),
        KeysFrom::Url { url, anchors } => KeyServer::new(url, anchors).map(|_| ()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FetchError> {
    let read = file::read(path).map(String::into_bytes);
    read.map_err(|error| FetchError::Unreadable(error.to_string()))
}

fn parsed(json: &[u8], algorithms: &[IssuerAlgorithm]) -> Result<IssuerKeys, FetchError> {
    IssuerKeys::from_jwks(json, algorithms).map_err(FetchError::NoKeys)
}

impl Held {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| now.since(at) < FRESH)
    }

    fn may_be_used(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| now.since(at) < KEPT)
    }

    fn may_try(&self, now: Timestamp) -> bool {
        self.tried_at.is_none_or(|at| now.since(at) >= REST)
    }
}

/// A key that the issuer takes out of its set is good for so long at most, as long as it answers.
const FRESH: Duration = Duration::from_secs(3600);
/// Through an outage of the issuer its keys are used for so long.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Between two tries.
const REST: Duration = Duration::from_secs(30);
