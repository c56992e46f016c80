//! A question and all that it is decided under, to be varied by the tests.

use std::collections::BTreeMap;

use passerelle_domain::claim::{
    Effect, Evidence, Grant, Notice, NumericDate, Receipt, WithdrawalMeans,
};
use passerelle_domain::member::Rights;
use passerelle_domain::vocabulary::{
    AgentRole, Class, EvidenceKind, GivenBy, GrantAction, LawfulBasis, OrganisationKind, Purpose,
    RecordUse, Section, SessionAssurance,
};
use passerelle_domain::{
    AgentRef, AskingAgent, ChainId, Digest, ExchangeId, LinkId, NodeId, Question, Timestamp,
    TokenId, Verified,
};
use passerelle_policy::{
    Decision, Environment, LinkStanding, LocalRules, Parties, Party, Rules, RulesTable, Standing,
    ToPreview, decide, preview,
};

pub(crate) const C1: Class = Class::Professional;
pub(crate) const C2: Class = Class::LivingConditions;
pub(crate) const C3: Class = Class::Social;
pub(crate) const C4: Class = Class::Health;

/// All that a decision depends on.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) question: Question,
    pub(crate) standing: Standing,
    pub(crate) holder: Side,
    pub(crate) requester: Side,
    pub(crate) table: RulesTable,
    pub(crate) environment: Environment,
    pub(crate) now: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) node: NodeId,
    pub(crate) kind: OrganisationKind,
    pub(crate) rights: Rights,
}

impl Side {
    fn party(&self) -> Party<'_> {
        Party {
            node: &self.node,
            kind: self.kind,
            rights: &self.rights,
        }
    }
}

impl World {
    pub(crate) fn rules(&self) -> Rules {
        Rules::compile(&self.table, self.environment).unwrap()
    }

    pub(crate) fn decide(&self) -> Decision {
        self.decide_under(&self.rules())
    }

    /// As [`World::decide`], under rules that were compiled before.
    pub(crate) fn decide_under(&self, rules: &Rules) -> Decision {
        let now = Timestamp::from_secs(self.now);
        decide(&self.question, &self.standing, &self.parties(), rules, now)
    }

    /// The same question, as if it had been asked.
    pub(crate) fn preview(&self) -> Decision<ToPreview> {
        let now = Timestamp::from_secs(self.now);
        let rules = self.rules();
        preview(&self.question, &self.standing, &self.parties(), &rules, now)
    }

    pub(crate) fn parties(&self) -> Parties<'_> {
        Parties {
            holder: self.holder.party(),
            requester: self.requester.party(),
        }
    }

    /// A world in which everything is in order: the mission locale holds, the département asks
    /// about three sections up to class 4 under one receipt that opens them all.
    pub(crate) fn in_order() -> Self {
        let sections = [Section::Status, Section::Diagnosis, Section::ContactCard];
        Self {
            question: question(sections.map(|section| (section, C4)).into()),
            standing: Standing {
                link: LinkStanding::Live { ceiling: None },
                receipts: vec![verified(receipt(vec![permit(&sections, C4)]))],
                withdrawn: vec![],
                objections: vec![],
                pass_redeemed: true,
                local: LocalRules::default(),
            },
            holder: Side {
                node: holder(),
                kind: OrganisationKind::MissionLocale,
                rights: rights([(FOLLOW_UP, C4)].into()),
            },
            requester: Side {
                node: requester(),
                kind: OrganisationKind::Department,
                rights: rights([(FOLLOW_UP, C4)].into()),
            },
            table: table(&serde_json::json!([{
                "name": "all",
                "holder": "mission_locale",
                "requester": "department",
                "purpose": ["pathway_follow_up", "assessment"],
                "section": ["status", "diagnosis", "contact_card", "identity"],
                "class": [1, 2, 3, 4],
                "read": true,
                "import": true,
                "objection": "open",
                "article": "CASF art. L. 263-4-1",
                "review": {"state": "unverified"},
            }])),
            environment: Environment::Training,
            now: 5,
        }
    }

    /// The one receipt of [`World::in_order`], changed.
    pub(crate) fn with_receipt(mut self, change: impl FnOnce(&mut Receipt)) -> Self {
        let mut receipt = self.standing.receipts.remove(0).into_claim();
        change(&mut receipt);
        self.standing.receipts.insert(0, verified(receipt));
        self
    }

    pub(crate) fn and_receipt(mut self, receipt: Receipt) -> Self {
        self.standing.receipts.push(verified(receipt));
        self
    }

    /// As if every receipt were another: `change` is given each.
    pub(crate) fn change_receipts(&mut self, mut change: impl FnMut(usize, &mut Receipt)) {
        let receipts = std::mem::take(&mut self.standing.receipts);
        self.standing.receipts = receipts
            .into_iter()
            .map(Verified::into_claim)
            .enumerate()
            .map(|(i, mut receipt)| {
                change(i, &mut receipt);
                verified(receipt)
            })
            .collect();
    }
}

