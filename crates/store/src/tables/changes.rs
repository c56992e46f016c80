//! What the agency's systems should hear of, in the order in which it happened.
//!
//! `changes`: number ∥ instant; `changes_standing`: nothing → the newest and the oldest number. A
//! number is given in the transaction that makes the change, and the writer runs one after the
//! other: none is skipped, and none comes late (I7).

use std::ops::RangeInclusive;

use bytes::Bytes;
use passerelle_domain::vocabulary::Purpose;
use passerelle_domain::{Digest, Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, state, word};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write, persons};
use crate::engine::Changes as Written;
use crate::table::Row;

/// Something that happened. It names, and holds nothing of a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// To whom, if to somebody.
    pub person: Option<PersonId>,
    /// The other organisation's node, where there is one.
    pub node: Option<NodeId>,
    /// What it is about, in the form that its kind calls for; empty where the rest says it.
    pub subject: String,
    /// Why, where somebody asked.
    pub purpose: Option<Purpose>,
    /// How many records, 0 where that says nothing.
    pub records: u64,
}

state! {
    /// What happened.
    ChangeKind {
        /// A person was registered.
        PersonRegistered,
        /// What is kept of who a person is was changed.
        PersonUpdated,
        /// Own records were written or deleted; the subject is the record's id where it is one.
        RecordsChanged,
        /// What is known of `node` in the merged journey is another.
        SourceChanged,
        /// An agreement was recorded here; the subject is its chain.
        AgreementRecorded,
        /// One that `node` recorded arrived; the subject is its chain.
        AgreementArrived,
        /// An agreement was withdrawn, here or there; the subject is its chain.
        AgreementWithdrawn,
        /// An objection was taken, here or at `node`; the subject is its id.
        ObjectionRecorded,
        /// An objection was lifted; the subject is the id of the one that was.
        ObjectionLifted,
        /// The privacy officer answered an objection; the subject is its id.
        ObjectionAnswered,
        /// A link was made with `node`.
        LinkMade,
        /// The link with `node` ended.
        LinkEnded,
        /// The link with `node` was reported to join two persons, and ended.
        LinkReported,
        /// `node` asked about the person, and nothing went to it; the subject is the exchange.
        AskedBy,
        /// `node` received something about the person; the subject is the exchange.
        ReceivedBy,
        /// The person was introduced to `node`; the subject is the introduction.
        IntroductionSent,
        /// `node` introduces somebody; the subject is the introduction.
        IntroductionArrived,
        /// An introduction was accepted or declined, here or there.
        IntroductionAnswered,
        /// An introduction was withdrawn, here or there.
        IntroductionWithdrawn,
        /// Another file was merged into the person's; the subject is its id.
        PersonsMerged,
        /// The person's file was parted from the one it was merged into; the subject is that one's id.
        PersonsParted,
    }
}

impl Change {
    /// Something that happened to a person.
    pub fn of(person: PersonId, kind: ChangeKind) -> Self {
        Self {
            kind,
            person: Some(person),
            node: None,
            subject: String::new(),
            purpose: None,
            records: 0,
        }
    }

    /// With the other organisation's node.
    #[must_use]
    pub fn with(mut self, node: &NodeId) -> Self {
        self.node = Some(node.clone());
        self
    }

    /// With what it is about.
    #[must_use]
    pub fn about(mut self, subject: &impl ToString) -> Self {
        self.subject = subject.to_string();
        self
    }
}

/// A change in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptChange {
    /// Its number, from 1.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub change: Change,
}

/// Where the changes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The number of the newest; 0 before the first.
    pub newest: u64,
    /// The number of the newest that was forgotten; 0 if none was.
    pub forgotten: u64,
    /// Which series of numbers it is: of another store it is another; zeros before it is drawn.
    pub series: [u8; 8],
}

impl Standing {
    /// Whether the series was drawn.
    pub fn has_begun(&self) -> bool {
        self.series != [0; 8]
    }

    fn begun(mut self, tx: &impl Write) -> Self {
        if !self.has_begun() {
            tx.sealing().sealer().rng().fill(&mut self.series);
        }
        self
    }
}

/// Appends a change. One about a person whose key is gone is not kept.
pub fn append(tx: &mut impl Write, now: Timestamp, change: &Change) -> Result<(), TableError> {
    if let Some(person) = &change.person
        && persons::key(tx, person)?.is_none()
    {
        return Ok(());
    }
    let mut standing = standing(tx)?.begun(tx);
    standing.newest += 1;
    put_standing(tx, standing)?;
    let row = rows::ChangeRow {
        kind: change.kind.to_row(),
        node: change
            .node
            .as_ref()
            .map(NodeId::to_string)
            .unwrap_or_default(),
        subject: change.subject.clone(),
        purpose: change
            .purpose
            .map(|purpose| purpose.id().to_owned())
            .unwrap_or_default(),
        records: change.records,
    };
    let key = Key::new().u64(standing.newest).u64(now.as_millis());
    CHANGES.put(tx, change.person.as_ref(), &key, &row)
}

