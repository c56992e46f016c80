//! Calls of agency systems that have one effect however often they are repeated.
//!
//! `requests`: HMAC of system and request id → what was answered.

use bytes::Bytes;
use passerelle_domain::{Digest, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry};

/// A call that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredRequest {
    /// SHA-256 of the request.
    pub digest: Digest,
    /// The bytes of the response.
    pub response: Bytes,
    /// When it was answered.
    pub at: Timestamp,
}

/// What was answered to a request of an agency system.
pub fn find(
    read: &impl Read,
    system: &str,
    request_id: &str,
) -> Result<Option<AnsweredRequest>, TableError> {
    let key = request_key(read, system, request_id);
    let Some(Found { row, .. }) = REQUESTS.find::<rows::RequestRow>(read, &key)? else {
        return Ok(None);
    };
    Ok(Some(AnsweredRequest {
        digest: field("digest", Digest::from_slice(&row.digest))
            .map_err(|what| REQUESTS.malformed(what))?,
        response: row.response,
        at: at(row.at),
    }))
}

/// Remembers what was answered to a request of an agency system, until `keep_until`.
pub fn put(
    tx: &mut impl Write,
    system: &str,
    request_id: &str,
    answered: &AnsweredRequest,
    keep_until: Timestamp,
) -> Result<(), TableError> {
    let key = request_key(tx, system, request_id);
    let row = rows::RequestRow {
        digest: bytes(answered.digest.as_bytes()),
        response: answered.response.clone(),
        at: answered.at.as_millis(),
    };
    expiry::put(tx, keep_until, &REQUESTS, &key)?;
    REQUESTS.put(tx, None, &key, &row)
}

fn request_key(read: &impl Read, system: &str, request_id: &str) -> Key {
    let parts = [system.as_bytes(), request_id.as_bytes()];
    Key::new().id(&read.sealing().sealer().keys().index(REQUESTS.name, &parts))
}

pub(super) const REQUESTS: Spec = Spec::new(29, "requests").long();
