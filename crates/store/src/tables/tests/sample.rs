//! One row of every table, with a canary in every personal field.

use data_encoding::BASE64URL_NOPAD;
use passerelle_domain::claim::{
    Effect, Evidence, Grant, Notice, NumericDate, ObjectionScope, Receipt, WithdrawalMeans,
};
use passerelle_domain::vocabulary::{
    AgentRole, EntryKind, EvidenceKind, GivenBy, GrantAction, GroupMemberRole, LawfulBasis,
    Purpose, Section, SessionAssurance,
};
use passerelle_domain::{
    AgentRef, ChainId, Class, Digest, ExchangeId, LinkId, PassId, Pii, RecordId, RectificationId,
    SessionId, Siret, TokenId, Verified,
};

use super::*;
use crate::sim::SeededRng;
use crate::tables::{
    attempts::{AttemptKind, Attempts, LoggedAttempt},
    blocked_agents::BlockedAgent,
    caseload::{Assignment, CaseloadAgent},
    copies::{CopySource, HeldCopy},
    deliveries::{Delivery, DeliveryState},
    disclosures::Disclosure,
    exchange_index::IndexedEntry,
    inbox::InboxItem,
    incidents::Incident,
    introductions::{Introduced, Introduction, IntroductionState, SentPart},
    links::{EndedAhead, Link, LinkEnd, LinkEndCause, LinkState},
    objections::{KeptObjection, OfficerAnswer},
    outbox::{OutboxItem, OutboxKind},
    passes::KeptPass,
    peer_entries::PeerEntry,
    peers::KnownPeer,
    persons::{IdentityTraits, Person},
    questions::{KeptQuestion, QuestionState},
    receipts::KeptReceipt,
    records::{DeletedRecord, RecordAct, StoredRecord},
    rectifications::{Rectification, RectificationAnswer, RectificationKind, RectificationRefusal},
    redemptions::Redemption,
    requests::AnsweredRequest,
    sessions::Session,
    source_states::{SourceStanding, SourceState},
    withdrawals::WithdrawnChain,
};

/// Stands in every text that must not be found on disk.
pub(super) const CANARY: &str = "CaNaRy-Éloïse";

pub(super) fn canary(what: &str) -> String {
    format!("{CANARY}-{what}")
}

pub(super) fn person_row(number: u8) -> Person {
    Person {
        id: person(number),
        reference: Pii::new(canary(&format!("reference-{number}"))),
        other_references: vec![Pii::new(canary(&format!("older-{number}")))],
        identity: IdentityTraits {
            birth_name: canary("birth-name"),
            usage_name: canary("usage-name"),
            first_names: canary("first-names"),
            birth_date: canary("birth-date"),
            sex: canary("sex"),
            birth_commune: canary("commune"),
            birth_country: canary("country"),
            nir: canary("nir"),
        },
        created_at: at(1),
        protected: true,
        merged_into: None,
    }
}

pub(super) fn record(number: u8) -> StoredRecord {
    StoredRecord {
        id: RecordId::from_bytes([number; 16]),
        own_record: Pii::new(canary("record").into_bytes().into()),
        agency_version: 3,
        reference: Pii::new(canary(&format!("record-{number}"))),
        class: Class::Social,
        section: Section::Diagnosis,
        content: Digest::of(&[number]),
        revision: 1,
        written: Some(record_act()),
    }
}

pub(super) fn record_act() -> RecordAct {
    RecordAct {
        at: at(3),
        system: "logiciel-metier".to_owned(),
        agent: Pii::new(canary("agent")),
        role: AgentRole::Caseworker,
        assurance: SessionAssurance::Asserted,
    }
}

pub(super) fn deleted_record(number: u8) -> DeletedRecord {
    DeletedRecord {
        id: RecordId::from_bytes([number; 16]),
        agency_version: 4,
        reference: Pii::new(canary(&format!("record-{number}"))),
        class: Class::Social,
        section: Section::Diagnosis,
        revision: 2,
        deleted: record_act(),
    }
}

