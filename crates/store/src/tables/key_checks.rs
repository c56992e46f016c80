//! Which keys a store was sealed under, so that a wrong key file is named before a row fails to
//! open.
//!
//! `key_checks`: 0 → check of the node key; epoch → check of its key. Not sealed: a check is
//! derived from its key one way.

use prost::Message;

use passerelle_proto::storage::v1::KeyCheckRow;

use super::{TableError, Write};
use crate::table::Table;

/// Compares the keys at hand with those that the store was sealed under, and remembers those that
/// are new to it. Called once, before anything else is read.
pub fn bind(tx: &mut impl Write) -> Result<(), TableError> {
    let known = tx.scan(CHECKS, &[], &[], usize::MAX);
    let checks: Vec<_> = tx.sealer().keys().checks().collect();
    for (number, check) in &checks {
        let row = known
            .iter()
            .find(|(key, _)| key[..] == number.to_be_bytes());
        match row {
            None => remember(tx, *number, check),
            Some((_, row)) => {
                let row = KeyCheckRow::decode(row.clone()).unwrap_or_default();
                if row.check[..] != check[..] {
                    return Err(tx.sealer().keys().wrong(*number).into());
                }
            }
        }
    }
    // Older epoch keys are destroyed on purpose; the newest wraps the keys of all persons.
    let newest = known
        .last()
        .and_then(|(key, _)| key[..].try_into().ok())
        .map(u32::from_be_bytes);
    match newest {
        Some(epoch) if epoch > 0 => tx
            .sealer()
            .keys()
            .epoch(epoch)
            .map(|_| ())
            .map_err(TableError::from),
        _ => Ok(()),
    }
}

fn remember(tx: &mut impl Write, number: u32, check: &[u8]) {
    let row = KeyCheckRow {
        check: check.to_vec().into(),
    };
    tx.put_row(CHECKS, &number.to_be_bytes(), row.encode_to_vec().into());
}

const CHECKS: Table = Table::new(39);
