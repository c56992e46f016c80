use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::member::Member;
use passerelle_domain::{Clock, FederationId, NodeId, Timestamp};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig};

use crate::identity::PeerIdentity;
use crate::tls::admission::{Admission, AnyMember, OneMember};
use crate::tls::credentials::{Anchors, certified_key};
use crate::tls::crl::RevocationLists;
use crate::tls::{Entrance, Live, LoadError, PeerRefused, config};
use crate::trust_list::{AcceptedList, ListError, Offered, Pin, TrustLists};

/// Where a node reads what it trusts from.
#[derive(Clone, Debug)]
pub struct TrustFiles {
    /// The node that the certificate must name.
    pub node: NodeId,
    /// Its certificate, PEM.
    pub certificate: PathBuf,
    /// The key of the certificate, PEM.
    pub key: PathBuf,
    /// The federation's authorities, PEM: each that issues certificates of nodes, under its own
    /// name.
    pub anchors: PathBuf,
    /// Their revocation lists, PEM, one each.
    pub revocation_lists: PathBuf,
    /// A file in which the operator offers trust lists, one a line; it may be absent once a list
    /// was accepted.
    pub offered_lists: PathBuf,
    /// The folder that keeps the accepted ones.
    pub kept_lists: PathBuf,
    /// Where the chain of trust lists starts.
    pub pin: Pin,
}

/// What a node trusts, in force as a whole.
pub struct TrustUnit {
    own: PeerIdentity,
    key: Arc<CertifiedKey>,
    list: Arc<AcceptedList>,
    refused_list: Option<Arc<ListError>>,
    revocation: RevocationLists,
    admission: Arc<Admission>,
    server: Arc<ServerConfig>,
    provider: Arc<CryptoProvider>,
    clock: Arc<dyn Clock>,
}

/// The [`TrustUnit`] in force, and how to replace it.
pub type TrustHandle = Live<TrustUnit>;

impl TrustUnit {
    /// Loads the files and gives the handle by which they are loaded again.
    ///
    /// A trust list that is offered and refused is no reason not to start when one is in force: the
    /// node starts with that one, and [`TrustUnit::refused_list`] says so. Reloading is stricter: it
    /// fails, and changes nothing.
    pub fn start(files: TrustFiles, clock: Arc<dyn Clock>) -> Result<TrustHandle, LoadError> {
        let lists = TrustLists::open(&files.kept_lists, files.pin.clone())?;
        let loader = Loader {
            files,
            clock,
            provider: config::provider(),
            lists: Mutex::new(lists),
        };
        let first = loader.first()?;
        Ok(Live::new(first, move |before| loader.next(before)))
    }

    /// The node itself, as its certificate names it.
    pub fn own(&self) -> &PeerIdentity {
        &self.own
    }

    /// The federation.
    pub fn federation(&self) -> &FederationId {
        &self.own.federation
    }

    /// The trust list in force.
    pub fn list(&self) -> &AcceptedList {
        &self.list
    }

    /// The list that was offered at start and refused, if any: an alarm for the operator.
    pub fn refused_list(&self) -> Option<&ListError> {
        self.refused_list.as_deref()
    }

    /// When the first of the revocation lists ends. From then on nobody is let in.
    pub fn revocation_ends(&self) -> Timestamp {
        self.revocation.next_update
    }

    /// The member that a node is, if it is live in the list in force.
    pub fn live_member(&self, node: &NodeId) -> Result<&Member, PeerRefused> {
        match self.list.list().member(node) {
            None => Err(PeerRefused::NotAMember(node.clone())),
            Some(member) if !member.is_live() => Err(PeerRefused::Suspended(node.clone())),
            Some(member) => Ok(member),
        }
    }

    /// How to speak TLS with `node` as a client.
    pub(crate) fn client_config(&self, node: &NodeId) -> Result<Arc<ClientConfig>, rustls::Error> {
        let verifier = Arc::new(self.one_member(node));
        config::client(&self.key, verifier, &self.provider, &self.clock)
    }

