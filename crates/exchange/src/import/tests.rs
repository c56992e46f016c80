#![allow(clippy::disallowed_methods, reason = "tests look at what is kept")]

use passerelle_domain::vocabulary::DiagnosisTheme;
use passerelle_store::tables::records;

use super::*;
use crate::records::{DeleteRecord, RecordName};
use crate::testing::{Federation, awa, constraint, step, upsert};

const NODE: &str = "mission-locale";

fn row(reference: &str, records: Vec<UpsertRecord>) -> ImportRow {
    ImportRow {
        reference: Pii::new(reference.to_owned()),
        identity: awa(),
        records,
        distinct: false,
    }
}

fn named(row: ImportRow, first_names: &str) -> ImportRow {
    let identity = TraitsForm {
        first_names: first_names.to_owned(),
        ..row.identity
    };
    ImportRow { identity, ..row }
}

async fn imported(federation: &Federation, rows: Vec<ImportRow>) -> Vec<ImportedRow> {
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    node.import_rows(&caller, rows, Writing::Keep)
        .await
        .unwrap()
}

fn kept(federation: &Federation, person: PersonId) -> Vec<(String, u64)> {
    let read = federation.node(NODE).read(|view| {
        let journey = records::journey(view, &person)?;
        let mut kept: Vec<_> = journey
            .into_iter()
            .map(|one| (one.reference.into_exposed(), one.agency_version))
            .collect();
        kept.sort();
        Ok(kept)
    });
    read.unwrap()
}

fn count(federation: &Federation, reference: &str) -> usize {
    let read = federation.node(NODE).read(|view| {
        let found = persons::find_by_reference(view, reference)?;
        Ok(usize::from(found.is_some()))
    });
    read.unwrap()
}

#[tokio::test]
async fn i5_the_second_import_of_the_same_rows_changes_nothing() {
    let federation = Federation::new(1);
    let rows = || vec![row("A-1", vec![upsert("path", 0, step("Soudure"))])];
    let first = imported(&federation, rows()).await;
    let [ImportedRow::Created(Some(person))] = first[..] else {
        panic!("{first:?}")
    };
    let syncs = federation.disk(NODE).files.syncs();

    let again = imported(&federation, rows()).await;
    assert_eq!(again, [ImportedRow::Unchanged(person)]);
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);
    assert_eq!(kept(&federation, person), [("path".to_owned(), 1)]);
}

#[tokio::test]
async fn a_cell_that_changed_is_the_next_version_and_the_one_before_counts_on() {
    let federation = Federation::new(1);
    let with = |label| vec![row("A-1", vec![upsert("path", 0, step(label))])];
    let first = imported(&federation, with("Soudure")).await;
    let [ImportedRow::Created(Some(person))] = first[..] else {
        panic!("{first:?}")
    };
    for (label, version) in [("Cuisine", 2), ("Soudure", 3)] {
        let changed = imported(&federation, with(label)).await;
        assert_eq!(changed, [ImportedRow::Updated(person)], "{label}");
        assert_eq!(kept(&federation, person), [("path".to_owned(), version)]);
    }
}

#[tokio::test]
async fn a_row_is_kept_whole_or_not_at_all_and_keeps_no_other_out() {
    let federation = Federation::new(1);
    let broken = proto::OwnRecord::default();
    let rows = vec![
        row(
            "A-1",
            vec![
                upsert("good", 0, step("Soudure")),
                upsert("bad", 0, broken.clone()),
                upsert("worse", 0, broken),
            ],
        ),
        named(row("A-2", vec![upsert("good", 0, step("Soudure"))]), "Ana"),
    ];
    let results = imported(&federation, rows).await;
    let ImportedRow::Refused(refused) = &results[0] else {
        panic!("{results:?}")
    };
    let of: Vec<_> = refused.iter().map(|one| one.record.clone()).collect();
    assert_eq!(of, ["bad", "worse"].map(|one| Some(Pii::new(one.into()))));
    assert!(matches!(results[1], ImportedRow::Created(Some(_))));
    assert_eq!(count(&federation, "A-1"), 0);
    assert_eq!(count(&federation, "A-2"), 1);
}

