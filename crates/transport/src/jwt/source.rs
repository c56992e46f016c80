use std::collections::BTreeMap;

use passerelle_domain::claim::{CoordinatorKey, TrustList};
use passerelle_domain::member::KeyUsage;
use passerelle_domain::{FederationId, NodeId};

use crate::jwt::{Issuer, SigningKey, TokenError, VerifyingKey};
use crate::key_file::KeyError;

/// Where the key of a token comes from: never from the token.
pub trait KeySource {
    /// The key that `issuer` has under the name `kid`.
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey>;
}

/// There is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The issuer has none here.
    Issuer,
    /// The issuer has others.
    Kid,
}

impl From<NoKey> for TokenError {
    fn from(none: NoKey) -> Self {
        match none {
            NoKey::Issuer => Self::UnknownIssuer,
            NoKey::Kid => Self::UnknownKey,
        }
    }
}

/// The receipt keys of the live members of a trust list.
#[derive(Clone, Debug)]
pub struct MemberKeys(BTreeMap<NodeId, Vec<VerifyingKey>>);

impl MemberKeys {
    /// The keys that `list` gives, or the member and `kid` of the first that is none.
    pub fn of(list: &TrustList) -> Result<Self, (NodeId, String, KeyError)> {
        let mut members = BTreeMap::new();
        for member in list.members.iter().filter(|m| m.is_live()) {
            let mut keys = Vec::new();
            for key in member.keys_for(KeyUsage::Receipt) {
                let parsed = VerifyingKey::from_record(&key.kid, key.alg, &key.public_key);
                keys.push(parsed.map_err(|e| (member.node.clone(), key.kid.clone(), e))?);
            }
            members.insert(member.node.clone(), keys);
        }
        Ok(Self(members))
    }
}

/// For tests of tokens alone, without a list.
#[cfg(test)]
impl FromIterator<(NodeId, Vec<VerifyingKey>)> for MemberKeys {
    fn from_iter<T: IntoIterator<Item = (NodeId, Vec<VerifyingKey>)>>(members: T) -> Self {
        Self(members.into_iter().collect())
    }
}

impl KeySource for MemberKeys {
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey> {
        match issuer {
            Issuer::Node(node) => named(self.0.get(node).ok_or(NoKey::Issuer)?, kid),
            _ => Err(NoKey::Issuer),
        }
    }
}

/// The coordinator keys of one federation.
#[derive(Clone, Debug)]
pub struct CoordinatorKeys {
    federation: FederationId,
    keys: Vec<VerifyingKey>,
}

impl CoordinatorKeys {
    /// The keys in a list, or in the configuration that pins the first.
    pub fn of<'a>(
        federation: &FederationId,
        keys: impl IntoIterator<Item = &'a CoordinatorKey>,
    ) -> Result<Self, KeyError> {
        let parse = |k: &CoordinatorKey| VerifyingKey::from_record(&k.kid, k.alg, &k.public_key);
        let keys = keys.into_iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self {
            federation: federation.clone(),
            keys,
        })
    }
}

impl KeySource for CoordinatorKeys {
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey> {
        match issuer {
            Issuer::Coordinators(federation) if *federation == self.federation => {
                named(&self.keys, kid)
            }
            _ => Err(NoKey::Issuer),
        }
    }
}

/// The keys with which agency systems assert who their agent is.
#[derive(Clone, Debug, Default)]
pub struct SystemKeys(BTreeMap<String, Vec<VerifyingKey>>);

impl SystemKeys {
    /// Registers a key of the agency system `name`.
    pub fn register(&mut self, name: &str, key: VerifyingKey) {
        self.0.entry(name.to_owned()).or_default().push(key);
    }
}

impl KeySource for SystemKeys {
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey> {
        match issuer {
            Issuer::System(name) => named(self.0.get(name).ok_or(NoKey::Issuer)?, kid),
            _ => Err(NoKey::Issuer),
        }
    }
}

/// The one key that may sign the catalogue of notices of a federation: the configuration names it.
#[derive(Clone, Debug)]
pub struct NoticeKey {
    federation: FederationId,
    key: VerifyingKey,
}

impl NoticeKey {
    /// That key, for that federation.
    pub fn of(federation: FederationId, key: VerifyingKey) -> Self {
        Self { federation, key }
    }
}

impl KeySource for NoticeKey {
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey> {
        match issuer {
            Issuer::Notices(federation) if *federation == self.federation => {
                named(std::slice::from_ref(&self.key), kid)
            }
            _ => Err(NoKey::Issuer),
        }
    }
}

/// The key with which a node signs its own sessions.
#[derive(Clone, Debug)]
pub struct OwnKey {
    node: NodeId,
    key: VerifyingKey,
}

impl OwnKey {
    /// The public half of `key`, for the node itself.
    pub fn of(node: &NodeId, key: &SigningKey) -> Result<Self, KeyError> {
        Ok(Self {
            node: node.clone(),
            key: key.verifying_key()?,
        })
    }
}

impl KeySource for OwnKey {
    fn key(&self, issuer: Issuer<'_>, kid: &str) -> Result<&VerifyingKey, NoKey> {
        match issuer {
            Issuer::Own(node) if *node == self.node => named(std::slice::from_ref(&self.key), kid),
            _ => Err(NoKey::Issuer),
        }
    }
}

fn named<'a>(keys: &'a [VerifyingKey], kid: &str) -> Result<&'a VerifyingKey, NoKey> {
    keys.iter().find(|k| k.kid() == kid).ok_or(NoKey::Kid)
}
