//! What a decision does not depend on, and what each clause of it closes.

use passerelle_domain::claim::{Effect, Grant, NumericDate, ObjectionScope};
use passerelle_domain::vocabulary::{Class, Purpose, Section};
use passerelle_domain::{ChainId, LinkId, Question, TokenId};
use passerelle_policy::{LinkStanding, OfficerAnswer, TakenObjection, WithdrawnChain};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRng;

use crate::names::{CellVerdict, Said, open, within};
use crate::random::{any_receipt, grant, uncontested_world, world};
use crate::world::{
    C1, C2, C3, C4, FOLLOW_UP, World, deny, holder, permit, receipt, requester, stranger, verified,
};

fn shuffle<T>(list: &mut [T], rng: &mut TestRng) {
    for i in (1..list.len()).rev() {
        list.swap(i, rng.random_range(0..=i));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_means_nothing(world in world(), mut rng in Just(()).prop_perturb(|(), rng| rng)) {
        let mut shuffled = world.clone();
        shuffle(&mut shuffled.standing.receipts, &mut rng);
        shuffle(&mut shuffled.standing.withdrawn, &mut rng);
        shuffle(&mut shuffled.standing.objections, &mut rng);
        shuffle(&mut shuffled.standing.local.denials, &mut rng);
        shuffle(&mut shuffled.table.rows, &mut rng);
        // All grants in the same way, so that equal receipts stay equal.
        let seed = rng.random_range(0..u32::MAX);
        shuffled.change_receipts(|_, receipt| {
            let turn = usize::try_from(seed).unwrap() % receipt.grants.len();
            receipt.grants.rotate_left(turn);
        });
        prop_assert_eq!(Said::by(&shuffled.decide()), Said::by(&world.decide()));
    }

    #[test]
    fn repetition_means_nothing(world in world(), at: Index) {
        let mut doubled = world.clone();
        let again = |i: usize| at.index(i.max(1));
        let standing = &mut doubled.standing;
        standing.receipts.extend(world.standing.receipts.get(again(world.standing.receipts.len())).cloned());
        standing.withdrawn.extend(world.standing.withdrawn.get(again(world.standing.withdrawn.len())).cloned());
        standing.objections.extend(world.standing.objections.get(again(world.standing.objections.len())).cloned());
        standing.local.denials.extend(world.standing.local.denials.first().cloned());
        doubled.change_receipts(|_, receipt| receipt.grants.extend(receipt.grants.clone()));
        prop_assert_eq!(Said::by(&doubled.decide()), Said::by(&world.decide()));
    }

    #[test]
    fn a_receipt_that_is_replaced_opens_and_closes_nothing(world in uncontested_world()) {
        let newest = |receipt: &passerelle_domain::claim::Receipt| {
            world.standing.receipts.iter().all(|other| {
                (&other.issuer, other.chain) != (&receipt.issuer, receipt.chain) || other.version <= receipt.version
            })
        };
        let mut without = world.clone();
        without.standing.receipts.retain(|receipt| newest(receipt));
        prop_assert_eq!(open(&without), open(&world));
    }

    #[test]
    fn i3_a_withdrawn_chain_never_opens_again(world in world(), later in any_receipt()) {
        let withdrawn = WithdrawnChain {
            receipt_issuer: later.issuer.clone(),
            chain: later.chain,
            by: requester(),
        };
        let chain = (later.issuer.clone(), later.chain);
        let mut world = world;
        world.standing.withdrawn.push(withdrawn);
        // Whether the receipt comes before or after its withdrawal.
        let with = Said::by(&world.clone().and_receipt(later).decide());
        let uses_it = |verdict: &CellVerdict| {
            matches!(verdict, CellVerdict::Open { issuer, chain: c, .. } if (issuer, *c) == (&chain.0, chain.1))
        };
        prop_assert!(!with.cells.values().any(uses_it));
        // Nor does it let anything else open more: what it denies stays closed.
        world.standing.receipts.retain(|receipt| (&receipt.issuer, receipt.chain) != (&chain.0, chain.1));
        prop_assert!(within(&with.open(), &open(&world)));
    }

    #[test]
    fn a_permit_for_another_purpose_changes_nothing_that_is_open(world in world(), at: Index, mut grant in grant()) {
        grant.effect = Effect::Permit;
        grant.purposes = [Purpose::Evaluation].into();
        prop_assume!(world.question.purpose != Purpose::Evaluation);
        let receipts = world.standing.receipts.len();
        let mut uncontested = world;
        uncontested.change_receipts(|i, receipt| receipt.version = u32::try_from(i + 1).unwrap());
        let mut more = uncontested.clone();
        more.change_receipts(|i, receipt| {
            if i == at.index(receipts) {
                receipt.grants.push(grant.clone());
            }
        });
        prop_assert_eq!(open(&more), open(&uncontested));
    }

    #[test]
    fn i1_what_is_not_a_receipt_for_this_link_and_direction_opens_nothing(world in world()) {
        let concerns = |receipt: &passerelle_domain::claim::Receipt| {
            receipt.link == world.question.link
                && receipt.holder == holder()
                && [&receipt.issuer, &receipt.audience].contains(&&requester())
        };
        let said = Said::by(&world.decide());
        for verdict in said.cells.values() {
            if let CellVerdict::Open { receipt, chain, .. } = verdict {
                let opens = world.standing.receipts.iter().any(|other| {
                    concerns(other) && other.id == *receipt && other.chain == *chain && other.in_date(
                        passerelle_domain::Timestamp::from_secs(world.now),
                    )
                });
                prop_assert!(opens);
            }
        }
    }

    #[test]
    fn what_is_previewed_is_what_is_decided(world in world()) {
        prop_assert_eq!(Said::by(&world.preview()), Said::by(&world.decide()));
    }

    #[test]
    fn what_is_open_and_what_is_not_make_up_the_question(world in world()) {
        let said = Said::by(&world.decide());
        let mut all = said.open();
        all.extend(said.not_opened.clone());
        all.sort();
        let asked: Vec<_> = said.cells.keys().copied().collect();
        prop_assert_eq!(all, asked);
        prop_assert_eq!(said.refused.is_some(), said.open().is_empty());
    }
}

#[test]
fn everything_in_order_opens_everything_asked() {
    let said = Said::by(&World::in_order().decide());
    assert_eq!(said.open().len(), 12);
    assert!(said.not_opened.is_empty());
}

#[test]
fn the_most_specific_permit_yields_to_the_broadest_deny() {
    let status = [Section::Status];
    let world = World::in_order()
        .with_receipt(|r| r.grants = vec![permit(&status, C1)])
        .and_receipt(passerelle_domain::claim::Receipt {
            id: TokenId::from_bytes([8; 16]),
            chain: ChainId::from_bytes([8; 16]),
            ..receipt(vec![deny(Section::ALL, C1)])
        });
    assert_eq!(open(&world), []);
}

#[test]
fn a_permit_opens_up_to_its_class_and_a_deny_closes_from_its_class() {
    let diagnosis = [Section::Diagnosis];
    let mut world = World::in_order()
        .with_receipt(|r| r.grants = vec![permit(&diagnosis, C3), deny(&diagnosis, C2)]);
    world.question.sections = [(Section::Diagnosis, C4)].into();
    assert_eq!(open(&world), [(Section::Diagnosis, C1)]);
}

#[test]
fn a_deny_whose_time_is_over_closes_no_more() {
    let over = Grant {
        until: Some(NumericDate::from_secs(5)),
        ..deny(&[Section::Status], C1)
    };
    let world = |now| {
        let mut world = World::in_order().with_receipt(|r| r.grants.push(over.clone()));
        world.question.sections = [(Section::Status, C1)].into();
        world.now = now;
        world
    };
    assert_eq!(open(&world(4)), []);
    assert_eq!(open(&world(5)), [(Section::Status, C1)]);
}

#[test]
fn a_receipt_opens_from_its_first_second_to_the_last_before_its_end() {
    let at = |now| {
        let mut world = World::in_order().with_receipt(|r| {
            r.not_before = NumericDate::from_secs(3);
            r.expires_at = NumericDate::from_secs(6);
        });
        world.now = now;
        !open(&world).is_empty()
    };
    assert_eq!([2, 3, 5, 6].map(at), [false, true, true, false]);
}

#[test]
fn a_cell_names_the_receipt_that_opens_it_longest_and_until_when() {
    let shorter =
        World::in_order().with_receipt(|r| r.grants[0].until = Some(NumericDate::from_secs(8)));
    let said = Said::by(&shorter.clone().decide());
    let until = |said: &Said| match &said.cells[&(Section::Status, C1)] {
        CellVerdict::Open { until, receipt, .. } => (until.as_secs(), *receipt),
        CellVerdict::Closed(_) => panic!("closed"),
    };
    assert_eq!(until(&said), (8, TokenId::from_bytes([2; 16])));

    let longer = shorter.and_receipt(passerelle_domain::claim::Receipt {
        id: TokenId::from_bytes([1; 16]),
        chain: ChainId::from_bytes([1; 16]),
        expires_at: NumericDate::from_secs(9),
        ..receipt(vec![permit(&[Section::Status], C2)])
    });
    let said = Said::by(&longer.decide());
    assert_eq!(until(&said), (9, TokenId::from_bytes([1; 16])));
}

#[test]
fn two_receipts_that_claim_one_version_open_nothing_and_go_on_closing() {
    let twin = receipt(vec![
        permit(&[Section::Status], C1),
        deny(&[Section::Diagnosis], C1),
    ]);
    let world = World::in_order().and_receipt(twin.clone());
    assert_eq!(open(&world), []);

    let other_chain = passerelle_domain::claim::Receipt {
        chain: ChainId::from_bytes([7; 16]),
        id: TokenId::from_bytes([7; 16]),
        ..receipt(vec![permit(&[Section::Status, Section::Diagnosis], C1)])
    };
    let mut world = world.and_receipt(other_chain);
    world.question.sections = [(Section::Status, C1), (Section::Diagnosis, C1)].into();
    assert_eq!(open(&world), [(Section::Status, C1)]);
}

#[test]
fn an_objection_closes_open_rows_for_good_and_closed_rows_until_the_officer_answers() {
    use passerelle_policy::ObjectionEffect::{Closed, Open};
    let opens = |row, officer| {
        let mut world = World::in_order();
        world.table.rows[0].objection = row;
        world.standing.objections.push(TakenObjection {
            issuer: holder(),
            id: TokenId::from_bytes([5; 16]),
            scope: ObjectionScope::All,
            lifts: None,
            officer,
        });
        !open(&world).is_empty()
    };
    use OfficerAnswer::{Overruled, Pending, Upheld};
    assert_eq!(
        [Pending, Upheld, Overruled].map(|answer| opens(Open, answer)),
        [false, false, false]
    );
    assert_eq!(
        [Pending, Upheld, Overruled].map(|answer| opens(Closed, answer)),
        [false, false, true]
    );
}

#[test]
fn an_objection_is_lifted_only_by_the_node_that_took_it() {
    let lifted_by = |issuer| {
        let objection = TakenObjection {
            issuer: holder(),
            id: TokenId::from_bytes([5; 16]),
            scope: ObjectionScope::All,
            lifts: None,
            officer: OfficerAnswer::Pending,
        };
        let lift = TakenObjection {
            issuer,
            id: TokenId::from_bytes([6; 16]),
            lifts: Some(objection.id),
            ..objection.clone()
        };
        let mut world = World::in_order();
        // In either order: a lift may arrive first.
        world.standing.objections = vec![lift, objection];
        !open(&world).is_empty()
    };
    assert!(lifted_by(holder()));
    assert!(!lifted_by(requester()));
    assert!(!lifted_by(stranger()));
}

#[test]
fn what_may_not_be_read_cannot_be_imported() {
    use passerelle_domain::vocabulary::{GrantAction, RecordUse};
    let mut world = World::in_order().with_receipt(|r| {
        r.grants.push(Grant {
            actions: [GrantAction::Read].into(),
            ..deny(Section::ALL, C1)
        });
    });
    world.question.usage = RecordUse::Import;
    assert_eq!(open(&world), []);
}

#[test]
fn a_deny_of_import_leaves_reading_open() {
    use passerelle_domain::vocabulary::{GrantAction, RecordUse};
    let used = |usage| {
        let mut world = World::in_order().with_receipt(|r| {
            r.grants.push(Grant {
                actions: [GrantAction::Import].into(),
                ..deny(Section::ALL, C1)
            });
        });
        world.question.usage = usage;
        !open(&world).is_empty()
    };
    assert!(used(RecordUse::Display));
    assert!(!used(RecordUse::Import));
}

#[test]
fn class_4_opens_only_in_the_sections_that_name_it() {
    let mut world = World::in_order().with_receipt(|r| {
        r.grants = vec![
            permit(&[Section::Status, Section::Diagnosis], C3),
            permit(&[Section::Diagnosis], C4),
        ];
    });
    world.question.sections = [(Section::Status, C4), (Section::Diagnosis, C4)].into();
    let health: Vec<_> = open(&world)
        .into_iter()
        .filter(|(_, class)| *class == C4)
        .collect();
    assert_eq!(health, [(Section::Diagnosis, C4)]);
}

#[test]
fn a_purpose_that_nodes_never_ask_for_refuses_the_whole() {
    for purpose in Purpose::ALL
        .iter()
        .filter(|purpose| !purpose.between_nodes())
    {
        let mut world =
            World::in_order().with_receipt(|r| r.grants[0].purposes = [*purpose].into());
        world.question.purpose = *purpose;
        world.requester.rights.purposes = [(*purpose, C4)].into();
        assert_eq!(open(&world), []);
    }
}

#[test]
fn a_question_with_anything_unknown_is_no_question() {
    use passerelle_domain::Malformed;
    type Wire = passerelle_proto::exchange::v1::Question;
    let wire = Wire::from(&World::in_order().question);
    assert!(Question::try_from(&wire).is_ok());
    let faults: [fn(&mut Wire); 6] = [
        |q| q.purpose = "curiosity".into(),
        |q| q.sections[0].section = "secrets".into(),
        |q| q.sections[0].sensitivity = 5,
        |q| q.sections[0].sensitivity = 0,
        |q| q.usage = "sell".into(),
        |q| q.sections.clear(),
    ];
    for fault in faults {
        let mut broken = wire.clone();
        fault(&mut broken);
        let _: Malformed = Question::try_from(&broken).unwrap_err();
    }
}

#[test]
fn only_a_link_that_stands_opens_anything() {
    for link in [
        LinkStanding::Unknown,
        LinkStanding::Ended,
        LinkStanding::Reported,
    ] {
        let mut world = World::in_order();
        world.standing.link = link;
        assert_eq!(open(&world), []);
    }
    let mut world = World::in_order();
    world.question.link = LinkId::from_bytes([9; 16]);
    assert_eq!(open(&world), []);
}

#[test]
fn i1_a_receipt_between_others_opens_nothing() {
    let between = |issuer, audience, holder_of_it| {
        let world = World::in_order().with_receipt(|r| {
            (r.issuer, r.audience, r.holder) = (issuer, audience, holder_of_it);
        });
        open(&world).len()
    };
    assert_eq!(between(requester(), holder(), holder()), 12);
    assert_eq!(between(holder(), requester(), holder()), 12);
    // The other way round: what the requester holds.
    assert_eq!(between(requester(), holder(), requester()), 0);
    assert_eq!(between(holder(), requester(), requester()), 0);
    // Another holder, another requester.
    assert_eq!(between(stranger(), requester(), stranger()), 0);
    assert_eq!(between(requester(), stranger(), stranger()), 0);
    assert_eq!(between(stranger(), holder(), holder()), 0);
    assert_eq!(between(holder(), stranger(), holder()), 0);
}

#[test]
fn evidence_counts_as_attested_where_the_holder_cannot_count_it() {
    use passerelle_domain::claim::Evidence;
    use passerelle_domain::vocabulary::EvidenceKind as E;
    let highest = |kind, agent_mfa, redeemed: bool, trusted: bool| {
        let mut world =
            World::in_order().with_receipt(|r| r.evidence = Evidence { kind, agent_mfa });
        world.standing.pass_redeemed = redeemed;
        if !trusted {
            world.requester.rights.evidence.clear();
        }
        open(&world)
            .into_iter()
            .map(|(_, class)| class)
            .max()
            .unwrap()
    };
    assert_eq!(highest(E::Attested, true, true, true), C2);
    assert_eq!(highest(E::SignedPaper, false, false, false), C3);
    assert_eq!(highest(E::SignedPaper, true, false, false), C4);
    assert_eq!(highest(E::KnownChannelCode, true, false, true), C3);
    assert_eq!(highest(E::KnownChannelCode, true, false, false), C2);
    assert_eq!(highest(E::Franceconnect, false, false, true), C4);
    assert_eq!(highest(E::Franceconnect, false, false, false), C2);
    assert_eq!(highest(E::Pass, false, true, false), C4);
    assert_eq!(highest(E::Pass, true, false, true), C2);
}

#[test]
fn an_agent_without_a_second_factor_sees_class_1_and_2_only() {
    let mut world = World::in_order();
    world.question.agent.second_factor = false;
    assert_eq!(
        open(&world).into_iter().map(|(_, class)| class).max(),
        Some(C2)
    );
    assert!(within(&open(&world), &open(&World::in_order())));
}

#[test]
fn a_local_rule_closes_what_it_names() {
    let denial = |section, purpose, requester| passerelle_policy::LocalDenial {
        section,
        purpose,
        requester,
    };
    let sections = |denial| {
        let mut world = World::in_order();
        world.standing.local.denials.push(denial);
        let mut sections: Vec<_> = open(&world)
            .into_iter()
            .map(|(section, _)| section)
            .collect();
        sections.dedup();
        sections.len()
    };
    assert_eq!(sections(denial(None, None, None)), 0);
    assert_eq!(sections(denial(Some(Section::Status), None, None)), 2);
    assert_eq!(
        sections(denial(None, Some(FOLLOW_UP), Some(requester()))),
        0
    );
    assert_eq!(sections(denial(None, Some(Purpose::Assessment), None)), 3);
    assert_eq!(sections(denial(None, None, Some(stranger()))), 3);
}

#[test]
fn a_protected_person_is_shared_with_nobody() {
    let mut world = World::in_order();
    world.standing.local.protected = true;
    assert_eq!(open(&world), []);
}

#[test]
fn the_newest_version_counts_even_before_its_day() {
    let narrower = passerelle_domain::claim::Receipt {
        id: TokenId::from_bytes([4; 16]),
        version: 2,
        not_before: NumericDate::from_secs(6),
        ..receipt(vec![permit(&[Section::Status], C1)])
    };
    let world = World::in_order().and_receipt(narrower);
    assert_eq!(open(&world), []);
    let mut later = world;
    later.now = 6;
    assert_eq!(open(&later), [(Section::Status, Class::Professional)]);
    assert_eq!(
        later.standing.receipts.len(),
        [verified(1), verified(2)].len()
    );
}
