use data_encoding::BASE64URL_NOPAD;

use crate::jwt::{Part, TokenError};

/// The three parts of a token (RFC 7515 §7.1), not decoded.
pub(super) struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    pub(super) signature: &'a str,
    /// What is signed: the first two with the dot between them.
    pub(super) signed: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Size first: nothing is looked at in a token that is too long.
    pub(super) fn split(token: &'a str, most: usize) -> Result<Self, TokenError> {
        if token.len() > most {
            return Err(TokenError::TooLong { most });
        }
        check_alphabet(token)?;
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Parts);
        };
        for (part, text) in [
            (Part::Header, header),
            (Part::Payload, payload),
            (Part::Signature, signature),
        ] {
            if text.is_empty() {
                return Err(TokenError::EmptyPart(part));
            }
        }
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        Ok(Self {
            header,
            payload,
            signature,
            signed,
        })
    }

    pub(super) fn header(&self) -> Result<Vec<u8>, TokenError> {
        decode(Part::Header, self.header)
    }

    pub(super) fn payload(&self) -> Result<Vec<u8>, TokenError> {
        decode(Part::Payload, self.payload)
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, TokenError> {
        decode(Part::Signature, self.signature)
    }
}

fn check_alphabet(token: &str) -> Result<(), TokenError> {
    for b in token.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {}
            b'=' => return Err(TokenError::Padding),
            _ if b.is_ascii_whitespace() => return Err(TokenError::WhiteSpace),
            _ => return Err(TokenError::Alphabet),
        }
    }
    Ok(())
}

fn decode(part: Part, text: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| TokenError::NotCanonical(part))
}
