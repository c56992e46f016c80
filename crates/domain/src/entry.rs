//! Entries of the exchange log: what a node writes down of every exchange, for the officer, the
//! other party and the auditor.
//!
//! An entry is one UTF-8 JSON object, serialised once, padded to one of a few sizes, hashed as
//! stored. It holds no direct identifier: `tag`, `commitment` and `receipt_ref` are derived for
//! this one entry from a key of the person that is destroyed at erasure.

use serde::{Deserialize, Serialize};

use crate::vocabulary::{
    AgentRole, Class, EntryKind, LawfulBasis, Purpose, RecordUse, RefusalReason, Section,
    SessionAssurance,
};
use crate::{Digest, ExchangeId, Malformed, NodeId, Timestamp};

/// The largest entry: C2SP tlog-tiles bundles give 16 bits to its length.
pub const MAX_ENTRY_BYTES: usize = 65_535;
/// The sizes to which entries are padded, so that their length tells little; above the last, the
/// next multiple of it.
const SIZES: [usize; 3] = [1024, 2048, 4096];
const VERSION: u8 = 1;

/// One entry. Members stand in this order; those that do not apply are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this format.
    pub v: u8,
    /// What happened.
    pub kind: EntryKind,
    /// The exchange, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeId>,
    /// The attempt at it; the logs of the two nodes pair by (exchange, attempt).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// When, RFC 3339 in UTC with milliseconds.
    #[serde(with = "instant")]
    pub at: Timestamp,
    /// The node whose log this is.
    pub own: Party,
    /// The other node, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Party>,
    /// The agent's role, never the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<AgentRole>,
    /// How the agent's session was proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<SessionAssurance>,
    /// Why it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// To what use it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<RecordUse>,
    /// On what ground.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<Ground>,
    /// What was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Scope>,
    /// What was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Scope>,
    /// How many records were given, received or destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why not, as far as the other party is told; the true reason is in the sealed part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RefusalReason>,
    /// SHA-256 of the bytes of the question, or of the message that this entry answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Digest>,
    /// SHA-256 of the bytes of the body that was sent or received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Digest>,
    /// Finds the entries of one person, for whoever has the person's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Digest>,
    /// Commits to the key of the sealed part: it opens in one way only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Digest>,
    /// SHA-256 of the sealed part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Digest>,
    /// RFC 6962 leaf hash of the entry of the peer's log that this one goes with: of its `asked`
    /// where this node answers, of its answer where this node receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_leaf: Option<Digest>,
    /// The last checkpoint of the peer's log that this node held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_checkpoint: Option<SeenCheckpoint>,
    /// Set where the rules are an unverified example: no production data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub training: bool,
}

/// A node and the certificate it showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The node.
    pub node: NodeId,
    /// SHA-256 of its certificate; absent where no channel to it was open when the entry was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Digest>,
}

/// A receipt that opened something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Derived from the person's key and the receipt's digest: two entries cannot be joined by it.
    pub receipt_ref: Digest,
    /// The basis that the receipt states.
    pub basis: LawfulBasis,
}

/// A section with its highest class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The section.
    pub section: Section,
    /// The highest class of it.
    pub sensitivity: Class,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// Some of what was asked was given.
    Partial,
    /// Nothing was given.
    Nothing,
    /// One of the asker's papers failed.
    Paper,
    /// The attempt had been answered before.
    Duplicate,
    /// What the answer was given under does not stand here: it was not kept.
    NotKept,
    /// No answer came, or none that could be accepted.
    Failed,
}

impl Outcome {
    /// As entries have it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Nothing => "nothing",
            Self::Paper => "paper",
            Self::Duplicate => "duplicate",
            Self::NotKept => "not_kept",
            Self::Failed => "failed",
        }
    }
}

/// A checkpoint of another log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenCheckpoint {
    /// The log.
    pub origin: String,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

impl Entry {
    /// An entry that says the least: kind, time, node and outcome.
    pub fn new(kind: EntryKind, at: Timestamp, own: Party, outcome: Outcome) -> Self {
        Self {
            v: VERSION,
            kind,
            exchange: None,
            attempt: None,
            at,
            own,
            peer: None,
            role: None,
            assurance: None,
            purpose: None,
            usage: None,
            grounds: Vec::new(),
            asked: Vec::new(),
            given: Vec::new(),
            records: None,
            outcome,
            reason: None,
            question: None,
            body: None,
            tag: None,
            commitment: None,
            sealed: None,
            peer_leaf: None,
            peer_checkpoint: None,
            training: false,
        }
    }

    /// The bytes to store and to hash: JSON followed by spaces up to the next size.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        // Every member is a string, a number, a list or a map with string keys: JSON holds it.
        let mut bytes = serde_json::to_vec(self).map_err(|_| Malformed::new("entry", "JSON"))?;
        let last = SIZES[SIZES.len() - 1];
        let size = SIZES
            .into_iter()
            .find(|size| bytes.len() <= *size)
            .unwrap_or_else(|| bytes.len().next_multiple_of(last));
        if size > MAX_ENTRY_BYTES {
            return Err(Malformed::new("entry", "at most 65,535 bytes"));
        }
        bytes.resize(size, b' ');
        Ok(bytes)
    }

    /// Reads an entry of any node; the bytes are kept by the caller, never made anew from this.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(Malformed::new("entry", "at most 65,535 bytes"));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|_| {
            Malformed::new(
                "entry",
                "a JSON object with the members of an exchange log entry",
            )
        })?;
        if entry.v != VERSION {
            return Err(Malformed::new("entry.v", "1"));
        }
        Ok(entry)
    }
}

mod instant {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Timestamp;

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Timestamp::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
