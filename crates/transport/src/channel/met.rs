use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::Digest;

/// By which certificate a member was known on a channel.
///
/// A channel has one connection at a time: what is read after an answer came is the certificate of
/// whoever gave it, unless the connection ended and was opened anew in between.
#[derive(Clone, Debug, Default)]
pub struct Met(Arc<Mutex<Option<Digest>>>);

impl Met {
    /// SHA-256 of the certificate; `None` before the first connection.
    pub fn certificate(&self) -> Option<Digest> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, certificate: Digest) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
    }
}
