use super::IssuerAlgorithm;
use crate::jwt::header::REFUSED;
use crate::jwt::json::{self, Json};
use crate::jwt::{Part, TokenError};

/// What the header of an issuer's token says that counts.
pub(super) struct Header {
    pub(super) algorithm: IssuerAlgorithm,
    pub(super) kid: String,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TokenError> {
        let members = json::object(Part::Header, bytes)?;
        if json::twice(&members).is_some() {
            return Err(TokenError::DuplicateHeader);
        }
        let named = |name: &str| members.iter().find(|(member, _)| member == name);
        if let Some(refused) = REFUSED.into_iter().find(|name| named(name).is_some()) {
            return Err(TokenError::RefusedHeader(refused));
        }
        let text = |name: &'static str| match named(name) {
            Some((_, Json::Text(text))) => Ok(text.as_str()),
            Some(_) => Err(TokenError::MistypedHeader(name)),
            None => Err(TokenError::MissingHeader(name)),
        };
        // RFC 7515 §4.1.9 makes `typ` optional; where it is there, no other kind passes for this.
        if named("typ").is_some() && !text("typ")?.eq_ignore_ascii_case("jwt") {
            return Err(TokenError::Type { expected: "JWT" });
        }
        Ok(Self {
            algorithm: IssuerAlgorithm::named(text("alg")?)
                .ok_or(TokenError::AlgorithmNotOfIssuer)?,
            kid: text("kid")?.to_owned(),
        })
    }
}
