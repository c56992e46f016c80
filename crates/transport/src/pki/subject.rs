use std::fmt;

use passerelle_domain::{FederationId, NodeId};
use rcgen::{ExtendedKeyUsagePurpose, SanType};

use crate::identity::spiffe_id;
use crate::pki::PkiError;

/// Whom a certificate is for, in its one alternative name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A node: URI `spiffe://<federation>/node/<node-id>`, for both ends of a connection.
    Node {
        /// The federation.
        federation: FederationId,
        /// The node.
        node: NodeId,
    },
    /// The agency listener of a node: a DNS name, as a server.
    Listener {
        /// The name under which agency systems reach it.
        dns: String,
    },
    /// An agency system: a DNS name, as a client.
    System {
        /// Its name; it need not resolve.
        dns: String,
    },
}

impl Subject {
    /// The one alternative name, as X.509 has it.
    pub(super) fn alternative_name(&self) -> Result<SanType, PkiError> {
        Ok(match self {
            Self::Node { federation, node } => {
                SanType::URI(spiffe_id(federation, node).try_into()?)
            }
            Self::Listener { dns } | Self::System { dns } if is_dns_name(dns) => {
                SanType::DnsName(dns.as_str().try_into()?)
            }
            Self::Listener { .. } | Self::System { .. } => {
                return Err(PkiError::Asked(
                    "a DNS name is labels of a-z, 0-9 and -, joined by dots",
                ));
            }
        })
    }

    /// What the certificate may be used for.
    pub(super) fn usages(&self) -> Vec<ExtendedKeyUsagePurpose> {
        match self {
            Self::Node { .. } => {
                vec![
                    ExtendedKeyUsagePurpose::ServerAuth,
                    ExtendedKeyUsagePurpose::ClientAuth,
                ]
            }
            Self::Listener { .. } => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Self::System { .. } => vec![ExtendedKeyUsagePurpose::ClientAuth],
        }
    }

    /// The name for people who read the certificate; nothing is decided by it.
    pub(super) fn common_name(&self) -> String {
        match self {
            Self::Node { node, .. } => node.to_string(),
            // RFC 5280 ub-common-name: 64 characters.
            Self::Listener { dns } | Self::System { dns } => dns.chars().take(64).collect(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node { federation, node } => f.write_str(&spiffe_id(federation, node)),
            Self::Listener { dns } | Self::System { dns } => f.write_str(dns),
        }
    }
}

fn is_dns_name(name: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}
