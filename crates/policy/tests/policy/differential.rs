//! The decision against the naive evaluator, on random worlds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::naive::expected;
use crate::names::{CellVerdict, Said};
use crate::random::world;

const CASES: u32 = 1000;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_decision_says_what_the_naive_evaluator_says(world in world()) {
        prop_assert_eq!(Said::by(&world.decide()), expected(&world));
    }
}

#[test]
fn random_worlds_open_often_and_stay_closed_for_every_reason() {
    let strategy = world();
    let mut runner = TestRunner::deterministic();
    let mut opening = 0;
    let mut reasons = BTreeSet::new();
    for _ in 0..CASES {
        let said = Said::by(&strategy.new_tree(&mut runner).unwrap().current().decide());
        opening += u32::from(!said.open().is_empty());
        for verdict in said.cells.values() {
            if let CellVerdict::Closed(closed) = verdict {
                reasons.extend(closed.clone());
            }
        }
    }
    assert!(opening > CASES / 8, "{opening} of {CASES} open something");
    assert_eq!(reasons.len(), 21, "{reasons:?}");
}
