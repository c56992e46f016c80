use std::path::Path;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::CertificateSigningRequestDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use zeroize::Zeroizing;

use crate::file;
use crate::identity::spiffe_id;
use crate::pki::{PkiError, Subject};
use crate::spki::PublicKey;

/// Makes a key (ECDSA P-256, PKCS #8 PEM, for its owner alone) and a request for a certificate over
/// it. Neither file may be there already.
pub fn request(subject: &Subject, key: &Path, request: &Path) -> Result<(), PkiError> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, subject.common_name());
    params.subject_alt_names = vec![subject.alternative_name()?];
    let pem = params.serialize_request(&pair)?.pem()?;
    file::create_secret(key, &Zeroizing::new(pair.serialize_pem()))?;
    file::create(request, &pem)?;
    Ok(())
}

/// The public key of a request whose signature holds and that asks for `subject` and nothing else.
pub(super) fn check(
    path: &Path,
    subject: &Subject,
) -> Result<rcgen::SubjectPublicKeyInfo, PkiError> {
    let refused = |rule| PkiError::refused(path, rule);
    let pem = file::read(path)?;
    let der = CertificateSigningRequestDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| refused("not a certificate request in PEM"))?;
    let (rest, request) = X509CertificationRequest::from_der(&der)
        .map_err(|_| refused("not a certificate request (PKCS #10)"))?;
    if !rest.is_empty() {
        return Err(refused("bytes after the certificate request"));
    }
    let spki = &request.certification_request_info.subject_pki;
    PublicKey::from_spki(spki)
        .ok_or_else(|| refused("its key is neither ECDSA P-256 nor Ed25519"))?;
    // The signature shows that whoever asks has the key (RFC 2986 §3).
    request
        .verify_signature()
        .map_err(|_| refused("not signed by its own key"))?;
    check_name(&request, subject).map_err(refused)?;
    rcgen::SubjectPublicKeyInfo::from_der(spki.raw).map_err(PkiError::from)
}

fn check_name(
    request: &X509CertificationRequest<'_>,
    subject: &Subject,
) -> Result<(), &'static str> {
    const ONE: &str = "not exactly one alternative name";
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        if let ParsedExtension::SubjectAlternativeName(san) = extension {
            names.extend(&san.general_names);
        }
    }
    let [name] = names.as_slice() else {
        return Err(ONE);
    };
    match (subject, name) {
        (Subject::Node { federation, node }, GeneralName::URI(uri)) => {
            let same = *uri == spiffe_id(federation, node);
            if same {
                Ok(())
            } else {
                Err("asks for another node than the one named here")
            }
        }
        (Subject::Node { .. }, _) => {
            Err("a node is named by a URI, spiffe://<federation>/node/<node-id>")
        }
        (Subject::Listener { dns } | Subject::System { dns }, GeneralName::DNSName(asked)) => {
            if asked == dns {
                Ok(())
            } else {
                Err("asks for another DNS name than the one named here")
            }
        }
        _ => Err("a listener or an agency system is named by a DNS name"),
    }
}
