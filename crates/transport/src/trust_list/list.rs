use std::sync::Arc;

use passerelle_domain::claim::{Claim, CoordinatorKey, TrustList};
use passerelle_domain::{Digest, FederationId, Verified};

use crate::jwt::{CoordinatorKeys, MemberKeys};
use crate::trust_list::ListError;

/// What the configuration says about a federation: where its chain of lists starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The federation.
    pub federation: FederationId,
    /// The epoch; raised by hand, with a new key, after the coordinators lost theirs.
    pub epoch: u32,
    /// The key that signs the first list of the epoch.
    pub key: CoordinatorKey,
}

impl Pin {
    /// The key, ready to check with.
    pub fn keys(&self) -> Result<CoordinatorKeys, ListError> {
        CoordinatorKeys::of(&self.federation, [&self.key]).map_err(ListError::CoordinatorKey)
    }
}

/// A list whose signature was checked, its bytes, and the keys it gives.
#[derive(Clone, Debug)]
pub struct AcceptedList {
    list: Arc<Verified<TrustList>>,
    token: String,
    sha256: Digest,
    coordinators: CoordinatorKeys,
    members: MemberKeys,
}

impl AcceptedList {
    pub(super) fn new(token: &str, list: Verified<TrustList>) -> Result<Self, ListError> {
        let coordinators = CoordinatorKeys::of(&list.federation, &list.coordinator_keys)
            .map_err(ListError::CoordinatorKey)?;
        let members = MemberKeys::of(&list).map_err(ListError::member_key)?;
        Ok(Self {
            sha256: Digest::of(token.as_bytes()),
            token: token.to_owned(),
            list: Arc::new(list),
            coordinators,
            members,
        })
    }

    /// What the list says.
    pub fn list(&self) -> &TrustList {
        &self.list
    }

    /// The same, shared.
    pub fn shared(&self) -> Arc<Verified<TrustList>> {
        Arc::clone(&self.list)
    }

    /// The signed list, as it was received.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// SHA-256 of the signed list: what the next one's `previous` names.
    pub fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// The keys that may sign the next list.
    pub fn coordinator_keys(&self) -> &CoordinatorKeys {
        &self.coordinators
    }

    /// The receipt keys of its live members.
    pub fn member_keys(&self) -> &MemberKeys {
        &self.members
    }
}

/// The longest text of a file of lists: several, one a line.
pub(super) const MOST_OFFERED: usize = 2 * TrustList::MAX_BYTES;
