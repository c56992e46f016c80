use std::fmt;
use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use passerelle_domain::Digest;
use passerelle_domain::member::KeyAlgorithm;
use rcgen::KeyPair;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::jwt::{SignError, TokenError, header, install_provider};
use crate::key_file::{self, KeyError};
use crate::spki::PublicKey;

/// A private key that signs tokens.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: KeyAlgorithm,
    private: EncodingKey,
    public_pem: String,
}

/// A public key that checks tokens, with its name and its one algorithm.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: String,
    algorithm: KeyAlgorithm,
    public: DecodingKey,
}

impl SigningKey {
    /// Makes a key and keeps it in a new file, for its owner alone.
    pub fn create(path: &Path, algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        Self::from_pkcs8(&key_file::create(path, algorithm)?)
    }

    /// Reads the key in a file: PKCS #8 in PEM.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let wrong = |_| KeyError::NotPrivate(path.to_owned());
        Self::from_pkcs8(&key_file::load(path)?).map_err(wrong)
    }

    /// From PKCS #8.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from(der);
        KeyPair::try_from(&der)
            .ok()
            .and_then(|pair| Self::from_pair(&pair))
            .ok_or(KeyError::NotUsable)
    }

    /// The name of the key: its RFC 7638 thumbprint, so that two keys never share one.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The public key: PEM SubjectPublicKeyInfo.
    pub fn public_key_pem(&self) -> &str {
        &self.public_pem
    }

    /// The public key, to check with.
    pub fn verifying_key(&self) -> Result<VerifyingKey, KeyError> {
        VerifyingKey::from_pem(&self.public_pem)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<String, SignError> {
        install_provider();
        jsonwebtoken::crypto::sign(message, &self.private, library_name(self.algorithm))
            .map_err(|_| SignError::Key)
    }

    fn from_pair(pair: &KeyPair) -> Option<Self> {
        let public_pem = pair.public_key_pem();
        let public = PublicKey::from_pem(&public_pem)?;
        let der = pair.serialized_der();
        let private = match public.algorithm {
            KeyAlgorithm::EdDSA => EncodingKey::from_ed_der(der),
            KeyAlgorithm::ES256 => EncodingKey::from_ec_der(der),
        };
        Some(Self {
            kid: thumbprint(&public),
            algorithm: public.algorithm,
            private,
            public_pem,
        })
    }
}

impl VerifyingKey {
    /// Reads a public key, which is named by its RFC 7638 thumbprint.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let public = PublicKey::from_pem(pem).ok_or(KeyError::NotPublic)?;
        let kid = thumbprint(&public);
        Ok(Self::new(kid, &public))
    }

    /// Reads the public key of a record that names and types it.
    pub fn from_record(kid: &str, algorithm: KeyAlgorithm, pem: &str) -> Result<Self, KeyError> {
        if !header::is_kid(kid) {
            return Err(KeyError::Kid);
        }
        let public = PublicKey::from_pem(pem).ok_or(KeyError::NotPublic)?;
        if public.algorithm != algorithm {
            return Err(KeyError::OtherAlgorithm);
        }
        Ok(Self::new(kid.to_owned(), &public))
    }

    /// Its name in token headers.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm it is used with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(super) fn verify(
        &self,
        signed: &[u8],
        encoded: &str,
        signature: &[u8],
    ) -> Result<(), TokenError> {
        install_provider();
        if signature.len() != 64 {
            return Err(TokenError::SignatureLength);
        }
        match jsonwebtoken::crypto::verify(
            encoded,
            signed,
            &self.public,
            library_name(self.algorithm),
        ) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TokenError::Signature),
        }
    }

    fn new(kid: String, public: &PublicKey) -> Self {
        let key = match public.algorithm {
            KeyAlgorithm::EdDSA => DecodingKey::from_ed_der(&public.raw),
            KeyAlgorithm::ES256 => DecodingKey::from_ec_der(&public.raw),
        };
        Self {
            kid,
            algorithm: public.algorithm,
            public: key,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn library_name(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::EdDSA => Algorithm::EdDSA,
        KeyAlgorithm::ES256 => Algorithm::ES256,
    }
}

/// RFC 7638 §3: the required members in order, without white space (RFC 8037 §2 for Ed25519).
fn thumbprint(key: &PublicKey) -> String {
    let base64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let jwk = match key.algorithm {
        KeyAlgorithm::EdDSA => format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            base64(&key.raw)
        ),
        KeyAlgorithm::ES256 => format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            // After the octet 04 of an uncompressed point (SEC 1 §2.3.3).
            base64(&key.raw[1..33]),
            base64(&key.raw[33..])
        ),
    };
    base64(Digest::of(jwk.as_bytes()).as_bytes())
}
