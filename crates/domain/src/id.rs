//! Identifiers: each its own type, none interchangeable with another.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Malformed, Rng, Timestamp};

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident, $check:path, $rule:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Reads the name; the error names no field.
            pub fn new(text: impl AsRef<str>) -> Result<Self, Malformed> {
                let text = text.as_ref();
                if $check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(Malformed::new("", $rule))
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }
    };
}

/// Characters of a byte, in the longer of the encodings.
const LONGEST_CODE: usize = 2;

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $encoding:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name([u8; $len]);

        impl $name {
            /// From its bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// From bytes that must be exactly as many; the error names no field.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
                bytes.try_into().map(Self).map_err(|_| Malformed::new("", $rule))
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Its text, on the stack: every log entry holds ten of them.
            fn written<T>(&self, to: impl FnOnce(&str) -> T) -> T {
                let mut text = [0; LONGEST_CODE * $len];
                let text = &mut text[..$encoding.encode_len($len)];
                $encoding.encode_mut(&self.0, text);
                // Both encodings are of ASCII.
                to(str::from_utf8(text).expect("ASCII"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.written(|text| f.write_str(text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.written(|text| to.serialize_str(text))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let mut bytes = [0; $len];
                let rule = || Malformed::new("", $rule);
                if $encoding.decode_len(text.len()) != Ok($len) {
                    return Err(rule());
                }
                $encoding.decode_mut(text.as_bytes(), &mut bytes).map_err(|_| rule())?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }
    };
}

name_id!(
    /// The name of a node in its federation, for life: `[a-z0-9-]{3,40}`.
    NodeId,
    is_node_id,
    "3 to 40 characters among a-z, 0-9 and -"
);
name_id!(
    /// The name of a federation, a DNS-like name: `[a-z0-9.-]{3,100}`, the trust domain of its
    /// SPIFFE ids.
    FederationId,
    is_federation_id,
    "3 to 100 characters among a-z, 0-9, - and ., neither first nor last a - or ."
);
name_id!(
    /// An opaque reference to an agent, made by the agent's own node: what a holder sees and logs.
    AgentRef,
    is_agent_ref,
    "1 to 64 characters among letters, digits, - and _"
);

byte_id!(
    /// 128 random bits shared by two nodes about one person, different for every pair.
    LinkId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// A person in one node's own store; never on the wire between nodes.
    PersonId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// A record of one node, kept across its versions.
    RecordId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// `jti` of a token: unique for its issuer (RFC 7519 §4.1.7).
    TokenId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// The receipts that replace each other, and what a withdrawal ends for good.
    ChainId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// A continuity pass at its issuer: a hash of what is printed in it, so that no row or log opens it.
    PassId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// The session of one agent at its own node.
    SessionId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// What a person asks about a record, at the node that holds it.
    RectificationId, 16, BASE64URL_NOPAD, "16 bytes, 22 characters of base64url"
);
byte_id!(
    /// SHA-256 of bytes as they were received or sent.
    Digest, 32, HEXLOWER, "32 bytes, 64 lower-case hexadecimal digits"
);

impl LinkId {
    /// A new link, drawn from `rng`.
    pub fn random(rng: &dyn Rng) -> Self {
        Self(rng.bytes())
    }
}

impl Digest {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let mut out = [0; 32];
        out.copy_from_slice(digest.as_ref());
        Self(out)
    }
}

macro_rules! random_id {
    ($($name:ident),+) => {$(
        impl $name {
            /// A new one, drawn from `rng`.
            pub fn random(rng: &dyn Rng) -> Self {
                Self(rng.bytes())
            }
        }
    )+};
}
random_id!(
    PersonId,
    RecordId,
    TokenId,
    ChainId,
    PassId,
    SessionId,
    RectificationId
);

/// One question and its answer: a UUIDv7 (RFC 9562 §5.7), scoped by the requester, valid 24 h.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExchangeId(uuid::Uuid);

impl ExchangeId {
    /// A new one that carries `now`.
    pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
        let mut bytes: [u8; 16] = rng.bytes();
        let millis = now.as_millis().to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70; // version 7
        bytes[8] = (bytes[8] & 0x3f) | 0x80; // variant of RFC 9562
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// The exchange with one of several nodes that are asked at once under this id: always the same
    /// one, of the same instant, and no node can tell from its own what another's is.
    #[must_use]
    pub fn with(&self, node: &NodeId) -> Self {
        let mut all = b"passerelle exchange with one of several\n".to_vec();
        all.extend_from_slice(self.as_bytes());
        all.extend_from_slice(node.as_str().as_bytes());
        let mut bytes = *self.as_bytes();
        bytes[6..].copy_from_slice(&Digest::of(&all).as_bytes()[..10]);
        bytes[6] = (bytes[6] & 0x0f) | 0x70; // version 7
        bytes[8] = (bytes[8] & 0x3f) | 0x80; // variant of RFC 9562
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// From 16 bytes that must be a UUIDv7; the error names no field.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        let id = uuid::Uuid::from_slice(bytes).map_err(|_| Self::rule())?;
        Self::checked(id)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The instant at which its requester made it, as the requester's clock had it.
    pub fn made_at(&self) -> Timestamp {
        let b = self.0.as_bytes();
        Timestamp::from_millis(u64::from_be_bytes([
            0, 0, b[0], b[1], b[2], b[3], b[4], b[5],
        ]))
    }

    fn checked(id: uuid::Uuid) -> Result<Self, Malformed> {
        let version_7 = id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122;
        if version_7 {
            Ok(Self(id))
        } else {
            Err(Self::rule())
        }
    }

    fn rule() -> Malformed {
        Malformed::new("", "a UUID of version 7 (RFC 9562)")
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ExchangeId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        // `uuid` also reads braces, URNs and bare hex: one text per id.
        if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(Self::rule());
        }
        Self::checked(uuid::Uuid::try_parse(text).map_err(|_| Self::rule())?)
    }
}

impl TryFrom<String> for ExchangeId {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<ExchangeId> for String {
    fn from(id: ExchangeId) -> Self {
        id.to_string()
    }
}

fn is_node_id(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_federation_id(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=100).contains(&text.len())
        && text.bytes().all(|b| inner(b) || b == b'-' || b == b'.')
        && text.bytes().next().is_some_and(inner)
        && text.bytes().next_back().is_some_and(inner)
        && !text.contains("..")
}

fn is_agent_ref(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests;
