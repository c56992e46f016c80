//! Who is on the other end of a channel, as its certificate says.
//!
//! The name comes from the certificate alone, never from what the other end writes into a message
//! (I9); that the certificate was issued by the federation is checked in [`crate::tls`].

use std::fmt;

use passerelle_domain::{Digest, FederationId, NodeId, Timestamp};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// A node, as the certificate of a channel names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The member.
    pub node: NodeId,
    /// The federation that it is a member of.
    pub federation: FederationId,
    /// SHA-256 of the certificate.
    pub certificate_sha256: Digest,
    /// SHA-256 of its SubjectPublicKeyInfo, what a trust list pins.
    pub key_sha256: Digest,
    /// The last second of the certificate.
    pub not_after: Timestamp,
}

/// An agency system, as the node's configuration names the certificate of its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemIdentity {
    /// Its name in the configuration.
    pub name: String,
    /// SHA-256 of the certificate.
    pub certificate_sha256: Digest,
    /// The last second of the certificate.
    pub not_after: Timestamp,
}

/// Why a certificate names no node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It cannot be read.
    #[error("the certificate is not well-formed X.509")]
    NotX509,
    /// It is, or could sign for, an authority.
    #[error("the certificate is one of an authority, not of a node")]
    Authority,
    /// It is not for both ends of a connection between nodes.
    #[error("the certificate is not for both server and client authentication")]
    Usage,
    /// X509-SVID §2: exactly one URI.
    #[error("the certificate does not have exactly one URI among its alternative names")]
    NotOneUri,
    /// The URI is of another form.
    #[error("the URI of the certificate is not spiffe://<federation>/node/<node-id>")]
    NotANode,
}

impl PeerIdentity {
    /// Reads the name from the leaf of a chain.
    pub fn from_certificate(leaf: &CertificateDer<'_>) -> Result<Self, IdentityError> {
        let certificate = parse(leaf)?;
        refuse_authority(&certificate)?;
        refuse_one_sided(&certificate)?;
        let (federation, node) = spiffe_node(&certificate)?;
        Ok(Self {
            node,
            federation,
            certificate_sha256: Digest::of(leaf),
            key_sha256: Digest::of(certificate.public_key().raw),
            not_after: not_after(&certificate),
        })
    }
}

impl fmt::Display for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.node, self.federation)
    }
}

/// The one alternative name of a node's certificate.
pub fn spiffe_id(federation: &FederationId, node: &NodeId) -> String {
    format!("spiffe://{federation}/node/{node}")
}

pub(crate) fn parse<'a>(
    certificate: &'a CertificateDer<'_>,
) -> Result<X509Certificate<'a>, IdentityError> {
    match X509Certificate::from_der(certificate) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(IdentityError::NotX509),
    }
}

pub(crate) fn not_after(certificate: &X509Certificate<'_>) -> Timestamp {
    // A date before 1970 is long past: the epoch says so too.
    Timestamp::from_secs(u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0))
}

/// The federation and node that a SPIFFE id names.
pub(crate) fn read_spiffe_id(uri: &str) -> Option<(FederationId, NodeId)> {
    let (federation, path) = uri.strip_prefix("spiffe://")?.split_once('/')?;
    let node = path.strip_prefix("node/")?;
    Some((federation.parse().ok()?, node.parse().ok()?))
}

fn refuse_authority(certificate: &X509Certificate<'_>) -> Result<(), IdentityError> {
    let usage = certificate
        .key_usage()
        .map_err(|_| IdentityError::NotX509)?;
    let constraints = certificate
        .basic_constraints()
        .map_err(|_| IdentityError::NotX509)?;
    let signs = usage.is_some_and(|u| u.value.key_cert_sign() || u.value.crl_sign());
    if signs || constraints.is_some_and(|c| c.value.ca) {
        return Err(IdentityError::Authority);
    }
    Ok(())
}

/// A node is a server to some and a client to others with one certificate. The chain check looks at
/// the use as a client only, on either end; this looks at both.
fn refuse_one_sided(certificate: &X509Certificate<'_>) -> Result<(), IdentityError> {
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if usage.value.server_auth && usage.value.client_auth => Ok(()),
        Ok(_) => Err(IdentityError::Usage),
        Err(_) => Err(IdentityError::NotX509),
    }
}

fn spiffe_node(certificate: &X509Certificate<'_>) -> Result<(FederationId, NodeId), IdentityError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| IdentityError::NotX509)?;
    let names = names.ok_or(IdentityError::NotOneUri)?;
    let mut uris = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
    match (uris.next(), uris.next()) {
        (Some(uri), None) => read_spiffe_id(uri).ok_or(IdentityError::NotANode),
        _ => Err(IdentityError::NotOneUri),
    }
}

#[cfg(test)]
mod tests;
