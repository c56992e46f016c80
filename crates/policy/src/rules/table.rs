use serde::{Deserialize, Serialize};

/// The table as it is written: any format that serde reads.
///
/// Text that names a value of the vocabulary is kept as text until the table is compiled, so that
/// an error can name the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesTable {
    /// Version of this format: 1.
    pub version: u32,
    /// What the table is, for whoever opens the file; not read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The rows, in any order.
    pub rows: Vec<Row>,
}

/// One row: it speaks of every cell that its holders, requesters, purposes, sections and classes
/// span together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name in errors and explanations: 1 to 64 characters among a-z, 0-9 and -, each once.
    pub name: String,
    /// Kinds of organisation that hold: list `organisation_kind`.
    pub holder: Names,
    /// Kinds of organisation that ask: list `organisation_kind`.
    pub requester: Names,
    /// List `purpose`, those that nodes may ask each other for.
    pub purpose: Names,
    /// List `section`. A row that opens class 4 names its sections one by one.
    pub section: Names,
    /// Classes, each named: a row for 1 to 3 says `[1, 2, 3]`.
    pub class: Numbers,
    /// Whether the cells may be shown to the agent who asks.
    pub read: bool,
    /// Whether the asker's agency system may keep them; only what may be read can be kept.
    #[serde(default)]
    pub import: bool,
    /// What an objection of the person does.
    pub objection: ObjectionEffect,
    /// Which evidence is enough; by default that of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceAccepted>,
    /// Whether the holder's agents are bound by professional secrecy (Code pénal art. 226-13) for
    /// these cells: said to the officer, no part of the decision.
    #[serde(default)]
    pub professional_secrecy: bool,
    /// The text that the exchange rests on, 1 to 200 characters.
    pub article: String,
    /// Whether a privacy officer has verified the row.
    pub review: Review,
}

/// One value of a list, several, or `any`.
///
/// `any` is every value of the list but those that a row must name: organisations whose membership
/// is itself sensitive, purposes that nodes never ask each other for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a name, a list of names, or any")]
pub enum Names {
    /// A single name, or `any`.
    One(String),
    /// Names.
    Several(Vec<String>),
}

/// One class or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a class from 1 to 4 or a list of them")]
pub enum Numbers {
    /// A single class.
    One(u8),
    /// Classes.
    Several(Vec<u8>),
}

/// What an objection of the person does to the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectionEffect {
    /// The right to object is open: any objection closes them until the person lifts it.
    Open,
    /// The text excludes the right to object: an objection closes them until the officer has
    /// answered, and for good only if the officer upholds it.
    Closed,
}

/// Which evidence is enough: list `evidence_kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceAccepted {
    /// Enough, whoever recorded it.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Enough if the agent who recorded it had a second factor.
    #[serde(default)]
    pub accepted_with_agent_mfa: Vec<String>,
}

/// Whether a privacy officer has verified a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", deny_unknown_fields)]
pub enum Review {
    /// An example, or not looked at yet.
    // With braces: serde would let a unit variant have unknown fields.
    Unverified {},
    /// Verified.
    Verified {
        /// Who verified it, 1 to 120 characters.
        by: String,
        /// The day, `YYYY-MM-DD`.
        on: String,
        /// SHA-256 of the analysis that the review rests on, 64 lower-case hexadecimal digits.
        sha256: String,
    },
}

impl Review {
    /// Whether the row counts in production.
    pub const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified { .. })
    }
}
