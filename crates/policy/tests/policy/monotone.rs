//! What can only close: adding a deny, an objection, a withdrawal or a local rule, waiting, shortening, taking
//! rights or rows away, lowering a ceiling.

use passerelle_domain::claim::{Effect, NumericDate};
use passerelle_domain::vocabulary::{Class, EvidenceKind};
use passerelle_policy::{LinkStanding, Names, WithdrawnChain};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::names::{open, within};
use crate::random::{END, any_receipt, grant, local_denial, objection, uncontested_world, world};
use crate::world::{World, verified};

fn without_denies(mut world: World) -> World {
    world.change_receipts(|_, receipt| {
        receipt
            .grants
            .retain(|grant| grant.effect == Effect::Permit)
    });
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deny_never_opens(world in world(), at: Index, mut grant in grant()) {
        grant.effect = Effect::Deny;
        let mut denied = world.clone();
        let receipts = world.standing.receipts.len();
        denied.change_receipts(|i, receipt| {
            if i == at.index(receipts) {
                receipt.grants.push(grant.clone());
            }
        });
        prop_assert!(within(&open(&denied), &open(&world)));
    }

    #[test]
    fn a_receipt_that_only_denies_never_opens(world in world(), mut receipt in any_receipt()) {
        receipt.grants.iter_mut().for_each(|grant| grant.effect = Effect::Deny);
        // A chain of its own: as the newest of another chain it would replace that one's denies.
        receipt.chain = passerelle_domain::ChainId::from_bytes([99; 16]);
        let denied = world.clone().and_receipt(receipt);
        prop_assert!(within(&open(&denied), &open(&world)));
    }

    #[test]
    fn time_alone_never_opens(world in uncontested_world(), later in 0..=END) {
        let mut world = without_denies(world);
        world.change_receipts(|_, receipt| receipt.not_before = NumericDate::from_secs(0));
        let mut aged = world.clone();
        aged.now = aged.now.max(later);
        prop_assert!(within(&open(&aged), &open(&world)));
    }

    #[test]
    fn an_earlier_end_of_a_receipt_never_opens(world in uncontested_world(), at: Index, end in 0..=END) {
        let world = without_denies(world);
        let receipts = world.standing.receipts.len();
        let mut shorter = world.clone();
        shorter.change_receipts(|i, receipt| {
            if i == at.index(receipts) {
                receipt.expires_at = receipt.expires_at.min(NumericDate::from_secs(end));
            }
        });
        prop_assert!(within(&open(&shorter), &open(&world)));
    }

    #[test]
    fn an_earlier_end_of_a_grant_never_opens(world in uncontested_world(), at: Index, end in 0..=END) {
        let world = without_denies(world);
        let end = NumericDate::from_secs(end);
        let mut shorter = world.clone();
        shorter.change_receipts(|_, receipt| {
            if let Some(grant) = receipt.grants.get_mut(at.index(4)) {
                grant.until = Some(grant.until.map_or(end, |until| until.min(end)));
            }
        });
        prop_assert!(within(&open(&shorter), &open(&world)));
    }

    #[test]
    fn an_objection_never_opens(world in world(), mut objection in objection()) {
        objection.lifts = None;
        let mut objected = world.clone();
        objected.standing.objections.push(objection);
        prop_assert!(within(&open(&objected), &open(&world)));
    }

    #[test]
    fn a_withdrawal_never_opens(world in world(), at: Index, by_asker: bool) {
        let receipts = &world.standing.receipts;
        let mut withdrawn = world.clone();
        if !receipts.is_empty() {
            let ended = receipts[at.index(receipts.len())].claim();
            withdrawn.standing.withdrawn.push(WithdrawnChain {
                receipt_issuer: ended.issuer.clone(),
                chain: ended.chain,
                by: if by_asker { &world.requester } else { &world.holder }.node.clone(),
            });
        }
        prop_assert!(within(&open(&withdrawn), &open(&world)));
    }

    #[test]
    fn lifting_an_objection_never_closes(world in world(), mut objection in objection()) {
        objection.lifts = Some(objection.id);
        let mut lifted = world.clone();
        lifted.standing.objections.push(objection);
        prop_assert!(within(&open(&world), &open(&lifted)));
    }

    #[test]
    fn a_local_rule_never_opens(world in world(), denial in local_denial()) {
        let mut ruled = world.clone();
        ruled.standing.local.denials.push(denial);
        prop_assert!(within(&open(&ruled), &open(&world)));
    }

    #[test]
    fn fewer_rights_never_open(world in world(), kind in prop::sample::select(EvidenceKind::ALL)) {
        let mut fewer = world.clone();
        fewer.requester.rights.evidence.remove(&kind);
        for highest in fewer.requester.rights.purposes.values_mut() {
            *highest = (*highest).min(Class::LivingConditions);
        }
        // A table may say that attested is enough where a stronger kind is not: none does so here.
        for row in &mut fewer.table.rows {
            row.evidence = None;
        }
        let mut world = world;
        world.table = fewer.table.clone();
        prop_assert!(within(&open(&fewer), &open(&world)));
    }

    #[test]
    fn a_row_less_never_opens(world in world(), at: Index) {
        let mut fewer = world.clone();
        fewer.table.rows.remove(at.index(world.table.rows.len()));
        prop_assert!(within(&open(&fewer), &open(&world)));
    }

    #[test]
    fn a_lower_ceiling_never_opens_and_caps_every_receipt(
        world in world(), low in prop::sample::select(Class::ALL), high in prop::sample::select(Class::ALL),
    ) {
        let (low, high) = (low.min(high), high.max(low));
        let under = |ceiling: Class| {
            let mut world = world.clone();
            world.standing.link = LinkStanding::Live { ceiling: Some(ceiling) };
            open(&world)
        };
        prop_assert!(within(&under(low), &under(high)));
        prop_assert!(under(low).iter().all(|(_, class)| *class <= low));
    }

    #[test]
    fn asking_for_less_opens_nothing_more(world in world(), fewer in crate::random::sections()) {
        let mut narrower = world.clone();
        for (section, class) in fewer {
            if let Some(asked) = narrower.question.sections.get_mut(&section) {
                *asked = (*asked).min(class);
            }
        }
        prop_assert!(within(&open(&narrower), &open(&world)));
    }

    #[test]
    fn import_opens_nothing_that_display_does_not_where_every_permit_reads(world in world()) {
        use passerelle_domain::vocabulary::{GrantAction, RecordUse};
        let mut world = world;
        world.change_receipts(|_, receipt| {
            for grant in receipt.grants.iter_mut().filter(|grant| grant.effect == Effect::Permit) {
                grant.actions.insert(GrantAction::Read);
            }
        });
        let used = |usage| {
            let mut world = world.clone();
            world.question.usage = usage;
            open(&world)
        };
        prop_assert!(within(&used(RecordUse::Import), &used(RecordUse::Display)));
    }
}

#[test]
fn absent_means_refused() {
    assert!(!open(&World::in_order()).is_empty());
    let mut world = World::in_order();
    world.table.rows.clear();
    assert_eq!(open(&world), []);

    let mut world = World::in_order();
    world.table.rows[0].purpose = Names::One("assessment".into());
    assert_eq!(open(&world), []);

    let mut world = World::in_order();
    world.standing.receipts.clear();
    assert_eq!(open(&world), []);

    let mut world = World::in_order();
    world.requester.rights.purposes.clear();
    assert_eq!(open(&world), []);

    let mut world = World::in_order();
    world.standing.receipts = vec![verified(crate::world::receipt(vec![]))];
    assert_eq!(open(&world), []);
}
