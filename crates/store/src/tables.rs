//! What a node keeps, by table: typed rows, sealed at rest.
//!
//! A table is a module of functions over a store's transaction ([`Write`]) or read view ([`Read`]).
//! Rows about one person are sealed under that person's key, the others under the key of their
//! table; both bind a row to its table, key and version. A row whose person's key is gone is as if
//! it were not there: that is what erasure means.
//!
//! Keys of rows hold random ids, numbers, names of nodes, and, where they stand for something
//! personal, an HMAC of it.
//!
//! | about a person | |
//! |---|---|
//! | [`persons`] | who they are; found by reference and by search keys; their key |
//! | [`records`] | the journey: what the own organisation entered or imported |
//! | [`rectifications`] | what they ask to rectify or restrict, and what was answered |
//! | [`introductions`] | to whom they were introduced; and who is introduced to this organisation |
//! | [`links`] | with which nodes they are linked |
//! | [`receipts`], [`withdrawals`], [`objections`] | what they were told, agreed to, took back, closed |
//! | [`passes`] | passes issued here, and what was redeemed with them |
//! | [`questions`], [`redemptions`] | what is asked of other nodes |
//! | [`copies`], [`source_states`] | what other nodes shared, or what is known instead |
//! | [`disclosures`] | who received what under what |
//! | [`caseload`] | which agents accompany them |
//! | [`incidents`] | what the privacy officer must look at |
//! | [`exchange_index`], [`peer_entries`] | which entries of the log are about them, and what the other party showed |
//!
//! | about the node | |
//! |---|---|
//! | [`attempts`], [`inbox`] | what peers began and delivered: repeated, it has one effect |
//! | [`outbox`], [`deliveries`] | what waits for peers, and what they confirmed |
//! | [`peers`] | what is known of peers |
//! | [`changes`] | what the agency's systems should hear of, in order |
//! | [`sessions`], [`agents`], [`blocked_agents`], [`used_tokens`] | for whom agency systems call |
//! | [`requests`], [`quotas`] | what they asked already, and how much |
//! | [`expiry`], [`meta`] | when rows go; values of the node itself |
//!
//! Entries of the exchange log are sealed through [`Write::seal`] and [`Write::seal_nobody`], and
//! opened through [`Read::open_sealed`]. [`bind_keys`] is called once, before anything else.

mod access;
mod column;
mod error;
mod key;
mod key_checks;
mod spec;

pub mod agents;
pub mod attempts;
pub mod blocked_agents;
pub mod caseload;
pub mod changes;
pub mod copies;
pub mod deliveries;
pub mod disclosures;
pub mod exchange_index;
pub mod expiry;
pub mod inbox;
pub mod incidents;
pub mod introductions;
pub mod links;
pub mod meta;
pub mod objections;
pub mod outbox;
pub mod passes;
pub mod peer_entries;
pub mod peers;
pub mod persons;
pub mod questions;
pub mod quotas;
pub mod receipts;
pub mod records;
pub mod rectifications;
pub mod redemptions;
pub mod requests;
pub mod sessions;
pub mod source_states;
pub mod used_tokens;
pub mod withdrawals;

pub use access::{Read, Write};
pub use error::TableError;
pub use key_checks::bind as bind_keys;
pub(crate) use key_checks::verify as verify_keys;
use spec::Spec;

/// Every table of sealed rows. Numbers 1, 2 and 39 are of rows that are not; 47 is the next free.
pub(crate) const TABLES: &[Spec] = &[
    persons::PERSONS,
    persons::REFERENCES,
    persons::SEARCH,
    persons::MERGED,
    records::RECORDS,
    records::REFERENCES,
    records::DELETED,
    records::history::HISTORY,
    rectifications::RECTIFICATIONS,
    rectifications::WAITING,
    introductions::SENT,
    introductions::RECEIVED,
    introductions::INTRODUCED,
    introductions::AHEAD,
    links::LINKS,
    links::BY_PERSON,
    links::ENDED_AHEAD,
    receipts::RECEIPTS,
    withdrawals::WITHDRAWALS,
    objections::OBJECTIONS,
    passes::PASSES,
    passes::BY_PERSON,
    passes::REDEEMED,
    questions::QUESTIONS,
    questions::BY_PERSON,
    redemptions::REDEMPTIONS,
    redemptions::BY_PASS,
    attempts::ATTEMPTS,
    copies::COPIES,
    copies::DUE,
    source_states::STATES,
    outbox::OUTBOX,
    outbox::NUMBERS,
    deliveries::DELIVERIES,
    inbox::INBOX,
    incidents::INCIDENTS,
    caseload::CASELOAD,
    caseload::BY_AGENT,
    sessions::SESSIONS,
    agents::AGENTS,
    blocked_agents::BLOCKED,
    used_tokens::USED,
    requests::REQUESTS,
    expiry::EXPIRY,
    peers::PEERS,
    exchange_index::ENTRIES,
    exchange_index::BY_PERSON,
    exchange_index::BY_PEER,
    peer_entries::ENTRIES,
    disclosures::DISCLOSURES,
    quotas::QUOTAS,
    meta::META,
    changes::CHANGES,
    changes::STANDING,
];

#[cfg(test)]
pub(crate) mod tests;
