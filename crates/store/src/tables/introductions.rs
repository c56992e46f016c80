//! Persons who are introduced to another organisation, and who are introduced to this one.
//!
//! `introductions_sent`, `introductions_received`: introduction → where it stands; `introduced`:
//! introduction → who it is; `introductions_withdrawn_ahead`: introduction ∥ peer. Who it is is sealed under the key of the table, and gone with its answer or its time.

use passerelle_domain::claim::Notice;
use passerelle_domain::vocabulary::{GivenBy, Purpose};
use passerelle_domain::{
    Class, Digest, LinkId, Malformed, NodeId, PersonId, Pii, Timestamp, TokenId,
};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, class, field, maybe_bytes, optional, state, word};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, expiry};

/// An introduction, without who the person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Names it, at both nodes.
    pub id: TokenId,
    /// The other node.
    pub peer: NodeId,
    /// Where it stands.
    pub state: IntroductionState,
    /// When it came to stand there.
    pub state_since: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
    /// When it was made, or arrived.
    pub since: Timestamp,
    /// From then on it cannot be accepted.
    pub expires_at: Timestamp,
    /// The local person: where it was sent from here always, else once it is accepted.
    pub person: Option<PersonId>,
    /// The link, once it is accepted.
    pub link: Option<LinkId>,
    /// How many birth dates were tried that are not the person's.
    pub misses: u32,
    /// What only the side that introduces keeps.
    pub sent: Option<SentPart>,
}

/// What only the side that introduces keeps of an introduction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPart {
    /// Its number in the outbox; 0 where it was never there.
    pub number: u64,
    /// The text that the person was shown.
    pub notice: Notice,
    /// Who agreed.
    pub given_by: GivenBy,
}

/// Who is introduced to this organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    /// The name at birth.
    pub birth_name: Pii<String>,
    /// All first names.
    pub first_names: Pii<String>,
    /// What whoever accepts must say.
    pub birth_date: Pii<String>,
    /// What was written for the agents here.
    pub message: Pii<String>,
}

state! {
    /// Where an introduction stands.
    IntroductionState {
        /// It waits for an answer.
        Open,
        /// Accepted.
        Accepted,
        /// Declined: the organisation does not accompany such persons.
        NotConcerned,
        /// Declined: no room at present.
        NoCapacity,
        /// Declined: the person did not come.
        PersonAbsent,
        /// Declined for another reason.
        Other,
        /// Withdrawn by the side that introduced the person.
        Withdrawn,
        /// Too many birth dates were tried that are not the person's.
        Locked,
    }
}

/// One that was sent from here.
pub fn sent(read: &impl Read, id: &TokenId) -> Result<Option<Introduction>, TableError> {
    find(read, &SENT, id)
}

/// One that arrived here.
pub fn received(read: &impl Read, id: &TokenId) -> Result<Option<Introduction>, TableError> {
    find(read, &RECEIVED, id)
}

/// At most `limit` that were sent from here, behind an id, in the order of ids.
pub fn all_sent(
    read: &impl Read,
    after: Option<&TokenId>,
    limit: usize,
) -> Result<Vec<Introduction>, TableError> {
    page(read, &SENT, after, limit)
}

/// At most `limit` that arrived here, behind an id, in the order of ids.
pub fn all_received(
    read: &impl Read,
    after: Option<&TokenId>,
    limit: usize,
) -> Result<Vec<Introduction>, TableError> {
    page(read, &RECEIVED, after, limit)
}

/// Keeps one that was sent from here, over what was kept of it.
pub fn put_sent(tx: &mut impl Write, kept: &Introduction) -> Result<(), TableError> {
    SENT.put(tx, kept.person.as_ref(), kept.id.as_bytes(), &row(kept))
}

/// Keeps one that arrived here, over what was kept of it.
pub fn put_received(tx: &mut impl Write, kept: &Introduction) -> Result<(), TableError> {
    RECEIVED.put(tx, None, kept.id.as_bytes(), &row(kept))
}

/// Has the row of one that arrived here go at that time.
pub fn forget_received(tx: &mut impl Write, id: &TokenId, at: Timestamp) -> Result<(), TableError> {
    expiry::put(tx, at, &RECEIVED, id.as_bytes())
}

/// Who is introduced by it, as long as it is open.
pub fn introduced(read: &impl Read, id: &TokenId) -> Result<Option<Introduced>, TableError> {
    let found = INTRODUCED.find::<rows::IntroducedRow>(read, id.as_bytes())?;
    Ok(found.map(|Found { row, .. }| Introduced {
        birth_name: Pii::new(row.birth_name),
        first_names: Pii::new(row.first_names),
        birth_date: Pii::new(row.birth_date),
        message: Pii::new(row.message),
    }))
}

