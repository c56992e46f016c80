//! Signed tokens: the only place that makes or checks a JWT.
//!
//! A token is refused for the first of its faults, in this order: its size, its alphabet, its
//! parts, its header, the shape of its claims, its key, its signature, its audience, what its claims
//! may not say together, its times. Each fault has its own [`TokenError`]. The library does the
//! signature and nothing else: its own checks of times, issuer and audience accept too much (a
//! missing `iss`, an `aud` that is an object, a `nbf` an hour ahead), and it reads the wall clock.
//!
//! Not here: that a token is used once (the store remembers), and that a session token is bound to
//! the certificate of its channel (whoever has the channel compares).

mod claims;
mod error;
mod foreign;
mod header;
mod json;
mod key;
pub mod oidc;
mod parts;
mod source;
mod token;

pub use error::{Part, SignError, TokenError};
pub use foreign::{IssuerAlgorithm, JwksError};
pub use key::{SigningKey, VerifyingKey};
pub use source::{CoordinatorKeys, KeySource, MemberKeys, NoKey, NoticeKey, OwnKey, SystemKeys};
pub use token::{Issuer, Token};

use std::sync::Once;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
use passerelle_domain::claim::NumericDate;
use passerelle_domain::{NodeId, Timestamp, Verified};

use crate::jwt::header::Header;
use crate::jwt::json::Json;
use crate::jwt::parts::Parts;

/// How far a clock that made a token may be ahead of ours. There is none for `exp`: a token that
/// must end, ends. What ends something has no such bound.
const LEAD: Duration = Duration::from_secs(60);

/// Signs `claims`, once they may be said together.
pub fn sign<C: Token>(claims: &C, key: &SigningKey) -> Result<String, SignError> {
    claims.check()?;
    let header = Header::write(C::TYP, key.algorithm(), key.kid());
    let payload = serde_json::to_vec(claims).map_err(|_| SignError::NotWritten)?;
    let mut token = BASE64URL_NOPAD.encode(&header);
    token.push('.');
    BASE64URL_NOPAD.encode_append(&payload, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&signature);
    if token.len() > C::MAX_BYTES {
        return Err(SignError::TooLong { most: C::MAX_BYTES });
    }
    Ok(token)
}

/// Checks a token addressed to `me`: whose key it is, its signature, and its times at `now`.
///
/// A kind of token that is addressed to nobody in particular is checked the same, `me` aside.
pub fn verify<C: Token>(
    token: &str,
    me: &NodeId,
    keys: &dyn KeySource,
    now: Timestamp,
) -> Result<Verified<C>, TokenError> {
    verify_as(token, Some(me), keys, now)
}

/// Checks a token that is addressed to nobody in particular.
pub(crate) fn verify_unaddressed<C: Token>(
    token: &str,
    keys: &dyn KeySource,
    now: Timestamp,
) -> Result<Verified<C>, TokenError> {
    verify_as(token, None, keys, now)
}

fn verify_as<C: Token>(
    token: &str,
    me: Option<&NodeId>,
    keys: &dyn KeySource,
    now: Timestamp,
) -> Result<Verified<C>, TokenError> {
    let parts = Parts::split(token, C::MAX_BYTES)?;
    let header = Header::read(&parts.header()?, C::TYP)?;
    let claims: C = claims::read(Json::payload(&parts.payload()?)?)?;
    let key = keys.key(claims.issuer(), &header.kid)?;
    if key.algorithm() != header.algorithm {
        return Err(TokenError::AlgorithmNotOfKey);
    }
    key.verify(parts.signed, parts.signature, &parts.signature()?)?;
    if claims
        .audience()
        .is_some_and(|audience| Some(audience) != me)
    {
        return Err(TokenError::WrongAudience);
    }
    claims.check().map_err(TokenError::Contradiction)?;
    check_times(&claims, now)?;
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where a claim becomes verified"
    )]
    Ok(Verified::new(claims))
}

fn check_times<C: Token>(claims: &C, now: Timestamp) -> Result<(), TokenError> {
    let ahead = |date: NumericDate| !C::WHATEVER_THE_CLOCKS_SAY && date.at() > now.plus(LEAD);
    if ahead(claims.issued_at()) {
        return Err(TokenError::IssuedInTheFuture);
    }
    if claims.not_before().is_some_and(ahead) {
        return Err(TokenError::NotYetValid);
    }
    if claims.expires_at().is_some_and(|date| now >= date.at()) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// The library asks for one provider in a process. Which one is no choice of ours to vary: the
/// same for every node in it, and no other is compiled in.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused only when one is installed already, and there is only this one.
        let _installed: Result<(), &CryptoProvider> = aws_lc::DEFAULT_PROVIDER.install_default();
    });
}

#[cfg(test)]
mod tests;
