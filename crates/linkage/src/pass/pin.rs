//! The PIN that goes with a pass, and its hash.

use std::fmt;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use passerelle_domain::{Malformed, Rng};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Six digits, told to the person apart from the pass. `Debug` shows nothing.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// A new one, each of the million as likely as any other.
    pub fn random(rng: &dyn Rng) -> Self {
        // The remainder of 128 bits favours no PIN by more than 2^-108.
        let number = u128::from_be_bytes(rng.bytes()) % 1_000_000;
        Self(Zeroizing::new(format!("{number:06}")))
    }

    /// Reads six digits; the error names no field.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(Malformed::new("", "6 digits"))
        }
    }

    /// The digits, to be shown to the person or sent to the issuer.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(***)")
    }
}

/// Random bytes drawn for one hash.
pub struct PinSalt([u8; 16]);

impl PinSalt {
    /// A new one.
    pub fn random(rng: &dyn Rng) -> Self {
        Self(rng.bytes())
    }
}

/// Argon2id of a PIN (RFC 9106), in the PHC string form, which holds salt and parameters.
///
/// 19 MiB, two passes, one lane: some 30 ms and 19 MiB a comparison. A million PINs are few: what
/// keeps them is the count of misses; the hash only slows down whoever has stolen the rows, and
/// lacks the pass then. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinHash(String);

impl PinHash {
    /// The hash of `pin`. Slow: run it through [`Blocking`](crate::Blocking).
    pub fn of(pin: &Pin, salt: &PinSalt) -> Self {
        Self(
            hash(pin, salt)
                .expect("the parameters are constants within the limits of RFC 9106 §3.1"),
        )
    }

    /// Whether it is the hash of `pin`. Slow: run it through [`Blocking`](crate::Blocking). Hashes
    /// are compared in constant time.
    pub fn matches(&self, pin: &Pin) -> bool {
        #[cfg(test)]
        tests::COMPARISONS.set(tests::COMPARISONS.get() + 1);
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(pin.0.as_bytes(), &hash)
                .is_ok()
        })
    }
}

impl TryFrom<String> for PinHash {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if is_ours(&text) {
            Ok(Self(text))
        } else {
            Err(Malformed::new(
                "",
                "an Argon2id hash of at most 64 MiB, 4 passes and 4 lanes",
            ))
        }
    }
}

impl From<PinHash> for String {
    fn from(hash: PinHash) -> Self {
        hash.0
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(***)")
    }
}

fn hash(pin: &Pin, salt: &PinSalt) -> argon2::password_hash::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = SaltString::encode_b64(&salt.0)?;
    Ok(argon2.hash_password(pin.0.as_bytes(), &salt)?.to_string())
}

/// Whether a stored text is a hash that this node may spend time and memory on.
fn is_ours(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        let costs = Params::try_from(&hash).is_ok_and(|params| {
            params.m_cost() <= MAX_MEMORY_KIB
                && params.t_cost() <= MAX_PASSES
                && params.p_cost() <= MAX_LANES
        });
        let version = hash.version == Some(Version::V0x13.into());
        costs
            && version
            && hash.algorithm == ARGON2ID_IDENT
            && hash.salt.is_some()
            && hash.hash.is_some()
    })
}

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a stored hash may ask for at most, so that a row cannot exhaust the node.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 4;
const MAX_LANES: u32 = 4;

#[cfg(test)]
pub(crate) mod tests;
