use crate::checkpoint::SignedCheckpoint;
use crate::ed25519::{PublicKey, SIGNATURE_BYTES};
use crate::key::KeyName;
use crate::note::NoteSignature;
use crate::signing::KeyPair;

/// When a cosignature was made, in seconds since 1970-01-01 UTC: neither 0 nor past 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CosignedAt(u64);

impl CosignedAt {
    /// `None` outside the range.
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (1..=i64::MAX.unsigned_abs())
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn seconds(self) -> u64 {
        self.0
    }
}

/// A verified cosignature on a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Who signed.
    pub witness: KeyName,
    /// When, by the witness's clock.
    pub at: CosignedAt,
}

/// The cosignature of `key` on a checkpoint.
pub(crate) fn sign(key: &KeyPair, checkpoint: &SignedCheckpoint, at: CosignedAt) -> NoteSignature {
    key.sign(&message(at, checkpoint.text()), &at.0.to_be_bytes())
}

/// Checks the signature bytes of a cosignature line.
pub(crate) fn verify(key: &PublicKey, text: &str, bytes: &[u8]) -> Option<CosignedAt> {
    let (at, signature) = bytes.split_first_chunk()?;
    let at = CosignedAt::from_seconds(u64::from_be_bytes(*at))?;
    let signature: &[u8; SIGNATURE_BYTES] = signature.try_into().ok()?;
    key.verify(&message(at, text), signature).then_some(at)
}

/// "two newline terminated lines followed by the whole note body" (tlog-cosignature, "Ed25519 signed
/// message").
fn message(at: CosignedAt, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {}\n{text}", at.0).into_bytes()
}

#[cfg(test)]
mod tests;
