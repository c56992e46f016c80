//! Single-use tokens that were used, remembered until they expire.
//!
//! `used_tokens`: HMAC of issuer and jti.

use passerelle_domain::{Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::key::Key;
use super::spec::Spec;
use super::{TableError, Write, expiry};

/// Uses a token: `false` if it was used before.
pub fn spend(
    tx: &mut impl Write,
    issuer: &str,
    token: &TokenId,
    expires_at: Timestamp,
) -> Result<bool, TableError> {
    let parts = [issuer.as_bytes(), token.as_bytes()];
    let key = Key::new().id(&tx.sealing().sealer().keys().index(USED.name, &parts));
    if USED.exists(tx, &key) {
        return Ok(false);
    }
    expiry::put(tx, expires_at, &USED, &key)?;
    USED.put(tx, None, &key, &rows::Mark {})?;
    Ok(true)
}

pub(super) const USED: Spec = Spec::new(28, "used_tokens");
