//! Exchanges that peers began, as the holder remembers them.
//!
//! `attempts`: peer ∥ exchange.

use passerelle_domain::{Digest, ExchangeId, Malformed, NodeId, Timestamp};
use passerelle_proto::storage::v1 as rows;

use super::column::{at, bytes, field, state};
use super::key::Key;
use super::spec::{Found, Spec};
use super::{Read, TableError, Write};

/// What a holder remembers of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Whether the peer asks or redeems.
    pub kind: AttemptKind,
    /// SHA-256 of the question, or of what stays the same in every attempt to redeem.
    pub question: Digest,
    /// Whether the agent who asks has a second factor.
    pub second_factor: bool,
    /// The last attempt logged.
    pub last: u32,
    /// From then on the exchange is over and the row may go.
    pub expires_at: Timestamp,
    /// The attempts that were answered, the newest last.
    pub logged: Vec<LoggedAttempt>,
}

/// An attempt that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedAttempt {
    /// Its number.
    pub attempt: u32,
    /// Its entry in the exchange log.
    pub leaf: u64,
}

impl Attempts {
    /// Notes that an attempt is answered by the entry at `leaf`. The oldest are forgotten when
    /// there are many: a peer cannot make the row grow.
    pub fn note_logged(&mut self, attempt: u32, leaf: u64) {
        if self.logged.len() >= MOST_LOGGED {
            self.logged.remove(0);
        }
        self.logged.push(LoggedAttempt { attempt, leaf });
    }
}

state! {
    /// What a peer attempts.
    AttemptKind {
        /// A question.
        Ask,
        /// The redemption of a pass.
        Redeem,
    }
}

/// The attempts of a peer at one exchange.
pub fn find(
    read: &impl Read,
    peer: &NodeId,
    exchange: &ExchangeId,
) -> Result<Option<Attempts>, TableError> {
    ATTEMPTS
        .find(read, &exchange_key(peer, exchange))?
        .map(attempts)
        .transpose()
}

/// Remembers the attempts of a peer at one exchange.
pub fn put(
    tx: &mut impl Write,
    peer: &NodeId,
    exchange: &ExchangeId,
    attempts: &Attempts,
) -> Result<(), TableError> {
    let row = rows::AttemptRow {
        kind: attempts.kind.to_row(),
        question_digest: bytes(attempts.question.as_bytes()),
        last_attempt: attempts.last,
        second_factor: attempts.second_factor,
        expires_at: attempts.expires_at.as_millis(),
        logged: attempts
            .logged
            .iter()
            .map(|logged| rows::LoggedAttempt {
                attempt: logged.attempt,
                leaf: logged.leaf,
            })
            .collect(),
    };
    ATTEMPTS.put(tx, None, &exchange_key(peer, exchange), &row)
}

/// Forgets exchanges of a peer that are over, the oldest first; looks at `limit` rows at most, and
/// stops at the first that is not over. Says how many went.
pub fn sweep(
    tx: &mut impl Write,
    peer: &NodeId,
    now: Timestamp,
    limit: usize,
) -> Result<usize, TableError> {
    let mut gone = 0;
    for found in ATTEMPTS.page(tx, &Key::new().node(peer), None, limit)? {
        let key = found.key.clone();
        if attempts(found)?.expires_at > now {
            break;
        }
        ATTEMPTS.delete(tx, &key);
        gone += 1;
    }
    Ok(gone)
}

fn attempts(found: Found<rows::AttemptRow>) -> Result<Attempts, TableError> {
    let row = found.row;
    let read = || {
        Ok(Attempts {
            kind: AttemptKind::from_row(row.kind)?,
            question: field("question_digest", Digest::from_slice(&row.question_digest))?,
            second_factor: row.second_factor,
            last: row.last_attempt,
            expires_at: at(row.expires_at),
            logged: row
                .logged
                .iter()
                .map(|logged| LoggedAttempt {
                    attempt: logged.attempt,
                    leaf: logged.leaf,
                })
                .collect(),
        })
    };
    read().map_err(|what: Malformed| ATTEMPTS.malformed(what))
}

/// Exchange ids start with their time: a peer's exchanges stand in the order of their making.
fn exchange_key(peer: &NodeId, exchange: &ExchangeId) -> Key {
    Key::new().node(peer).id(exchange.as_bytes())
}

const MOST_LOGGED: usize = 16;

pub(super) const ATTEMPTS: Spec = Spec::new(19, "attempts");
