use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use bytes::Bytes;
use passerelle_domain::{PersonId, Rng};
use prost::Message;

use crate::keys::{Secret, aes_256_gcm};

/// The key of many rows, with its schedule: AES-256-GCM.
///
/// Nonces are random, so one key may seal 2³² rows (NIST SP 800-38D §8.3): every person and every
/// table has its own.
pub(crate) struct RowKey(LessSafeKey);

impl RowKey {
    pub(crate) fn new(key: &Secret) -> Self {
        Self(aes_256_gcm(key))
    }

    /// Seals a message as the value of the row `key` of `table`.
    pub(crate) fn seal(
        &self,
        table: &str,
        key: &[u8],
        header: Header,
        message: &impl Message,
        rng: &dyn Rng,
    ) -> Bytes {
        let nonce: [u8; NONCE_LEN] = rng.bytes();
        let header = header.to_bytes();
        let start = header.as_ref().len() + NONCE_LEN;
        let mut value = Vec::with_capacity(start + message.encoded_len() + TAG_LEN);
        value.extend_from_slice(header.as_ref());
        value.extend_from_slice(&nonce);
        // A `Vec` grows as needed, which is the only way this fails.
        message.encode(&mut value).expect("room for the message");
        let aad = aad(table, key, header.as_ref());
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&aad),
                &mut value[start..],
            )
            // Fails on more than 64 GiB only (NIST SP 800-38D §5.2.1.1).
            .expect("a message shorter than 64 GiB");
        value.extend_from_slice(tag.as_ref());
        value.into()
    }

    /// What a value that starts with `header` holds; `None` when it was not sealed by this key as
    /// the value of this row.
    pub(crate) fn open(
        &self,
        table: &str,
        key: &[u8],
        header: Header,
        value: &[u8],
    ) -> Option<Bytes> {
        let header = header.to_bytes();
        let sealed = value.strip_prefix(header.as_ref())?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let (sealed, tag) = sealed.split_last_chunk::<TAG_LEN>()?;
        let aad = aad(table, key, header.as_ref());
        let mut opened = vec![0; sealed.len()];
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0
            .open_separate_gather(nonce, Aad::from(&aad), sealed, tag, &mut opened)
            .ok()?;
        Some(opened.into())
    }
}

/// What a sealed value says in clear, and what it is bound to: the version of its row's form, and
/// whose key opens it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) version: u8,
    /// Whose key; the node's when nobody's.
    pub(crate) owner: Option<PersonId>,
}

impl Header {
    /// The header that a value starts with.
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let (&[version, kind], rest) = value.split_first_chunk::<2>()?;
        let owner = match kind {
            OF_NODE => None,
            OF_PERSON => Some(PersonId::from_bytes(*rest.first_chunk()?)),
            _ => return None,
        };
        Some(Self { version, owner })
    }

    fn to_bytes(self) -> HeaderBytes {
        let mut bytes = [0; 18];
        bytes[0] = self.version;
        let Some(person) = self.owner else {
            bytes[1] = OF_NODE;
            return HeaderBytes { bytes, length: 2 };
        };
        bytes[1] = OF_PERSON;
        bytes[2..].copy_from_slice(person.as_bytes());
        HeaderBytes { bytes, length: 18 }
    }
}

struct HeaderBytes {
    bytes: [u8; 18],
    length: usize,
}

impl AsRef<[u8]> for HeaderBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Names hold no zero byte and headers tell their own length: no two rows have the same.
fn aad(table: &str, key: &[u8], header: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(table.len() + 1 + header.len() + key.len());
    aad.extend_from_slice(table.as_bytes());
    aad.push(0);
    aad.extend_from_slice(header);
    aad.extend_from_slice(key);
    aad
}

const TAG_LEN: usize = 16;
const OF_NODE: u8 = 0;
const OF_PERSON: u8 = 1;
