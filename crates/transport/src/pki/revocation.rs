use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use passerelle_domain::Timestamp;
use rcgen::{
    CertificateRevocationListParams, Issuer, KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::file;
use crate::identity::parse;
use crate::pki::{Authority, PkiError, REVOCATION_LIST_VALIDITY, x509_time};

/// Why a certificate is revoked (RFC 5280 §5.3.1, those that a federation needs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// No reason is given.
    Unspecified,
    /// Someone else may have the key.
    KeyCompromise,
    /// Another certificate takes its place.
    Superseded,
    /// The node or system is no more.
    CessationOfOperation,
    /// It may no longer do what it did.
    PrivilegeWithdrawn,
}

impl Authority {
    /// Revokes the certificate in file `certificate`, which this authority issued, and writes the
    /// revocation list anew: its number rises, and it is good for `validity`. Revoking twice keeps
    /// the first date and reason.
    pub fn revoke(
        &self,
        certificate: &Path,
        reason: RevocationReason,
        validity: Duration,
        now: Timestamp,
    ) -> Result<(), PkiError> {
        let serial = self.serial_of_ours(certificate)?;
        let mut list = self.revocation_list()?;
        list.add(&serial, reason, now);
        self.write_revocation_list(list, validity, now)
    }

    /// Writes the revocation list anew with the same certificates, before it ends.
    pub fn renew_revocation_list(
        &self,
        validity: Duration,
        now: Timestamp,
    ) -> Result<(), PkiError> {
        let list = self.revocation_list()?;
        self.write_revocation_list(list, validity, now)
    }

    fn serial_of_ours(&self, path: &Path) -> Result<Vec<u8>, PkiError> {
        let refused = |rule| PkiError::refused(path, rule);
        let pem = file::read(path)?;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| refused("not a certificate in PEM"))?;
        let leaf = parse(&der).map_err(|_| refused("not an X.509 certificate"))?;
        let authority = parse(&self.certificate)
            .map_err(|_| PkiError::refused(&self.certificate_file(), "not an X.509 certificate"))?;
        leaf.verify_signature(Some(authority.public_key()))
            .map_err(|_| refused("not issued by this authority"))?;
        Ok(leaf.raw_serial().to_vec())
    }

    /// Reads the list on disk. A missing one is an error: starting again from nothing would give
    /// every revoked certificate back.
    fn revocation_list(&self) -> Result<RevocationList, PkiError> {
        let path = self.revocation_file();
        let refused = |rule| PkiError::refused(&path, rule);
        let pem = file::read(&path)?;
        let der = CertificateRevocationListDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| refused("not a revocation list in PEM"))?;
        let (_, list) = CertificateRevocationList::from_der(&der)
            .map_err(|_| refused("not a revocation list (RFC 5280)"))?;
        let authority = parse(&self.certificate)
            .map_err(|_| PkiError::refused(&self.certificate_file(), "not an X.509 certificate"))?;
        list.verify_signature(authority.public_key())
            .map_err(|_| refused("not signed by this authority"))?;
        let number = list
            .crl_number()
            .ok_or_else(|| refused("a revocation list without a number"))?;
        let number = u64::try_from(number).map_err(|_| refused("its number is past 64 bits"))?;
        let revoked = list.iter_revoked_certificates().map(carried_over).collect();
        Ok(RevocationList {
            number,
            this_update: Timestamp::default(),
            next_update: Timestamp::MAX,
            revoked,
        })
    }

    fn write_revocation_list(
        &self,
        list: RevocationList,
        validity: Duration,
        now: Timestamp,
    ) -> Result<(), PkiError> {
        let list = RevocationList {
            number: list.number + 1,
            this_update: now,
            next_update: now.plus(validity),
            revoked: list.revoked,
        };
        file::replace(&self.revocation_file(), &list.signed_by(&self.issuer)?)?;
        Ok(())
    }
}

/// A revocation list on its way to be signed.
pub(super) struct RevocationList {
    number: u64,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: Vec<RevokedCertParams>,
}

impl RevocationList {
    pub(super) fn first(now: Timestamp) -> Self {
        let next_update = now.plus(REVOCATION_LIST_VALIDITY);
        Self {
            number: 1,
            this_update: now,
            next_update,
            revoked: Vec::new(),
        }
    }

    pub(super) fn signed_by(self, issuer: &Issuer<'_, KeyPair>) -> Result<String, PkiError> {
        let params = CertificateRevocationListParams {
            this_update: x509_time(self.this_update),
            next_update: x509_time(self.next_update),
            crl_number: SerialNumber::from(self.number),
            issuing_distribution_point: None,
            revoked_certs: self.revoked,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(issuer)?.pem()?)
    }

    fn add(&mut self, serial: &[u8], reason: RevocationReason, now: Timestamp) {
        if self
            .revoked
            .iter()
            .any(|r| r.serial_number.as_ref() == serial)
        {
            return;
        }
        self.revoked.push(RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: x509_time(now),
            reason_code: Some(reason.code()),
            invalidity_date: None,
        });
    }
}

fn carried_over(
    revoked: &x509_parser::revocation_list::RevokedCertificate<'_>,
) -> RevokedCertParams {
    let reason = revoked
        .reason_code()
        .and_then(|(_, code)| RevocationReason::of_code(code.0));
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(revoked.raw_serial()),
        revocation_time: revoked.revocation_date.to_datetime(),
        reason_code: reason.map(RevocationReason::code),
        invalidity_date: None,
    }
}

impl RevocationReason {
    const ALL: [(Self, &str); 5] = [
        (Self::Unspecified, "unspecified"),
        (Self::KeyCompromise, "key-compromise"),
        (Self::Superseded, "superseded"),
        (Self::CessationOfOperation, "cessation-of-operation"),
        (Self::PrivilegeWithdrawn, "privilege-withdrawn"),
    ];

    fn code(self) -> rcgen::RevocationReason {
        match self {
            Self::Unspecified => rcgen::RevocationReason::Unspecified,
            Self::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
            Self::Superseded => rcgen::RevocationReason::Superseded,
            Self::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
            Self::PrivilegeWithdrawn => rcgen::RevocationReason::PrivilegeWithdrawn,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(reason, _)| reason)
            .find(|r| r.code() as u8 == code)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL
            .iter()
            .find(|(reason, _)| reason == self)
            .map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for RevocationReason {
    type Err = PkiError;

    fn from_str(text: &str) -> Result<Self, PkiError> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(reason, _)| reason).ok_or(PkiError::Asked(
            "a reason is one of unspecified, key-compromise, superseded, cessation-of-operation, \
             privilege-withdrawn",
        ))
    }
}