/// Draws the series of numbers, if that was not done before.
pub fn begin(tx: &mut impl Write) -> Result<(), TableError> {
    let standing = standing(tx)?;
    if !standing.has_begun() {
        let begun = standing.begun(tx);
        put_standing(tx, begun)?;
    }
    Ok(())
}

/// Where the changes stand.
pub fn standing(read: &impl Read) -> Result<Standing, TableError> {
    let Some(Found { row, .. }) = STANDING.find::<rows::ChangesRow>(read, &[])? else {
        return Ok(Standing::default());
    };
    let series = row.series[..].try_into();
    let series = series.map_err(|_| STANDING.malformed(Malformed::new("series", "8 bytes")))?;
    Ok(Standing {
        newest: row.newest,
        forgotten: row.forgotten,
        series,
    })
}

/// At most `limit` changes after a number, in order. Fewer only where there are no more; those of
/// whoever was erased are as if they had not been.
pub fn after(read: &impl Read, number: u64, limit: usize) -> Result<Vec<KeptChange>, TableError> {
    let last = Key::new().u64(number).u64(u64::MAX);
    let found = CHANGES.page(read, &[], Some(&last), limit)?;
    found.into_iter().map(kept).collect()
}

/// What tells a change from every other that ever had its number, whoever can open it; `None` where
/// it is gone.
pub fn mark(read: &impl Read, number: u64) -> Option<[u8; 8]> {
    // Its nonce is random, and it is sealed once.
    let key = CHANGES.keys(read, &Key::new().u64(number), None, 1).pop()?;
    let sealed = read.get(CHANGES.table, &key)?;
    Digest::of(&sealed).as_bytes().first_chunk().copied()
}

/// Forgets changes, the oldest first: those before an instant, and those beyond the newest `most`; at
/// most `limit`. Says how many.
pub fn sweep(
    tx: &mut impl Write,
    before: Timestamp,
    most: u64,
    limit: usize,
) -> Result<usize, TableError> {
    let mut standing = standing(tx)?;
    let beyond = standing.newest.saturating_sub(most);
    let mut gone = 0;
    for key in CHANGES.keys(tx, &[], None, limit) {
        let (number, at) = place(&key)?;
        if number > beyond && at >= before {
            break;
        }
        CHANGES.delete(tx, &key);
        standing.forgotten = number;
        gone += 1;
    }
    if gone > 0 {
        put_standing(tx, standing)?;
    }
    Ok(gone)
}

/// Whether there are changes among the rows that became durable.
pub(crate) fn are_in(written: &Written) -> bool {
    let range: RangeInclusive<Row> =
        Row::new(CHANGES.table, &[])..=Row::new(CHANGES.table, &[u8::MAX; 17]);
    written.range(range).any(|(_, value)| value.is_some())
}

fn put_standing(tx: &mut impl Write, standing: Standing) -> Result<(), TableError> {
    let row = rows::ChangesRow {
        newest: standing.newest,
        forgotten: standing.forgotten,
        series: Bytes::copy_from_slice(&standing.series),
    };
    STANDING.put(tx, None, &[], &row)
}

fn kept(found: Found<rows::ChangeRow>) -> Result<KeptChange, TableError> {
    let (number, at) = place(&found.key)?;
    let Found { owner, row, .. } = found;
    let read = || {
        let node = match row.node.as_str() {
            "" => None,
            node => Some(NodeId::new(node).map_err(|what| what.within("node"))?),
        };
        let purpose = match row.purpose.as_str() {
            "" => None,
            purpose => Some(word("purpose", Purpose::parse(purpose))?),
        };
        Ok(KeptChange {
            number,
            at,
            change: Change {
                kind: ChangeKind::from_row(row.kind)?,
                person: owner,
                node,
                subject: row.subject,
                purpose,
                records: row.records,
            },
        })
    };
    read().map_err(|what: Malformed| CHANGES.malformed(what))
}

fn place(key: &[u8]) -> Result<(u64, Timestamp), TableError> {
    let mut parts = KeyParts::of(key);
    let read = parts
        .u64()
        .and_then(|number| Ok((number, at(parts.u64()?))));
    read.map_err(|what| CHANGES.malformed(what))
}

pub(super) const CHANGES: Spec = Spec::new(78, "changes");
pub(super) const STANDING: Spec = Spec::new(79, "changes_standing");
