//! Why each cell is open or closed, as the holder may keep it: down to the paper or the row.

use passerelle_domain::claim::{NumericDate, ObjectionScope, Receipt};
use passerelle_domain::vocabulary::{RecordUse, RefusalReason, Section};
use passerelle_domain::{ChainId, TokenId};
use passerelle_policy::{
    By, LinkStanding, LocalDenial, OfficerAnswer, TakenObjection, Verdict, WithdrawnChain,
};

use crate::world::{C1, World, deny, holder, permit, receipt, requester};

/// What closes the cell (status, class 1).
fn closed_by(mut world: World) -> Vec<(RefusalReason, By)> {
    world.question.sections = [(Section::Status, C1)].into();
    let decision = world.decide();
    let (_, _, verdict) = decision.trace().verdicts().next().unwrap();
    match verdict {
        Verdict::Closed(reasons) => reasons
            .into_iter()
            .map(|(reason, by)| (reason, by.clone()))
            .collect(),
        Verdict::Open { .. } => panic!("open"),
    }
}

fn receipt_of_world() -> By {
    By::Receipt {
        issuer: requester(),
        id: TokenId::from_bytes([2; 16]),
    }
}

#[test]
fn an_open_cell_names_its_receipt_and_its_row() {
    let decision = World::in_order().decide();
    for (_, _, verdict) in decision.trace().verdicts() {
        let Verdict::Open { ground, row, until } = verdict else {
            panic!("closed");
        };
        assert_eq!(ground.receipt, TokenId::from_bytes([2; 16]));
        assert_eq!(
            (ground.chain, ground.version),
            (ChainId::from_bytes([3; 16]), 1)
        );
        assert_eq!(row, "all");
        assert_eq!(until.as_secs(), 10);
    }
}

#[test]
fn a_dead_receipt_is_named() {
    let mut world = World::in_order();
    world.now = 10;
    assert_eq!(
        closed_by(world),
        [(RefusalReason::ReceiptExpired, receipt_of_world())]
    );

    let mut world = World::in_order();
    world.standing.withdrawn.push(WithdrawnChain {
        receipt_issuer: requester(),
        chain: ChainId::from_bytes([3; 16]),
        by: holder(),
    });
    assert_eq!(
        closed_by(world),
        [(RefusalReason::ReceiptWithdrawn, receipt_of_world())]
    );

    let early = World::in_order().with_receipt(|r| r.not_before = NumericDate::from_secs(6));
    assert_eq!(
        closed_by(early),
        [(RefusalReason::NoReceipt, receipt_of_world())]
    );
}

#[test]
fn a_deny_an_objection_a_local_rule_and_a_row_are_named() {
    let denying = Receipt {
        id: TokenId::from_bytes([4; 16]),
        chain: ChainId::from_bytes([4; 16]),
        ..receipt(vec![deny(&[Section::Status], C1)])
    };
    let mut world = World::in_order().and_receipt(denying);
    world.standing.objections.push(TakenObjection {
        issuer: holder(),
        id: TokenId::from_bytes([5; 16]),
        scope: ObjectionScope::All,
        lifts: None,
        officer: OfficerAnswer::Pending,
    });
    world.standing.local.denials.push(LocalDenial::default());
    world.table.rows[0].import = false;
    world.question.usage = RecordUse::Import;
    assert_eq!(
        closed_by(world),
        [
            (RefusalReason::UseNotAllowed, By::Row("all".into())),
            (
                RefusalReason::Objection,
                By::Objection {
                    issuer: holder(),
                    id: TokenId::from_bytes([5; 16])
                }
            ),
            (
                RefusalReason::PersonDenied,
                By::Receipt {
                    issuer: requester(),
                    id: TokenId::from_bytes([4; 16])
                }
            ),
            (RefusalReason::LocalRule, By::Organisation),
        ]
    );
}

#[test]
fn a_row_that_lets_nothing_be_read_is_named_and_a_missing_one_is_absence() {
    let mut world = World::in_order();
    (world.table.rows[0].read, world.table.rows[0].import) = (false, false);
    assert_eq!(
        closed_by(world),
        [(RefusalReason::LegalGroundMissing, By::Row("all".into()))]
    );

    let mut world = World::in_order();
    world.table.rows.clear();
    assert_eq!(
        closed_by(world),
        [(RefusalReason::LegalGroundMissing, By::Absence)]
    );
}

#[test]
fn what_no_receipt_covers_is_absence_and_a_link_is_the_link() {
    let other = World::in_order().with_receipt(|r| r.grants = vec![permit(&[Section::Exit], C1)]);
    assert_eq!(
        closed_by(other),
        [(RefusalReason::SectionOutOfScope, By::Absence)]
    );

    let mut world = World::in_order();
    world.standing.link = LinkStanding::Ended;
    assert_eq!(closed_by(world), [(RefusalReason::NoLink, By::Link)]);
}
