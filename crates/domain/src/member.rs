//! The members of a federation and what each may do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::vocabulary::{Class, EvidenceKind, OrganisationKind, Purpose};
use crate::{Digest, FederationId, Malformed, NodeId, Siren, Siret};

/// A node in the trust list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name, for life.
    pub node: NodeId,
    /// Whose node it is.
    pub organisation: Organisation,
    /// Where it is reached, `host:port`, the first first; 1 to 8.
    pub endpoints: Vec<String>,
    /// Its public keys by use.
    pub keys: Vec<MemberKey>,
    /// SHA-256 of the SubjectPublicKeyInfo of the certificates it may show; any of its federation
    /// when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_pins: Vec<Digest>,
    /// What it may ask for.
    pub rights: Rights,
    /// That a person is known there must stay hidden.
    #[serde(default)]
    pub sensitive: bool,
    /// Whether it takes part.
    pub status: MemberStatus,
}

/// The organisation behind a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its name, 1 to 120 characters.
    pub name: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its legal units.
    pub sirens: BTreeSet<Siren>,
    /// Its establishments, 1 or more.
    pub sirets: BTreeSet<Siret>,
    /// Codes of its territories (COG: départements `67`, `2A`, `974`; EPCI by SIREN).
    #[serde(default)]
    pub territories: BTreeSet<String>,
    /// Whom an agent may ring, 0 to 120 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

/// Whether a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// Takes part.
    Active,
    /// Kept in the list, so that old logs can be read; asks and answers nothing.
    Suspended,
}

/// What a member may ask another for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// Each purpose with the highest class it may be asked with.
    pub purposes: BTreeMap<Purpose, Class>,
    /// The kinds of evidence that others count when this member attests them.
    #[serde(default)]
    pub evidence: BTreeSet<EvidenceKind>,
    /// Whether it may keep the NIR (décret 2019-341).
    #[serde(default)]
    pub nir: bool,
}

/// A public key of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberKey {
    /// What it is used for, and nothing else.
    pub usage: KeyUsage,
    /// Its name in token headers, `[A-Za-z0-9._-]{1,64}`, each once a member; for a log key the
    /// C2SP verifier key says it all.
    pub kid: String,
    /// The one algorithm it is used with.
    pub alg: KeyAlgorithm,
    /// The public key: a C2SP verifier key for `log` and `witness`, else PEM
    /// SubjectPublicKeyInfo.
    pub public_key: String,
}

/// What a key is used for: one key, one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUsage {
    /// Signs checkpoints of the exchange log.
    Log,
    /// Cosigns checkpoints of other logs.
    Witness,
    /// Signs receipts, withdrawals, objections, purge orders and answers.
    Receipt,
    /// Evaluates blinded identifiers.
    Lookup,
}

/// The algorithm of a key, fixed by its record: a token does not choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8037).
    EdDSA,
    /// ECDSA on P-256 with SHA-256 (RFC 7518).
    ES256,
}

impl Member {
    /// Whether it takes part.
    pub fn is_live(&self) -> bool {
        self.status == MemberStatus::Active
    }

    /// The key of that use and name.
    pub fn key(&self, usage: KeyUsage, kid: &str) -> Option<&MemberKey> {
        self.keys.iter().find(|k| k.usage == usage && k.kid == kid)
    }

    /// The keys of one use.
    pub fn keys_for(&self, usage: KeyUsage) -> impl Iterator<Item = &MemberKey> {
        self.keys.iter().filter(move |k| k.usage == usage)
    }

    pub(crate) fn check(&self, federation: &FederationId) -> Result<(), Malformed> {
        let name = self.organisation.name.chars().count();
        if name == 0 || name > 120 {
            return Err(Malformed::new("organisation.name", "1 to 120 characters"));
        }
        if self.organisation.contact.chars().count() > 120 {
            return Err(Malformed::new(
                "organisation.contact",
                "at most 120 characters",
            ));
        }
        if self.organisation.sirets.is_empty() {
            return Err(Malformed::new(
                "organisation.sirets",
                "at least one establishment",
            ));
        }
        if self.endpoints.is_empty() || self.endpoints.len() > 8 {
            return Err(Malformed::new("endpoints", "1 to 8 addresses"));
        }
        for (i, endpoint) in self.endpoints.iter().enumerate() {
            if !is_host_and_port(endpoint) {
                return Err(Malformed::new(format!("endpoints[{i}]"), "host:port"));
            }
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let mut kids = BTreeSet::new();
        for (i, key) in self.keys.iter().enumerate() {
            if key.kid.is_empty() || key.kid.len() > 64 || !key.kid.bytes().all(plain) {
                return Err(Malformed::new(
                    format!("keys[{i}].kid"),
                    "1 to 64 characters among A-Z, a-z, 0-9, ., _ and -",
                ));
            }
            if !kids.insert(&key.kid) {
                return Err(Malformed::new(
                    format!("keys[{i}].kid"),
                    "each name once a member",
                ));
            }
            if key.usage == KeyUsage::Log && !self.names_log(federation, &key.public_key) {
                return Err(Malformed::new(
                    format!("keys[{i}].public_key"),
                    "a C2SP verifier key named <node>.<federation>/exchange/<half-year>",
                ));
            }
        }
        if !self.rights.purposes.keys().all(|p| p.between_nodes()) {
            return Err(Malformed::new(
                "rights.purposes",
                "only purposes that nodes may ask each other for",
            ));
        }
        Ok(())
    }
}

impl Member {
    /// Whether a verifier key bears the name of a log of this node (C2SP signed-note: name, key hash
    /// and key, joined by `+`). Whoever checks a checkpoint checks the hash and the key.
    fn names_log(&self, federation: &FederationId, verifier_key: &str) -> bool {
        let logs = format!("{}.{federation}/exchange/", self.node);
        let mut parts = verifier_key.splitn(3, '+');
        let named = parts
            .next()
            .and_then(|name| name.strip_prefix(&logs))
            .is_some_and(|half_year| !half_year.is_empty());
        let hash = parts
            .next()
            .is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        named && hash && parts.next().is_some_and(|key| !key.is_empty())
    }
}

fn is_host_and_port(endpoint: &str) -> bool {
    endpoint.len() <= 260
        && endpoint.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok_and(|p| p > 0)
        })
}

#[cfg(test)]
mod tests;
