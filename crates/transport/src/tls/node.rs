mod loader;

use std::path::PathBuf;
use std::sync::Arc;

use passerelle_domain::member::Member;
use passerelle_domain::{Clock, FederationId, NodeId, Timestamp};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig};

use crate::identity::PeerIdentity;
use crate::tls::admission::{Admission, OneMember};
use crate::tls::crl::RevocationLists;
use crate::tls::node::loader::Loader;
use crate::tls::{Entrance, Live, LoadError, PeerRefused, config};
use crate::trust_list::{AcceptedList, ListError, Pin};

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
    conflicts: Vec<PathBuf>,
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
        let loader = Loader::open(files, clock)?;
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

    /// Signed lists that bear the number of an accepted one and other bytes, kept beside it: the
    /// coordinators signed two histories. An alarm until their files are taken away.
    pub fn conflicts(&self) -> &[PathBuf] {
        &self.conflicts
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
