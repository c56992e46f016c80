//! Private keys in files: PKCS #8 in PEM, for their owner alone.
//!
//! Keys that sign tokens are read as [`SigningKey`](crate::jwt::SigningKey); the bytes of others,
//! such as the key of the exchange log, are handed to whoever uses them.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::Ed25519KeyPair;
use passerelle_domain::member::KeyAlgorithm;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::file::{self, FileError};

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its file holds something else.
    #[error("{}: not a private key for EdDSA (Ed25519) or ES256 (P-256), PKCS #8 in PEM", .0.display())]
    NotPrivate(PathBuf),
    /// A private key of another kind.
    #[error("not a private key for EdDSA (Ed25519) or ES256 (P-256)")]
    NotUsable,
    /// A public key that is not one of ours.
    #[error("not a public key for EdDSA (Ed25519) or ES256 (P-256), SubjectPublicKeyInfo in PEM")]
    NotPublic,
    /// A public key of the other algorithm than its record says.
    #[error("the public key is for the other algorithm than its record says")]
    OtherAlgorithm,
    /// A name that no token header may have.
    #[error("a kid is 1 to 64 characters among A-Z, a-z, 0-9, ., _ and -")]
    Kid,
    /// The generator failed.
    #[error("no key could be generated")]
    NotGenerated,
}

/// Makes a key, keeps it in a new file, and gives its PKCS #8.
pub fn create(path: &Path, algorithm: KeyAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let pair = match algorithm {
        KeyAlgorithm::EdDSA => ed25519()?,
        KeyAlgorithm::ES256 => {
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|_| KeyError::NotGenerated)?
        }
    };
    file::create_secret(path, &Zeroizing::new(pair.serialize_pem()))?;
    Ok(Zeroizing::new(pair.serialize_der()))
}

/// Without the public key beside it (RFC 5958 §2, version 1): the other form is read by few others.
fn ed25519() -> Result<KeyPair, KeyError> {
    let der = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1());
    let der = der.map_err(|_| KeyError::NotGenerated)?;
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der.as_ref()), &PKCS_ED25519)
        .map_err(|_| KeyError::NotGenerated)
}

/// The PKCS #8 of the key in a file.
pub fn load(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let pem = file::read_secret(path)?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| KeyError::NotPrivate(path.to_owned()))?;
    Ok(Zeroizing::new(der.secret_pkcs8_der().to_vec()))
}

#[cfg(test)]
mod tests;
