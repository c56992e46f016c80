use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use bytes::Bytes;
use passerelle_domain::{PersonId, Rng};
use zeroize::Zeroizing;

use super::{Derive, KeyCheck, Secret, check};

/// Wraps the keys of persons: AES-256-GCM, random nonce, bound to person and epoch.
pub(crate) struct EpochKey {
    epoch: u32,
    key: LessSafeKey,
    check: KeyCheck,
}

impl EpochKey {
    pub(crate) fn new(epoch: u32, key: &Secret) -> Self {
        let derive = Derive::new(b"passerelle epoch key v1", key);
        Self {
            epoch,
            key: aes_256_gcm(&derive.expand(&[b"wrap"])),
            check: check(&derive),
        }
    }

    pub(super) fn check(&self) -> KeyCheck {
        self.check
    }

    /// Wraps a person's key.
    pub(crate) fn wrap(&self, person: &PersonId, key: &Secret, rng: &dyn Rng) -> WrappedKey {
        let nonce: [u8; NONCE_LEN] = rng.bytes();
        let mut sealed = Zeroizing::new([0; 32]);
        sealed.copy_from_slice(key.bytes());
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad(person, self.epoch)),
                sealed.as_mut(),
            )
            // Fails on more than 64 GiB only (NIST SP 800-38D §5.2.1.1).
            .expect("32 bytes to seal");
        let mut wrapped = Vec::with_capacity(WRAPPED_LEN);
        wrapped.extend_from_slice(&self.epoch.to_be_bytes());
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(sealed.as_ref());
        wrapped.extend_from_slice(tag.as_ref());
        WrappedKey(wrapped.into())
    }

    /// The key that was wrapped for this person; `None` when it was not, or not by this key.
    pub(crate) fn unwrap(&self, person: &PersonId, wrapped: &WrappedKey) -> Option<Secret> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&wrapped.0[NONCE_AT..KEY_AT]);
        let mut sealed = Zeroizing::new([0; SEALED_LEN]);
        sealed.copy_from_slice(&wrapped.0[KEY_AT..]);
        let aad = Aad::from(aad(person, self.epoch));
        let opened = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(nonce), aad, sealed.as_mut())
            .ok()?;
        let mut key = Secret::default();
        key.bytes_mut().copy_from_slice(opened);
        Some(key)
    }
}

/// A person's key as its row holds it: epoch (4 bytes), nonce (12), key (32), tag (16).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey(Bytes);

impl WrappedKey {
    /// From a row; `None` when it has not the length of one.
    pub(crate) fn from_bytes(bytes: Bytes) -> Option<Self> {
        (bytes.len() == WRAPPED_LEN).then_some(Self(bytes))
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The epoch whose key unwraps it.
    pub(crate) fn epoch(&self) -> u32 {
        u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]])
    }
}

fn aad(person: &PersonId, epoch: u32) -> [u8; 20] {
    let mut aad = [0; 20];
    aad[..16].copy_from_slice(person.as_bytes());
    aad[16..].copy_from_slice(&epoch.to_be_bytes());
    aad
}

/// A key of 32 bytes for AES-256-GCM.
pub(crate) fn aes_256_gcm(key: &Secret) -> LessSafeKey {
    // Fails on a key of another length only, and this one has 32 bytes by its type.
    let key = UnboundKey::new(&AES_256_GCM, key.bytes()).expect("a key of 32 bytes");
    LessSafeKey::new(key)
}

const NONCE_AT: usize = 4;
const KEY_AT: usize = NONCE_AT + NONCE_LEN;
const SEALED_LEN: usize = 32 + 16;
const WRAPPED_LEN: usize = KEY_AT + SEALED_LEN;
