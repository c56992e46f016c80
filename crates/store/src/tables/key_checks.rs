//! Which keys a store was sealed under, so that a wrong key file is named before a row fails to
//! open.
//!
//! `key_checks`: 0 → check of the node key; epoch → check of its key. Not sealed: a check is
//! derived from its key one way.

use prost::Message;

use passerelle_proto::storage::v1::KeyCheckRow;

use super::key::{Key, KeyParts};
use super::{Read, TableError, Write};
use crate::keys::KeyError;
use crate::table::Table;

/// Compares the keys at hand with those that the store was sealed under: done when a store opens,
/// before anything else is read.
pub(crate) fn verify(read: &impl Read) -> Result<(), KeyError> {
    let keys = read.sealing().sealer().keys();
    let mut newest = 0;
    for (number, row) in read.scan(CHECKS, &[], &[], usize::MAX) {
        let Ok(number) = KeyParts::of(&number).u32() else {
            continue;
        };
        newest = newest.max(number);
        let row = KeyCheckRow::decode(row).unwrap_or_default();
        let at_hand = keys.checks().find(|(at_hand, _)| *at_hand == number);
        if at_hand.is_some_and(|(_, check)| row.check[..] != check) {
            return Err(keys.wrong(number));
        }
    }
    // Older epoch keys are destroyed on purpose; the newest wraps the keys of all persons.
    if newest > 0 {
        keys.epoch(newest)?;
    }
    Ok(())
}

/// Remembers the keys at hand as those that the store is sealed under. Called once after each
/// opening; a key that is not the one remembered is named, and nothing changes.
pub fn bind(tx: &mut impl Write) -> Result<(), TableError> {
    verify(tx)?;
    let checks: Vec<_> = tx.sealing().sealer().keys().checks().collect();
    for (number, check) in checks {
        let key = Key::new().u32(number);
        if tx.get(CHECKS, &key).is_none() {
            let check = check.to_vec().into();
            let row = KeyCheckRow { check };
            tx.put_row(CHECKS, &key, row.encode_to_vec().into());
        }
    }
    Ok(())
}

const CHECKS: Table = Table::new(39);
