//! Tokens of an issuer that is not of this project (OpenID Connect Core 1.0 §2, §5.3.2).
//!
//! What such an issuer says is its own affair: claims that are not read here are passed over, and
//! `typ` may be missing. All else is as with our own tokens: size first, three parts, asymmetric
//! algorithms that the configuration names, keys by `kid` from the issuer's set alone.

mod header;
mod jwks;

pub(crate) use jwks::IssuerKeys;
pub use jwks::{IssuerAlgorithm, JwksError};

use passerelle_domain::claim::NumericDate;
use passerelle_domain::{Digest, Timestamp};

use crate::jwt::json::{self, Json, Members};
use crate::jwt::parts::Parts;
use crate::jwt::{LEAD, Part, TokenError};
use header::Header;

/// Longest token of an issuer, in bytes.
const LONGEST: usize = 16 * 1024;

/// A token whose form holds. What it says is nobody's word before its signature is checked.
pub(crate) struct Unchecked<'a> {
    parts: Parts<'a>,
    header: Header,
    claims: Members,
}

/// A token whose signature holds, with its claims as they were written.
pub(crate) struct ForeignToken {
    claims: Members,
    signed: Digest,
}

impl<'a> Unchecked<'a> {
    /// Checks the form of a token.
    pub(crate) fn read(token: &'a str) -> Result<Self, TokenError> {
        let parts = Parts::split(token, LONGEST)?;
        let header = Header::read(&parts.header()?)?;
        let claims = json::object(Part::Payload, &parts.payload()?)?;
        // RFC 8259 §4 leaves it open which of two members counts: neither does.
        if let Some(path) = json::twice_anywhere("", &claims) {
            return Err(TokenError::DuplicateClaim(path));
        }
        // Decoded so that a signature is refused that is not canonical.
        parts.signature()?;
        Ok(Self {
            parts,
            header,
            claims,
        })
    }

    /// Who it says made it: good for choosing whose keys are tried, and for nothing else.
    pub(crate) fn issuer(&self) -> Result<&str, TokenError> {
        text(&self.claims, "iss")
    }

    /// The name of its key.
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Checks its signature.
    pub(crate) fn verify(self, keys: &IssuerKeys) -> Result<ForeignToken, TokenError> {
        keys.key(&self.header.kid, self.header.algorithm)?
            .verify(self.parts.signed, self.parts.signature)?;
        Ok(ForeignToken {
            claims: self.claims,
            signed: Digest::of(self.parts.signed),
        })
    }
}

impl ForeignToken {
    /// SHA-256 of what is signed. The signature is not in it: an ECDSA signature can be changed into
    /// another that holds, and the token would pass for one that was never used.
    pub(crate) const fn signed(&self) -> Digest {
        self.signed
    }

    /// A claim that is text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, TokenError> {
        text(&self.claims, name)
    }

    /// A claim that is one text, or several: `aud` (RFC 7519 §4.1.3), and groups and roles.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, TokenError> {
        match claim(&self.claims, name) {
            Some(Json::Text(text)) => Ok(vec![text]),
            Some(Json::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Json::Text(text) => Ok(text.as_str()),
                    _ => Err(TokenError::MistypedClaim(json::join("", name))),
                })
                .collect(),
            other => Err(fault(name, other)),
        }
    }

    /// A claim that is a time (RFC 7519 §2, NumericDate) in whole seconds.
    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, TokenError> {
        match claim(&self.claims, name) {
            Some(Json::Unsigned(seconds)) => serde_json::from_value(serde_json::json!(seconds))
                .map(|date: NumericDate| date.at())
                .map_err(|_| TokenError::InvalidClaim(json::join("", name))),
            other => Err(fault(name, other)),
        }
    }

    /// Whether it says anything under that name.
    pub(crate) fn says(&self, name: &str) -> bool {
        claim(&self.claims, name).is_some()
    }

    /// That it is of `issuer` and for `audience` and nobody else, and that its time has come.
    pub(crate) fn check(
        &self,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        if self.text("iss")? != issuer {
            return Err(TokenError::UnknownIssuer);
        }
        // OpenID Connect Core 1.0 §3.1.3.7: further audiences must be trusted, and none is.
        if self.texts("aud")? != [audience] {
            return Err(TokenError::WrongAudience);
        }
        if self.says("azp") && self.text("azp")? != audience {
            return Err(TokenError::WrongAudience);
        }
        if self.says("iat") && self.time("iat")? > now.plus(LEAD) {
            return Err(TokenError::IssuedInTheFuture);
        }
        if self.says("nbf") && self.time("nbf")? > now.plus(LEAD) {
            return Err(TokenError::NotYetValid);
        }
        if self.says("exp") && self.time("exp")? <= now {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

fn text<'a>(claims: &'a Members, name: &str) -> Result<&'a str, TokenError> {
    match claim(claims, name) {
        Some(Json::Text(text)) => Ok(text),
        other => Err(fault(name, other)),
    }
}

/// `null` says nothing: some issuers write it where they have nothing to say.
fn claim<'a>(claims: &'a Members, name: &str) -> Option<&'a Json> {
    let found = claims.iter().find(|(member, _)| member == name);
    found
        .map(|(_, value)| value)
        .filter(|value| **value != Json::Null)
}

fn fault(name: &str, found: Option<&Json>) -> TokenError {
    let name = json::join("", name);
    match found {
        None => TokenError::MissingClaim(name),
        Some(_) => TokenError::MistypedClaim(name),
    }
}

#[cfg(test)]
mod tests;
