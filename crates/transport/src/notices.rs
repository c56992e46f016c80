//! Catalogues of notices: signed, and checked against the one key that may sign them.

use passerelle_domain::claim::NoticeCatalogue;
use passerelle_domain::{Timestamp, Verified};

use crate::jwt::{self, NoticeKey, SignError, SigningKey, TokenError};

/// Signs a catalogue.
pub fn sign(catalogue: &NoticeCatalogue, key: &SigningKey) -> Result<String, SignError> {
    jwt::sign(catalogue, key)
}

/// Checks a signed catalogue: by the key that may sign it, for its federation, not made later than
/// `now`.
pub fn verify(
    token: &str,
    key: &NoticeKey,
    now: Timestamp,
) -> Result<Verified<NoticeCatalogue>, TokenError> {
    jwt::verify_unaddressed(token.trim_ascii(), key, now)
}

#[cfg(test)]
mod tests;
