//! Ed25519 (RFC 8032) through aws-lc-rs, and which of its edge cases pass.
//!
//! RFC 8032 leaves room where implementations differ (C2SP/CCTV `ed25519`). What holds here, pinned
//! by a test over all 914 CCTV vectors; Go's `crypto/ed25519` 1.19 was run over the same:
//!
//! | case | aws-lc-rs 1.19 | Go | here |
//! |---|---|---|---|
//! | S ≥ L (malleable signature) | refused | refused | refused |
//! | R not in canonical form | refused | refused | refused |
//! | residue of low order (holds only with cofactor 8) | refused | refused | refused |
//! | key not in canonical form | refused | accepted | refused when the key is read |
//! | key of low order | accepted | accepted | refused when the key is read |
//! | low-order component in a key of high order, low-order R | accepted | accepted | accepted |
//!
//! A key of low order would let anyone sign anything for it; a key with two spellings would have two
//! key ids. What remains accepted needs the signer's own doing and forges nothing. So whatever
//! verifies here verifies in Go; the reverse fails only for keys that no honest log has.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// A public key that is neither of low order nor misspelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicKey([u8; 32]);

impl PublicKey {
    /// `None` for a key that must not be trusted. Whether the rest are points shows at the first
    /// verification: no signature verifies under bytes that are none.
    pub(crate) fn new(bytes: [u8; 32]) -> Option<Self> {
        let key = Self(bytes);
        (key.is_canonical() && !key.has_low_order()).then_some(key)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(message, signature)
            .is_ok()
    }

    /// Whether y < 2^255 - 19, so that it has this spelling alone.
    fn is_canonical(&self) -> bool {
        let y = self.y();
        !(y[0] >= 0xed && y[1..31].iter().all(|byte| *byte == 0xff) && y[31] == 0x7f)
    }

    fn has_low_order(&self) -> bool {
        let y = self.y();
        LOW_ORDER.contains(&y) || (y[0] <= 1 && y[1..].iter().all(|byte| *byte == 0))
    }

    /// The encoding without the sign of x.
    fn y(&self) -> [u8; 32] {
        let mut y = self.0;
        y[31] &= 0x7f;
        y
    }
}

/// A private key and its public key.
pub(crate) struct SecretKey(Ed25519KeyPair);

impl SecretKey {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// PKCS #8, version 1 (as OpenSSL writes it) or 2.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .ok()
            .map(Self)
    }

    pub(crate) fn public_key(&self) -> Option<PublicKey> {
        let bytes = self.0.public_key().as_ref();
        PublicKey::new(bytes.try_into().ok()?)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.0.sign(message).as_ref());
        signature
    }
}

pub(crate) const SIGNATURE_BYTES: usize = 64;

/// The y of the points of order 2 (p - 1) and 8, canonical; those of order 1 and 4 are 1 and 0.
const LOW_ORDER: [[u8; 32]; 3] = [
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests;
