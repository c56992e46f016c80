//! A small certificate authority, kept in a folder: what `passerelle pki` calls.
//!
//! A federation has one for its nodes; each organisation has its own for its agency listener and
//! its agency systems, never the federation's. Keys are made where they are used: an authority sees
//! requests, not keys.

mod authority;
mod error;
mod fingerprint;
mod request;
mod revocation;
mod subject;

pub use authority::{Authority, Issued};
pub use error::PkiError;
pub use fingerprint::{Fingerprints, fingerprints};
pub use request::request;
pub use revocation::RevocationReason;
pub use subject::Subject;

use std::time::Duration;

use passerelle_domain::Timestamp;
use time::OffsetDateTime;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long an authority lives when nothing else is said.
pub const AUTHORITY_VALIDITY: Duration = DAY.saturating_mul(3650);
/// How long a certificate lives when nothing else is said: three months, for an operator who
/// renews by hand.
pub const LEAF_VALIDITY: Duration = DAY.saturating_mul(90);
/// How long a revocation list is good for when nothing else is said. Past it nobody is let in.
pub const REVOCATION_LIST_VALIDITY: Duration = DAY.saturating_mul(30);

/// X.509 counts in whole seconds.
fn x509_time(at: Timestamp) -> OffsetDateTime {
    let secs = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    // `Timestamp` ends with the year 9999, as `OffsetDateTime` does.
    OffsetDateTime::from_unix_timestamp(secs).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