/// Keeps who is introduced, until `until` at most.
pub fn put_introduced(
    tx: &mut impl Write,
    id: &TokenId,
    who: &Introduced,
    until: Timestamp,
) -> Result<(), TableError> {
    let row = rows::IntroducedRow {
        birth_name: who.birth_name.expose().clone(),
        first_names: who.first_names.expose().clone(),
        birth_date: who.birth_date.expose().clone(),
        message: who.message.expose().clone(),
    };
    INTRODUCED.put(tx, None, id.as_bytes(), &row)?;
    expiry::put(tx, until, &INTRODUCED, id.as_bytes())
}

/// Destroys who is introduced.
pub fn remove_introduced(tx: &mut impl Write, id: &TokenId) {
    INTRODUCED.delete(tx, id.as_bytes());
}

/// Remembers that its sender withdrew an introduction that has not come.
pub fn put_withdrawn_ahead(
    tx: &mut impl Write,
    id: &TokenId,
    peer: &NodeId,
    until: Timestamp,
) -> Result<(), TableError> {
    let key = ahead_key(id, peer);
    AHEAD.put(tx, None, &key, &rows::Mark {})?;
    expiry::put(tx, until, &AHEAD, &key)
}

/// Whether its sender withdrew an introduction before it came.
pub fn is_withdrawn_ahead(read: &impl Read, id: &TokenId, peer: &NodeId) -> bool {
    AHEAD.exists(read, &ahead_key(id, peer))
}

fn ahead_key(id: &TokenId, peer: &NodeId) -> Key {
    Key::new().id(id.as_bytes()).node(peer)
}

fn find(read: &impl Read, table: &Spec, id: &TokenId) -> Result<Option<Introduction>, TableError> {
    let found = table.find(read, id.as_bytes())?;
    found.map(|found| introduction(table, found)).transpose()
}

fn page(
    read: &impl Read,
    table: &Spec,
    after: Option<&TokenId>,
    limit: usize,
) -> Result<Vec<Introduction>, TableError> {
    let after = after.map(|after| &after.as_bytes()[..]);
    let found = table.page(read, &[], after, limit)?;
    found
        .into_iter()
        .map(|found| introduction(table, found))
        .collect()
}

fn row(kept: &Introduction) -> rows::IntroductionRow {
    let sent = kept.sent.as_ref();
    rows::IntroductionRow {
        peer: kept.peer.to_string(),
        state: kept.state.to_row(),
        purpose: kept.purpose.id().to_owned(),
        ceiling: kept.ceiling.as_u8().into(),
        since: kept.since.as_millis(),
        expires_at: kept.expires_at.as_millis(),
        misses: kept.misses,
        person: maybe_bytes(kept.person.as_ref().map(PersonId::as_bytes)),
        link: maybe_bytes(kept.link.as_ref().map(LinkId::as_bytes)),
        number: sent.map_or(0, |sent| sent.number),
        notice: sent.map_or_else(Vec::new, |sent| {
            let notice = &sent.notice;
            vec![
                notice.id.clone(),
                notice.lang.clone(),
                notice.sha256.to_string(),
            ]
        }),
        given_by: sent.map_or_else(String::new, |sent| sent.given_by.id().to_owned()),
        state_since: kept.state_since.as_millis(),
    }
}

fn introduction(
    table: &Spec,
    Found { key, row, .. }: Found<rows::IntroductionRow>,
) -> Result<Introduction, TableError> {
    let read = || {
        Ok(Introduction {
            id: field("id", TokenId::from_slice(&key))?,
            peer: field("peer", NodeId::new(&row.peer))?,
            state: IntroductionState::from_row(row.state)?,
            state_since: at(row.state_since),
            purpose: word("purpose", Purpose::parse(&row.purpose))?,
            ceiling: class("ceiling", row.ceiling)?,
            since: at(row.since),
            expires_at: at(row.expires_at),
            person: optional("person", &row.person, PersonId::from_slice)?,
            link: optional("link", &row.link, LinkId::from_slice)?,
            misses: row.misses,
            sent: sent_part(&row)?,
        })
    };
    read().map_err(|what: Malformed| table.malformed(what))
}

fn sent_part(row: &rows::IntroductionRow) -> Result<Option<SentPart>, Malformed> {
    let [id, lang, sha256] = row.notice.as_slice() else {
        return Ok(None);
    };
    Ok(Some(SentPart {
        number: row.number,
        notice: Notice {
            id: id.clone(),
            lang: lang.clone(),
            sha256: field("notice", sha256.parse::<Digest>())?,
        },
        given_by: word("given_by", GivenBy::parse(&row.given_by))?,
    }))
}

pub(super) const SENT: Spec = Spec::new(60, "introductions_sent");
pub(super) const RECEIVED: Spec = Spec::new(61, "introductions_received");
pub(super) const INTRODUCED: Spec = Spec::new(62, "introduced");
pub(super) const AHEAD: Spec = Spec::new(63, "introductions_withdrawn_ahead");
