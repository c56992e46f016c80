pub(super) mod floor;

use std::path::Path;

use passerelle_domain::Timestamp;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::file;
use crate::identity::parse;
use crate::tls::LoadError;
use crate::tls::credentials::Anchors;
use crate::tls::crl::floor::{Floor, Numbers};

/// One revocation list for each anchor.
#[derive(Clone, Debug)]
pub(super) struct RevocationLists {
    pub(super) lists: Vec<CertificateRevocationListDer<'static>>,
    /// The earliest of their ends: from then on nobody is let in.
    pub(super) next_update: Timestamp,
    numbers: Numbers,
}

impl RevocationLists {
    /// Reads the lists in a PEM file.
    ///
    /// The TLS library checks no revocation at all when it is given no list, and takes the first
    /// list of an issuer that it finds. So: exactly one for each anchor, each signed by it.
    pub(super) fn load(path: &Path, anchors: &Anchors, floor: &Floor) -> Result<Self, LoadError> {
        let refused = |rule| LoadError::refused(path, rule);
        let pem = file::read(path)?;
        let lists: Vec<_> = CertificateRevocationListDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| refused("not revocation lists in PEM"))?;
        let mut loaded = Self {
            lists: lists.clone(),
            next_update: Timestamp::MAX,
            numbers: Numbers::new(),
        };
        for list in &lists {
            let (_, list) = CertificateRevocationList::from_der(list)
                .map_err(|_| refused("not a revocation list (RFC 5280)"))?;
            loaded.take(&list, anchors, floor).map_err(refused)?;
        }
        if loaded.numbers.len() != anchors.certificates.len() {
            return Err(refused(
                "no revocation list of one of the anchors: nobody would be checked",
            ));
        }
        Ok(loaded)
    }

    /// Keeps their numbers: from now on no older list is taken, after a restart either.
    pub(super) fn keep(&self, floor: Floor) -> Result<(), LoadError> {
        floor.raise(&self.numbers)
    }

    fn take(
        &mut self,
        list: &CertificateRevocationList<'_>,
        anchors: &Anchors,
        floor: &Floor,
    ) -> Result<(), &'static str> {
        let issuer = list.issuer().as_raw().to_vec();
        check_signature(list, anchors)?;
        let number = list
            .crl_number()
            .ok_or("a revocation list without a number")?;
        if floor.is_above(&issuer, number) {
            return Err(
                "a revocation list older than one that was in force, as kept beside the trust lists",
            );
        }
        let next_update = list
            .next_update()
            .ok_or("a revocation list that does not say until when")?;
        let secs = u64::try_from(next_update.timestamp()).unwrap_or(0);
        self.next_update = self.next_update.min(Timestamp::from_secs(secs));
        match self.numbers.insert(issuer, number.clone()) {
            None => Ok(()),
            Some(_) => Err("two revocation lists of one authority"),
        }
    }
}

fn check_signature(
    list: &CertificateRevocationList<'_>,
    anchors: &Anchors,
) -> Result<(), &'static str> {
    let mut of_issuer = anchors
        .certificates
        .iter()
        .filter_map(|der| parse(der).ok())
        .filter(|anchor| anchor.subject().as_raw() == list.issuer().as_raw());
    match of_issuer.next() {
        None => Err("a revocation list of none of the anchors"),
        Some(anchor) => list
            .verify_signature(anchor.public_key())
            .map_err(|_| "a revocation list that its authority did not sign"),
    }
}
