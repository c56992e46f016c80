use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use passerelle_domain::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use crate::file::{self, FileError};
use crate::identity::{not_after, parse};
use crate::pki::{Fingerprints, PkiError, Subject, fingerprint, request, revocation, x509_time};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";
const REVOKED: &str = "crl.pem";
const ISSUED: &str = "issued";

/// Certificates start a little early, for machines whose clock is a little late.
const EARLY: Duration = Duration::from_secs(60);

/// A certificate authority: a folder with `ca.pem`, `ca.key`, `crl.pem` and `issued/<serial>.pem`.
pub struct Authority {
    pub(super) folder: PathBuf,
    pub(super) certificate: CertificateDer<'static>,
    pub(super) issuer: Issuer<'static, KeyPair>,
}

/// A certificate that an authority has just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate, PEM.
    pub pem: String,
    /// Its serial number in hexadecimal, the name of its copy among those issued.
    pub serial: String,
    /// What a trust list or a configuration names it by.
    pub fingerprints: Fingerprints,
    /// Its last second.
    pub not_after: Timestamp,
}

impl Authority {
    /// Makes an authority: an ECDSA P-256 key, a certificate that may sign leaves and revocation
    /// lists and no further authority, and an empty revocation list. Overwrites nothing.
    pub fn init(
        folder: &Path,
        name: &str,
        validity: Duration,
        now: Timestamp,
    ) -> Result<Self, PkiError> {
        if name.is_empty() || name.chars().count() > 64 {
            // RFC 5280 ub-common-name.
            return Err(PkiError::Asked(
                "the name of an authority has 1 to 64 characters",
            ));
        }
        file::create_folder(&folder.join(ISSUED))?;
        for present in [KEY, CERTIFICATE, REVOKED] {
            let path = folder.join(present);
            if path.exists() {
                return Err(FileError::Exists(path).into());
            }
        }
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = authority_params(name, validity, now)?.self_signed(&pair)?;
        file::create_secret(&folder.join(KEY), &Zeroizing::new(pair.serialize_pem()))?;
        file::create(&folder.join(CERTIFICATE), &certificate.pem())?;
        let authority = Self {
            folder: folder.to_owned(),
            certificate: certificate.der().clone(),
            issuer: Issuer::from_ca_cert_der(certificate.der(), pair)?,
        };
        authority.write_first_revocation_list(now)?;
        Ok(authority)
    }

    /// Opens the authority in `folder`.
    pub fn open(folder: &Path) -> Result<Self, PkiError> {
        let (certificate_path, key_path) = (folder.join(CERTIFICATE), folder.join(KEY));
        let pem = file::read(&certificate_path)?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| PkiError::refused(&certificate_path, "not a certificate in PEM"))?;
        let pair = KeyPair::from_pem(&file::read_secret(&key_path)?)
            .map_err(|_| PkiError::refused(&key_path, "not a private key in PEM (PKCS #8)"))?;
        let parsed = parse(&certificate)
            .map_err(|_| PkiError::refused(&certificate_path, "not an X.509 certificate"))?;
        if !parsed.is_ca() {
            return Err(PkiError::refused(
                &certificate_path,
                "not the certificate of an authority",
            ));
        }
        if parsed.public_key().subject_public_key.data.as_ref() != pair.public_key_raw() {
            return Err(PkiError::refused(
                &key_path,
                "not the key of the certificate beside it",
            ));
        }
        let issuer = Issuer::from_ca_cert_der(&certificate, pair)?;
        Ok(Self {
            folder: folder.to_owned(),
            certificate,
            issuer,
        })
    }

    /// Issues the certificate that the request in file `csr` asks for, which must be one for
    /// `subject`. Of the request only the key is taken: names and uses are set here.
    pub fn issue(
        &self,
        csr: &Path,
        subject: &Subject,
        validity: Duration,
        now: Timestamp,
    ) -> Result<Issued, PkiError> {
        let key = request::check(csr, subject)?;
        let not_after = now.plus(validity);
        if not_after <= now || not_after > self.not_after()? {
            return Err(PkiError::Asked(
                "a certificate ends after now and before its authority does",
            ));
        }
        let mut params = leaf_params(subject, not_after, now)?;
        let serial = random_serial()?;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let certificate = params.signed_by(&key, &self.issuer)?;
        let issued = Issued {
            pem: certificate.pem(),
            serial: HEXLOWER.encode(&serial),
            fingerprints: fingerprint::of(certificate.der())
                .ok_or(PkiError::Asked("the certificate made cannot be read back"))?,
            not_after: Timestamp::from_secs(not_after.as_secs()),
        };
        file::create(
            &self
                .folder
                .join(ISSUED)
                .join(format!("{}.pem", issued.serial)),
            &issued.pem,
        )?;
        Ok(issued)
    }

    /// The file of the authority's certificate: what others trust.
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.join(CERTIFICATE)
    }

    /// The file of the revocation list, which goes wherever the certificate does.
    pub fn revocation_file(&self) -> PathBuf {
        self.folder.join(REVOKED)
    }

    /// The file that keeps an issued certificate.
    pub fn issued_file(&self, serial: &str) -> PathBuf {
        self.folder.join(ISSUED).join(format!("{serial}.pem"))
    }

    fn not_after(&self) -> Result<Timestamp, PkiError> {
        let unreadable =
            |_| PkiError::refused(&self.certificate_file(), "not an X.509 certificate");
        parse(&self.certificate)
            .map(|c| not_after(&c))
            .map_err(unreadable)
    }

    fn write_first_revocation_list(&self, now: Timestamp) -> Result<(), PkiError> {
        let list = revocation::RevocationList::first(now);
        file::create(&self.revocation_file(), &list.signed_by(&self.issuer)?)?;
        Ok(())
    }
}

fn authority_params(
    name: &str,
    validity: Duration,
    now: Timestamp,
) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // No authority under it: a leaf of ours can never become one.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.serial_number = Some(SerialNumber::from_slice(&random_serial()?));
    params.not_before = x509_time(now.minus(EARLY));
    params.not_after = x509_time(now.plus(validity));
    Ok(params)
}

fn leaf_params(
    subject: &Subject,
    not_after: Timestamp,
    now: Timestamp,
) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, subject.common_name());
    params.subject_alt_names = vec![subject.alternative_name()?];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = subject.usages();
    params.use_authority_key_identifier_extension = true;
    params.not_before = x509_time(now.minus(EARLY));
    params.not_after = x509_time(not_after);
    Ok(params)
}

/// RFC 5280 §4.1.2.2: positive, at most 20 octets; CA/B asks for 64 bits of chance, this is 126.
fn random_serial() -> Result<[u8; 16], PkiError> {
    let mut serial = [0; 16];
    aws_lc_rs::rand::fill(&mut serial).map_err(|_| PkiError::Asked("no random bytes to be had"))?;
    // Neither negative nor shorter when written as an INTEGER.
    serial[0] = (serial[0] & 0x3f) | 0x40;
    Ok(serial)
}
