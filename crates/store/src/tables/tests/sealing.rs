use passerelle_domain::Digest;
use passerelle_domain::claim::ObjectionScope;

use super::round_trips::filled;
use super::sample::*;
use super::*;
use crate::seal::{OpenedPart, SealedFields};
use crate::tables::copies::Copy;
use crate::tables::meta::MetaName;

#[test]
fn i10_nothing_that_a_store_holds_reads_as_what_was_put() {
    let mut world = World::memory();
    filled(&mut world);
    let tables: std::collections::BTreeSet<_> =
        world.raw().iter().map(|(row, _)| row.table()).collect();
    for table in TABLES {
        assert!(tables.contains(&table.table), "no row in {}", table.name);
    }
    let needles = [CANARY, "canary", "eloise", "éloïse", "Éloïse"];
    for (row, value) in world.raw() {
        for haystack in [row.as_bytes(), &value] {
            let folded = String::from_utf8_lossy(haystack).to_lowercase();
            for needle in needles {
                assert!(
                    !contains(haystack, needle.as_bytes()),
                    "{needle} in table {}",
                    row.table().number()
                );
                assert!(!folded.contains(&needle.to_lowercase()));
            }
        }
    }
    // The search finds what is there: keys hold names of nodes.
    assert!(
        world
            .raw()
            .iter()
            .any(|(row, _)| contains(row.as_bytes(), b"mission-locale"))
    );
}

#[test]
fn a_row_put_in_the_place_of_another_does_not_open() {
    let one = person(1);
    let mut world = World::memory();
    filled(&mut world);
    world
        .write(|tx| {
            persons::put(tx, &person_row(2), &[""; 0])?;
            records::put(tx, &one, &record(2))?;
            meta::put(tx, MetaName::SCHEMA, Bytes::from_static(b"1"))
        })
        .unwrap();
    let value_of = |world: &World, spec: Spec, key: &[u8]| {
        let row = Row::new(spec.table, key);
        world.engine.get(&row).unwrap().unwrap()
    };
    // Another key of the same person's, another person's, another table's, another of the node's.
    let [first, second] = [[[1; 16], [1; 16]].concat(), [[1; 16], [2; 16]].concat()];
    let moved = value_of(&world, records::RECORDS, &first);
    world.tamper(records::RECORDS.table, &second, Some(moved));
    let error = world.read(|read| records::journey(read, &one)).unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "records" }));
    let moved = value_of(&world, persons::PERSONS, &[1; 16]);
    world.tamper(persons::PERSONS.table, &[2; 16], Some(moved));
    let error = world
        .read(|read| persons::find(read, &person(2)))
        .unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "persons" }));
    let moved = value_of(&world, links::LINKS, &[1; 16]);
    world.tamper(passes::PASSES.table, &[1; 16], Some(moved));
    let error = world
        .read(|read| passes::find(read, &pass(1, one).id))
        .unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "passes" }));
    let moved = value_of(&world, meta::META, b"schema");
    world.tamper(meta::META.table, b"trust-list", Some(moved));
    let error = world
        .read(|read| meta::find(read, MetaName::TRUST_LIST))
        .unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "meta" }));
}

#[test]
fn a_row_of_another_version_is_not_read_as_this_one() {
    let mut world = World::memory();
    filled(&mut world);
    let value = world
        .engine
        .get(&Row::new(links::LINKS.table, &[1; 16]))
        .unwrap()
        .unwrap();
    let mut newer = value.to_vec();
    newer[0] = 2;
    world.tamper(links::LINKS.table, &[1; 16], Some(newer.into()));
    let error = world
        .read(|read| links::find(read, &link(1, person(1)).id))
        .unwrap_err();
    assert!(matches!(
        error,
        TableError::Malformed { table: "links", .. }
    ));
}

#[test]
fn rows_do_not_open_under_another_node_key_or_epoch_key() {
    let mut world = World::memory();
    filled(&mut world);
    let world = world.with_keys(Keys::in_memory([1; 32], World::EPOCH_KEY));
    let error = world.read(|read| peers::all(read)).unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "peers" }));
    assert_eq!(
        world.read(|read| persons::find(read, &person(1))).unwrap(),
        Some(person_row(1))
    );
    let world = world.with_keys(Keys::in_memory(World::NODE_KEY, [1; 32]));
    let error = world
        .read(|read| persons::find(read, &person(1)))
        .unwrap_err();
    assert!(error.to_string().contains("epoch-1.key"), "{error}");
    assert_eq!(world.read(|read| peers::all(read)).unwrap().len(), 1);
}

