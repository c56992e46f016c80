//! The summary that a permit lets through, down to its bytes.

use std::collections::BTreeSet;

use passerelle_domain::vocabulary::{Class, Section};
use passerelle_domain::{Cell as NamedCell, Record, Summary, action_for};
use passerelle_policy::{
    Decision, MAX_SUMMARY_BYTES, Opened, Permit, SummaryTooLarge, check_summary_size, summarise,
};
use passerelle_proto::journey::v1 as proto;
use proptest::prelude::*;
use prost::Message;

use crate::journey::{cells, full, id, note_canary, record, shown_canaries};
use crate::names::{Cell, CellVerdict, Said};
use crate::random::{SECTIONS, world};
use crate::world::{C1, C3, C4, World, permit};

fn permit_of(world: &World) -> Option<Permit> {
    match world.decide() {
        Decision::Permit(permit) => Some(permit),
        Decision::Refusal(_) => None,
    }
}

fn summary_of(world: &World, journey: Vec<Record>) -> Option<Summary> {
    Some(summarise(Opened::new(permit_of(world)?, journey)))
}

fn bytes_of(summary: &Summary) -> Vec<u8> {
    proto::Summary::from(summary).encode_to_vec()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// As [`World::in_order`], asking about the sections of the journeys here.
fn in_order(highest: Class) -> World {
    let mut world = World::in_order().with_receipt(|r| r.grants = vec![permit(&SECTIONS, highest)]);
    world.question.sections = SECTIONS.map(|section| (section, C4)).into();
    let names = SECTIONS.map(|section| section.id().to_owned());
    world.table.rows[0].section = passerelle_policy::Names::Several(names.into());
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i1_the_bytes_hold_what_is_open_and_no_byte_of_what_is_not_nor_of_a_note(world in world()) {
        let Some(summary) = summary_of(&world, full()) else {
            return Ok(());
        };
        let bytes = bytes_of(&summary);
        let open = Said::by(&world.decide()).open();
        for cell in cells() {
            prop_assert!(!holds(&bytes, &note_canary(cell)));
            for canary in shown_canaries(cell) {
                prop_assert_eq!(holds(&bytes, &canary), open.contains(&cell), "{:?}", cell);
            }
        }
        prop_assert_eq!(holds(&bytes, b"canary"), !summary.records.is_empty());
    }

    #[test]
    fn i13_the_bytes_do_not_depend_on_records_that_are_not_open(world in world()) {
        let open = Said::by(&world.decide()).open();
        let without = full().into_iter().filter(|record| open.contains(&(record.section(), record.class())));
        let with = summary_of(&world, full()).map(|summary| bytes_of(&summary));
        let without = summary_of(&world, without.collect()).map(|summary| bytes_of(&summary));
        prop_assert_eq!(with, without);
    }

    #[test]
    fn what_was_not_opened_is_the_question_minus_the_permit(world in world()) {
        let said = Said::by(&world.decide());
        for journey in [full(), vec![]] {
            if let Some(summary) = summary_of(&world, journey) {
                let action = action_for(world.question.usage);
                let not_opened = said.not_opened.iter().map(|(section, class)| NamedCell {
                    section: *section,
                    class: *class,
                    action,
                });
                prop_assert_eq!(summary.not_opened, not_opened.collect::<BTreeSet<_>>());
            }
        }
    }

    #[test]
    fn each_record_says_its_use_and_until_when(world in world()) {
        let said = Said::by(&world.decide());
        let Some(summary) = summary_of(&world, full()) else {
            return Ok(());
        };
        for one in &summary.records {
            let cell = (one.record.section(), one.record.class());
            let CellVerdict::Open { until, .. } = &said.cells[&cell] else {
                panic!("{cell:?} is not open");
            };
            prop_assert_eq!(one.until, *until);
            prop_assert!(one.until.as_secs() > world.now);
            prop_assert_eq!(one.usage, world.question.usage);
            prop_assert_eq!(&one.holder, &world.holder.node);
        }
    }

    #[test]
    fn a_summary_is_one_that_its_receiver_accepts(world in world()) {
        if let Some(summary) = summary_of(&world, full()) {
            let bytes = bytes_of(&summary);
            let read = Summary::try_from(&proto::Summary::decode(bytes.as_slice()).unwrap()).unwrap();
            prop_assert!(read == summary);
        }
    }
}

#[test]
fn i13_a_person_with_health_records_and_one_without_get_the_same_answer() {
    let world = in_order(C3);
    let without: Vec<_> = full()
        .into_iter()
        .filter(|record| record.class() != C4)
        .collect();
    assert_eq!(full().len(), without.len() + 3);
    let answers = [full(), without].map(|journey| bytes_of(&summary_of(&world, journey).unwrap()));
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn i13_a_step_does_not_name_an_objective_that_is_not_opened() {
    let mut world = in_order(C4);
    world.question.sections = [(Section::Steps, C1)].into();
    let steps = |summary: Summary| {
        let steps: Vec<_> = summary
            .records
            .iter()
            .map(|one| one.record.points_to())
            .collect();
        steps
    };
    assert_eq!(steps(summary_of(&world, full()).unwrap()), [None]);

    world.question.sections = [(Section::Steps, C1), (Section::Objectives, C1)].into();
    let objective: Cell = (Section::Objectives, C1);
    assert_eq!(
        steps(summary_of(&world, full()).unwrap()),
        [Some(id(objective)), None]
    );
    // Opened, but not there: nothing to point to.
    assert_eq!(
        steps(summary_of(&world, vec![record((Section::Steps, C1))]).unwrap()),
        [None]
    );
}

#[test]
fn an_empty_journey_makes_an_empty_summary_and_says_what_was_not_opened() {
    let summary = summary_of(&in_order(C3), vec![]).unwrap();
    assert!(summary.records.is_empty());
    assert_eq!(summary.overview.lines().count(), 0);
    assert_eq!(summary.not_opened.len(), 3);
}

#[test]
fn the_overview_speaks_of_the_opened_records_alone() {
    let mut world = in_order(C4);
    let lines = |world: &World| summary_of(world, full()).unwrap().overview.lines().count();
    let all = lines(&world);
    world.question.sections = [(Section::ContactCard, C1)].into();
    let one = lines(&world);
    assert!(0 < one && one < all, "{one} of {all}");
}

#[test]
fn a_summary_that_is_too_large_is_refused_whole() {
    assert_eq!(check_summary_size(MAX_SUMMARY_BYTES), Ok(()));
    assert_eq!(
        check_summary_size(MAX_SUMMARY_BYTES + 1),
        Err(SummaryTooLarge)
    );
}
