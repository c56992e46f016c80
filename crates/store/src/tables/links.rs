//! Links with peers about persons.
//!
//! `links`: link → what it is; `person_links`: person ∥ peer ∥ link; `links_ended_ahead`: link ∥ peer,
//! what its peer ended before it was known here.

use passerelle_domain::{Class, LinkId, Malformed, NodeId, PassId, PersonId, Timestamp, TokenId};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, class, field, maybe_at, maybe_bytes, optional, state};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry, persons, withdrawals};

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
    /// When it was made.
    pub made_at: Timestamp,
    /// Why it ended, where it did.
    pub end: Option<LinkEnd>,
}

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEnd {
    /// Why.
    pub cause: LinkEndCause,
    /// The node that ended it.
    pub by: NodeId,
    /// `jti` of the order that says so to the other node; `None` where there is none.
    pub order: Option<TokenId>,
}

state! {
    /// Why a link ended, as far as this node knows.
    LinkEndCause {
        /// The organisation that ended it no longer accompanies the person; all that is known where
        /// the other side ended it.
        NotAccompanied,
        /// The person asked for it here.
        PersonAsked,
        /// It was reported to join two persons.
        WrongLink,
        /// Another link with the same node about the person took its place.
        Replaced,
    }
}

/// A link that its peer ended before it was known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedAhead {
    /// When that came.
    pub at: Timestamp,
    /// Whether it was reported to join two persons.
    pub wrong: bool,
    /// `jti` of the order.
    pub order: TokenId,
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

/// All links about a person, by peer, then those of each file that was merged into theirs; ended ones
/// too.
pub fn of_person(read: &impl Read, person: &PersonId) -> Result<Vec<Link>, TableError> {
    let mut links = Vec::new();
    for file in persons::files(read, person)? {
        links.extend(indexed(read, &Key::new().id(file.as_bytes()))?);
    }
    Ok(links)
}

/// All links with a peer about a person; ended ones too.
pub fn with_peer(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Vec<Link>, TableError> {
    let mut links = Vec::new();
    for file in persons::files(read, person)? {
        links.extend(indexed(read, &Key::new().id(file.as_bytes()).node(peer))?);
    }
    Ok(links)
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
        made_at: link.made_at.as_millis(),
        end: link.end.as_ref().map(|end| rows::LinkEndRow {
            cause: end.cause.to_row(),
            by: end.by.to_string(),
            order: maybe_bytes(end.order.as_ref().map(TokenId::as_bytes)),
        }),
    };
    LINKS.put(tx, Some(&link.person), link.id.as_bytes(), &row)?;
    let key = Key::new()
        .id(link.person.as_bytes())
        .node(&link.peer)
        .id(link.id.as_bytes());
    BY_PERSON.put(tx, Some(&link.person), &key, &rows::Mark {})
}

/// What the peer of a link that is not known here yet ended.
pub fn ended_ahead(
    read: &impl Read,
    id: &LinkId,
    peer: &NodeId,
) -> Result<Option<EndedAhead>, TableError> {
    let Some(Found { row, .. }) =
        ENDED_AHEAD.find::<rows::EndedAheadRow>(read, &ahead_key(id, peer))?
    else {
        return Ok(None);
    };
    let order = field("order", TokenId::from_slice(&row.order));
    Ok(Some(EndedAhead {
        at: at(row.at),
        wrong: row.is_wrong,
        order: order.map_err(|what| ENDED_AHEAD.malformed(what))?,
    }))
}

/// Remembers until `keep_until` that the peer of a link ended it before it was known here. What is
/// worse of two ends stays.
pub fn put_ended_ahead(
    tx: &mut impl Write,
    id: &LinkId,
    peer: &NodeId,
    ended: EndedAhead,
    keep_until: Timestamp,
) -> Result<(), TableError> {
    if ended_ahead(tx, id, peer)?.is_some_and(|before| before.wrong || !ended.wrong) {
        return Ok(());
    }
    let row = rows::EndedAheadRow {
        at: ended.at.as_millis(),
        is_wrong: ended.wrong,
        order: bytes(ended.order.as_bytes()),
    };
    let key = ahead_key(id, peer);
    ENDED_AHEAD.put(tx, None, &key, &row)?;
    expiry::put(tx, keep_until, &ENDED_AHEAD, &key)
}

fn ahead_key(id: &LinkId, peer: &NodeId) -> Key {
    Key::new().id(id.as_bytes()).node(peer)
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
            made_at: maybe_at(row.made_at).unwrap_or_else(|| at(row.since)),
            end: row.end.as_ref().map(end).transpose()?,
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| LINKS.malformed(what))
}

fn end(row: &rows::LinkEndRow) -> Result<LinkEnd, Malformed> {
    Ok(LinkEnd {
        cause: LinkEndCause::from_row(row.cause)?,
        by: field("end.by", NodeId::new(&row.by))?,
        order: optional("end.order", &row.order, TokenId::from_slice)?,
    })
}

pub(super) const ENDED_AHEAD: Spec = Spec::new(42, "links_ended_ahead");
pub(super) const LINKS: Spec = Spec::new(8, "links");
pub(super) const BY_PERSON: Spec = Spec::new(9, "person_links");