#[test]
fn i14_without_the_persons_key_no_row_and_no_sealed_part_opens_and_entries_still_stand() {
    let one = person(1);
    let fields = SealedFields {
        agent: None,
        reason: "objection".into(),
    };
    let mut world = World::memory();
    filled(&mut world);
    world
        .write(|tx| persons::put(tx, &person_row(2), &[""; 0]))
        .unwrap();
    let sealed = world.write(|tx| tx.seal(&one, &fields, &[])).unwrap();
    let open =
        |world: &World| world.read(|read| read.open_sealed(7, &sealed.part, &sealed.commitment));
    let opened = OpenedPart {
        person: Some(one),
        fields: fields.clone(),
    };
    assert_eq!(open(&world).unwrap(), Some(opened));
    assert_eq!(
        world.read(|read| read.tag(&one, &sealed.part)).unwrap(),
        Some(sealed.tag)
    );

    let before = world.raw();
    let key_row = before
        .iter()
        .find(|(row, _)| row.as_bytes() == [&[1][..], &[1; 16]].concat())
        .unwrap();
    world
        .write(|tx| {
            assert_eq!(persons::find(tx, &one)?, Some(person_row(1)));
            persons::shred(tx, &one);
            // In the transaction that does it already, though it has just used the key.
            assert_eq!(persons::find(tx, &one)?, None);
            Ok(())
        })
        .unwrap();
    assert!(!world.raw().contains(key_row));
    assert_eq!(world.raw().len(), before.len() - 1);

    world.read(|read| what_is_left(read, one)).unwrap();
    assert_eq!(open(&world).unwrap(), None);
    assert_eq!(
        world.read(|read| read.tag(&one, &sealed.part)).unwrap(),
        None
    );
    // The entry names the digest of the sealed part, which anybody can check without a key.
    assert_eq!(Digest::of(&sealed.part), sealed.digest);
    let error = world
        .write(|tx| records::put(tx, &one, &record(3)))
        .unwrap_err();
    assert!(matches!(error, TableError::NoPerson { .. }));
    assert!(matches!(
        world.write(|tx| tx.seal(&one, &fields, &[])),
        Err(TableError::NoPerson { .. })
    ));
    assert_eq!(
        world.read(|read| persons::find(read, &person(2))).unwrap(),
        Some(person_row(2))
    );

    // A new key under the old id opens none of it either.
    let error = world
        .write(|tx| persons::put(tx, &person_row(1), &[""; 0]))
        .unwrap_err();
    assert!(matches!(error, TableError::Unopened { table: "persons" }));
}

fn what_is_left(read: &View<'_>, person: PersonId) -> Result<(), TableError> {
    let link = link(1, person);
    assert_eq!(persons::find(read, &person)?, None);
    assert_eq!(
        persons::find_by_reference(read, person_row(1).reference.expose())?,
        None
    );
    assert_eq!(records::journey(read, &person)?, []);
    assert_eq!(links::find(read, &link.id)?, None);
    assert_eq!(links::of_person(read, &person)?, []);
    assert_eq!(receipts::over_link(read, &link.id)?, []);
    assert_eq!(withdrawals::over_link(read, &link.id)?, []);
    assert_eq!(objections::of_person(read, &person)?, []);
    assert_eq!(passes::of_person(read, &person)?, []);
    assert_eq!(passes::find(read, &pass(1, person).id)?, None);
    assert_eq!(
        passes::redeemed(read, &pass(1, person).id, &node("mission-locale"))?,
        None
    );
    assert_eq!(questions::page(read, None, 10)?, []);
    assert_eq!(redemptions::page(read, None, 10)?, []);
    assert_eq!(
        redemptions::first_of_pass(read, &person, &redemption(1, person).pass)?,
        None
    );
    assert_eq!(copies::of_person(read, &person)?, []);
    assert_eq!(source_states::of_person(read, &person)?, []);
    assert_eq!(exchange_index::of_person(read, &person, None, 10)?, []);
    assert_eq!(exchange_index::find(read, 7)?, None);
    assert_eq!(peer_entries::find(read, 7)?, None);
    assert_eq!(disclosures::of_person(read, &person)?, []);
    Ok(())
}

