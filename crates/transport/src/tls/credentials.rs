use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::file;
use crate::identity::parse;
use crate::tls::LoadError;

/// Certificates and the key of the first.
pub(super) fn certified_key(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, LoadError> {
    let chain = certificates(certificate)?;
    let pem = file::read_secret(key)?;
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| LoadError::refused(key, "not a private key in PEM"))?;
    let signer = provider
        .key_provider
        .load_private_key(der)
        .map_err(LoadError::tls(key))?;
    let certified = CertifiedKey::new(chain, signer);
    certified
        .keys_match()
        .map_err(|_| LoadError::refused(key, "not the key of the certificate it goes with"))?;
    Ok(Arc::new(certified))
}

/// The authorities that may have issued the certificate of the other end.
#[derive(Clone, Debug)]
pub(super) struct Anchors {
    pub(super) path: PathBuf,
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) store: Arc<RootCertStore>,
}

impl Anchors {
    pub(super) fn load(path: &Path) -> Result<Self, LoadError> {
        let certificates = certificates(path)?;
        let mut store = RootCertStore::empty();
        let mut names = BTreeSet::new();
        for certificate in &certificates {
            let anchor = parse(certificate)
                .map_err(|_| LoadError::refused(path, "not an X.509 certificate"))?;
            if !anchor.is_ca() {
                return Err(LoadError::refused(
                    path,
                    "not the certificate of an authority",
                ));
            }
            // Revocation lists are told apart by this name alone (RFC 5280 §6.3.3 b).
            if !names.insert(anchor.subject().as_raw().to_vec()) {
                return Err(LoadError::refused(path, "two authorities of one name"));
            }
            store
                .add(certificate.clone())
                .map_err(LoadError::tls(path))?;
        }
        Ok(Self {
            path: path.to_owned(),
            certificates,
            store: Arc::new(store),
        })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    let refused = || LoadError::refused(path, "not certificates in PEM");
    let pem = file::read(path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| refused())?;
    if certificates.is_empty() {
        Err(refused())
    } else {
        Ok(certificates)
    }
}
