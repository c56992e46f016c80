//! Passes of other nodes that this node redeems.
//!
//! `redemptions`: exchange → what is proposed and where it stands; `person_redemptions`: person ∥
//! digest of the pass → the exchange that proposed a link first.

use bytes::Bytes;
use passerelle_domain::{Digest, ExchangeId, LinkId, Malformed, NodeId, PersonId, Pii, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field};
use super::key::Key;
use super::questions::QuestionState;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// A pass of another node that this node redeems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The person here.
    pub person: PersonId,
    /// The link proposed; the same for every repetition.
    pub proposed_link: LinkId,
    /// A digest of the pass.
    pub pass: Digest,
    /// The node that issued it.
    pub peer: NodeId,
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
    /// The bytes of a `passerelle.exchange.v1.RedeemQuestion`, the same in every attempt; empty once
    /// the redemption was answered or abandoned: they hold the PIN.
    pub question: Pii<Bytes>,
}

/// One redemption.
pub fn find(read: &impl Read, exchange: &ExchangeId) -> Result<Option<Redemption>, TableError> {
    Ok(REDEMPTIONS
        .find(read, exchange.as_bytes())?
        .map(redemption)
        .transpose()?
        .flatten())
}

/// The first redemption of a pass for a person: later ones propose the same link.
pub fn first_of_pass(
    read: &impl Read,
    person: &PersonId,
    pass: &Digest,
) -> Result<Option<Redemption>, TableError> {
    let Some(Found { row, .. }) = BY_PASS.find::<rows::Pointer>(read, &pass_key(person, pass))?
    else {
        return Ok(None);
    };
    let exchange =
        field("id", ExchangeId::from_slice(&row.id)).map_err(|what| BY_PASS.malformed(what))?;
    find(read, &exchange)
}

/// At most `limit` redemptions in the order in which they were begun, those after `after`.
pub fn page(
    read: &impl Read,
    after: Option<&ExchangeId>,
    limit: usize,
) -> Result<Vec<Redemption>, TableError> {
    let after = after.map(|exchange| &exchange.as_bytes()[..]);
    let found = REDEMPTIONS.page(read, &[], after, limit)?;
    found
        .into_iter()
        .filter_map(|found| redemption(found).transpose())
        .collect()
}

/// Keeps a redemption, over what was known of it.
pub fn put(tx: &mut impl Write, redemption: &Redemption) -> Result<(), TableError> {
    let row = rows::RedemptionRow {
        proposed_link: bytes(redemption.proposed_link.as_bytes()),
        pass_digest: bytes(redemption.pass.as_bytes()),
        peer: redemption.peer.to_string(),
        caller: bytes(redemption.caller.as_bytes()),
        last_attempt: redemption.last_attempt,
        asked_at: redemption.asked_at.as_millis(),
        state: redemption.state.to_row(),
        result_leaf: redemption.result_leaf,
        question: redemption.question.expose().clone(),
    };
    let person = Some(&redemption.person);
    REDEMPTIONS.put(tx, person, redemption.exchange.as_bytes(), &row)?;
    let key = pass_key(&redemption.person, &redemption.pass);
    if BY_PASS.exists(tx, &key) {
        return Ok(());
    }
    let first = rows::Pointer {
        id: bytes(redemption.exchange.as_bytes()),
    };
    BY_PASS.put(tx, person, &key, &first)
}

/// `None` for a row that is about nobody, which none of ours is.
fn redemption(found: Found<rows::RedemptionRow>) -> Result<Option<Redemption>, TableError> {
    let Found { key, owner, row } = found;
    let Some(person) = owner else {
        return Ok(None);
    };
    let read = || {
        Ok(Redemption {
            exchange: field("key", ExchangeId::from_slice(&key))?,
            person,
            proposed_link: field("proposed_link", LinkId::from_slice(&row.proposed_link))?,
            pass: field("pass_digest", Digest::from_slice(&row.pass_digest))?,
            peer: field("peer", NodeId::new(&row.peer))?,
            caller: field("caller", Digest::from_slice(&row.caller))?,
            last_attempt: row.last_attempt,
            asked_at: at(row.asked_at),
            state: QuestionState::from_row(row.state)?,
            result_leaf: row.result_leaf,
            question: Pii::new(row.question),
        })
    };
    read()
        .map(Some)
        .map_err(|what: Malformed| REDEMPTIONS.malformed(what))
}

fn pass_key(person: &PersonId, pass: &Digest) -> Key {
    Key::new().id(person.as_bytes()).id(pass.as_bytes())
}

pub(super) const REDEMPTIONS: Spec = Spec::new(17, "redemptions");
pub(super) const BY_PASS: Spec = Spec::new(18, "person_redemptions");
