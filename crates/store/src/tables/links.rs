//! Links with peers about persons.
//!
//! `links`: link → what it is; `person_links`: person ∥ peer ∥ link.

use passerelle_domain::{Class, LinkId, Malformed, NodeId, PassId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, class, field, maybe_bytes, optional, state};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, withdrawals};

/// A link with one peer about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The bits that both nodes share.
    pub id: LinkId,
    /// The person here.
    pub person: PersonId,
    /// The other node.
    pub peer: NodeId,
    /// The pass that it was born from, as its issuer knows it.
    pub born_from: Option<PassId>,
    /// Whether that pass was issued here: its redemption counts as evidence `pass`.
    pub own_redemption: bool,
    /// The highest class that any receipt over it may open; set if it was born from a pass.
    pub ceiling: Option<Class>,
    /// Where it stands.
    pub state: LinkState,
    /// Since when it stands there.
    pub since: Timestamp,
}

state! {
    /// Where a link stands.
    LinkState {
        /// In use.
        Live,
        /// Ended for good.
        Ended,
        /// One side reported that it joins two persons: nothing is shared over it.
        Reported,
    }
}

/// One link.
pub fn find(read: &impl Read, id: &LinkId) -> Result<Option<Link>, TableError> {
    Ok(LINKS
        .find(read, id.as_bytes())?
        .map(link)
        .transpose()?
        .flatten())
}

/// All links about a person, by peer; ended ones too.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<Link>, TableError> {
    indexed(read, &Key::new().id(person.as_bytes()))
}

/// All links with a peer about a person; ended ones too.
pub fn with_peer(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Vec<Link>, TableError> {
    indexed(read, &Key::new().id(person.as_bytes()).node(peer))
}

/// The link in use with a peer about a person.
pub fn live(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Option<Link>, TableError> {
    let links = with_peer(read, person, peer)?;
    Ok(links.into_iter().find(|link| link.state == LinkState::Live))
}

/// Keeps a link, over what was known of it. What its peer withdrew over it before it was known here
/// is the person's from then on.
pub fn put(tx: &mut impl Write, link: &Link) -> Result<(), TableError> {
    if !LINKS.exists(tx, link.id.as_bytes()) {
        withdrawals::adopt(tx, link)?;
    }
    let row = rows::LinkRow {
        peer: link.peer.to_string(),
        born_from: maybe_bytes(link.born_from.as_ref().map(PassId::as_bytes)),
        own_redemption: link.own_redemption,
        ceiling: link.ceiling.map_or(0, |class| class.as_u8().into()),
        state: link.state.to_row(),
        since: link.since.as_millis(),
    };
    LINKS.put(tx, Some(&link.person), link.id.as_bytes(), &row)?;
    let key = Key::new()
        .id(link.person.as_bytes())
        .node(&link.peer)
        .id(link.id.as_bytes());
    BY_PERSON.put(tx, Some(&link.person), &key, &rows::Mark {})
}

fn indexed(read: &impl Read, prefix: &Key) -> Result<Vec<Link>, TableError> {
    let mut links = Vec::new();
    for key in BY_PERSON.keys(read, prefix, None, usize::MAX) {
        let mut parts = KeyParts::of(&key);
        let id = parts
            .id::<16>()
            .and_then(|_| parts.node())
            .and_then(|_| parts.id());
        let id = id.map_err(|what| BY_PERSON.malformed(what))?;
        links.extend(find(read, &LinkId::from_bytes(id))?);
    }
    Ok(links)
}

/// `None` for a row that is about nobody, which none of ours is.
fn link(found: Found<rows::LinkRow>) -> Result<Option<Link>, TableError> {
    let Found { key, owner, row } = found;
    let Some(person) = owner else {
        return Ok(None);
    };
    let read = || {
        Ok(Link {
            id: LinkId::from_slice(&key)?,
            person,
            peer: field("peer", NodeId::new(&row.peer))?,
            born_from: optional("born_from", &row.born_from, PassId::from_slice)?,
            own_redemption: row.own_redemption,
            ceiling: match row.ceiling {
                0 => None,
                number => Some(class("ceiling", number)?),
            },
            state: LinkState::from_row(row.state)?,
            since: at(row.since),
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| LINKS.malformed(what))
}

pub(super) const LINKS: Spec = Spec::new(8, "links");
pub(super) const BY_PERSON: Spec = Spec::new(9, "person_links");
