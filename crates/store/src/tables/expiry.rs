//! When rows go that are kept for a time only: used tokens, sessions, answered requests,
//! answered deliveries, withdrawals and ends that came ahead of a link that never was.
//!
//! `expiry`: instant ∥ table ∥ key of the row.

use passerelle_domain::Timestamp;
use passerelle_proto::storage::v1 as rows;

use super::key::{Key, KeyParts};
use super::spec::Spec;
use super::withdrawals::{self, WITHDRAWALS};
use super::{TABLES, TableError, Write};

/// Removes rows whose time has come, at most `limit`, the oldest first. Says how many.
pub fn sweep(tx: &mut impl Write, now: Timestamp, limit: usize) -> Result<usize, TableError> {
    let mut gone = 0;
    for key in EXPIRY.keys(tx, &[], None, limit) {
        let mut parts = KeyParts::of(&key);
        let due = parts.u64().and_then(|at| Ok((at, parts.id::<1>()?[0])));
        let (due, number) = due.map_err(|what| EXPIRY.malformed(what))?;
        if due > now.as_millis() {
            break;
        }
        let key_of_row = parts.rest();
        let is_withdrawal = number == WITHDRAWALS.table.number();
        if !(is_withdrawal && withdrawals::is_adopted(tx, key_of_row)?)
            && let Some(table) = TABLES.iter().find(|table| table.table.number() == number)
        {
            table.delete(tx, key_of_row);
        }
        EXPIRY.delete(tx, &key);
        gone += 1;
    }
    Ok(gone)
}

/// Has a row go once `at` has come.
pub(super) fn put(
    tx: &mut impl Write,
    at: Timestamp,
    table: &Spec,
    key: &[u8],
) -> Result<(), TableError> {
    let key = Key::new()
        .u64(at.as_millis())
        .u8(table.table.number())
        .rest(key);
    EXPIRY.put(tx, None, &key, &rows::Mark {})
}

pub(super) const EXPIRY: Spec = Spec::new(30, "expiry");