    /// Whether the chain is the one of `node`, and would be let in now.
    pub(crate) fn admit_as(
        &self,
        node: &NodeId,
        chain: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<PeerIdentity, PeerRefused> {
        let (leaf, intermediates) = chain.split_first().ok_or(PeerRefused::NoCertificate)?;
        self.one_member(node)
            .admit(leaf, intermediates, config::unix_time(now))
    }

    fn one_member(&self, node: &NodeId) -> OneMember {
        OneMember {
            admission: Arc::clone(&self.admission),
            dialled: node.clone(),
        }
    }
}

impl Entrance for TrustUnit {
    type Identity = PeerIdentity;

    fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    fn admit(
        &self,
        chain: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<PeerIdentity, PeerRefused> {
        let (leaf, intermediates) = chain.split_first().ok_or(PeerRefused::NoCertificate)?;
        self.admission
            .admit(leaf, intermediates, config::unix_time(now))
    }

    fn party(identity: &PeerIdentity) -> &str {
        identity.node.as_str()
    }

    fn not_after(identity: &PeerIdentity) -> Timestamp {
        identity.not_after
    }
}

struct Loader {
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
}

impl Loader {
    fn first(&self) -> Result<TrustUnit, LoadError> {
        let certificates = self.certificates(None)?;
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = self.take_offered(&mut lists).err();
        match (lists.in_force().cloned(), refused) {
            (Some(list), refused) => {
                if let Some(error) = &refused {
                    tracing::error!(%error, "the trust list offered is refused; the one before stays in force");
                }
                self.unit(certificates, list, refused.map(Arc::new))
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err(ListError::None(self.files.kept_lists.clone()).into()),
        }
    }

    fn next(&self, before: &TrustUnit) -> Result<TrustUnit, LoadError> {
        let certificates = self.certificates(Some(before))?;
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        self.take_offered(&mut lists)?;
        let list = lists
            .in_force()
            .cloned()
            .unwrap_or_else(|| Arc::clone(&before.list));
        self.unit(certificates, list, None)
    }

    fn certificates(&self, before: Option<&TrustUnit>) -> Result<Certificates, LoadError> {
        let files = &self.files;
        let anchors = Anchors::load(&files.anchors)?;
        let before = before.map(|unit| &unit.revocation);
        let revocation = RevocationLists::load(&files.revocation_lists, &anchors, before)?;
        let key = certified_key(&files.certificate, &files.key, &self.provider)?;
        let own = self.own_identity(&key, &anchors)?;
        Ok(Certificates {
            own,
            key,
            anchors,
            revocation,
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
    ) -> Result<TrustUnit, LoadError> {
        let Certificates {
            own,
            key,
            anchors,
            revocation,
        } = certificates;
        let admission = Arc::new(Admission {
            chain: chain_verifier(&anchors, Some(&revocation), &self.provider)?,
            federation: own.federation.clone(),
            list: list.shared(),
        });
        let verifier = Arc::new(AnyMember(Arc::clone(&admission)));
        let server = config::server(&key, verifier, &self.provider, &self.clock)
            .map_err(LoadError::tls(&self.files.certificate))?;
        if list.list().member(&own.node).is_none_or(|m| !m.is_live()) {
            tracing::warn!(node = %own.node, "this node is no live member of the trust list: no other will let it in");
        }
        Ok(TrustUnit {
            own,
            key,
            list,
            refused_list,
            revocation,
            admission,
            server,
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
        })
    }
}

/// Chains are checked as those of clients, on either end of a connection: the library's check for
/// servers also wants a DNS name, which nodes do not have. That a node's certificate is for both
/// ends is checked where its name is read ([`PeerIdentity::from_certificate`]).
pub(super) fn chain_verifier(
    anchors: &Anchors,
    revocation: Option<&RevocationLists>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, LoadError> {
    let store = Arc::clone(&anchors.store);
    let mut builder = WebPkiClientVerifier::builder_with_provider(store, Arc::clone(provider));
    if let Some(revocation) = revocation {
        // An unknown status is an error by default; a list that has ended becomes one here.
        builder = builder
            .with_crls(revocation.lists.clone())
            .enforce_revocation_expiration();
    }
    builder.build().map_err(|_| {
        LoadError::refused(&anchors.path, "not authorities with their revocation lists")
    })
}