#[tokio::test]
async fn a_record_that_is_refused_against_what_is_kept_leaves_the_person_as_they_were() {
    let federation = Federation::new(1);
    let first = vec![row("A-1", vec![upsert("path", 3, step("Soudure"))])];
    imported(&federation, first).await;
    let other = named(
        row("A-1", vec![upsert("path", 3, step("Cuisine"))]),
        "Another",
    );
    let results = imported(&federation, vec![other]).await;
    assert!(matches!(&results[0], ImportedRow::Refused(refused)
        if refused[0].malformed.field() == "version"));
    let identity = federation
        .node(NODE)
        .read(|view| Ok(persons::find_by_reference(view, "A-1")?.map(|one| one.identity)))
        .unwrap();
    assert_eq!(identity.unwrap().first_names, awa().first_names);
}

#[tokio::test]
async fn who_looks_like_someone_known_is_named_and_never_merged() {
    let federation = Federation::new(1);
    let known = federation.register(NODE, "ML-1", awa()).await;
    let alike = TraitsForm {
        birth_name: awa().birth_name.to_uppercase(),
        ..awa()
    };
    let second = ImportRow {
        identity: alike,
        ..row("A-2", Vec::new())
    };
    let results = imported(&federation, vec![second.clone()]).await;
    assert_eq!(results, [ImportedRow::LooksLike(vec![known])]);
    assert_eq!(count(&federation, "A-2"), 0);

    let decided = ImportRow {
        distinct: true,
        ..second
    };
    let results = imported(&federation, vec![decided.clone()]).await;
    assert!(matches!(results[..], [ImportedRow::Created(Some(id))] if id != known));
    // Once it is known, nobody needs to decide again.
    let again = ImportRow {
        distinct: false,
        ..decided
    };
    let results = imported(&federation, vec![again]).await;
    assert!(matches!(results[..], [ImportedRow::Unchanged(_)]));
    // And rows of one call are seen by those after them.
    let two = ["A-3", "A-4"].map(|reference| named(row(reference, Vec::new()), "Zoé"));
    let results = imported(&federation, two.into()).await;
    assert!(matches!(
        results[..],
        [ImportedRow::Created(_), ImportedRow::LooksLike(_)]
    ));
}

#[tokio::test]
async fn who_looks_like_someone_is_found_among_however_many_of_that_name() {
    let federation = Federation::new(1);
    let of_name = |number: usize| ImportRow {
        distinct: true,
        ..named(row(&format!("M-{number}"), Vec::new()), &first_name(number))
    };
    let mut all = Vec::new();
    for call in 0..11 {
        let rows = (call * 200..(call + 1) * 200).map(of_name).collect();
        for result in imported(&federation, rows).await {
            let ImportedRow::Created(Some(person)) = result else {
                panic!("{result:?}")
            };
            all.push(person);
        }
    }
    // The last that a search comes to.
    let (number, last) = all.iter().enumerate().max_by_key(|(_, id)| **id).unwrap();
    let again = named(row("Z-1", Vec::new()), &first_name(number));
    let results = imported(&federation, vec![again]).await;
    assert_eq!(results, [ImportedRow::LooksLike(vec![*last])]);
}

/// Letters alone, another for each number.
fn first_name(number: usize) -> String {
    let letter = |digit: char| char::from(b'a' + u8::try_from(u32::from(digit) - 48).unwrap());
    number.to_string().chars().map(letter).collect()
}

