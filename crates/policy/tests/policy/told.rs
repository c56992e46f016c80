//! What an asker is told when nothing opens: I13.

use passerelle_domain::claim::{Evidence, NumericDate, ObjectionScope, Receipt};
use passerelle_domain::vocabulary::{
    AgentRole, EvidenceKind, GrantAction, Purpose, RecordUse, RefusalReason, Section,
    SessionAssurance,
};
use passerelle_domain::{ChainId, TokenId};
use passerelle_policy::{
    Answer, Environment, LinkStanding, LocalDenial, OfficerAnswer, Standing, TakenObjection,
    WithdrawnChain,
};
use proptest::prelude::*;

use crate::names::Said;
use crate::random::world;
use crate::world::{C1, C2, C4, World, deny, holder, permit, receipt, requester};

fn told(world: &World) -> (RefusalReason, Answer) {
    Said::by(&world.decide()).refused.unwrap()
}

/// The true reason is `reason`, and the asker hears of it.
fn is_paper(world: &World, reason: RefusalReason) {
    assert_eq!(told(world), (reason, Answer::Paper(reason)));
}

/// The true reason is `reason`, and the asker hears nothing of it.
fn is_silent(world: &World, reason: RefusalReason) {
    assert_eq!(told(world), (reason, Answer::NothingToShare));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i13_without_a_live_link_the_answer_is_always_the_same(world in world()) {
        let mut world = world;
        let links = [LinkStanding::Unknown, LinkStanding::Ended, LinkStanding::Reported];
        for link in links {
            world.standing.link = link;
            prop_assert_eq!(told(&world).1, Answer::NothingToShare);
        }
        world.standing = Standing::unknown();
        prop_assert_eq!(told(&world).1, Answer::NothingToShare);
    }

    #[test]
    fn i13_what_an_asker_hears_does_not_depend_on_what_only_the_holder_knows(world in world()) {
        // With every reason of the holder's side at once, an asker whose papers fail hears the
        // same as without.
        let said = Said::by(&world.decide());
        if let Some(Answer::Paper(reason)) = said.answer() {
            let mut closed = world;
            closed.standing.local.protected = true;
            closed.standing.local.denials.push(LocalDenial::default());
            prop_assert_eq!(told(&closed), (reason, Answer::Paper(reason)));
        }
    }

    #[test]
    fn a_refusal_names_the_first_reason_of_the_list(world in world()) {
        let decision = world.decide();
        let reasons = decision.trace().verdicts().filter_map(|(_, _, verdict)| match verdict {
            passerelle_policy::Verdict::Closed(reasons) => reasons.first().map(|(reason, _)| *reason),
            passerelle_policy::Verdict::Open { .. } => None,
        });
        let place = |reason: &RefusalReason| RefusalReason::ALL.iter().position(|other| other == reason);
        if let Some(reason) = Said::by(&decision).reason() {
            prop_assert_eq!(reasons.min_by_key(place), Some(reason));
        }
    }
}

#[test]
fn no_receipt_is_told() {
    let mut world = World::in_order();
    world.standing.receipts.clear();
    is_paper(&world, RefusalReason::NoReceipt);
}

#[test]
fn an_expired_receipt_is_told() {
    let mut world = World::in_order();
    world.now = 10;
    is_paper(&world, RefusalReason::ReceiptExpired);
}

#[test]
fn an_expired_grant_is_told_as_an_expired_receipt() {
    let mut world =
        World::in_order().with_receipt(|r| r.grants[0].until = Some(NumericDate::from_secs(4)));
    world.question.sections = [(Section::Status, C1)].into();
    is_paper(&world, RefusalReason::ReceiptExpired);
}

#[test]
fn a_replaced_receipt_is_told() {
    let narrower = Receipt {
        id: TokenId::from_bytes([4; 16]),
        version: 2,
        ..receipt(vec![permit(&[Section::Diagnosis], C1)])
    };
    let mut world = World::in_order().and_receipt(narrower);
    world.question.sections = [(Section::Status, C1)].into();
    is_paper(&world, RefusalReason::ReceiptReplaced);
}

