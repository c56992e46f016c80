//! What other organisations shared about a person, or that it was destroyed.
//!
//! `copies`: person ∥ holder ∥ link; `copies_due`: instant ∥ person ∥ holder ∥ link, when a copy is to
//! be looked at because some of it may be shown no longer.

use bytes::Bytes;
use passerelle_domain::{
    ChainId, Class, ExchangeId, LinkId, Malformed, NodeId, PersonId, Pii, Section, Timestamp,
};
use passerelle_proto::storage::v1 as rows;
use rows::copy_row::State;

use super::column::{at, bytes, class, field, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// Where a copy came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CopySource {
    /// The person here.
    pub person: PersonId,
    /// The node that shared.
    pub holder: NodeId,
    /// The link that it came over.
    pub link: LinkId,
}

/// What is held of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The last answer.
    Held(HeldCopy),
    /// It was destroyed.
    Purged {
        /// When.
        at: Timestamp,
        /// How many records were.
        records: u64,
    },
}

/// The last answer of a holder, with what it left of those before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCopy {
    /// The bytes of a `passerelle.exchange.v1.AnswerBody` with a summary: as received, if nothing is
    /// left of those before and nothing has had its time.
    pub body: Pii<Bytes>,
    /// When it came.
    pub received_at: Timestamp,
    /// The exchange that it answers.
    pub exchange: ExchangeId,
    /// The attempt that it answers.
    pub attempt: u32,
    /// The chains of the receipts that it came under.
    pub chains: Vec<ChainId>,
    /// Index of the entry `received` in the exchange log.
    pub leaf: u64,
    /// How many records it holds.
    pub records: u64,
    /// What was asked, and when the answer to it came.
    pub asked: Vec<AskedSection>,
}

/// A section that was asked for, and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedSection {
    /// The section.
    pub section: Section,
    /// The highest class that was asked for.
    pub highest: Class,
    /// When the answer came.
    pub received_at: Timestamp,
}

/// All that is held, or was, of other organisations' journeys of a person.
pub fn of_person(
    read: &impl Read,
    person: &PersonId,
) -> Result<Vec<(CopySource, Copy)>, TableError> {
    COPIES
        .all(read, person.as_bytes())?
        .into_iter()
        .map(copy)
        .collect()
}

/// What is held of one source.
pub fn find(read: &impl Read, source: &CopySource) -> Result<Option<Copy>, TableError> {
    let found = COPIES.find(read, &source_key(source))?;
    Ok(found.map(copy).transpose()?.map(|(_, copy)| copy))
}

/// Keeps an answer, over the one before.
pub fn put(tx: &mut impl Write, source: &CopySource, held: &HeldCopy) -> Result<(), TableError> {
    let row = rows::HeldCopy {
        body: held.body.expose().clone(),
        received_at: held.received_at.as_millis(),
        exchange: bytes(held.exchange.as_bytes()),
        attempt: held.attempt,
        chains: held
            .chains
            .iter()
            .map(|chain| bytes(chain.as_bytes()))
            .collect(),
        leaf: held.leaf,
        records: held.records,
        asked: held.asked.iter().map(asked_row).collect(),
    };
    put_state(tx, source, State::Held(row))
}

/// Has a copy looked at when `at` has come. One that is destroyed or replaced meanwhile stays due.
pub fn put_due(tx: &mut impl Write, source: &CopySource, at: Timestamp) -> Result<(), TableError> {
    DUE.put(tx, None, &due_key(at, source), &rows::Mark {})
}

