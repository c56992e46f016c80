//! A whole federation's keys, certificates and trust list, made in a folder and thrown away with
//! it: for demonstrations and tests.
//!
//! Everything is made by the functions behind the command line (`passerelle pki`, `passerelle
//! trust-list`), so that what works here works there. Nothing made here belongs in production: one
//! machine holds every key.

mod channel;
mod files;
mod member;

pub use files::{NodeFiles, SystemFiles};
pub use member::Plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::claim::{CoordinatorKey, NumericDate, TrustList};
use passerelle_domain::member::{KeyAlgorithm, Member, MemberKey, MemberStatus};
use passerelle_domain::{FederationId, NodeId, Timestamp};

use crate::file::{self, FileError};
use crate::jwt::SigningKey;
use crate::key_file::KeyError;
use crate::pki::{
    AUTHORITY_VALIDITY, Authority, LEAF_VALIDITY, PkiError, REVOCATION_LIST_VALIDITY,
    RevocationReason,
};
use crate::tls::LoadError;
use crate::trust_list::{self, AcceptedList, ListError, Pin};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A federation of which this process holds every key.
pub struct Federation {
    folder: PathBuf,
    id: FederationId,
    authority: Authority,
    coordinator: SigningKey,
    nodes: BTreeMap<NodeId, NodeFiles>,
    list: Arc<AcceptedList>,
}

/// Why no federation was made.
#[derive(Debug, thiserror::Error)]
pub enum ThrowawayError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A certificate.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The trust list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The files of an agency system do not serve for TLS.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is no such node.
    #[error("{0} is not in this federation")]
    NoNode(NodeId),
}

impl Federation {
    /// Makes a federation of the nodes in `plans` under `folder`, and its first trust list.
    pub fn create(
        folder: &Path,
        id: &FederationId,
        plans: &[Plan],
        now: Timestamp,
    ) -> Result<Self, ThrowawayError> {
        let authority = Authority::init(
            &folder.join("authority"),
            id.as_str(),
            AUTHORITY_VALIDITY,
            now,
        )?;
        let coordinator = SigningKey::create(&folder.join("coordinator.key"), KeyAlgorithm::EdDSA)?;
        let pin = Pin {
            federation: id.clone(),
            epoch: 1,
            key: coordinator_key(&coordinator),
        };
        let mut nodes = BTreeMap::new();
        let mut members = Vec::new();
        for plan in plans {
            let files = NodeFiles::create(
                &folder.join(plan.node.as_str()),
                plan,
                &pin,
                &authority,
                now,
            )?;
            members.push(plan.member(&files)?);
            nodes.insert(plan.node.clone(), files);
        }
        members.sort_by(|a, b| a.node.cmp(&b.node));
        let list = first_list(id, &coordinator, members, now);
        let list = sign(list, None, &coordinator, now)?;
        let federation = Self {
            folder: folder.to_owned(),
            id: id.clone(),
            authority,
            coordinator,
            nodes,
            list,
        };
        federation.offer()?;
        Ok(federation)
    }

    /// The files of a node.
    pub fn node(&self, node: &NodeId) -> Result<&NodeFiles, ThrowawayError> {
        self.nodes
            .get(node)
            .ok_or_else(|| ThrowawayError::NoNode(node.clone()))
    }

    /// The nodes, by name.
    pub fn nodes(&self) -> impl Iterator<Item = (&NodeId, &NodeFiles)> {
        self.nodes.iter()
    }

    /// The trust list that was signed last.
    pub fn list(&self) -> &AcceptedList {
        &self.list
    }

    /// The federation's authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The key that signs trust lists.
    pub fn coordinator(&self) -> &SigningKey {
        &self.coordinator
    }

    /// Signs a next list with `change` made to it, and offers it to every node: each takes it when
    /// it reloads.
    pub fn publish(
        &mut self,
        now: Timestamp,
        change: impl FnOnce(&mut TrustList),
    ) -> Result<(), ThrowawayError> {
        let mut next = self.list.list().clone();
        next.serial += 1;
        dates(&mut next, now);
        change(&mut next);
        self.list = sign(next, Some(&self.list), &self.coordinator, now)?;
        self.offer()
    }

    /// Suspends a member in a next list.
    pub fn suspend(&mut self, node: &NodeId, now: Timestamp) -> Result<(), ThrowawayError> {
        self.change_member(node, now, |member| member.status = MemberStatus::Suspended)
    }