#[test]
fn a_withdrawal_is_told_only_to_the_asker_that_issued_the_receipt_and_withdrew_it() {
    let withdrawn = |issued_by_asker: bool, by| {
        let mut world = World::in_order().with_receipt(|r| {
            if !issued_by_asker {
                (r.issuer, r.audience) = (holder(), requester());
            }
        });
        let receipt_issuer = world.standing.receipts[0].issuer.clone();
        let chain = world.standing.receipts[0].chain;
        world.standing.withdrawn.push(WithdrawnChain {
            receipt_issuer,
            chain,
            by,
        });
        world
    };
    is_paper(
        &withdrawn(true, requester()),
        RefusalReason::ReceiptWithdrawn,
    );
    is_silent(&withdrawn(true, holder()), RefusalReason::ReceiptWithdrawn);
    is_silent(&withdrawn(false, holder()), RefusalReason::ReceiptWithdrawn);
    is_silent(
        &withdrawn(false, requester()),
        RefusalReason::ReceiptWithdrawn,
    );
}

#[test]
fn an_own_withdrawal_is_told_where_it_is_why_a_cell_is_closed() {
    let live = Receipt {
        id: TokenId::from_bytes([4; 16]),
        chain: ChainId::from_bytes([4; 16]),
        ..receipt(vec![permit(&[Section::Diagnosis], C1)])
    };
    let mut world = World::in_order().and_receipt(live);
    world.standing.withdrawn.push(WithdrawnChain {
        receipt_issuer: requester(),
        chain: ChainId::from_bytes([3; 16]),
        by: requester(),
    });
    world.question.sections = [(Section::Status, C1)].into();
    is_paper(&world, RefusalReason::ReceiptWithdrawn);
    let world = world.with_receipt(|r| r.grants = vec![permit(&[Section::Exit], C1)]);
    is_paper(&world, RefusalReason::SectionOutOfScope);
}

#[test]
fn i13_a_withdrawal_at_the_holder_is_not_told_because_the_asker_withdrew_something_else() {
    let chains = [4, 5, 6].map(|byte| ChainId::from_bytes([byte; 16]));
    let of_chain = |i: usize, section| Receipt {
        id: TokenId::from_bytes([u8::try_from(i).unwrap(); 16]),
        chain: chains[i],
        ..receipt(vec![permit(&[section], C1)])
    };
    let mut world = World::in_order();
    world.standing.receipts.clear();
    // The asker's own, withdrawn by it, about what is not asked; one that lives; and the holder's,
    // which is why the cell is closed.
    let mut world = world
        .and_receipt(of_chain(0, Section::Diagnosis))
        .and_receipt(of_chain(1, Section::ContactCard))
        .and_receipt(Receipt {
            issuer: holder(),
            audience: requester(),
            ..of_chain(2, Section::Status)
        });
    for (receipt_issuer, chain) in [(requester(), chains[0]), (holder(), chains[2])] {
        world.standing.withdrawn.push(WithdrawnChain {
            by: receipt_issuer.clone(),
            receipt_issuer,
            chain,
        });
    }
    world.question.sections = [(Section::Status, C1)].into();
    is_silent(&world, RefusalReason::ReceiptWithdrawn);
}

#[test]
fn a_contested_version_is_told_as_a_receipt_that_cannot_be_verified() {
    let twin = receipt(vec![permit(&[Section::Status], C1)]);
    is_paper(
        &World::in_order().and_receipt(twin),
        RefusalReason::ReceiptInvalid,
    );
}

#[test]
fn what_a_receipt_does_not_cover_is_told_by_the_stage_at_which_it_fails() {
    let grants = |change: fn(&mut passerelle_domain::claim::Grant)| {
        let mut world = World::in_order().with_receipt(|r| r.grants.iter_mut().for_each(change));
        world.question.sections = [(Section::Status, C2)].into();
        world
    };
    is_paper(
        &grants(|grant| grant.sections = [(Section::Exit, C4)].into()),
        RefusalReason::SectionOutOfScope,
    );
    is_paper(
        &grants(|grant| grant.purposes = [Purpose::Assessment].into()),
        RefusalReason::PurposeNotCovered,
    );
    let mut too_high = grants(|grant| grant.actions = [GrantAction::Read].into());
    too_high.question.usage = RecordUse::Import;
    is_paper(&too_high, RefusalReason::UseNotAllowed);
}

