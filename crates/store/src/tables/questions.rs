//! Questions that this node asks.
//!
//! `questions`: exchange → the question and where it stands; `person_questions`: person ∥ holder.

use bytes::Bytes;
use passerelle_domain::{Digest, ExchangeId, LinkId, Malformed, NodeId, PersonId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field, state};
use super::key::{Key, KeyParts};
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// A question that this node asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptQuestion {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The bytes of a `passerelle.exchange.v1.Question`, the same in every attempt.
    pub question: Bytes,
    /// The person here.
    pub person: PersonId,
    /// The node asked.
    pub holder: NodeId,
    /// The link about the person.
    pub link: LinkId,
    /// Digest of who called: the same caller may repeat the call.
    pub caller: Digest,
    /// The last attempt made.
    pub last_attempt: u32,
    /// When the first attempt was made.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: QuestionState,
    /// Index of the entry in the exchange log that says what came of it.
    pub result_leaf: Option<u64>,
}

state! {
    /// Where a question, or the redemption of a pass, stands.
    QuestionState {
        /// No answer yet.
        Open,
        /// Answered.
        Answered,
        /// The last attempt failed; the caller may ask again.
        Failed,
        /// Not answered in 24 hours.
        Abandoned,
    }
}

/// One question.
pub fn find(read: &impl Read, exchange: &ExchangeId) -> Result<Option<KeptQuestion>, TableError> {
    Ok(QUESTIONS
        .find(read, exchange.as_bytes())?
        .map(kept)
        .transpose()?
        .flatten())
}

/// At most `limit` questions in the order in which they were first asked, those after `after`.
pub fn page(
    read: &impl Read,
    after: Option<&ExchangeId>,
    limit: usize,
) -> Result<Vec<KeptQuestion>, TableError> {
    let after = after.map(|exchange| &exchange.as_bytes()[..]);
    let found = QUESTIONS.page(read, &[], after, limit)?;
    found
        .into_iter()
        .filter_map(|found| kept(found).transpose())
        .collect()
}

/// Keeps a question, over what was known of it.
pub fn put(tx: &mut impl Write, question: &KeptQuestion) -> Result<(), TableError> {
    let row = rows::QuestionRow {
        question: question.question.clone(),
        holder: question.holder.to_string(),
        link: bytes(question.link.as_bytes()),
        caller: bytes(question.caller.as_bytes()),
        last_attempt: question.last_attempt,
        asked_at: question.asked_at.as_millis(),
        state: question.state.to_row(),
        result_leaf: question.result_leaf,
    };
    let person = Some(&question.person);
    QUESTIONS.put(tx, person, question.exchange.as_bytes(), &row)?;
    let asked = Key::new()
        .id(question.person.as_bytes())
        .node(&question.holder);
    if BY_PERSON.exists(tx, &asked) {
        return Ok(());
    }
    BY_PERSON.put(tx, person, &asked, &rows::Mark {})
}

/// The nodes that were ever asked about a person.
pub fn holders(read: &impl Read, person: &PersonId) -> Result<Vec<NodeId>, TableError> {
    let keys = BY_PERSON.keys(read, person.as_bytes(), None, usize::MAX);
    let holder = |key: &Bytes| {
        let mut parts = KeyParts::of(key);
        parts.id::<16>()?;
        parts.node()
    };
    let holders: Result<_, Malformed> = keys.iter().map(holder).collect();
    holders.map_err(|what| BY_PERSON.malformed(what))
}

/// `None` for a row that is about nobody, which none of ours is.
fn kept(found: Found<rows::QuestionRow>) -> Result<Option<KeptQuestion>, TableError> {
    let Found { key, owner, row } = found;
    let Some(person) = owner else {
        return Ok(None);
    };
    let read = || {
        Ok(KeptQuestion {
            exchange: field("key", ExchangeId::from_slice(&key))?,
            question: row.question,
            person,
            holder: field("holder", NodeId::new(&row.holder))?,
            link: field("link", LinkId::from_slice(&row.link))?,
            caller: field("caller", Digest::from_slice(&row.caller))?,
            last_attempt: row.last_attempt,
            asked_at: at(row.asked_at),
            state: QuestionState::from_row(row.state)?,
            result_leaf: row.result_leaf,
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| QUESTIONS.malformed(what))
}

pub(super) const QUESTIONS: Spec = Spec::new(16, "questions");
pub(super) const BY_PERSON: Spec = Spec::new(40, "person_questions");
