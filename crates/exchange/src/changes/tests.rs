use std::collections::BTreeMap;

use passerelle_domain::vocabulary::Purpose;
use passerelle_domain::{Class, SessionId};
use passerelle_store::sim::SeededRng;
use passerelle_store::tables::persons;
use proptest::prelude::*;

use super::*;
use crate::testing::{Federation, Task, awa, step};

mod story;

const NODE: &str = "mission-locale";

fn list(from: ChangesFrom, limit: u32) -> ListChanges {
    ListChanges {
        from,
        limit: PageSize::from_wire(limit).unwrap(),
        wait: Duration::ZERO,
    }
}

fn after(cursor: &str) -> ListChanges {
    list(ChangesFrom::Cursor(cursor.to_owned()), 256)
}

async fn listed(
    federation: &Federation,
    request: ListChanges,
) -> Result<ChangesPage, ExchangeError> {
    let caller = federation.caseworker(NODE);
    federation.node(NODE).list_changes(&caller, request).await
}

async fn cursor_of_now(federation: &Federation) -> String {
    let page = listed(federation, list(ChangesFrom::Now, 1)).await.unwrap();
    assert_eq!((page.changes.len(), page.more), (0, false));
    page.cursor
}

fn kinds(page: &ChangesPage) -> Vec<ChangeKind> {
    page.changes.iter().map(|one| one.change.kind).collect()
}

/// What many readers, each with pages of its own size, hear while others write, give up, and the node
/// starts again.
#[derive(Clone, Debug)]
enum Act {
    Write { changes: u8 },
    GiveUp { changes: u8 },
    Read { reader: u8, limit: u32 },
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1..4_u8).prop_map(|changes| Act::Write { changes }),
        2 => (1..4_u8).prop_map(|changes| Act::GiveUp { changes }),
        5 => (0..3_u8, 1..6_u32).prop_map(|(reader, limit)| Act::Read { reader, limit }),
        1 => Just(Act::Restart),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn i7_every_reader_hears_every_change_once_and_in_order(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(follow(acts));
    }
}

async fn follow(acts: Vec<Act>) {
    let mut federation = Federation::new(1);
    let mut oracle: Vec<String> = Vec::new();
    let mut readers: BTreeMap<u8, (ChangesFrom, Vec<String>)> = (0..3)
        .map(|reader| (reader, (ChangesFrom::Oldest, Vec::new())))
        .collect();
    let mut written = 0;
    for act in acts {
        match act {
            Act::Write { changes } => {
                let subjects: Vec<_> = (0..changes)
                    .map(|_| {
                        written += 1;
                        written.to_string()
                    })
                    .collect();
                write(&federation, subjects.clone(), true).await;
                oracle.extend(subjects);
            }
            Act::GiveUp { changes } => {
                write(&federation, vec!["never".to_owned(); changes.into()], false).await;
            }
            Act::Restart => federation.restart(NODE).await,
            Act::Read { reader, limit } => {
                let (from, heard) = readers.get_mut(&reader).unwrap();
                let page = listed(&federation, list(from.clone(), limit))
                    .await
                    .unwrap();
                assert!(page.changes.len() <= limit as usize);
                heard.extend(page.changes.into_iter().map(|one| one.change.subject));
                assert_eq!(page.more, heard.len() < oracle.len());
                assert_eq!(heard[..], oracle[..heard.len()]);
                *from = ChangesFrom::Cursor(page.cursor);
            }
        }
    }
    for (from, mut heard) in readers.into_values() {
        let page = listed(&federation, list(from, 256)).await.unwrap();
        heard.extend(page.changes.into_iter().map(|one| one.change.subject));
        assert_eq!(heard, oracle);
    }
}

/// A transaction that makes some changes about nobody, or gives up after them.
async fn write(federation: &Federation, subjects: Vec<String>, keep: bool) {
    let transaction = move |tx: &mut Tx<'_>| {
        for subject in &subjects {
            let change = Change {
                person: None,
                ..Change::of(PersonId::from_bytes([0; 16]), ChangeKind::SourceChanged)
            };
            append(tx, &change.about(subject))?;
        }
        keep.then_some(()).ok_or(ExchangeError::NoLink)
    };
    let done = federation.node(NODE).transact("write", transaction).await;
    assert_eq!(done.is_ok(), keep);
}