#[test]
fn class_evidence_and_second_factor_are_told() {
    let only_class_4 = |change: fn(&mut World)| {
        let mut world = World::in_order();
        world.table.rows[0].class = passerelle_policy::Numbers::One(4);
        change(&mut world);
        world.question.sections = [(Section::Status, C4)].into();
        // Classes 1 to 3 are closed by the missing row, which comes later in the list.
        world
    };
    is_paper(
        &only_class_4(|w| w.standing.link = LinkStanding::Live { ceiling: Some(C2) }),
        RefusalReason::ClassNotAllowed,
    );
    is_paper(
        &only_class_4(|w| {
            *w = w.clone().with_receipt(|r| {
                r.evidence = Evidence {
                    kind: EvidenceKind::SignedPaper,
                    agent_mfa: false,
                };
            });
        }),
        RefusalReason::EvidenceTooWeak,
    );
    is_paper(
        &only_class_4(|w| w.question.agent.second_factor = false),
        RefusalReason::SecondFactorRequired,
    );
}

#[test]
fn a_row_that_lets_read_and_not_import_is_told_as_a_use_that_is_not_allowed() {
    let mut world = World::in_order();
    world.table.rows[0].import = false;
    world.question.usage = RecordUse::Import;
    is_paper(&world, RefusalReason::UseNotAllowed);
}

#[test]
fn i13_rights_rules_and_roles_are_not_told_in_an_answer() {
    let mut world = World::in_order();
    world.requester.rights.purposes.clear();
    is_silent(&world, RefusalReason::OrganisationNotEntitled);

    let mut world = World::in_order();
    world.question.agent.role = AgentRole::Operator;
    is_silent(&world, RefusalReason::OrganisationNotEntitled);

    let mut world = World::in_order();
    world.question.agent.assurance = SessionAssurance::System;
    is_silent(&world, RefusalReason::OrganisationNotEntitled);

    let mut world = World::in_order();
    world.environment = Environment::Production;
    is_silent(&world, RefusalReason::LegalGroundMissing);

    let mut world = World::in_order();
    world.question.purpose = Purpose::Sanction;
    is_silent(&world, RefusalReason::PurposeForbidden);
}

#[test]
fn i13_what_the_person_or_the_holder_closed_is_not_told() {
    let mut world = World::in_order();
    world.standing.objections.push(TakenObjection {
        issuer: holder(),
        id: TokenId::from_bytes([5; 16]),
        scope: ObjectionScope::All,
        lifts: None,
        officer: OfficerAnswer::Pending,
    });
    is_silent(&world, RefusalReason::Objection);

    let world = World::in_order().with_receipt(|r| r.grants.push(deny(Section::ALL, C1)));
    is_silent(&world, RefusalReason::PersonDenied);

    let mut world = World::in_order();
    world.standing.local.protected = true;
    is_silent(&world, RefusalReason::ProtectedMembership);

    let mut world = World::in_order();
    world.standing.local.denials.push(LocalDenial::default());
    is_silent(&world, RefusalReason::LocalRule);
}

#[test]
fn a_link_that_does_not_stand_has_its_true_reason_in_the_log_alone() {
    for (link, reason) in [
        (LinkStanding::Unknown, RefusalReason::PersonUnknown),
        (LinkStanding::Ended, RefusalReason::NoLink),
        (LinkStanding::Reported, RefusalReason::WrongLinkReported),
    ] {
        let mut world = World::in_order();
        world.standing.link = link;
        is_silent(&world, reason);
    }
}

#[test]
fn who_may_not_ask_at_all_is_known_without_looking_at_a_person() {
    use passerelle_policy::entitled;
    let world = World::in_order();
    assert_eq!(
        entitled(&world.question, &world.parties().requester),
        Ok(())
    );

    let refused = |change: fn(&mut World)| {
        let mut world = World::in_order();
        change(&mut world);
        entitled(&world.question, &world.parties().requester).unwrap_err()
    };
    assert_eq!(
        refused(|w| w.question.purpose = Purpose::FraudDetection),
        RefusalReason::PurposeForbidden
    );
    assert_eq!(
        refused(|w| w.question.sections.clear()),
        RefusalReason::UnsupportedRequest
    );
    assert_eq!(
        refused(|w| w.requester.rights.purposes.clear()),
        RefusalReason::OrganisationNotEntitled
    );
    assert_eq!(
        refused(|w| w.question.agent.role = AgentRole::PrivacyOfficer),
        RefusalReason::OrganisationNotEntitled
    );
    assert_eq!(
        refused(|w| w.question.agent.assurance = SessionAssurance::System),
        RefusalReason::OrganisationNotEntitled
    );
}
