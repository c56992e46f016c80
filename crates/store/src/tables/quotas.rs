//! What was used of daily quotas.
//!
//! `quotas`: day ∥ HMAC of kind and subject → count.

use passerelle_domain::Timestamp;
use passerelle_proto::storage::v1 as rows;

use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// What was used on the day of `now` (UTC) by a subject (an agent's reference, a node), of one kind.
pub fn used(
    read: &impl Read,
    now: Timestamp,
    kind: &str,
    subject: &str,
) -> Result<u64, TableError> {
    let found = QUOTAS.find::<rows::Counter>(read, &quota_key(read, now, kind, subject))?;
    Ok(found.map_or(0, |Found { row, .. }| row.value))
}

/// Uses more of a quota: what was used on that day, with this.
pub fn add(
    tx: &mut impl Write,
    now: Timestamp,
    kind: &str,
    subject: &str,
    more: u64,
) -> Result<u64, TableError> {
    let value = used(tx, now, kind, subject)?.saturating_add(more);
    let key = quota_key(tx, now, kind, subject);
    QUOTAS.put(tx, None, &key, &rows::Counter { value })?;
    Ok(value)
}

/// Forgets quotas of days before that of `now`, at most `limit` rows. Says how many went.
pub fn sweep(tx: &mut impl Write, now: Timestamp, limit: usize) -> Result<usize, TableError> {
    let mut gone = 0;
    for key in QUOTAS.keys(tx, &[], None, limit) {
        let of = KeyParts::of(&key)
            .u32()
            .map_err(|what| QUOTAS.malformed(what))?;
        if of >= day(now) {
            break;
        }
        QUOTAS.delete(tx, &key);
        gone += 1;
    }
    Ok(gone)
}

fn quota_key(read: &impl Read, now: Timestamp, kind: &str, subject: &str) -> Key {
    let keys = read.sealing().sealer().keys();
    let token = keys.index(QUOTAS.name, &[kind.as_bytes(), subject.as_bytes()]);
    Key::new().u32(day(now)).id(&token)
}

/// Days since 1970.
fn day(now: Timestamp) -> u32 {
    // The last instant there is lies in the year 9999, day 2,932,896.
    u32::try_from(now.as_secs() / 86_400).unwrap_or(u32::MAX)
}

pub(super) const QUOTAS: Spec = Spec::new(37, "quotas");
