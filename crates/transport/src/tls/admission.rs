use std::fmt;
use std::io;
use std::sync::Arc;

use passerelle_domain::claim::TrustList;
use passerelle_domain::{FederationId, NodeId, Verified};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};

use crate::identity::{IdentityError, PeerIdentity};

/// Why the other end of a connection is not let in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PeerRefused {
    /// It showed no certificate.
    #[error("no certificate was shown")]
    NoCertificate,
    /// The chain does not hold: not issued by an anchor, out of date, revoked, or the revocation
    /// list is out of date.
    #[error("{0}")]
    Chain(Error),
    /// The certificate names no node.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It is one of another federation.
    #[error("the certificate is one of federation {0}")]
    OtherFederation(FederationId),
    /// It is not in the trust list.
    #[error("{0} is not in the trust list")]
    NotAMember(NodeId),
    /// It does not take part any more.
    #[error("{0} is suspended in the trust list")]
    Suspended(NodeId),
    /// The trust list pins other keys.
    #[error("the key of the certificate is none of those that the trust list pins for {0}")]
    NotPinned(NodeId),
    /// It is a member, but not the one that was dialled.
    #[error("{dialled} was dialled, and {met} answered")]
    OtherMember {
        /// Whom we wanted.
        dialled: NodeId,
        /// Who answered.
        met: NodeId,
    },
    /// The configuration does not list the certificate.
    #[error("the certificate is none of those that agency.systems lists")]
    NotListed,
}

impl PeerRefused {
    /// The reason inside an error of the TLS library, which shows it badly.
    pub fn within(error: &io::Error) -> Option<&Self> {
        match error.get_ref()?.downcast_ref::<Error>()? {
            Error::InvalidCertificate(CertificateError::Other(OtherError(reason))) => {
                reason.downcast_ref::<Self>()
            }
            _ => None,
        }
    }
}

impl From<PeerRefused> for Error {
    fn from(refused: PeerRefused) -> Self {
        match refused {
            PeerRefused::Chain(error) => error,
            other => Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(other)))),
        }
    }
}

/// Who is let in: whoever shows a certificate that the federation issued and has not revoked, for a
/// member that is live in the trust list.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) chain: Arc<dyn ClientCertVerifier>,
    pub(super) federation: FederationId,
    pub(super) list: Arc<Verified<TrustList>>,
}

impl Admission {
    pub(super) fn admit(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<PeerIdentity, PeerRefused> {
        self.chain
            .verify_client_cert(leaf, intermediates, now)
            .map_err(PeerRefused::Chain)?;
        let identity = PeerIdentity::from_certificate(leaf)?;
        self.check_membership(&identity)?;
        Ok(identity)
    }

    fn check_membership(&self, identity: &PeerIdentity) -> Result<(), PeerRefused> {
        if identity.federation != self.federation {
            return Err(PeerRefused::OtherFederation(identity.federation.clone()));
        }
        let node = &identity.node;
        let member = self
            .list
            .member(node)
            .ok_or_else(|| PeerRefused::NotAMember(node.clone()))?;
        if !member.is_live() {
            return Err(PeerRefused::Suspended(node.clone()));
        }
        let pins = &member.certificate_pins;
        if !pins.is_empty() && !pins.contains(&identity.key_sha256) {
            return Err(PeerRefused::NotPinned(node.clone()));
        }
        Ok(())
    }
}

/// As a server: any live member.
pub(super) struct AnyMember(pub(super) Arc<Admission>);

impl ClientCertVerifier for AnyMember {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.admit(leaf, intermediates, now)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.chain.supported_verify_schemes()
    }
}

/// As a client: the member that was dialled. The name that the TLS library passes in is ignored:
/// where a node is reached says nothing about which node it is.
pub(super) struct OneMember {
    pub(super) admission: Arc<Admission>,
    pub(super) dialled: NodeId,
}

impl OneMember {
    pub(super) fn admit(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<PeerIdentity, PeerRefused> {
        let met = self.admission.admit(leaf, intermediates, now)?;
        if met.node == self.dialled {
            Ok(met)
        } else {
            Err(PeerRefused::OtherMember {
                dialled: self.dialled.clone(),
                met: met.node,
            })
        }
    }
}

impl ServerCertVerifier for OneMember {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.admit(leaf, intermediates, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.admission
            .chain
            .verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.admission
            .chain
            .verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.admission.chain.supported_verify_schemes()
    }
}

impl fmt::Debug for AnyMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyMember")
    }
}

impl fmt::Debug for OneMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OneMember({})", self.dialled)
    }
}