pub(super) fn rectification(number: u8, person: PersonId) -> Rectification {
    Rectification {
        id: RectificationId::from_bytes([number; 16]),
        person,
        record: record(1).id,
        section: Section::Diagnosis,
        class: Class::Social,
        kind: RectificationKind::Restrict,
        wrong: Pii::new(canary("wrong")),
        should_be: Pii::new(canary("should-be")),
        requested: record_act(),
        answer: None,
    }
}

pub(super) fn answered_rectification(number: u8, person: PersonId) -> Rectification {
    Rectification {
        answer: Some(RectificationAnswer {
            refusal: Some(RectificationRefusal::LegalDuty),
            explanation: Pii::new(canary("explanation")),
            answered: record_act(),
        }),
        ..rectification(number, person)
    }
}

/// One that was sent about a person, or that arrived.
pub(super) fn introduction(number: u8, person: Option<PersonId>) -> Introduction {
    Introduction {
        id: TokenId::from_bytes([number; 16]),
        peer: node("mission-locale"),
        state: IntroductionState::Open,
        state_since: at(21),
        purpose: Purpose::PathwayFollowUp,
        ceiling: Class::LivingConditions,
        since: at(20),
        expires_at: at(91),
        person,
        link: None,
        misses: 2,
        sent: person.map(|_| SentPart {
            number: 5,
            notice: Notice {
                id: "notice".to_owned(),
                lang: "fr".to_owned(),
                sha256: Digest::of(b"text"),
            },
            given_by: GivenBy::Person,
        }),
    }
}

pub(super) fn introduced() -> Introduced {
    Introduced {
        birth_name: Pii::new(canary("birth-name")),
        first_names: Pii::new(canary("first-names")),
        birth_date: Pii::new(canary("birth-date")),
        message: Pii::new(canary("message")),
    }
}

pub(super) fn link(number: u8, person: PersonId) -> Link {
    Link {
        id: LinkId::from_bytes([number; 16]),
        person,
        peer: node("mission-locale"),
        born_from: Some(PassId::from_bytes([number; 16])),
        own_redemption: true,
        ceiling: Some(Class::Social),
        state: LinkState::Live,
        since: at(2),
        made_at: at(1),
        end: Some(LinkEnd {
            cause: LinkEndCause::WrongLink,
            by: node("departement"),
            order: Some(TokenId::from_bytes([number; 16])),
        }),
    }
}

pub(super) fn ended_ahead() -> EndedAhead {
    EndedAhead {
        at: at(21),
        wrong: true,
        order: TokenId::from_bytes([6; 16]),
    }
}

pub(super) fn assignment(person: PersonId) -> Assignment {
    Assignment {
        person,
        agent: CaseloadAgent {
            subject: subject(),
            siret: siret(),
        },
        role: GroupMemberRole::Referent,
        from: "2026-09-01".parse().unwrap(),
        until: Some("2026-12-31".parse().unwrap()),
    }
}

pub(super) fn incident(leaf: u64, person: PersonId) -> Incident {
    Incident {
        leaf,
        person,
        link: LinkId::from_bytes([1; 16]),
        peer: node("mission-locale"),
        reported_by: node("departement"),
        order: TokenId::from_bytes([1; 16]),
        at: at(20),
    }
}

