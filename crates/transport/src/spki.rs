//! The two kinds of public key that are accepted anywhere: Ed25519 and ECDSA on P-256.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use passerelle_domain::member::KeyAlgorithm;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ED25519};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A public key, known to be a point of its curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    pub(crate) algorithm: KeyAlgorithm,
    /// 32 bytes for Ed25519; 65, uncompressed, for P-256.
    pub(crate) raw: Vec<u8>,
}

impl PublicKey {
    /// From PEM SubjectPublicKeyInfo; `None` for anything else.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok()?;
        match SubjectPublicKeyInfo::from_der(&der) {
            Ok(([], spki)) => Self::from_spki(&spki),
            _ => None,
        }
    }

    pub(crate) fn from_spki(spki: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let raw = spki.subject_public_key.data.to_vec();
        let parameters = spki.algorithm.parameters.as_ref();
        if spki.algorithm.algorithm == OID_SIG_ED25519 && parameters.is_none() && raw.len() == 32 {
            ParsedPublicKey::new(&ED25519, &raw).ok()?;
            return Some(Self {
                algorithm: KeyAlgorithm::EdDSA,
                raw,
            });
        }
        let on_p256 = || {
            parameters
                .and_then(|p| p.as_oid().ok())
                .is_some_and(|curve| curve == OID_EC_P256)
        };
        if spki.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && on_p256() && raw.len() == 65 {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &raw).ok()?;
            return Some(Self {
                algorithm: KeyAlgorithm::ES256,
                raw,
            });
        }
        None
    }
}
