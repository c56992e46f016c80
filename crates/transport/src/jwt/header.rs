use passerelle_domain::member::KeyAlgorithm;
use serde::Serialize;

use crate::jwt::json::{self, Json, Members};
use crate::jwt::{Part, TokenError};

/// RFC 7515 §4.1: each of these hands the choice of key, or of the rules, to whoever made the token.
pub(super) const REFUSED: [&str; 5] = ["jku", "x5u", "x5c", "jwk", "crit"];

/// The header of a token: `alg`, `typ`, `kid`, and nothing else.
pub(super) struct Header {
    pub(super) algorithm: KeyAlgorithm,
    pub(super) kid: String,
}

impl Header {
    pub(super) fn read(bytes: &[u8], typ: &'static str) -> Result<Self, TokenError> {
        let members = json::object(Part::Header, bytes)?;
        if json::twice(&members).is_some() {
            return Err(TokenError::DuplicateHeader);
        }
        for (name, _) in &members {
            if let Some(refused) = REFUSED.into_iter().find(|r| r == name) {
                return Err(TokenError::RefusedHeader(refused));
            }
            if !matches!(name.as_str(), "alg" | "typ" | "kid") {
                return Err(TokenError::UnknownHeader);
            }
        }
        let algorithm = algorithm(text(&members, "alg")?)?;
        if text(&members, "typ")? != typ {
            return Err(TokenError::Type { expected: typ });
        }
        let kid = text(&members, "kid")?;
        if !is_kid(kid) {
            return Err(TokenError::Kid);
        }
        Ok(Self {
            algorithm,
            kid: kid.to_owned(),
        })
    }

    pub(super) fn write(typ: &str, algorithm: KeyAlgorithm, kid: &str) -> Vec<u8> {
        #[derive(Serialize)]
        struct Written<'a> {
            alg: KeyAlgorithm,
            typ: &'a str,
            kid: &'a str,
        }
        // Three texts into memory: there is nothing that could fail.
        serde_json::to_vec(&Written {
            alg: algorithm,
            typ,
            kid,
        })
        .unwrap_or_default()
    }
}

pub(super) fn is_kid(kid: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&kid.len()) && kid.bytes().all(plain)
}

fn text<'a>(members: &'a Members, name: &'static str) -> Result<&'a str, TokenError> {
    match members.iter().find(|(n, _)| n == name) {
        Some((_, Json::Text(text))) => Ok(text),
        Some(_) => Err(TokenError::MistypedHeader(name)),
        None => Err(TokenError::MissingHeader(name)),
    }
}

/// Names are compared as they are: neither `eddsa` nor `none` nor any HMAC is one.
fn algorithm(name: &str) -> Result<KeyAlgorithm, TokenError> {
    match name {
        "EdDSA" => Ok(KeyAlgorithm::EdDSA),
        "ES256" => Ok(KeyAlgorithm::ES256),
        _ => Err(TokenError::Algorithm),
    }
}
