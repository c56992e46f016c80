//! How the C2SP formats spell bytes and numbers: standard padded base64 (RFC 4648 §4), decimals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `None` for anything but the canonical encoding: padding must be there, spare bits must be zero.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A decimal number with nothing around it and no leading zero, as C2SP writes sizes and indices.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    // `u64::from_str` alone would take a leading `+`.
    (canonical && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}
