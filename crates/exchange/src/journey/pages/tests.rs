use std::collections::{BTreeMap, BTreeSet};

use passerelle_domain::vocabulary::RecordUse;
use passerelle_domain::{Overview, Summary, Timestamp};
use passerelle_proto::agency::v1 as agency;
use passerelle_store::tables::source_states::SourceState;

use super::*;
use crate::testing::step;

const ROOM: usize = 1 << 20;

fn record(number: u8, on: &str) -> Record {
    let mut message = step("Atelier");
    let shown = message.record.as_mut().unwrap();
    shown.record_id = vec![number; 16].into();
    shown.version = 1;
    shown.observed_at = on.to_owned();
    shown.recorded_at = Some(passerelle_proto::prost_types::Timestamp::default());
    shown.author = Some(proto::Author {
        siret: "22670001100019".to_owned(),
        kind: proto::OrganisationKind::Department.into(),
        agent_role: proto::AgentRole::Caseworker.into(),
    });
    Record::try_from(&message).unwrap()
}

fn source(node: &str, numbers: impl IntoIterator<Item = u8>) -> JourneySource {
    let node: NodeId = node.parse().unwrap();
    let records: Vec<_> = numbers
        .into_iter()
        .map(|number| SummaryRecord {
            record: record(number, "2026-10-05").shareable().clone(),
            holder: node.clone(),
            usage: RecordUse::Display,
            until: Timestamp::MAX,
            contested: None,
        })
        .collect();
    JourneySource {
        organisation: node.to_string(),
        state: SourceState::Received,
        since: Timestamp::default(),
        summary: Some(Summary {
            overview: Overview::of(records.iter().map(|one| &one.record), Timestamp::default()),
            records,
            not_opened: BTreeSet::new(),
        }),
        asked: Vec::new(),
        node,
    }
}

/// Five records of one's own, three days among them; two sources with four and three.
fn journey() -> MergedJourney {
    let mut own_records = [
        (1, "2026-10-05"),
        (2, "2026"),
        (3, "2025"),
        (4, "2026"),
        (5, "2024"),
    ]
    .map(|(number, on)| record(number, on))
    .to_vec();
    own_records.sort_by_key(key);
    MergedJourney {
        own_records,
        own_marks: BTreeMap::new(),
        sources: vec![source("aaa", [9, 7, 8, 6]), source("bbb", [1, 2, 3])],
    }
}

/// What stands on a page, each by its letter and number; `^` is where a source begins.
fn told(page: &JourneyPage<'_>) -> Vec<String> {
    let number = |id: RecordId| id.as_bytes()[0];
    let own = page.own_records.iter().map(|own| number(own.id()));
    let mut told: Vec<_> = own.map(|own| format!("own {own}")).collect();
    for part in &page.sources {
        let node = &part.source.node;
        if part.begins {
            told.push(format!("{node} ^"));
        }
        let records = part.records.iter().map(|one| number(one.record.id()));
        told.extend(records.map(|one| format!("{node} {one}")));
    }
    told
}

fn pages(journey: &MergedJourney, size: u32, bytes: usize) -> Vec<Vec<String>> {
    let size = PageSize::from_wire(size).unwrap();
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let page = journey.page(size, bytes, &token).unwrap();
        pages.push(told(&page));
        match page.next {
            Some(next) => token = next,
            None => return pages,
        }
    }
}

fn sorted(pages: &[Vec<String>]) -> Vec<String> {
    let mut all = pages.concat();
    all.sort();
    all
}

#[test]
fn pages_of_any_size_hold_the_whole_journey_once() {
    let journey = journey();
    let whole = sorted(&pages(&journey, 256, ROOM));
    assert_eq!(whole.len(), 5 + 4 + 3 + 2);
    for size in 1..=13 {
        let pages = pages(&journey, size, ROOM);
        assert_eq!(
            pages.len(),
            12_usize.div_ceil(usize::try_from(size).unwrap())
        );
        assert_eq!(sorted(&pages), whole, "pages of {size}");
    }
    for bytes in [0, 300, 500, 1_000, 2_000] {
        assert_eq!(sorted(&pages(&journey, 256, bytes)), whole, "{bytes} bytes");
    }
}

#[test]
fn every_source_is_named_before_the_first_record() {
    let first = &pages(&journey(), 1, ROOM)[0];
    assert_eq!(first.len(), 3, "{first:?}");
    assert!(first.contains(&"aaa ^".to_owned()) && first.contains(&"bbb ^".to_owned()));
}

/// As long as a mark can be.
const MARK: RecordMark = RecordMark {
    contested: Some(Timestamp::MAX),
    restricted: Some(Timestamp::MAX),
};

#[test]
fn no_page_outgrows_its_bytes() {
    let journey = MergedJourney {
        own_records: (0..=255)
            .map(|number| record(number, "2026-10-05"))
            .collect(),
        own_marks: (0..=255)
            .map(|number| (record(number, "2026-10-05").id(), MARK))
            .collect(),
        sources: vec![source("aaa", 0..=255)],
    };
    let size = PageSize::from_wire(256).unwrap();
    let most = 4_000;
    let (mut token, mut all) = (String::new(), 0);
    loop {
        let page = journey.page(size, most, &token).unwrap();
        let own = page
            .own_records
            .iter()
            .map(|own| proto::OwnRecord::from(*own).encoded_len());
        let copies = page.sources.iter().flat_map(|part| &part.records);
        let copies = copies.map(|one| proto::SummaryRecord::from(*one).encoded_len());
        let marks = page.own_marks.iter().map(|(id, mark)| {
            let said = agency::RecordMark {
                record_id: id.to_string(),
                contested_since: mark.contested.unwrap_or_default().to_string(),
                restricted_since: mark.restricted.unwrap_or_default().to_string(),
            };
            said.encoded_len() + FRAME
        });
        let bytes: usize = own.chain(copies).chain(marks).sum();
        assert!(bytes <= most, "{bytes}");
        all += bytes;
        match page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    assert!(all > 10 * most);
}

#[test]
fn what_changes_between_two_pages_leaves_nothing_else_out() {
    let mut journey = journey();
    let size = PageSize::from_wire(6).unwrap();
    let token = journey.page(size, ROOM, "").unwrap().next.unwrap();
    assert!(token.starts_with("c.aaa."), "{token}");
    // The copy that the page ended in was replaced.
    journey.sources[0] = source("aaa", [7, 8]);
    let rest = journey.page(PageSize::MAX, ROOM, &token).unwrap();
    assert_eq!(told(&rest), ["aaa 7", "aaa 8", "bbb 1", "bbb 2", "bbb 3"]);

    let size = PageSize::from_wire(2).unwrap();
    let token = journey.page(size, ROOM, "").unwrap().next.unwrap();
    journey.own_records.remove(1);
    let rest = journey.page(size, ROOM, &token).unwrap();
    assert_eq!(rest.own_records.len(), 2);
}

#[test]
fn a_token_of_something_else_is_refused() {
    for token in [
        "x",
        "o.2026",
        "s.",
        "c.aaa",
        "o.2026-13-01.AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let refused = journey().page(PageSize::MAX, ROOM, token).unwrap_err();
        assert_eq!(refused.field(), "page_token");
    }
}