pub(crate) const FOLLOW_UP: Purpose = Purpose::PathwayFollowUp;

pub(crate) fn holder() -> NodeId {
    NodeId::new("mission-locale").unwrap()
}

pub(crate) fn requester() -> NodeId {
    NodeId::new("departement").unwrap()
}

pub(crate) fn stranger() -> NodeId {
    NodeId::new("association").unwrap()
}

pub(crate) fn link() -> LinkId {
    LinkId::from_bytes([1; 16])
}

pub(crate) fn table(rows: &serde_json::Value) -> RulesTable {
    serde_json::from_value(serde_json::json!({"version": 1, "rows": rows})).unwrap()
}

pub(crate) fn rights(purposes: BTreeMap<Purpose, Class>) -> Rights {
    Rights {
        purposes,
        evidence: EvidenceKind::ALL.iter().copied().collect(),
        nir: false,
    }
}

pub(crate) fn question(sections: BTreeMap<Section, Class>) -> Question {
    Question {
        exchange: ExchangeId::from_slice(&[1, 1, 1, 1, 1, 1, 0x71, 1, 0x81, 1, 1, 1, 1, 1, 1, 1])
            .unwrap(),
        link: link(),
        purpose: FOLLOW_UP,
        sections,
        usage: RecordUse::Display,
        agent: AskingAgent {
            reference: AgentRef::new("a1").unwrap(),
            role: AgentRole::Caseworker,
            assurance: SessionAssurance::Asserted,
            second_factor: true,
        },
        nonce: [7; 32],
    }
}

/// A receipt of the requester over [`link`], in date from 0 to 10, evidence of the best kind.
pub(crate) fn receipt(grants: Vec<Grant>) -> Receipt {
    Receipt {
        issuer: requester(),
        audience: holder(),
        link: link(),
        id: TokenId::from_bytes([2; 16]),
        issued_at: NumericDate::from_secs(0),
        not_before: NumericDate::from_secs(0),
        expires_at: NumericDate::from_secs(10),
        holder: holder(),
        chain: ChainId::from_bytes([3; 16]),
        version: 1,
        basis: LawfulBasis::PublicTask,
        given_by: GivenBy::Person,
        notice: Notice {
            id: "information".into(),
            lang: "fr".into(),
            sha256: Digest::of(b"notice"),
        },
        evidence: Evidence {
            kind: EvidenceKind::Pass,
            agent_mfa: true,
        },
        grants,
        withdrawal: WithdrawalMeans("Parlez-en à votre conseiller.".into()),
    }
}

pub(crate) fn permit(sections: &[Section], highest: Class) -> Grant {
    Grant {
        effect: Effect::Permit,
        actions: [GrantAction::Read, GrantAction::Import].into(),
        sections: sections.iter().map(|section| (*section, highest)).collect(),
        purposes: [FOLLOW_UP].into(),
        until: None,
    }
}

pub(crate) fn deny(sections: &[Section], lowest: Class) -> Grant {
    Grant {
        effect: Effect::Deny,
        ..permit(sections, lowest)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the tests sign nothing: these claims are made up"
)]
pub(crate) fn verified<T>(claim: T) -> Verified<T> {
    Verified::new(claim)
}
