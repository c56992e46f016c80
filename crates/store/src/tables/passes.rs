//! Continuity passes that this node issued, and what was redeemed with them.
//!
//! `passes`: pass → the pass; `person_passes`: person ∥ pass; `redeemed`: pass ∥ peer → link. A
//! pass id is a hash of the secret that is printed.

use bytes::Bytes;
use passerelle_domain::{LinkId, NodeId, PassId, PersonId};
use passerelle_proto::storage::v1 as rows;

use super::column::{bytes, field};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// A pass as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPass {
    /// The pass, a hash of its secret.
    pub id: PassId,
    /// The person who carries it.
    pub person: PersonId,
    /// The pass in the form that `linkage` gives it and reads again.
    pub pass: Bytes,
}

/// One pass.
pub fn find(read: &impl Read, id: &PassId) -> Result<Option<KeptPass>, TableError> {
    let found = PASSES.find::<rows::PassRow>(read, id.as_bytes())?;
    Ok(found.and_then(|Found { owner, row, .. }| {
        Some(KeptPass {
            id: *id,
            person: owner?,
            pass: row.pass,
        })
    }))
}

/// Every pass of a person, whatever its state.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<KeptPass>, TableError> {
    let mut passes = Vec::new();
    for key in BY_PERSON.keys(read, person.as_bytes(), None, usize::MAX) {
        let mut parts = KeyParts::of(&key);
        let id = parts.id::<16>().and_then(|_| parts.id());
        let id = id.map_err(|what| BY_PERSON.malformed(what))?;
        passes.extend(find(read, &PassId::from_bytes(id))?);
    }
    Ok(passes)
}

/// Keeps a pass, over what was known of it.
pub fn put(tx: &mut impl Write, pass: &KeptPass) -> Result<(), TableError> {
    let row = rows::PassRow {
        pass: pass.pass.clone(),
    };
    PASSES.put(tx, Some(&pass.person), pass.id.as_bytes(), &row)?;
    let key = Key::new().id(pass.person.as_bytes()).id(pass.id.as_bytes());
    BY_PERSON.put(tx, Some(&pass.person), &key, &rows::Mark {})
}

/// The link that a peer's redemption of a pass made.
pub fn redeemed(
    read: &impl Read,
    id: &PassId,
    peer: &NodeId,
) -> Result<Option<LinkId>, TableError> {
    let found = REDEEMED.find::<rows::Pointer>(read, &redeemed_key(id, peer))?;
    let link = found.map(|Found { row, .. }| field("id", LinkId::from_slice(&row.id)));
    link.transpose().map_err(|what| REDEEMED.malformed(what))
}

/// Remembers the link that a peer's redemption of a pass made.
pub fn put_redeemed(
    tx: &mut impl Write,
    pass: &KeptPass,
    peer: &NodeId,
    link: &LinkId,
) -> Result<(), TableError> {
    let row = rows::Pointer {
        id: bytes(link.as_bytes()),
    };
    REDEEMED.put(tx, Some(&pass.person), &redeemed_key(&pass.id, peer), &row)
}

fn redeemed_key(id: &PassId, peer: &NodeId) -> Key {
    Key::new().id(id.as_bytes()).node(peer)
}

pub(super) const PASSES: Spec = Spec::new(13, "passes");
pub(super) const BY_PERSON: Spec = Spec::new(14, "person_passes");
pub(super) const REDEEMED: Spec = Spec::new(15, "redeemed");
