//! The decision against the naive evaluator on every point of small domains.

use passerelle_domain::claim::{Effect, Evidence, Grant, NumericDate, ObjectionScope};
use passerelle_domain::vocabulary::{
    AgentRole, Class, EvidenceKind, GrantAction, Purpose, RecordUse, Section, SessionAssurance,
};
use passerelle_domain::{ChainId, TokenId};
use passerelle_policy::{LinkStanding, OfficerAnswer, Rules, TakenObjection, WithdrawnChain};

use crate::naive::expected;
use crate::names::Said;
use crate::world::{
    C1, C2, C4, FOLLOW_UP, World, deny, holder, permit, receipt, requester, table, verified,
};

const SECTIONS: [Section; 2] = [Section::Status, Section::Diagnosis];

/// Two sections, two purposes, two classes, up to three grants in one receipt: every combination.
#[test]
fn every_receipt_of_up_to_three_grants_is_decided_as_the_naive_evaluator_does() {
    let grants = every_grant();
    let mut world = World::in_order();
    world.question.sections = SECTIONS.map(|section| (section, C2)).into();
    let rules = world.rules();
    let mut checked = 0;
    for (i, first) in grants.iter().enumerate() {
        for (j, second) in grants.iter().enumerate().skip(i) {
            for third in &grants[j..] {
                // Equal neighbours stand for receipts of one and of two grants.
                world.change_receipts(|_, receipt| {
                    receipt.grants = vec![first.clone(), second.clone(), third.clone()];
                    receipt.grants.dedup();
                });
                check(&world, &rules);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 48 * 49 * 50 / 6);
}

fn every_grant() -> Vec<Grant> {
    let mut grants = vec![];
    for effect in [Effect::Permit, Effect::Deny] {
        for purposes in [
            vec![FOLLOW_UP],
            vec![Purpose::Assessment],
            vec![FOLLOW_UP, Purpose::Assessment],
        ] {
            for status in [None, Some(C1), Some(C2)] {
                for diagnosis in [None, Some(C1), Some(C2)] {
                    let named =
                        |(section, class): (Section, Option<Class>)| Some((section, class?));
                    let sections = SECTIONS
                        .into_iter()
                        .zip([status, diagnosis])
                        .filter_map(named);
                    grants.push(Grant {
                        effect,
                        actions: [GrantAction::Read].into(),
                        sections: sections.collect(),
                        purposes: purposes.iter().copied().collect(),
                        until: None,
                    });
                }
            }
        }
    }
    grants.retain(|grant| !grant.sections.is_empty());
    grants
}

/// One receipt, one section: every evidence, ceiling, right, agent and use.
#[test]
fn every_evidence_ceiling_right_and_agent_is_decided_as_the_naive_evaluator_does() {
    let mut world = World::in_order();
    let rules = world.rules();
    let ceilings = [None, Some(C1), Some(Class::Social), Some(C4)];
    let agents = [
        (AgentRole::Caseworker, SessionAssurance::Oidc),
        (AgentRole::Caseworker, SessionAssurance::Asserted),
        (AgentRole::Caseworker, SessionAssurance::System),
        (AgentRole::Reception, SessionAssurance::Oidc),
        (AgentRole::PrivacyOfficer, SessionAssurance::Oidc),
        (AgentRole::Operator, SessionAssurance::Oidc),
    ];
    for kind in EvidenceKind::ALL {
        for (agent_mfa, second_factor, redeemed) in every_three() {
            for (requester_may, holder_may, by_holder) in every_three() {
                world.standing.pass_redeemed = redeemed;
                world.question.agent.second_factor = second_factor;
                let evidence_if = |may: bool| if may { EvidenceKind::ALL } else { &[] };
                world.requester.rights.evidence =
                    evidence_if(requester_may).iter().copied().collect();
                world.holder.rights.evidence = evidence_if(holder_may).iter().copied().collect();
                world.change_receipts(|_, receipt| {
                    receipt.evidence = Evidence {
                        kind: *kind,
                        agent_mfa,
                    };
                    receipt.issuer = if by_holder { holder() } else { requester() };
                    receipt.audience = if by_holder { requester() } else { holder() };
                });
                for ceiling in ceilings {
                    for (role, assurance) in agents {
                        for highest in [C1, Class::Social, C4] {
                            world.standing.link = LinkStanding::Live { ceiling };
                            world.question.agent.role = role;
                            world.question.agent.assurance = assurance;
                            world.requester.rights.purposes = [(FOLLOW_UP, highest)].into();
                            check(&world, &rules);
                        }
                    }
                }
            }
        }
    }
}

fn every_three() -> impl Iterator<Item = (bool, bool, bool)> {
    (0..8).map(|bits| (bits & 1 == 1, bits & 2 == 2, bits & 4 == 4))
}

/// Up to three receipts: every place in two chains, every window of time, every withdrawal.
#[test]
fn every_life_of_up_to_three_receipts_is_decided_as_the_naive_evaluator_does() {
    let mut world = World::in_order();
    world.question.sections = SECTIONS.map(|section| (section, C1)).into();
    let rules = world.rules();
    let lives = every_life();
    for (i, first) in lives.iter().enumerate() {
        for (j, second) in lives.iter().enumerate().skip(i) {
            for third in lives.iter().skip(j).step_by(3) {
                world.standing.receipts = [(1, first), (2, second), (3, third)]
                    .into_iter()
                    .map(|(id, life)| verified(life.receipt(id)))
                    .collect();
                for withdrawn in [None, Some(requester()), Some(holder())] {
                    world.standing.withdrawn = withdrawn
                        .into_iter()
                        .map(|by| WithdrawnChain {
                            receipt_issuer: requester(),
                            chain: ChainId::from_bytes([1; 16]),
                            by,
                        })
                        .collect();
                    check(&world, &rules);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Life {
    chain: u8,
    version: u32,
    window: (u64, u64),
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Both,
    Status,
    NotStatus,
}

fn every_life() -> Vec<Life> {
    let mut lives = vec![];
    for chain in [1, 2] {
        for version in [1, 2] {
            for window in [(0, 10), (0, 5), (6, 10)] {
                for what in [What::Both, What::Status, What::NotStatus] {
                    lives.push(Life {
                        chain,
                        version,
                        window,
                        what,
                    });
                }
            }
        }
    }
    lives
}

impl Life {
    fn receipt(self, id: u8) -> passerelle_domain::claim::Receipt {
        let mut receipt = receipt(vec![match self.what {
            What::Both => permit(&SECTIONS, C1),
            What::Status => permit(&[Section::Status], C1),
            What::NotStatus => deny(&[Section::Status], C1),
        }]);
        receipt.id = TokenId::from_bytes([id; 16]);
        receipt.chain = ChainId::from_bytes([self.chain; 16]);
        receipt.version = self.version;
        receipt.not_before = NumericDate::from_secs(self.window.0);
        receipt.expires_at = NumericDate::from_secs(self.window.1);
        receipt
    }
}

/// Every pair of objections, over rows that are open and closed to objection.
#[test]
fn every_pair_of_objections_is_decided_as_the_naive_evaluator_does() {
    let mut world = World::in_order();
    world.question.sections = SECTIONS.map(|section| (section, C1)).into();
    world.table = table(&serde_json::json!(
        [("status", "open"), ("diagnosis", "closed")].map(|(section, objection)| serde_json::json!({
            "name": section,
            "holder": "any", "requester": "any", "purpose": "any", "section": section, "class": 1,
            "read": true, "import": true, "objection": objection,
            "article": "CASF art. L. 263-4-1", "review": {"state": "unverified"},
        }))
    ));
    let rules = world.rules();
    let objections = every_objection();
    for first in &objections {
        for second in &objections {
            world.standing.objections = vec![first.clone(), second.clone()];
            for usage in RecordUse::ALL {
                world.question.usage = *usage;
                check(&world, &rules);
            }
        }
    }
}

fn every_objection() -> Vec<TakenObjection> {
    let scopes = [
        ObjectionScope::All,
        ObjectionScope::Purposes([FOLLOW_UP].into()),
        ObjectionScope::Purposes([Purpose::Assessment].into()),
        ObjectionScope::Sections([Section::Status].into()),
        ObjectionScope::Sections([Section::Diagnosis].into()),
        ObjectionScope::Requester(requester()),
        ObjectionScope::Requester(holder()),
    ];
    let mut objections = vec![];
    for scope in scopes {
        for officer in [
            OfficerAnswer::Pending,
            OfficerAnswer::Upheld,
            OfficerAnswer::Overruled,
        ] {
            for (issuer, lifts) in [
                (holder(), None),
                (holder(), Some(1)),
                (requester(), Some(1)),
            ] {
                for id in [1, 2] {
                    objections.push(TakenObjection {
                        issuer: issuer.clone(),
                        id: TokenId::from_bytes([id; 16]),
                        scope: scope.clone(),
                        lifts: lifts.map(|id| TokenId::from_bytes([id; 16])),
                        officer,
                    });
                }
            }
        }
    }
    objections
}

fn check(world: &World, rules: &Rules) {
    let said = Said::by(&world.decide_under(rules));
    // Formatting both on each of many thousand points would take longer than deciding.
    if said != expected(world) {
        assert_eq!(said, expected(world), "{world:#?}");
    }
}
