//! Worlds drawn at random from small pools, so that things meet.

use std::collections::{BTreeMap, BTreeSet};

use passerelle_domain::claim::{Effect, Evidence, Grant, NumericDate, ObjectionScope, Receipt};
use passerelle_domain::member::Rights;
use passerelle_domain::vocabulary::{
    AgentRole, Class, EvidenceKind, GrantAction, LawfulBasis, Purpose, RecordUse, Section,
    SessionAssurance,
};
use passerelle_domain::{ChainId, LinkId, NodeId, TokenId};
use passerelle_policy::{
    Environment, EvidenceAccepted, LinkStanding, LocalDenial, LocalRules, Names, Numbers,
    ObjectionEffect, OfficerAnswer, Review, Row, RulesTable, TakenObjection, WithdrawnChain,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::world::{FOLLOW_UP, World, holder, link, receipt, requester, stranger, verified};

pub(crate) const SECTIONS: [Section; 3] =
    [Section::Steps, Section::Objectives, Section::ContactCard];
const PURPOSES: [Purpose; 2] = [FOLLOW_UP, Purpose::Assessment];
/// Times run from 0 to this.
pub(crate) const END: u64 = 8;

pub(crate) fn world() -> impl Strategy<Value = World> {
    let asks = (
        btree_map(section(), class(), 1..=3),
        usage(),
        agent(),
        purpose(),
    );
    let papers = (
        prop_oneof![1 => Just(0), 9 => 1..=5usize].prop_flat_map(|n| vec(any_receipt(), n)),
        rarely(withdrawn(), 2),
        rarely(objection(), 2),
        link_standing(),
        any::<bool>(),
        local_rules(),
    );
    let members = (rights(), rights());
    (asks, papers, members, table(), environment(), 0..END).prop_map(
        |(asks, papers, members, table, environment, now)| {
            let mut world = World::in_order();
            (
                world.question.sections,
                world.question.usage,
                _,
                world.question.purpose,
            ) = asks;
            let agent = asks.2;
            (world.question.agent.role, world.question.agent.assurance) = (agent.0, agent.1);
            world.question.agent.second_factor = agent.2;
            world.standing.receipts = papers.0.into_iter().map(verified).collect();
            world.standing.withdrawn = papers.1;
            world.standing.objections = papers.2;
            world.standing.link = papers.3;
            world.standing.pass_redeemed = papers.4;
            world.standing.local = papers.5;
            (world.holder.rights, world.requester.rights) = members;
            (world.table, world.environment, world.now) = (table, environment, now);
            world
        },
    )
}

/// Worlds in which no two receipts of a chain claim one version.
pub(crate) fn uncontested_world() -> impl Strategy<Value = World> {
    world().prop_map(|mut world| {
        world.change_receipts(|i, receipt| {
            receipt.version = receipt.version * 10 + u32::try_from(i).unwrap();
        });
        world
    })
}

/// Mostly none, else up to `most`.
fn rarely<S: Strategy>(element: S, most: usize) -> impl Strategy<Value = Vec<S::Value>>
where
    S::Value: Clone,
{
    (prop::bool::weighted(0.2), vec(element, 1..=most))
        .prop_map(|(any, list)| if any { list } else { vec![] })
}

fn section() -> impl Strategy<Value = Section> {
    select(&SECTIONS[..])
}

fn class() -> impl Strategy<Value = Class> {
    select(Class::ALL)
}

fn purpose() -> impl Strategy<Value = Purpose> {
    // Mostly one, so that questions and grants meet.
    prop_oneof![16 => Just(FOLLOW_UP), 3 => Just(Purpose::Assessment), 1 => select(Purpose::ALL)]
}

fn usage() -> impl Strategy<Value = RecordUse> {
    select(RecordUse::ALL)
}

fn agent() -> impl Strategy<Value = (AgentRole, SessionAssurance, bool)> {
    (
        prop_oneof![20 => Just(AgentRole::Caseworker), 1 => select(AgentRole::ALL)],
        prop_oneof![20 => Just(SessionAssurance::Oidc), 1 => select(SessionAssurance::ALL)],
        prop::bool::weighted(0.8),
    )
}

fn link_standing() -> impl Strategy<Value = LinkStanding> {
    let live = option::weighted(0.5, class()).prop_map(|ceiling| LinkStanding::Live { ceiling });
    prop_oneof![
        30 => live,
        1 => Just(LinkStanding::Unknown),
        1 => Just(LinkStanding::Ended),
        1 => Just(LinkStanding::Reported),
    ]
}

fn environment() -> impl Strategy<Value = Environment> {
    prop_oneof![6 => Just(Environment::Training), 1 => Just(Environment::Production)]
}

fn node() -> impl Strategy<Value = NodeId> {
    prop_oneof![6 => Just(requester()), 3 => Just(holder()), 1 => Just(stranger())]
}

fn chain() -> impl Strategy<Value = ChainId> {
    (1..=4u8).prop_map(|id| ChainId::from_bytes([id; 16]))
}

fn token() -> impl Strategy<Value = TokenId> {
    (1..=4u8).prop_map(|id| TokenId::from_bytes([id; 16]))
}

pub(crate) fn any_receipt() -> impl Strategy<Value = Receipt> {
    let parties = prop_oneof![
        6 => Just((requester(), holder())),
        3 => Just((holder(), requester())),
        1 => Just((stranger(), holder())),
        1 => Just((stranger(), requester())),
    ];
    let holder_of_it =
        prop_oneof![10 => Just(holder()), 1 => Just(requester()), 1 => Just(stranger())];
    let link = prop_oneof![9 => Just(link()), 1 => Just(LinkId::from_bytes([9; 16]))];
    let ids = (token(), chain(), 1..=3u32, parties, holder_of_it, link);
    let dates = (
        prop_oneof![8 => Just(0), 1 => 0..=END],
        prop_oneof![8 => Just(END), 1 => 0..=END],
    );
    let evidence = (select(EvidenceKind::ALL), any::<bool>());
    let basis = select(LawfulBasis::ALL);
    (ids, dates, evidence, basis, vec(grant(), 1..=4)).prop_map(
        |(ids, dates, evidence, basis, grants)| {
            let (id, chain, version, (issuer, audience), holder, link) = ids;
            Receipt {
                id,
                chain,
                version,
                issuer,
                audience,
                holder,
                link,
                not_before: NumericDate::from_secs(dates.0),
                expires_at: NumericDate::from_secs(dates.1),
                basis,
                evidence: Evidence {
                    kind: evidence.0,
                    agent_mfa: evidence.1,
                },
                ..receipt(grants)
            }
        },
    )
}

pub(crate) fn grant() -> impl Strategy<Value = Grant> {
    let effect = prop_oneof![4 => Just(Effect::Permit), 1 => Just(Effect::Deny)];
    let actions = prop_oneof![
        2 => Just(BTreeSet::from([GrantAction::Read, GrantAction::Import])),
        1 => btree_set(select(GrantAction::ALL), 1..=3),
    ];
    (
        effect,
        actions,
        btree_map(section(), class(), 1..=3),
        btree_set(select(&PURPOSES[..]), 1..=2),
        option::weighted(0.2, (0..=END).prop_map(NumericDate::from_secs)),
    )
        .prop_map(|(effect, actions, sections, purposes, until)| Grant {
            effect,
            actions,
            sections,
            purposes,
            until,
        })
}

fn withdrawn() -> impl Strategy<Value = WithdrawnChain> {
    (node(), chain(), node()).prop_map(|(receipt_issuer, chain, by)| WithdrawnChain {
        receipt_issuer,
        chain,
        by,
    })
}

pub(crate) fn objection() -> impl Strategy<Value = TakenObjection> {
    let scope = prop_oneof![
        Just(ObjectionScope::All),
        btree_set(select(&PURPOSES[..]), 1..=2).prop_map(ObjectionScope::Purposes),
        btree_set(section(), 1..=2).prop_map(ObjectionScope::Sections),
        node().prop_map(ObjectionScope::Requester),
    ];
    let officer = select(
        &[
            OfficerAnswer::Pending,
            OfficerAnswer::Upheld,
            OfficerAnswer::Overruled,
        ][..],
    );
    (
        node(),
        token(),
        scope,
        option::weighted(0.4, token()),
        officer,
    )
        .prop_map(|(issuer, id, scope, lifts, officer)| TakenObjection {
            issuer,
            id,
            scope,
            lifts,
            officer,
        })
}

fn local_rules() -> impl Strategy<Value = LocalRules> {
    (prop::bool::weighted(0.05), rarely(local_denial(), 1))
        .prop_map(|(protected, denials)| LocalRules { protected, denials })
}

pub(crate) fn local_denial() -> impl Strategy<Value = LocalDenial> {
    (
        option::of(node()),
        option::of(select(&PURPOSES[..])),
        option::weighted(0.8, section()),
    )
        .prop_map(|(requester, purpose, section)| LocalDenial {
            requester,
            purpose,
            section,
        })
}

fn rights() -> impl Strategy<Value = Rights> {
    let highest = || prop_oneof![6 => Just(Some(Class::Health)), 1 => option::of(class())];
    (
        highest(),
        highest(),
        btree_set(select(EvidenceKind::ALL), 0..=5),
    )
        .prop_map(|(follow_up, assessment, evidence)| {
            let purposes = [(FOLLOW_UP, follow_up), (Purpose::Assessment, assessment)];
            Rights {
                purposes: purposes
                    .into_iter()
                    .filter_map(|(purpose, highest)| Some((purpose, highest?)))
                    .collect(),
                evidence,
                nir: false,
            }
        })
}

/// A table of up to one row for each (purpose, section), so that no two speak of one cell.
fn table() -> impl Strategy<Value = RulesTable> {
    let keys = PURPOSES
        .iter()
        .flat_map(|purpose| SECTIONS.map(|section| (*purpose, section)));
    let keys: Vec<_> = keys.collect();
    let most = keys.len();
    (subsequence(keys, most - 2..=most), vec(row_body(), most)).prop_map(|(keys, bodies)| {
        RulesTable {
            version: 1,
            about: String::new(),
            rows: keys
                .into_iter()
                .zip(bodies)
                .enumerate()
                .map(|(i, ((purpose, section), row))| Row {
                    name: format!("row-{i}"),
                    purpose: Names::One(purpose.id().into()),
                    section: Names::One(section.id().into()),
                    ..row
                })
                .collect(),
        }
    })
}

fn row_body() -> impl Strategy<Value = Row> {
    let class = prop_oneof![
        3 => Just(vec![1, 2, 3, 4]),
        1 => subsequence(vec![1, 2, 3, 4], 1..=4),
    ];
    let names = select(EvidenceKind::ALL).prop_map(|kind| kind.id().to_owned());
    let evidence = (vec(names.clone(), 1..=3), vec(names, 0..=2));
    let opens =
        prop_oneof![6 => Just((true, true)), 2 => Just((true, false)), 1 => Just((false, false))];
    (
        class,
        opens,
        any::<bool>(),
        option::weighted(0.3, evidence),
        any::<bool>(),
    )
        .prop_map(|(class, (read, import), open, evidence, verified)| Row {
            name: String::new(),
            holder: Names::Several(vec!["mission_locale".into()]),
            requester: Names::One("department".into()),
            purpose: Names::One("any".into()),
            section: Names::One("any".into()),
            class: Numbers::Several(class),
            read,
            import,
            objection: if open {
                ObjectionEffect::Open
            } else {
                ObjectionEffect::Closed
            },
            evidence: evidence.map(|(accepted, accepted_with_agent_mfa)| EvidenceAccepted {
                accepted,
                accepted_with_agent_mfa,
            }),
            professional_secrecy: false,
            article: "CASF art. L. 263-4-1".into(),
            review: if verified {
                Review::Verified {
                    by: "DPO".into(),
                    on: "2026-01-05".into(),
                    sha256: "0".repeat(64),
                }
            } else {
                Review::Unverified {}
            },
        })
}

/// The same sections with classes, for tests that build their own.
pub(crate) fn sections() -> impl Strategy<Value = BTreeMap<Section, Class>> {
    btree_map(section(), class(), 1..=3)
}