pub(super) fn receipt(link: LinkId, chain: u8, version: u32) -> KeptReceipt {
    let claim = Receipt {
        issuer: node("departement"),
        audience: node("mission-locale"),
        link,
        id: TokenId::from_bytes([chain; 16]),
        issued_at: NumericDate::from_secs(1_800_000_000),
        not_before: NumericDate::from_secs(1_800_000_000),
        expires_at: NumericDate::from_secs(1_800_086_400),
        holder: node("mission-locale"),
        chain: ChainId::from_bytes([chain; 16]),
        version,
        basis: LawfulBasis::PublicTask,
        given_by: GivenBy::Person,
        notice: Notice {
            id: "spie-information".into(),
            lang: "fr".into(),
            sha256: Digest::of(b"notice"),
        },
        evidence: Evidence {
            kind: EvidenceKind::Pass,
            agent_mfa: true,
        },
        grants: vec![Grant {
            effect: Effect::Permit,
            actions: [GrantAction::Read].into(),
            sections: [(Section::Diagnosis, Class::LivingConditions)].into(),
            purposes: [Purpose::Assessment].into(),
            until: None,
        }],
        withdrawal: WithdrawalMeans(canary("withdrawal")),
    };
    let payload = BASE64URL_NOPAD.encode(&serde_json::to_vec(&claim).unwrap());
    #[allow(
        clippy::disallowed_methods,
        reason = "no signature is looked at in these tests"
    )]
    let receipt = Verified::new(claim);
    KeptReceipt::new(receipt, format!("e30.{payload}.c2lnbmF0dXJl"), true, at(3))
}

pub(super) fn withdrawn(link: LinkId, chain: u8) -> WithdrawnChain {
    WithdrawnChain {
        link,
        receipt_issuer: node("departement"),
        chain: ChainId::from_bytes([chain; 16]),
        jwt: Some(canary("withdrawal-jwt")),
        withdrawn_at: at(4),
        by: node("mission-locale"),
        order: TokenId::from_bytes([chain; 16]),
    }
}

pub(super) fn objection(number: u8, scope: ObjectionScope) -> KeptObjection {
    KeptObjection {
        issuer: node("departement"),
        id: TokenId::from_bytes([number; 16]),
        scope,
        lifts: Some(TokenId::from_bytes([9; 16])),
        via: Some(LinkId::from_bytes([8; 16])),
        taken_at: at(5),
        lifted_at: Some(at(6)),
        officer: OfficerAnswer::Overruled,
    }
}

pub(super) fn pass(number: u8, person: PersonId) -> KeptPass {
    KeptPass {
        id: PassId::from_bytes([number; 16]),
        person,
        pass: canary("pass").into_bytes().into(),
    }
}

pub(super) fn exchange(number: u64) -> ExchangeId {
    ExchangeId::new(at(number), &SeededRng::new(number))
}

pub(super) fn question(number: u64, person: PersonId) -> KeptQuestion {
    KeptQuestion {
        exchange: exchange(number),
        question: canary("question").into_bytes().into(),
        person,
        holder: node("mission-locale"),
        link: LinkId::from_bytes([1; 16]),
        caller: Digest::of(b"caller"),
        last_attempt: 2,
        asked_at: at(7),
        state: QuestionState::Failed,
        result_leaf: Some(0),
    }
}

pub(super) fn redemption(number: u64, person: PersonId) -> Redemption {
    Redemption {
        exchange: exchange(number),
        person,
        proposed_link: LinkId::from_bytes([1; 16]),
        pass: Digest::of(b"pass"),
        peer: node("mission-locale"),
        caller: Digest::of(b"caller"),
        last_attempt: 1,
        asked_at: at(8),
        state: QuestionState::Open,
        result_leaf: None,
        question: Pii::new(canary("redeem-question").into_bytes().into()),
    }
}

pub(super) fn attempts(expires_at: Timestamp) -> Attempts {
    Attempts {
        kind: AttemptKind::Redeem,
        question: Digest::of(b"question"),
        second_factor: true,
        last: 4,
        expires_at,
        logged: vec![LoggedAttempt {
            attempt: 4,
            leaf: 11,
        }],
    }
}

pub(super) fn source(person: PersonId) -> CopySource {
    CopySource {
        person,
        holder: node("mission-locale"),
        link: LinkId::from_bytes([1; 16]),
    }
}