/// The copies that are due at `now`, at most `limit`, with when each was; the oldest first.
pub fn due(
    read: &impl Read,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(Timestamp, CopySource)>, TableError> {
    let parse = |key: &Bytes| {
        let mut parts = KeyParts::of(key);
        let due = parts.u64()?;
        let source = CopySource {
            person: PersonId::from_bytes(parts.id()?),
            holder: parts.node()?,
            link: LinkId::from_bytes(parts.id()?),
        };
        Ok((at(due), source))
    };
    let mut found = Vec::new();
    for key in DUE.keys(read, &[], None, limit) {
        let (due, source) = parse(&key).map_err(|what| DUE.malformed(what))?;
        if due > now {
            break;
        }
        found.push((due, source));
    }
    Ok(found)
}

/// A copy that was due was looked at.
pub fn remove_due(tx: &mut impl Write, source: &CopySource, at: Timestamp) {
    DUE.delete(tx, &due_key(at, source));
}

/// Destroys what is held of a source and remembers that it was. Says how many records went; 0 when
/// nothing was held, and then nothing changes.
pub fn purge(tx: &mut impl Write, source: &CopySource, now: Timestamp) -> Result<u64, TableError> {
    let Some(Copy::Held(held)) = find(tx, source)? else {
        return Ok(0);
    };
    let row = rows::PurgedCopy {
        at: now.as_millis(),
        records: held.records,
    };
    put_state(tx, source, State::Purged(row))?;
    Ok(held.records)
}

/// The same by order of the holder, who means what is on its way as well: it is remembered even
/// where nothing was held.
pub fn purge_by_order(
    tx: &mut impl Write,
    source: &CopySource,
    now: Timestamp,
) -> Result<u64, TableError> {
    let (gone, records) = match find(tx, source)? {
        Some(Copy::Held(held)) => (held.records, held.records),
        Some(Copy::Purged { records, .. }) => (0, records),
        None => (0, 0),
    };
    let row = rows::PurgedCopy {
        at: now.as_millis(),
        records,
    };
    put_state(tx, source, State::Purged(row))?;
    Ok(gone)
}

fn put_state(tx: &mut impl Write, source: &CopySource, state: State) -> Result<(), TableError> {
    let row = rows::CopyRow { state: Some(state) };
    COPIES.put(tx, Some(&source.person), &source_key(source), &row)
}

fn copy(found: Found<rows::CopyRow>) -> Result<(CopySource, Copy), TableError> {
    let Found { key, row, .. } = found;
    let read = || {
        let mut parts = KeyParts::of(&key);
        let source = CopySource {
            person: PersonId::from_bytes(parts.id()?),
            holder: parts.node()?,
            link: LinkId::from_bytes(parts.id()?),
        };
        let copy = match row
            .state
            .ok_or_else(|| Malformed::new("state", "must be set"))?
        {
            State::Held(row) => Copy::Held(held(row)?),
            State::Purged(row) => Copy::Purged {
                at: at(row.at),
                records: row.records,
            },
        };
        Ok((source, copy))
    };
    read().map_err(|what: Malformed| COPIES.malformed(what))
}

fn held(row: rows::HeldCopy) -> Result<HeldCopy, Malformed> {
    let chain = |bytes: &Bytes| field("chains", ChainId::from_slice(bytes));
    Ok(HeldCopy {
        received_at: at(row.received_at),
        exchange: field("exchange", ExchangeId::from_slice(&row.exchange))?,
        attempt: row.attempt,
        chains: row.chains.iter().map(chain).collect::<Result<_, _>>()?,
        leaf: row.leaf,
        records: row.records,
        asked: row.asked.iter().map(asked).collect::<Result<_, _>>()?,
        body: Pii::new(row.body),
    })
}

fn asked_row(asked: &AskedSection) -> rows::AskedSection {
    rows::AskedSection {
        section: asked.section.id().to_owned(),
        sensitivity: asked.highest.as_u8().into(),
        received_at: asked.received_at.as_millis(),
    }
}

fn asked(row: &rows::AskedSection) -> Result<AskedSection, Malformed> {
    Ok(AskedSection {
        section: word("section", Section::parse(&row.section))?,
        highest: class("sensitivity", row.sensitivity)?,
        received_at: at(row.received_at),
    })
}

fn source_key(source: &CopySource) -> Key {
    Key::new()
        .id(source.person.as_bytes())
        .node(&source.holder)
        .id(source.link.as_bytes())
}

fn due_key(at: Timestamp, source: &CopySource) -> Key {
    Key::new().u64(at.as_millis()).rest(&source_key(source))
}

pub(super) const DUE: Spec = Spec::new(41, "copies_due");
pub(super) const COPIES: Spec = Spec::new(20, "copies").long();
