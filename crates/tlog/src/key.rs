use std::fmt;
use std::str::FromStr;

use crate::cosignature;
use crate::ed25519::PublicKey;
use crate::hash::sha256;
use crate::note::Signer;
use crate::text::{decode_base64, encode_base64};

/// The name of a key, which for a log key is also the origin of its log: not empty, without spaces,
/// control characters or `+` (C2SP signed-note, "Format").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > MAX_NAME_BYTES || text.contains(refused) {
            return Err(KeyError::Name);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first four bytes of `SHA-256(name || 0x0A || type || public key)`: tells apart the keys of
/// one name. An identifier, not a proof of anything.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What a key signs and how: the type byte of the note formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureType {
    /// 0x01: Ed25519 over the note's text. Log keys.
    Ed25519,
    /// 0x04: timestamped Ed25519 cosignature (C2SP tlog-cosignature). Witness keys.
    CosignatureV1,
}

impl SignatureType {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

/// A public key that checks signatures on notes; its text is a C2SP *vkey*,
/// `<name>+<id>+<base64(type || key)>`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: KeyName,
    kind: SignatureType,
    id: KeyId,
    key: PublicKey,
}

impl VerifyingKey {
    /// A key from the 32 bytes of its Ed25519 public key (RFC 8032 §5.1.5). Refuses keys of low
    /// order and keys that are not in canonical form: anyone could sign for the first, and the second
    /// have two ids.
    pub fn new(name: KeyName, kind: SignatureType, key: [u8; 32]) -> Result<Self, KeyError> {
        let key = PublicKey::new(key).ok_or(KeyError::PublicKey)?;
        let mut hashed = name.0.clone().into_bytes();
        hashed.push(b'\n');
        hashed.extend(encoded(kind, &key));
        let [a, b, c, d, ..] = sha256(&hashed).0;
        let id = KeyId([a, b, c, d]);
        Ok(Self {
            name,
            kind,
            id,
            key,
        })
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's identifier.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs.
    pub fn kind(&self) -> SignatureType {
        self.kind
    }

    /// The 32 bytes of the Ed25519 public key.
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Checks the signature bytes of a line that names this key; `None` if they do not verify.
    pub(crate) fn verify(&self, text: &str, signature: &[u8]) -> Option<Signer> {
        match self.kind {
            SignatureType::Ed25519 => self
                .key
                .verify(text.as_bytes(), signature)
                .then_some(Signer::Key),
            SignatureType::CosignatureV1 => {
                cosignature::verify(&self.key, text, signature).map(Signer::Witness)
            }
        }
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::VerifyingKey);
        };
        let encoded = decode_base64(key).ok_or(KeyError::VerifyingKey)?;
        let (kind, key) = encoded.split_first().ok_or(KeyError::VerifyingKey)?;
        let kind = SignatureType::from_byte(*kind).ok_or(KeyError::Type)?;
        let key = key.try_into().map_err(|_| KeyError::VerifyingKey)?;
        let parsed = Self::new(name.parse()?, kind, key)?;
        // The id is computed, never taken from the text.
        if parsed.id.to_string() == id {
            Ok(parsed)
        } else {
            Err(KeyError::Id)
        }
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = encode_base64(&encoded(self.kind, &self.key));
        write!(f, "{}+{}+{key}", self.name, self.id)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

fn encoded(kind: SignatureType, key: &PublicKey) -> [u8; 33] {
    let mut bytes = [kind.byte(); 33];
    bytes[1..].copy_from_slice(key.as_bytes());
    bytes
}

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name that could not stand in a signature line.
    #[error("a key name has 1 to 255 bytes, without spaces, control characters and +")]
    Name,
    /// Not a vkey.
    #[error("a verifying key is written <name>+<8 hexadecimal digits>+<base64 of 33 bytes>")]
    VerifyingKey,
    /// A signature type that is not checked here.
    #[error("only keys of type 0x01 (Ed25519) and 0x04 (cosignature) are known")]
    Type,
    /// The id does not belong to this name, type and key.
    #[error("the key id is not that of this name and key")]
    Id,
    /// Low order, or not canonical.
    #[error("the public key is of low order or not in canonical form")]
    PublicKey,
    /// Neither a seed nor PKCS #8 of an Ed25519 key.
    #[error("not an Ed25519 private key")]
    PrivateKey,
}

/// The limit of the names in a `subtree/v1` cosignature, kept for all.
const MAX_NAME_BYTES: usize = 255;

#[cfg(test)]
mod tests;