#[tokio::test]
async fn i5_nobody_is_changed_twice_by_one_call() {
    let federation = Federation::new(1);
    let person = federation.register(NODE, "A-1", awa()).await;
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let further = crate::UpdatePerson {
        person,
        identity: crate::IdentityChange {
            traits: None,
            forget_nir: false,
        },
        reference: None,
        add: vec![Pii::new("A-2".to_owned())],
        drop: Vec::new(),
        hidden: None,
    };
    node.update_person(&caller, further).await.unwrap();
    let rows = || {
        vec![
            row("A-1", vec![upsert("path", 0, step("Soudure"))]),
            // The same person by a further reference, and by the same.
            named(row("A-2", vec![upsert("path", 0, step("Cuisine"))]), "Zoé"),
            named(row("A-1", Vec::new()), "Zoé"),
            named(row("B-1", Vec::new()), "Zoé"),
            named(row("B-1", vec![upsert("path", 0, step("Cuisine"))]), "Zoé"),
        ]
    };
    let rehearsed = node.import_rows(&caller, rows(), Writing::Rehearse).await;
    let first = imported(&federation, rows()).await;
    let again = imported(&federation, rows()).await;
    for results in [&rehearsed.unwrap(), &first, &again] {
        for at in [1, 2, 4] {
            let ImportedRow::Refused(refused) = &results[at] else {
                panic!("{at} {results:?}")
            };
            assert_eq!(refused[0].malformed.field(), "reference");
        }
    }
    assert_eq!(first[0], ImportedRow::Updated(person));
    assert_eq!(again[0], ImportedRow::Unchanged(person));
    assert!(matches!(again[3], ImportedRow::Unchanged(_)));
    assert_eq!(kept(&federation, person), [("path".to_owned(), 1)]);
}

#[tokio::test]
async fn a_rehearsal_says_the_same_and_writes_nothing() {
    let federation = Federation::new(1);
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let rows = || vec![row("A-1", vec![upsert("path", 0, step("Soudure"))])];
    let syncs = federation.disk(NODE).files.syncs();
    let rehearsed = node.import_rows(&caller, rows(), Writing::Rehearse).await;
    assert_eq!(rehearsed, Ok(vec![ImportedRow::Created(None)]));
    assert_eq!(federation.disk(NODE).files.syncs(), syncs);
    assert_eq!(count(&federation, "A-1"), 0);
}

#[tokio::test]
async fn a_class_that_the_session_does_not_reach_refuses_the_row() {
    let federation = Federation::new(1);
    let caller = Caller {
        second_factor: false,
        ..federation.caseworker(NODE)
    };
    let health = upsert("health", 0, constraint(DiagnosisTheme::Health));
    let results = federation
        .node(NODE)
        .import_rows(&caller, vec![row("A-1", vec![health])], Writing::Keep)
        .await
        .unwrap();
    assert!(matches!(&results[0], ImportedRow::Refused(refused)
        if refused[0].malformed.rule() == crate::BEYOND_SESSION));
}

#[tokio::test]
async fn a_call_is_bounded() {
    let federation = Federation::new(1);
    let caller = federation.caseworker(NODE);
    let node = federation.node(NODE);
    let many = |rows: usize, records: usize| {
        let of_one: Vec<_> = (0..records)
            .map(|at| upsert(&at.to_string(), 0, step("Soudure")))
            .collect();
        vec![row("A-1", of_one); rows]
    };
    for (rows, records) in [(0, 0), (201, 0), (1, 65), (9, 64)] {
        let refused = node
            .import_rows(&caller, many(rows, records), Writing::Keep)
            .await;
        assert!(
            matches!(refused, Err(ExchangeError::Malformed(_))),
            "{rows} {records}"
        );
    }
}

#[tokio::test]
async fn a_record_that_was_deleted_does_not_come_back_by_the_same_file() {
    let federation = Federation::new(1);
    let rows = || vec![row("A-1", vec![upsert("path", 0, step("Soudure"))])];
    let first = imported(&federation, rows()).await;
    let [ImportedRow::Created(Some(person))] = first[..] else {
        panic!("{first:?}")
    };
    let delete = DeleteRecord {
        person,
        record: RecordName::Reference(Pii::new("path".to_owned())),
        version: 0,
    };
    let caller = federation.caseworker(NODE);
    let deleted = federation.node(NODE).delete_record(&caller, delete).await;
    assert!(deleted.is_ok());
    let again = imported(&federation, rows()).await;
    assert_eq!(again, [ImportedRow::Unchanged(person)]);
    assert!(kept(&federation, person).is_empty());
}