#[tokio::test]
async fn i7_a_cursor_that_is_not_of_this_store_is_refused() {
    let mut federation = Federation::new(1);
    federation.register(NODE, "ML-1", awa()).await;
    let of_old = federation.disk(NODE);
    let old = crate::testing::NodeDisk {
        files: of_old.files.fork(),
        engines: of_old.engines.copy(),
        fatal: passerelle_store::sim::FatalNote::new(),
    };
    federation.register(NODE, "ML-2", awa()).await;
    let newest = cursor_of_now(&federation).await;
    assert!(listed(&federation, after(&newest)).await.is_ok());
    let elsewhere = {
        let caller = federation.caseworker("departement");
        let request = list(ChangesFrom::Now, 1);
        let page = federation
            .node("departement")
            .list_changes(&caller, request)
            .await;
        page.unwrap().cursor
    };
    for bad in [elsewhere.as_str(), "", "AAAA", "not a cursor", &newest[1..]] {
        let refused = listed(&federation, after(bad)).await;
        assert_eq!(refused, Err(ExchangeError::CursorUnknown), "{bad}");
    }
    // An older state of the store is put back, and goes on otherwise.
    federation.start_from(NODE, old).await;
    let refused = listed(&federation, after(&newest)).await;
    assert_eq!(refused, Err(ExchangeError::CursorUnknown));
    federation.register(NODE, "ML-3", awa()).await;
    let refused = listed(&federation, after(&newest)).await;
    assert_eq!(refused, Err(ExchangeError::CursorUnknown));
}

#[tokio::test]
async fn i7_what_was_forgotten_is_not_passed_in_silence() {
    let federation = Federation::new(1);
    write(&federation, vec!["1".to_owned()], true).await;
    let page = listed(&federation, list(ChangesFrom::Oldest, 1))
        .await
        .unwrap();
    assert!(!page.older_forgotten);
    write(&federation, vec!["2".to_owned(), "3".to_owned()], true).await;
    federation.pass(Duration::from_secs(91 * 24 * 3600));
    write(&federation, vec!["4".to_owned()], true).await;
    federation.node(NODE).keep_up().await.unwrap();
    let refused = listed(&federation, after(&page.cursor)).await;
    assert_eq!(refused, Err(ExchangeError::CursorUnknown));
    let anew = listed(&federation, list(ChangesFrom::Oldest, 9))
        .await
        .unwrap();
    assert!(anew.older_forgotten);
    assert_eq!(anew.changes.len(), 1);
    // Whoever had read all of it goes on.
    assert!(listed(&federation, after(&anew.cursor)).await.is_ok());
}

#[tokio::test]
async fn i14_what_is_kept_of_a_person_who_was_erased_is_not_told() {
    let federation = Federation::new(1);
    let gone = federation.register(NODE, "ML-1", awa()).await;
    federation.register(NODE, "ML-2", awa()).await;
    let erase = move |tx: &mut Tx<'_>| {
        persons::shred(tx, &gone);
        Ok(())
    };
    federation
        .node(NODE)
        .transact("erase", erase)
        .await
        .unwrap();
    // Nor what comes after, which fails for nobody.
    let late = move |tx: &mut Tx<'_>| append(tx, &Change::of(gone, ChangeKind::PersonUpdated));
    let node = federation.node(NODE);
    node.transact("late", late).await.unwrap();
    let page = listed(&federation, list(ChangesFrom::Oldest, 9))
        .await
        .unwrap();
    assert_eq!(page.changes.len(), 1);
    assert!(!page.more);
    assert!(listed(&federation, after(&page.cursor)).await.is_ok());
}

fn waiting(cursor: &str) -> ListChanges {
    ListChanges {
        wait: LONGEST_WAIT,
        ..after(cursor)
    }
}

#[tokio::test]
async fn a_call_that_waits_is_answered_when_something_happens() {
    let federation = Federation::new(1);
    let cursor = cursor_of_now(&federation).await;
    let mut call = Task::new(listed(&federation, waiting(&cursor)));
    assert!(!call.step());
    federation.register(NODE, "ML-1", awa()).await;
    assert!(call.step());
    assert_eq!(
        kinds(&call.output().unwrap()),
        [ChangeKind::PersonRegistered]
    );
}

#[tokio::test]
async fn a_call_that_waits_in_vain_is_answered_when_its_time_is_over() {
    let federation = Federation::new(1);
    let before = federation.now();
    let cursor = cursor_of_now(&federation).await;
    let page = listed(&federation, waiting(&cursor)).await.unwrap();
    assert_eq!((page.changes.len(), page.cursor), (0, cursor));
    assert_eq!(federation.now().since(before), LONGEST_WAIT);
}

#[tokio::test]
async fn i8_four_calls_of_a_session_wait_and_all_are_answered_when_the_node_ends() {
    let federation = Federation::new(1);
    let cursor = cursor_of_now(&federation).await;
    let mut calls: Vec<_> = (0..4)
        .map(|_| Task::new(listed(&federation, waiting(&cursor))))
        .collect();
    assert!(!calls.iter_mut().any(Task::step));
    let fifth = listed(&federation, waiting(&cursor)).await;
    assert_eq!(fifth, Err(ExchangeError::QuotaExceeded));
    let mut other = federation.caseworker(NODE);
    other.session = SessionId::random(&SeededRng::new(9));
    let node = federation.node(NODE);
    let mut of_other = Task::new(node.list_changes(&other, waiting(&cursor)));
    assert!(!of_other.step());
    node.end_waits();
    assert!(of_other.step() && calls.iter_mut().all(Task::step));
    drop(calls);
    // Their places are free again, and nobody waits any more.
    assert!(listed(&federation, waiting(&cursor)).await.is_ok());
}