    /// Says in a next list where a member is reached: known only once its port is bound.
    pub fn move_to(
        &mut self,
        node: &NodeId,
        endpoints: Vec<String>,
        now: Timestamp,
    ) -> Result<(), ThrowawayError> {
        self.change_member(node, now, |member| member.endpoints = endpoints)
    }

    /// Adds a public key to a member in a next list, such as the one of its exchange log.
    pub fn add_key(
        &mut self,
        node: &NodeId,
        key: MemberKey,
        now: Timestamp,
    ) -> Result<(), ThrowawayError> {
        self.change_member(node, now, |member| member.keys.push(key))
    }

    /// Revokes the certificate of a node, and gives every node the new revocation list: each takes
    /// it when it reloads.
    pub fn revoke(&self, node: &NodeId, now: Timestamp) -> Result<(), ThrowawayError> {
        let certificate = &self.node(node)?.trust.certificate;
        let reason = RevocationReason::KeyCompromise;
        self.authority
            .revoke(certificate, reason, REVOCATION_LIST_VALIDITY, now)?;
        self.hand_out_revocations()
    }

    /// Gives every node the revocation list as the authority has it.
    pub fn hand_out_revocations(&self) -> Result<(), ThrowawayError> {
        let list = file::read(&self.authority.revocation_file())?;
        for files in self.nodes.values() {
            file::replace(&files.trust.revocation_lists, &list)?;
        }
        Ok(())
    }

    /// Gives a node another certificate over another key.
    pub fn renew(&mut self, node: &NodeId, now: Timestamp) -> Result<(), ThrowawayError> {
        let serial = self.list.list().serial;
        let folder = self
            .folder
            .join(node.as_str())
            .join(format!("renewed-{serial}-{now}"));
        let files = self
            .nodes
            .get_mut(node)
            .ok_or_else(|| ThrowawayError::NoNode(node.clone()))?;
        let leaf = files::leaf(
            &folder,
            &files::subject(&self.id, node),
            &self.authority,
            LEAF_VALIDITY,
            now,
        )?;
        file::replace(&files.trust.certificate, &file::read(&leaf.certificate)?)?;
        file::replace_secret(&files.trust.key, &file::read_secret(&leaf.key)?)?;
        Ok(())
    }

    fn change_member(
        &mut self,
        node: &NodeId,
        now: Timestamp,
        change: impl FnOnce(&mut Member),
    ) -> Result<(), ThrowawayError> {
        self.node(node)?;
        self.publish(now, |list| {
            if let Some(member) = list.members.iter_mut().find(|m| &m.node == node) {
                change(member);
            }
        })
    }

    fn offer(&self) -> Result<(), ThrowawayError> {
        for files in self.nodes.values() {
            // Lists that a node has not taken yet stay in the file: they are taken in order.
            let path = &files.trust.offered_lists;
            let before = if path.exists() {
                file::read(path)?
            } else {
                String::new()
            };
            file::replace(path, &format!("{before}{}\n", self.list.token()))?;
        }
        Ok(())
    }
}

/// A coordinator's public key, as trust lists and configurations have it.
pub fn coordinator_key(key: &SigningKey) -> CoordinatorKey {
    CoordinatorKey {
        kid: key.kid().to_owned(),
        alg: key.algorithm(),
        public_key: key.public_key_pem().to_owned(),
    }
}

fn first_list(
    id: &FederationId,
    coordinator: &SigningKey,
    members: Vec<Member>,
    now: Timestamp,
) -> TrustList {
    let mut list = TrustList {
        federation: id.clone(),
        epoch: 1,
        serial: 1,
        previous: None,
        coordinator_keys: vec![coordinator_key(coordinator)],
        issued_at: NumericDate::of(now),
        soft_expiry: NumericDate::of(now),
        hard_expiry: NumericDate::of(now),
        members,
    };
    dates(&mut list, now);
    list
}

fn dates(list: &mut TrustList, now: Timestamp) {
    list.issued_at = NumericDate::of(now);
    list.soft_expiry = NumericDate::of(now.plus(DAY * 30));
    list.hard_expiry = NumericDate::of(now.plus(DAY * 90));
}

fn sign(
    list: TrustList,
    previous: Option<&AcceptedList>,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Arc<AcceptedList>, ThrowawayError> {
    let pin = Pin {
        federation: list.federation.clone(),
        epoch: list.epoch,
        key: coordinator_key(key),
    };
    let token = trust_list::sign(list, previous, key)?;
    Ok(Arc::new(trust_list::verify(&token, &pin.keys()?, now)?))
}

#[cfg(test)]
mod tests;
