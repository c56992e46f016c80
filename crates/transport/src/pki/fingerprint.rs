use std::path::Path;

use passerelle_domain::Digest;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::file;
use crate::identity::parse;
use crate::pki::PkiError;

/// The two digests by which a certificate is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// SHA-256 of the certificate: what `agency.systems[].certificate_sha256` names. Changes at
    /// every renewal.
    pub certificate: Digest,
    /// SHA-256 of its SubjectPublicKeyInfo: what a trust list pins. Stays as long as the key.
    pub key: Digest,
}

/// The digests of the first certificate in a PEM file.
pub fn fingerprints(path: &Path) -> Result<Fingerprints, PkiError> {
    let pem = file::read(path)?;
    CertificateDer::from_pem_slice(pem.as_bytes())
        .ok()
        .and_then(|der| of(&der))
        .ok_or_else(|| PkiError::refused(path, "not a certificate in PEM"))
}

pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Fingerprints> {
    let key = Digest::of(parse(certificate).ok()?.public_key().raw);
    Some(Fingerprints {
        certificate: Digest::of(certificate),
        key,
    })
}