pub(super) fn copy(summary: Bytes) -> HeldCopy {
    HeldCopy {
        body: Pii::new(summary),
        received_at: at(9),
        exchange: exchange(1),
        attempt: 1,
        chains: vec![ChainId::from_bytes([1; 16]), ChainId::from_bytes([2; 16])],
        leaf: 12,
        records: 5,
        asked: vec![copies::AskedSection {
            section: Section::Steps,
            highest: Class::Social,
            received_at: at(9),
        }],
    }
}

pub(super) fn standing() -> SourceStanding {
    SourceStanding {
        state: SourceState::Unreachable,
        since: at(10),
    }
}

pub(super) fn outbox_item(kind: OutboxKind) -> OutboxItem {
    OutboxItem {
        kind,
        item: canary("outbox").into_bytes().into(),
        leaf: Some(11),
        person: Some(person(1)),
        subject: Some(ChainId::from_bytes([4; 16]).into()),
        created_at: at(11),
        attempts: 1,
        next_try_at: at(12),
        last_error: "unreachable".into(),
    }
}

pub(super) fn delivery() -> Delivery {
    Delivery {
        state: DeliveryState::Delivered,
        since: at(13),
        purge_answer: Some(canary("purge-answer")),
        problem: "refused".into(),
    }
}

pub(super) fn inbox_item() -> InboxItem {
    InboxItem {
        digest: Digest::of(b"item"),
        answer: canary("answer").into_bytes().into(),
        received_at: at(14),
    }
}

pub(super) fn session(number: u8) -> Session {
    Session {
        id: SessionId::from_bytes([number; 16]),
        system: canary("system"),
        certificate: Digest::of(b"certificate"),
        subject: subject(),
        agent: AgentRef::new("agent-1").unwrap(),
        siret: siret(),
        role: AgentRole::ALL[0],
        assurance: SessionAssurance::ALL[0],
        second_factor: true,
        opened_at: at(15),
        expires_at: at(100),
        closed_at: Some(at(16)),
    }
}

pub(super) fn blocked_agent() -> BlockedAgent {
    BlockedAgent {
        subject: subject(),
        since: at(17),
        by: AgentRef::new("agent-2").unwrap(),
    }
}

pub(super) fn subject() -> Pii<String> {
    Pii::new(canary("subject"))
}

pub(super) fn siret() -> Siret {
    "21750001600019".parse().unwrap()
}

pub(super) fn answered() -> AnsweredRequest {
    AnsweredRequest {
        digest: Digest::of(b"request"),
        response: canary("response").into_bytes().into(),
        at: at(17),
    }
}

pub(super) fn known_peer() -> KnownPeer {
    KnownPeer {
        checkpoint: canary("checkpoint").into_bytes().into(),
        origin: "mission-locale.demo/exchange/2027-1".into(),
        unreachable_since: Some(at(18)),
        certificate: Some(Digest::of(b"certificate")),
        shown_size: 19,
    }
}

pub(super) fn entry(leaf: u64, person: Option<PersonId>) -> IndexedEntry {
    IndexedEntry {
        leaf,
        person,
        kind: EntryKind::ALL[0],
        peer: Some(node("mission-locale")),
        at: at(leaf),
    }
}

pub(super) fn peer_entry() -> PeerEntry {
    PeerEntry {
        entry: canary("entry").into_bytes().into(),
        proof: canary("proof").into_bytes().into(),
    }
}

pub(super) fn disclosure(peer: &str, leaf: u64) -> Disclosure {
    Disclosure {
        peer: node(peer),
        leaf,
        link: LinkId::from_bytes([1; 16]),
        chains: vec![ChainId::from_bytes([1; 16])],
        records: 20,
        at: at(19),
    }
}

pub(super) fn change(number: u64, person: Option<PersonId>) -> changes::KeptChange {
    changes::KeptChange {
        number,
        at: at(20 + number),
        change: changes::Change {
            kind: changes::ChangeKind::ReceivedBy,
            person,
            node: Some(node("departement")),
            subject: canary("exchange"),
            purpose: Some(Purpose::PathwayFollowUp),
            records: 4,
        },
    }
}
