use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use crate::jwt::{TokenError, install_provider};

/// An algorithm of an issuer. Symmetric ones and `none` have no place here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum IssuerAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// The keys of an issuer, from its JWK set (RFC 7517).
#[derive(Clone, Default)]
pub(crate) struct IssuerKeys(Vec<IssuerKey>);

#[derive(Clone)]
pub(super) struct IssuerKey {
    kid: String,
    algorithm: IssuerAlgorithm,
    public: DecodingKey,
}

/// Why there are no keys in a JWK set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Not a JWK set.
    #[error("not a JWK set (RFC 7517)")]
    NotASet,
    /// None that could be used.
    #[error("no key with a `kid` for one of the issuer's algorithms")]
    NoKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// RFC 7517 §4 and RFC 7518 §6; members that are not read are passed over (RFC 7517 §4).
#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl IssuerAlgorithm {
    /// The algorithm of that name, as it is written.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::RS256),
            "PS256" => Some(Self::PS256),
            "ES256" => Some(Self::ES256),
            "EdDSA" => Some(Self::EdDSA),
            _ => None,
        }
    }

    const fn library_name(self) -> Algorithm {
        match self {
            Self::RS256 => Algorithm::RS256,
            Self::PS256 => Algorithm::PS256,
            Self::ES256 => Algorithm::ES256,
            Self::EdDSA => Algorithm::EdDSA,
        }
    }
}

impl IssuerKeys {
    /// The keys of a set that serve one of `algorithms`. Keys of other kinds, for encryption or
    /// without a name are passed over (RFC 7517 §5).
    pub(crate) fn from_jwks(
        json: &[u8],
        algorithms: &[IssuerAlgorithm],
    ) -> Result<Self, JwksError> {
        let set: Set = serde_json::from_slice(json).map_err(|_| JwksError::NotASet)?;
        let jwks = set.keys.into_iter();
        let jwks = jwks.filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<_> = jwks
            .filter(|jwk| jwk.usage.as_deref().is_none_or(|usage| usage == "sig"))
            .flat_map(|jwk| {
                let served = algorithms
                    .iter()
                    .filter_map(move |algorithm| jwk.key(*algorithm));
                served.collect::<Vec<_>>()
            })
            .collect();
        if keys.is_empty() {
            return Err(JwksError::NoKey);
        }
        Ok(Self(keys))
    }

    /// Whether one of them has that name.
    pub(crate) fn has(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid == kid)
    }

    pub(super) fn key(
        &self,
        kid: &str,
        algorithm: IssuerAlgorithm,
    ) -> Result<&IssuerKey, TokenError> {
        let mut named = self.0.iter().filter(|key| key.kid == kid).peekable();
        if named.peek().is_none() {
            return Err(TokenError::UnknownKey);
        }
        named
            .find(|key| key.algorithm == algorithm)
            .ok_or(TokenError::AlgorithmNotOfKey)
    }
}

impl Jwk {
    /// The key for `algorithm`, if it is one: RFC 8725 §3.1, a key serves no other algorithm.
    fn key(&self, algorithm: IssuerAlgorithm) -> Option<IssuerKey> {
        let said = self.alg.as_deref();
        if said.is_some_and(|said| IssuerAlgorithm::named(said) != Some(algorithm)) {
            return None;
        }
        let curve = self.crv.as_deref();
        let public = match (algorithm, self.kty.as_str()) {
            (IssuerAlgorithm::RS256 | IssuerAlgorithm::PS256, "RSA") => {
                DecodingKey::from_rsa_components(self.n.as_ref()?, self.e.as_ref()?)
            }
            (IssuerAlgorithm::ES256, "EC") if curve == Some("P-256") => {
                DecodingKey::from_ec_components(self.x.as_ref()?, self.y.as_ref()?)
            }
            (IssuerAlgorithm::EdDSA, "OKP") if curve == Some("Ed25519") => {
                DecodingKey::from_ed_components(self.x.as_ref()?)
            }
            _ => return None,
        };
        Some(IssuerKey {
            kid: self.kid.clone(),
            algorithm,
            public: public.ok()?,
        })
    }
}

impl IssuerKey {
    /// RSA keys under 2,048 bits are refused by the library's RSA_PKCS1_2048_8192 and its like.
    pub(super) fn verify(&self, signed: &[u8], signature: &str) -> Result<(), TokenError> {
        install_provider();
        let algorithm = self.algorithm.library_name();
        match jsonwebtoken::crypto::verify(signature, signed, &self.public, algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TokenError::Signature),
        }
    }
}
