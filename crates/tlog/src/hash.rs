use std::fmt;

use aws_lc_rs::digest;

use crate::text;

/// A SHA-256 value: of a leaf, of a node, or the root of a tree.
///
/// Printed as 64 hexadecimal digits; the C2SP text formats use [`Hash::to_base64`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// The root of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Standard padded base64 (RFC 4648 §4), 44 characters, as in checkpoints and proofs.
    pub fn to_base64(&self) -> String {
        text::encode_base64(&self.0)
    }

    /// Reads what [`Hash::to_base64`] writes, and no other spelling of it.
    pub fn from_base64(text: &str) -> Result<Self, InvalidHash> {
        let bytes = text::decode_base64(text).ok_or(InvalidHash)?;
        Self::try_from(bytes.as_slice())
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = InvalidHash;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidHash> {
        bytes.try_into().map(Self).map_err(|_| InvalidHash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// What was to be a hash is not 32 bytes, or not their canonical base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the base64 of a 32-byte hash")]
pub struct InvalidHash;

/// The hash of a leaf: `SHA-256(0x00 || entry)` (RFC 6962 §2.1), over the entry as it is stored.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&[LEAF]);
    context.update(entry);
    hash_of(context.finish())
}

/// The hash of a node: `SHA-256(0x01 || left || right)` (RFC 6962 §2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    // One contiguous buffer: the one-shot digest allocates nothing, a context would.
    let mut input = [0; 1 + 2 * Hash::BYTES];
    input[0] = NODE;
    input[1..=Hash::BYTES].copy_from_slice(&left.0);
    input[1 + Hash::BYTES..].copy_from_slice(&right.0);
    sha256(&input)
}

/// Plain SHA-256, for key identifiers.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    hash_of(digest::digest(&digest::SHA256, bytes))
}

fn hash_of(digest: digest::Digest) -> Hash {
    let mut hash = [0; Hash::BYTES];
    hash.copy_from_slice(digest.as_ref());
    Hash(hash)
}

const LEAF: u8 = 0x00;
const NODE: u8 = 0x01;
