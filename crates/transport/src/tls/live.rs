use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::tls::LoadError;

/// A value read from files that can be read again while it is in use.
///
/// Whoever uses it takes the current value for one connection; whoever must know of a change
/// subscribes.
pub struct Live<T>(Arc<Shared<T>>);

type Load<T> = dyn Fn(&T) -> Result<T, LoadError> + Send + Sync;

struct Shared<T> {
    current: watch::Sender<Arc<T>>,
    load: Box<Load<T>>,
    /// Two reloads at once could put the older value in force last.
    reloading: Mutex<()>,
    /// Why the last reload changed nothing.
    refused: Mutex<Option<Arc<LoadError>>>,
}

impl<T> Live<T> {
    /// Starts with `first`; `load` reads the next value, given the one in force.
    pub(super) fn new(
        first: T,
        load: impl Fn(&T) -> Result<T, LoadError> + Send + Sync + 'static,
    ) -> Self {
        let (current, _) = watch::channel(Arc::new(first));
        Self(Arc::new(Shared {
            current,
            load: Box::new(load),
            reloading: Mutex::new(()),
            refused: Mutex::default(),
        }))
    }

    /// The value in force.
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.0.current.borrow())
    }

    /// The value in force and every one after it.
    pub fn subscribe(&self) -> watch::Receiver<Arc<T>> {
        self.0.current.subscribe()
    }

    /// Why the files that were read last are not in force, until files are that were read later.
    pub fn refused(&self) -> Option<Arc<LoadError>> {
        let refused = self.0.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again and puts what they say in force, or says what is wrong with them and
    /// leaves everything as it is. Reads a few small files: call it where blocking is allowed.
    pub fn reload(&self) -> Result<Arc<T>, Arc<LoadError>> {
        // What the lock guards is nothing that a panic could have left half done.
        let _one_at_a_time = self
            .0
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let read = (self.0.load)(&self.current());
        let read = read.map(Arc::new).map_err(Arc::new);
        if let Ok(next) = &read {
            self.0.current.send_replace(Arc::clone(next));
        }
        *self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = read.as_ref().err().cloned();
        read
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
