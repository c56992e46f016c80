use std::fmt;

use crate::checkpoint::SignedCheckpoint;
use crate::cosignature::{self, CosignedAt};
use crate::ed25519::SecretKey;
use crate::hash::Hash;
use crate::key::{KeyError, KeyName, SignatureType, VerifyingKey};
use crate::note::NoteSignature;

/// A log's private key: signs the heads of its log, and nothing else. The caller sees to it that all
/// heads ever signed are consistent.
#[derive(Debug)]
pub struct LogKey(KeyPair);

impl LogKey {
    /// The key that belongs to a seed of 32 random bytes (RFC 8032 §5.1.5). Its name is the origin.
    pub fn from_seed(seed: &[u8; 32], origin: KeyName) -> Result<Self, KeyError> {
        KeyPair::from_seed(seed, origin, SignatureType::Ed25519).map(Self)
    }

    /// A key in PKCS #8 DER, version 1 or 2. Its name is the origin.
    pub fn from_pkcs8(der: &[u8], origin: KeyName) -> Result<Self, KeyError> {
        KeyPair::from_pkcs8(der, origin, SignatureType::Ed25519).map(Self)
    }

    /// The public key that checks its signatures.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.0.verifying_key()
    }

    #[cfg(test)]
    pub(crate) fn sign_text(&self, text: &str) -> NoteSignature {
        self.0.sign(text.as_bytes(), &[])
    }

    /// Signs the head of its log at this size.
    pub fn sign_checkpoint(&self, size: u64, root: Hash) -> SignedCheckpoint {
        SignedCheckpoint::sign(&self.0, size, root)
    }
}

/// A witness's private key: says of the checkpoints of other logs "this is the largest consistent
/// head that I have seen" (C2SP tlog-cosignature, `cosignature/v1`).
///
/// What is signed does not contain the witness's name, so a key belongs to one witness and is never
/// also a log key.
#[derive(Debug)]
pub struct WitnessKey(KeyPair);

impl WitnessKey {
    /// The key that belongs to a seed of 32 random bytes (RFC 8032 §5.1.5).
    pub fn from_seed(seed: &[u8; 32], name: KeyName) -> Result<Self, KeyError> {
        KeyPair::from_seed(seed, name, SignatureType::CosignatureV1).map(Self)
    }

    /// A key in PKCS #8 DER, version 1 or 2.
    pub fn from_pkcs8(der: &[u8], name: KeyName) -> Result<Self, KeyError> {
        KeyPair::from_pkcs8(der, name, SignatureType::CosignatureV1).map(Self)
    }

    /// The public key that checks its cosignatures.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.0.verifying_key()
    }

    /// Cosigns a checkpoint. The caller has made sure that it is consistent with the last one that it
    /// cosigned for this origin, and has stored it.
    pub fn cosign(&self, checkpoint: &SignedCheckpoint, at: CosignedAt) -> NoteSignature {
        cosignature::sign(&self.0, checkpoint, at)
    }
}

/// A private key under its name and type.
pub(crate) struct KeyPair {
    secret: SecretKey,
    verifying: VerifyingKey,
}

impl KeyPair {
    fn from_seed(seed: &[u8; 32], name: KeyName, kind: SignatureType) -> Result<Self, KeyError> {
        Self::new(SecretKey::from_seed(seed), name, kind)
    }

    fn from_pkcs8(der: &[u8], name: KeyName, kind: SignatureType) -> Result<Self, KeyError> {
        Self::new(SecretKey::from_pkcs8(der), name, kind)
    }

    fn new(
        secret: Option<SecretKey>,
        name: KeyName,
        kind: SignatureType,
    ) -> Result<Self, KeyError> {
        let secret = secret.ok_or(KeyError::PrivateKey)?;
        let key = secret.public_key().ok_or(KeyError::PrivateKey)?;
        let verifying = VerifyingKey::new(name, kind, *key.as_bytes())?;
        Ok(Self { secret, verifying })
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A signature line: `before`, then the signature over the message.
    pub(crate) fn sign(&self, message: &[u8], before: &[u8]) -> NoteSignature {
        let bytes = [before, &self.secret.sign(message)].concat();
        NoteSignature::new(&self.verifying, bytes)
    }
}

impl fmt::Debug for KeyPair {
    /// The public half alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verifying.fmt(f)
    }
}

#[cfg(test)]
mod tests;
