use aws_lc_rs::hmac;

use super::Secret;

/// Derives keys from one key: HKDF-SHA-256 (RFC 5869), extracted once.
///
/// Keys are derived for every log entry. Asked for one block of output, HKDF-Expand is a single
/// HMAC under the extracted key (RFC 5869 §2.3), whose schedule is kept here.
pub(crate) struct Derive(hmac::Key);

impl Derive {
    /// HKDF-Extract; `salt` says what the key is for.
    pub(crate) fn new(salt: &[u8], key: &Secret) -> Self {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, salt);
        let extracted = block(hmac::sign(&salt, key.bytes()));
        Self(hmac::Key::new(hmac::HMAC_SHA256, extracted.bytes()))
    }

    /// HKDF-Expand to 32 bytes. The label comes first; what follows has one length for one label,
    /// or stands last, so that no two lists of parts read the same.
    pub(crate) fn expand(&self, label_and_context: &[&[u8]]) -> Secret {
        let mut context = hmac::Context::with_key(&self.0);
        for (i, part) in label_and_context.iter().enumerate() {
            if i == 1 {
                context.update(&[0]);
            }
            context.update(part);
        }
        context.update(&[1]);
        block(context.sign())
    }
}

fn block(tag: hmac::Tag) -> Secret {
    let mut bytes = Secret::default();
    bytes.bytes_mut().copy_from_slice(tag.as_ref());
    bytes
}
