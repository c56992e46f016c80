use std::path::{Path, PathBuf};
use std::sync::Arc;

use passerelle_domain::{Clock, Digest, Timestamp};
use rustls::ServerConfig;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use crate::identity::{IdentityError, SystemIdentity, not_after, parse};
use crate::tls::chain::chain_verifier;
use crate::tls::credentials::{Anchors, certified_key};
use crate::tls::crl::RevocationLists;
use crate::tls::crl::floor::Floor;
use crate::tls::{Entrance, Live, LoadError, PeerRefused, config};

/// Where the agency listener reads what it trusts from.
#[derive(Clone, Debug)]
pub struct AgencyFiles {
    /// Its certificate, with a DNS name, PEM.
    pub certificate: PathBuf,
    /// The key of the certificate, PEM.
    pub key: PathBuf,
    /// The organisation's own authorities, never the federation's, PEM.
    pub anchors: PathBuf,
    /// Their revocation lists, PEM, one each. Without them a certificate is withdrawn by taking it
    /// off `systems`.
    pub revocation_lists: Option<PathBuf>,
    /// The file that keeps the numbers of the lists that were in force.
    pub kept_numbers: PathBuf,
    /// Whether TLS 1.2 is spoken too, with AEAD suites alone.
    pub tls12: bool,
    /// Who is let in.
    pub systems: Vec<SystemCertificate>,
}

/// One certificate of an agency system. A system may have several, while one replaces another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCertificate {
    /// The name of the system.
    pub name: String,
    /// SHA-256 of the certificate.
    pub certificate_sha256: Digest,
}

/// What the agency listener trusts, in force as a whole.
pub struct AgencyUnit {
    certificate_ends: Timestamp,
    admission: Arc<ListedSystems>,
    server: Arc<ServerConfig>,
    revocation: Option<RevocationLists>,
}

/// The [`AgencyUnit`] in force, and how to replace it.
pub type AgencyHandle = Live<AgencyUnit>;

impl AgencyUnit {
    /// Loads the files and gives the handle by which they are loaded again.
    pub fn start(files: AgencyFiles, clock: Arc<dyn Clock>) -> Result<AgencyHandle, LoadError> {
        let first = Self::load(&files, &clock)?;
        Ok(Live::new(first, move |_| Self::load(&files, &clock)))
    }

    /// When the certificate of the listener ends. From then on agency systems refuse it.
    pub fn certificate_ends(&self) -> Timestamp {
        self.certificate_ends
    }

    /// When the first of the revocation lists ends, if there are any. From then on nobody is let in.
    pub fn revocation_ends(&self) -> Option<Timestamp> {
        self.revocation.as_ref().map(|lists| lists.next_update)
    }

    fn load(files: &AgencyFiles, clock: &Arc<dyn Clock>) -> Result<Self, LoadError> {
        let provider = config::provider();
        let key = certified_key(&files.certificate, &files.key, &provider)?;
        let certificate_ends = in_date(&key, &files.certificate, clock.now())?;
        let anchors = Anchors::load(&files.anchors)?;
        let floor = Floor::read(&files.kept_numbers)?;
        let revocation = match &files.revocation_lists {
            Some(path) => Some(RevocationLists::load(path, &anchors, &floor)?),
            None => None,
        };
        let admission = Arc::new(ListedSystems {
            chain: chain_verifier(&anchors, revocation.as_ref(), &provider)?,
            systems: files.systems.clone(),
        });
        let verifier: Arc<ListedSystems> = Arc::clone(&admission);
        let versions = if files.tls12 {
            config::SINCE_1_2
        } else {
            config::NEWEST
        };
        let server = config::server(&key, verifier, &provider, clock, versions)
            .map_err(LoadError::tls(&files.certificate))?;
        if let Some(lists) = &revocation {
            lists.keep(floor)?;
        }
        Ok(Self {
            certificate_ends,
            admission,
            server,
            revocation,
        })
    }
}

/// Agency systems would refuse a certificate that is out of date: better to say so here.
fn in_date(key: &CertifiedKey, path: &Path, now: Timestamp) -> Result<Timestamp, LoadError> {
    let leaf = key.cert.first().and_then(|der| parse(der).ok());
    let leaf = leaf.ok_or_else(|| LoadError::refused(path, "not an X.509 certificate"))?;
    let begins = leaf.validity().not_before.timestamp();
    let ends = not_after(&leaf);
    let begun = i64::try_from(now.as_secs()).is_ok_and(|now| begins <= now);
    if begun && now <= ends {
        Ok(ends)
    } else {
        Err(LoadError::refused(
            path,
            "a certificate that is out of date",
        ))
    }
}

impl Entrance for AgencyUnit {
    type Identity = SystemIdentity;

    fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    fn admit(
        &self,
        chain: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<SystemIdentity, PeerRefused> {
        let (leaf, intermediates) = chain.split_first().ok_or(PeerRefused::NoCertificate)?;
        self.admission
            .admit(leaf, intermediates, config::unix_time(now))
    }

    fn party(identity: &SystemIdentity) -> &str {
        &identity.name
    }

    fn not_after(identity: &SystemIdentity) -> Timestamp {
        identity.not_after
    }
}

/// Who is let in: whoever shows a certificate that the organisation issued and the configuration
/// lists.
#[derive(Debug)]
struct ListedSystems {
    chain: Arc<dyn ClientCertVerifier>,
    systems: Vec<SystemCertificate>,
}

impl ListedSystems {
    fn admit(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<SystemIdentity, PeerRefused> {
        self.chain
            .verify_client_cert(leaf, intermediates, now)
            .map_err(PeerRefused::Chain)?;
        let certificate_sha256 = Digest::of(leaf);
        let listed = self
            .systems
            .iter()
            .find(|s| s.certificate_sha256 == certificate_sha256);
        let name = listed.ok_or(PeerRefused::NotListed)?.name.clone();
        let parsed = parse(leaf)?;
        if parsed.is_ca() {
            return Err(IdentityError::Authority.into());
        }
        Ok(SystemIdentity {
            name,
            certificate_sha256,
            not_after: not_after(&parsed),
        })
    }
}

impl ClientCertVerifier for ListedSystems {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.admit(leaf, intermediates, now)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