#[test]
fn a_sealed_part_of_an_entry_that_was_taken_from_the_index_does_not_open() {
    let mut world = World::memory();
    filled(&mut world);
    let fields = SealedFields {
        agent: None,
        reason: String::new(),
    };
    let nobody = world.write(|tx| tx.seal_nobody(&fields, &[])).unwrap();
    let open =
        |world: &World| world.read(|read| read.open_sealed(8, &nobody.part, &nobody.commitment));
    assert_eq!(open(&world).unwrap().unwrap().person, None);
    world
        .write(|tx| {
            exchange_index::remove(tx, &entry(8, None));
            Ok(())
        })
        .unwrap();
    assert_eq!(open(&world).unwrap(), None);
}

#[test]
fn a_sealed_part_laid_beside_another_entry_is_named() {
    let mut world = World::memory();
    filled(&mut world);
    let fields = SealedFields {
        agent: None,
        reason: String::new(),
    };
    let one = world.write(|tx| tx.seal(&person(1), &fields, &[])).unwrap();
    let other = world.write(|tx| tx.seal(&person(1), &fields, &[])).unwrap();
    let error = world
        .read(|read| read.open_sealed(7, &one.part, &other.commitment))
        .unwrap_err();
    assert!(matches!(
        error,
        TableError::Unopened {
            table: "sealed part"
        }
    ));
}

#[test]
fn long_values_come_back_whole_and_leave_nothing_behind() {
    for mut world in [World::memory(), World::sled()] {
        let one = person(1);
        world
            .write(|tx| persons::put(tx, &person_row(1), &[""; 0]))
            .unwrap();
        let before = world.raw().len();
        for length in [0, 59_000, 60_000, 61_000, 1_048_576, 200_000, 10] {
            let summary = Bytes::from(
                (0..length)
                    .map(|i: u32| i.to_le_bytes()[i as usize % 4])
                    .collect::<Vec<_>>(),
            );
            world
                .write(|tx| copies::put(tx, &source(one), &copy(summary.clone())))
                .unwrap();
            let found = world.read(|read| copies::find(read, &source(one))).unwrap();
            assert!(found == Some(Copy::Held(copy(summary))), "{length}");
            assert!(
                world
                    .raw()
                    .iter()
                    .all(|(_, value)| value.len() <= 64 * 1024)
            );
        }
        assert_eq!(
            world.raw().len(),
            before + 1,
            "no part of a longer value is left"
        );
        world
            .write(|tx| copies::put(tx, &source(one), &copy(vec![1; 200_000].into())))
            .unwrap();
        assert_eq!(
            world
                .write(|tx| copies::purge(tx, &source(one), at(1)))
                .unwrap(),
            5
        );
        assert_eq!(world.raw().len(), before + 1);
    }
}

#[test]
fn a_part_of_a_long_value_that_is_lost_or_changed_is_named() {
    let mut world = World::memory();
    let one = person(1);
    world
        .write(|tx| persons::put(tx, &person_row(1), &[""; 0]))
        .unwrap();
    world
        .write(|tx| copies::put(tx, &source(one), &copy(vec![1; 200_000].into())))
        .unwrap();
    let parts: Vec<_> = world
        .raw()
        .into_iter()
        .filter(|(row, _)| row.table() == Table::new(2))
        .collect();
    assert_eq!(parts.len(), 3);
    for (row, value) in parts {
        let mut changed = value.to_vec();
        changed[100] ^= 1;
        for tampered in [None, Some(Bytes::from(changed))] {
            world.tamper(row.table(), &row.key(), tampered);
            let error = world
                .read(|read| copies::find(read, &source(one)))
                .unwrap_err();
            assert!(matches!(error, TableError::Unopened { table: "copies" }));
        }
        world.tamper(row.table(), &row.key(), Some(value));
        world.read(|read| copies::find(read, &source(one))).unwrap();
    }
}

#[test]
fn a_value_longer_than_its_row_may_be_is_refused() {
    let mut world = World::memory();
    world
        .write(|tx| persons::put(tx, &person_row(1), &[""; 0]))
        .unwrap();
    let sections = ObjectionScope::Requester(node("mission-locale"));
    world
        .write(|tx| objections::put(tx, &person(1), &objection(1, sections)))
        .unwrap();
    let error = world
        .write(|tx| meta::put(tx, MetaName::SCHEMA, vec![0; 65_536].into()))
        .unwrap_err();
    assert!(matches!(error, TableError::TooLong { table: "meta" }));
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
