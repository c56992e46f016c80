use passerelle_proto::journey::v1 as proto;
use proptest::prelude::*;
use prost::Message;

use super::*;
use crate::record::tests::samples::Draw;
use crate::{Class, GrantAction, Record, Section};

mod overview;

fn records(draw: &mut Draw) -> Vec<Record> {
    draw.several(30, Draw::record)
}

fn summary(seed: u64) -> Summary {
    let records = records(&mut Draw::new(seed));
    let now = Timestamp::from_secs(1_764_000_000);
    Summary {
        overview: Overview::of(records.iter().map(Record::shareable), now),
        records: records
            .iter()
            .map(|record| SummaryRecord {
                record: record.shareable().clone(),
                holder: "ml-demo".parse().unwrap(),
                usage: RecordUse::Display,
                until: now,
                contested: (record.id().as_bytes()[0] % 2 == 0).then_some(now),
            })
            .collect(),
        not_opened: BTreeSet::from([Cell {
            section: Section::Steps,
            class: Class::Health,
            action: GrantAction::Read,
        }]),
    }
}

proptest! {
    #[test]
    fn a_summary_survives_the_wire(seed: u64) {
        let sent = summary(seed);
        let bytes = proto::Summary::from(&sent).encode_to_vec();
        let read = Summary::try_from(&proto::Summary::decode(bytes.as_slice()).unwrap()).unwrap();
        prop_assert!(read == sent);
    }
}

/// A summary with at least one record and one line of overview.
fn wire() -> proto::Summary {
    let found = (0..).map(|seed| proto::Summary::from(&summary(seed)));
    let mut found = found.filter(|one| one.overview.as_ref().is_some_and(|o| !o.stands.is_empty()));
    found.next().unwrap()
}

fn refused(change: impl FnOnce(&mut proto::Summary)) -> String {
    let mut summary = wire();
    assert!(Summary::try_from(&summary).is_ok());
    change(&mut summary);
    Summary::try_from(&summary).unwrap_err().field().to_owned()
}

#[test]
fn a_malformed_summary_is_refused_by_the_path_of_its_field() {
    assert_eq!(refused(|s| s.overview = None), "overview");
    assert_eq!(refused(|s| s.records[0].record = None), "records[0].record");
    assert_eq!(
        refused(|s| s.records[0].holder = "X".into()),
        "records[0].holder"
    );
    assert_eq!(
        refused(|s| s.records[0].usage = "follow".into()),
        "records[0].usage"
    );
    assert_eq!(
        refused(|s| s.records[0].usable_until = None),
        "records[0].usable_until"
    );
    assert_eq!(
        refused(|s| s.not_opened[0].sensitivity = 5),
        "not_opened[0].sensitivity"
    );
    assert_eq!(
        refused(|s| s.overview.as_mut().unwrap().stands[0].headline_fr = "06 12 34 56 78".into()),
        "overview.stands[0].headline_fr"
    );
}

#[test]
fn a_line_that_stands_for_no_record_of_the_summary_is_refused() {
    let stranger = vec![7; 16];
    assert_eq!(
        refused(|s| s.overview.as_mut().unwrap().stands[0].record_id = stranger.into()),
        "overview"
    );
}

#[test]
fn a_record_that_comes_twice_is_refused() {
    let twice = refused(|s| s.records.push(s.records[0].clone()));
    assert!(twice.ends_with(".record.record_id"), "{twice}");
}

#[test]
fn i10_a_summary_prints_nothing_of_what_it_holds() {
    let summary = summary(3);
    assert_eq!(
        format!("{summary:?} {:?}", summary.overview),
        "Summary(***) Overview(***)"
    );
}
