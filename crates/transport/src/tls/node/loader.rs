use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::Clock;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;

use crate::identity::PeerIdentity;
use crate::tls::admission::{Admission, AnyMember};
use crate::tls::chain::chain_verifier;
use crate::tls::credentials::{Anchors, certified_key};
use crate::tls::crl::RevocationLists;
use crate::tls::crl::floor::Floor;
use crate::tls::node::{TrustFiles, TrustUnit};
use crate::tls::{LoadError, config};
use crate::trust_list::{AcceptedList, ListError, Offered, TrustLists};

/// Reads the files of a node into the next unit.
pub(super) struct Loader {
    files: TrustFiles,
    clock: Arc<dyn Clock>,
    provider: Arc<CryptoProvider>,
    lists: Mutex<TrustLists>,
}

/// What is read before the trust list is looked at: an accepted list is kept on disk at once, so it
/// comes last.
struct Certificates {
    own: PeerIdentity,
    key: Arc<CertifiedKey>,
    anchors: Anchors,
    revocation: RevocationLists,
    floor: Floor,
}

impl Loader {
    pub(super) fn open(files: TrustFiles, clock: Arc<dyn Clock>) -> Result<Self, LoadError> {
        let lists = TrustLists::open(&files.kept_lists, files.pin.clone())?;
        Ok(Self {
            files,
            clock,
            provider: config::provider(),
            lists: Mutex::new(lists),
        })
    }

    /// A refused list is no reason not to start when one is in force.
    pub(super) fn first(&self) -> Result<TrustUnit, LoadError> {
        let certificates = self.certificates()?;
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = self.take_offered(&mut lists).err();
        match (lists.in_force().cloned(), refused) {
            (Some(list), refused) => {
                if let Some(error) = &refused {
                    tracing::error!(%error, "the trust list offered is refused; the one before stays in force");
                }
                self.unit(
                    certificates,
                    list,
                    refused.map(Arc::new),
                    lists.conflicts()?,
                )
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err(ListError::None(self.files.kept_lists.clone()).into()),
        }
    }

    /// Whatever is refused, nothing changes.
    pub(super) fn next(&self, before: &TrustUnit) -> Result<TrustUnit, LoadError> {
        let certificates = self.certificates()?;
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_offered(&mut lists)?;
        let list = lists
            .in_force()
            .cloned()
            .unwrap_or_else(|| Arc::clone(&before.list));
        self.unit(certificates, list, None, lists.conflicts()?)
    }

    fn certificates(&self) -> Result<Certificates, LoadError> {
        let files = &self.files;
        let anchors = Anchors::load(&files.anchors)?;
        let floor = Floor::read(&files.kept_lists.join("revocation-numbers"))?;
        let revocation = RevocationLists::load(&files.revocation_lists, &anchors, &floor)?;
        let key = certified_key(&files.certificate, &files.key, &self.provider)?;
        let own = self.own_identity(&key, &anchors)?;
        Ok(Certificates {
            own,
            key,
            anchors,
            revocation,
            floor,
        })
    }

    /// Others would refuse a certificate that is out of date or not of the federation: better to
    /// say so here. Its own revocation is for them to look at.
    fn own_identity(
        &self,
        key: &CertifiedKey,
        anchors: &Anchors,
    ) -> Result<PeerIdentity, LoadError> {
        let path = &self.files.certificate;
        let (leaf, intermediates) = key
            .cert
            .split_first()
            .ok_or_else(|| LoadError::refused(path, "not certificates in PEM"))?;
        let own = PeerIdentity::from_certificate(leaf).map_err(|source| LoadError::Identity {
            path: path.clone(),
            source,
        })?;
        if own.node != self.files.node || own.federation != self.files.pin.federation {
            return Err(LoadError::refused(
                path,
                "names another node or federation than the configuration",
            ));
        }
        let chain = chain_verifier(anchors, None, &self.provider)?;
        chain
            .verify_client_cert(leaf, intermediates, config::unix_time(self.clock.now()))
            .map_err(LoadError::tls(path))?;
        Ok(own)
    }

    fn take_offered(&self, lists: &mut TrustLists) -> Result<(), ListError> {
        let path = &self.files.offered_lists;
        if lists.in_force().is_some() && !path.exists() {
            return Ok(());
        }
        match lists.offer_file(path, self.clock.now())? {
            Offered::Accepted(list) => {
                let (epoch, serial) = list.list().number();
                tracing::info!(epoch, serial, "trust list accepted");
            }
            Offered::Known => {}
            Offered::Older => {
                tracing::warn!("the trust list offered is older than the one in force")
            }
        }
        Ok(())
    }

    fn unit(
        &self,
        certificates: Certificates,
        list: Arc<AcceptedList>,
        refused_list: Option<Arc<ListError>>,
        conflicts: Vec<PathBuf>,
    ) -> Result<TrustUnit, LoadError> {
        let Certificates {
            own,
            key,
            anchors,
            revocation,
            floor,
        } = certificates;
        let admission = Arc::new(Admission {
            chain: chain_verifier(&anchors, Some(&revocation), &self.provider)?,
            federation: own.federation.clone(),
            list: list.shared(),
        });
        let verifier = Arc::new(AnyMember(Arc::clone(&admission)));
        let server = config::server(&key, verifier, &self.provider, &self.clock, config::NEWEST)
            .map_err(LoadError::tls(&self.files.certificate))?;
        if list.list().member(&own.node).is_none_or(|m| !m.is_live()) {
            tracing::warn!(node = %own.node, "this node is no live member of the trust list: no other will let it in");
        }
        revocation.keep(floor)?;
        Ok(TrustUnit {
            own,
            key,
            list,
            refused_list,
            conflicts,
            revocation,
            admission,
            server,
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
        })
    }
}
