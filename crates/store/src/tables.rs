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
//! All functions, without `Result<_, TableError>`; `read` is a [`Read`], `tx` a [`Write`]:
//!
//! ```text
//! persons::find(read, id: &PersonId) -> Option<Person>
//! persons::find_by_reference(read, reference: &str) -> Option<Person>
//! persons::search(read, search_key: &[u8], after: Option<&PersonId>, limit: usize) -> Vec<PersonId>
//! persons::put(tx, person: &Person, search_keys: &[K])
//! persons::shred(tx, id: &PersonId)
//! records::journey(read, person: &PersonId) -> Vec<StoredRecord>
//! records::find(read, person: &PersonId, id: &RecordId) -> Option<StoredRecord>
//! records::find_by_reference(read, person: &PersonId, reference: &str) -> Option<StoredRecord>
//! records::put(tx, person: &PersonId, record: &StoredRecord)
//! links::find(read, id: &LinkId) -> Option<Link>
//! links::of_person(read, person: &PersonId) -> Vec<Link>
//! links::with_peer(read, person: &PersonId, peer: &NodeId) -> Vec<Link>
//! links::live(read, person: &PersonId, peer: &NodeId) -> Option<Link>
//! links::put(tx, link: &Link)
//! receipts::over_link(read, link: &LinkId) -> Vec<KeptReceipt>
//! receipts::chain(read, link: &LinkId, issuer: &NodeId, chain: &ChainId) -> Vec<KeptReceipt>
//! receipts::put(tx, person: &PersonId, kept: &KeptReceipt)
//! withdrawals::over_link(read, link: &LinkId) -> Vec<WithdrawnChain>
//! withdrawals::find(read, link: &LinkId, receipt_issuer: &NodeId, chain: &ChainId) -> Option<WithdrawnChain>
//! withdrawals::put(tx, person: &PersonId, withdrawn: &WithdrawnChain) -> bool
//! withdrawals::put_ahead(tx, withdrawn: &WithdrawnChain, keep_until: Timestamp) -> bool
//! objections::of_person(read, person: &PersonId) -> Vec<KeptObjection>
//! objections::find(read, person: &PersonId, issuer: &NodeId, id: &TokenId) -> Option<KeptObjection>
//! objections::put(tx, person: &PersonId, objection: &KeptObjection)
//! passes::find(read, id: &PassId) -> Option<KeptPass>
//! passes::of_person(read, person: &PersonId) -> Vec<KeptPass>
//! passes::put(tx, pass: &KeptPass)
//! passes::redeemed(read, id: &PassId, peer: &NodeId) -> Option<LinkId>
//! passes::put_redeemed(tx, pass: &KeptPass, peer: &NodeId, link: &LinkId)
//! questions::find(read, exchange: &ExchangeId) -> Option<KeptQuestion>
//! questions::page(read, after: Option<&ExchangeId>, limit: usize) -> Vec<KeptQuestion>
//! questions::put(tx, question: &KeptQuestion)
//! questions::holders(read, person: &PersonId) -> Vec<NodeId>
//! redemptions::find(read, exchange: &ExchangeId) -> Option<Redemption>
//! redemptions::first_of_pass(read, person: &PersonId, pass: &Digest) -> Option<Redemption>
//! redemptions::page(read, after: Option<&ExchangeId>, limit: usize) -> Vec<Redemption>
//! redemptions::put(tx, redemption: &Redemption)
//! attempts::find(read, peer: &NodeId, exchange: &ExchangeId) -> Option<Attempts>
//! attempts::put(tx, peer: &NodeId, exchange: &ExchangeId, attempts: &Attempts)
//! attempts::sweep(tx, peer: &NodeId, now: Timestamp, limit: usize) -> usize
//! copies::of_person(read, person: &PersonId) -> Vec<(CopySource, Copy)>
//! copies::find(read, source: &CopySource) -> Option<Copy>
//! copies::put(tx, source: &CopySource, held: &HeldCopy)
//! copies::purge(tx, source: &CopySource, now: Timestamp) -> u64
//! copies::purge_by_order(tx, source: &CopySource, now: Timestamp) -> u64
//! source_states::of_person(read, person: &PersonId) -> Vec<(NodeId, SourceStanding)>
//! source_states::find(read, person: &PersonId, holder: &NodeId) -> Option<SourceStanding>
//! source_states::put(tx, person: &PersonId, holder: &NodeId, standing: SourceStanding)
//! outbox::push(tx, peer: &NodeId, item: &OutboxItem) -> OutboxPlace
//! outbox::put(tx, place: &OutboxPlace, item: &OutboxItem)
//! outbox::find(read, place: &OutboxPlace) -> Option<OutboxItem>
//! outbox::first(read, peer: &NodeId, limit: usize) -> Vec<(OutboxPlace, OutboxItem)>
//! outbox::remove(tx, place: &OutboxPlace)
//! outbox::waiting(read) -> Vec<(NodeId, u8)>
//! deliveries::find(read, subject: Subject, peer: &NodeId) -> Option<Delivery>
//! deliveries::of_subject(read, subject: Subject) -> Vec<(NodeId, Delivery)>
//! deliveries::put(tx, subject: Subject, peer: &NodeId, delivery: &Delivery)
//! inbox::find(read, peer: &NodeId, id: InboxId) -> Option<InboxItem>
//! inbox::put(tx, peer: &NodeId, id: InboxId, item: &InboxItem)
//! sessions::find(read, id: &SessionId) -> Option<Session>
//! sessions::page(read, after: Option<&SessionId>, limit: usize) -> Vec<Session>
//! sessions::put(tx, session: &Session)
//! agents::find(read, siret: &Siret, subject: &Pii<String>) -> Option<Agent>
//! agents::find_or_add(tx, siret: &Siret, subject: &Pii<String>, now: Timestamp) -> Agent
//! used_tokens::spend(tx, issuer: &str, token: &TokenId, expires_at: Timestamp) -> bool
//! requests::find(read, system: &str, request_id: &str) -> Option<AnsweredRequest>
//! requests::put(tx, system: &str, request_id: &str, answered: &AnsweredRequest, keep_until: Timestamp)
//! expiry::sweep(tx, now: Timestamp, limit: usize) -> usize
//! quotas::used(read, now: Timestamp, kind: &str, subject: &str) -> u64
//! quotas::add(tx, now: Timestamp, kind: &str, subject: &str, more: u64) -> u64
//! quotas::sweep(tx, now: Timestamp, limit: usize) -> usize
//! peers::find(read, peer: &NodeId) -> Option<KnownPeer>
//! peers::all(read) -> Vec<(NodeId, KnownPeer)>
//! peers::put(tx, peer: &NodeId, known: &KnownPeer)
//! exchange_index::find(read, leaf: u64) -> Option<IndexedEntry>
//! exchange_index::newest(read, before: Option<u64>, limit: usize) -> Vec<IndexedEntry>
//! exchange_index::of_person(read, person: &PersonId, before: Option<u64>, limit: usize) -> Vec<IndexedEntry>
//! exchange_index::with_peer(read, peer: &NodeId, before: Option<u64>, limit: usize) -> Vec<IndexedEntry>
//! exchange_index::put(tx, entry: &IndexedEntry)
//! exchange_index::remove(tx, entry: &IndexedEntry)
//! peer_entries::find(read, leaf: u64) -> Option<PeerEntry>
//! peer_entries::put(tx, leaf: u64, person: Option<&PersonId>, shown: &PeerEntry)
//! disclosures::of_person(read, person: &PersonId) -> Vec<Disclosure>
//! disclosures::to_peer(read, person: &PersonId, peer: &NodeId) -> Vec<Disclosure>
//! disclosures::receivers(read, person: &PersonId) -> Vec<NodeId>
//! disclosures::put(tx, person: &PersonId, disclosure: &Disclosure)
//! meta::find(read, name: MetaName) -> Option<Bytes>
//! meta::put(tx, name: MetaName, value: Bytes)
//! meta::remove(tx, name: MetaName)
//! ```
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
pub mod copies;
pub mod deliveries;
pub mod disclosures;
pub mod exchange_index;
pub mod expiry;
pub mod inbox;
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

/// Every table of sealed rows. Numbers 1, 2 and 39 are of rows that are not; 41 is the next free.
pub(crate) const TABLES: &[Spec] = &[
    persons::PERSONS,
    persons::REFERENCES,
    persons::SEARCH,
    records::RECORDS,
    records::REFERENCES,
    links::LINKS,
    links::BY_PERSON,
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
    source_states::STATES,
    outbox::OUTBOX,
    outbox::NUMBERS,
    deliveries::DELIVERIES,
    inbox::INBOX,
    sessions::SESSIONS,
    agents::AGENTS,
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
];

#[cfg(test)]
pub(crate) mod tests;
