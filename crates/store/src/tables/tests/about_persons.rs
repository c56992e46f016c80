use passerelle_domain::{Class, Digest, Pii};

use super::sample::*;
use super::*;
use crate::tables::copies::Copy;
use crate::tables::links::LinkState;

#[test]
fn a_person_is_found_by_what_is_true_now_and_no_longer_by_what_was() {
    let mut world = World::memory();
    world
        .write(|tx| persons::put(tx, &person_row(1), &["durand", "lopez"]))
        .unwrap();
    world
        .write(|tx| persons::put(tx, &person_row(2), &["durand"]))
        .unwrap();
    let mut changed = person_row(1);
    changed.reference = Pii::new("new".to_owned());
    world
        .write(|tx| persons::put(tx, &changed, &["lopez", "martin"]))
        .unwrap();
    let search = |key: &str| {
        world
            .read(|read| persons::search(read, key.as_bytes(), None, 10))
            .unwrap()
    };
    assert_eq!(search("durand"), [person(2)]);
    assert_eq!(search("lopez"), [person(1)]);
    assert_eq!(search("martin"), [person(1)]);
    assert_eq!(search("mart"), []);
    let by = |reference: &str| {
        world
            .read(|read| persons::find_by_reference(read, reference))
            .unwrap()
    };
    assert_eq!(by("new"), Some(changed));
    assert_eq!(by(person_row(1).reference.expose()), None);
}

#[test]
fn a_person_is_found_under_every_reference_that_the_file_keeps() {
    let mut world = World::memory();
    let reference = |text: &str| Pii::new(text.to_owned());
    let kept = persons::Person {
        reference: reference("new"),
        other_references: vec![reference("oldest"), reference("old")],
        ..person_row(1)
    };
    let put = |world: &mut World, person: &persons::Person| {
        world
            .write(|tx| persons::put(tx, person, &[""; 0]))
            .unwrap();
    };
    put(&mut world, &kept);
    let found = |world: &World, text: &str| {
        world
            .read(|read| persons::find_by_reference(read, text))
            .unwrap()
    };
    for text in ["new", "oldest", "old"] {
        assert_eq!(found(&world, text), Some(kept.clone()), "{text}");
    }
    let fewer = persons::Person {
        reference: reference("old"),
        other_references: vec![reference("new")],
        ..kept
    };
    put(&mut world, &fewer);
    assert_eq!(found(&world, "oldest"), None);
    assert_eq!(found(&world, "new"), Some(fewer));
}

#[test]
fn a_search_comes_in_pages() {
    let mut world = World::memory();
    for number in 1..=5 {
        world
            .write(|tx| persons::put(tx, &person_row(number), &["durand"]))
            .unwrap();
    }
    let page = |after: Option<PersonId>| {
        world
            .read(|read| persons::search(read, b"durand", after.as_ref(), 2))
            .unwrap()
    };
    assert_eq!(page(None), [person(1), person(2)]);
    assert_eq!(page(Some(person(2))), [person(3), person(4)]);
    assert_eq!(page(Some(person(4))), [person(5)]);
}

#[test]
fn only_one_link_in_use_is_the_live_one() {
    let mut world = world();
    let ended = links::Link {
        state: LinkState::Ended,
        ceiling: None,
        born_from: None,
        ..link(1, person(1))
    };
    let live = link(2, person(1));
    let other = links::Link {
        peer: node("mission-locale-2"),
        ..link(3, person(1))
    };
    world
        .write(|tx| {
            [&ended, &live, &other]
                .into_iter()
                .try_for_each(|link| links::put(tx, link))
        })
        .unwrap();
    let read =
        |run: fn(&View<'_>) -> Result<Vec<links::Link>, TableError>| world.read(run).unwrap();
    let to_one = read(|read| links::with_peer(read, &person(1), &node("mission-locale")));
    assert_eq!(to_one, [ended.clone(), live.clone()]);
    assert_eq!(
        read(|read| links::of_person(read, &person(1))),
        [ended, live.clone(), other]
    );
    let found = world
        .read(|read| links::live(read, &person(1), &node("mission-locale")))
        .unwrap();
    assert_eq!(found, Some(live));
}

#[test]
fn receipts_of_a_chain_come_by_version_and_no_issuer_touches_anothers() {
    let mut world = world();
    let link = link(1, person(1)).id;
    for (chain, version) in [(1, 300), (1, 2), (2, 1), (1, 1)] {
        world
            .write(|tx| receipts::put(tx, &person(1), &receipt(link, chain, version)))
            .unwrap();
    }
    let chain = receipt(link, 1, 1).receipt.chain;
    let versions: Vec<_> = world
        .read(|read| receipts::chain(read, &link, &node("departement"), &chain))
        .unwrap()
        .iter()
        .map(|kept| kept.receipt.version)
        .collect();
    assert_eq!(versions, [1, 2, 300]);
    assert_eq!(
        world
            .read(|read| receipts::over_link(read, &link))
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        world
            .read(|read| receipts::chain(read, &link, &node("mission-locale"), &chain))
            .unwrap(),
        []
    );
}

#[test]
fn i3_a_chain_that_ended_stays_as_it_ended() {
    let mut world = world();
    let link = link(1, person(1)).id;
    let first = withdrawn(link, 1);
    let second = withdrawals::WithdrawnChain {
        withdrawn_at: at(500),
        jwt: None,
        ..first.clone()
    };
    assert!(
        world
            .write(|tx| withdrawals::put(tx, &person(1), &first))
            .unwrap()
    );
    assert!(
        !world
            .write(|tx| withdrawals::put(tx, &person(1), &second))
            .unwrap()
    );
    assert_eq!(
        world
            .read(|read| withdrawals::over_link(read, &link))
            .unwrap(),
        [first]
    );
}

#[test]
fn i3_a_withdrawal_that_comes_before_its_link_is_found_over_it() {
    let mut world = world();
    let link = link(1, person(1)).id;
    let ahead = withdrawn(link, 1);
    let kept = |world: &mut World| {
        world
            .write(|tx| withdrawals::put_ahead(tx, &ahead, at(900)))
            .unwrap()
    };
    assert!(kept(&mut world));
    assert!(!kept(&mut world));
    assert!(
        !world
            .write(|tx| withdrawals::put(tx, &person(1), &withdrawn(link, 1)))
            .unwrap()
    );
    let found = |world: &World| {
        world
            .read(|read| withdrawals::over_link(read, &link))
            .unwrap()
    };
    assert_eq!(found(&world).as_slice(), std::slice::from_ref(&ahead));
    world.write(|tx| expiry::sweep(tx, at(899), 10)).unwrap();
    assert_eq!(found(&world).as_slice(), std::slice::from_ref(&ahead));
    world.write(|tx| expiry::sweep(tx, at(900), 10)).unwrap();
    assert_eq!(found(&world), []);
}

#[test]
fn i3_a_withdrawal_that_came_before_its_link_is_kept_with_the_link() {
    let mut world = world();
    let link = link(1, person(1));
    let ahead = withdrawn(link.id, 1);
    world
        .write(|tx| withdrawals::put_ahead(tx, &ahead, at(900)))
        .unwrap();
    world.write(|tx| links::put(tx, &link)).unwrap();
    let swept = world.write(|tx| expiry::sweep(tx, at(900), 10)).unwrap();
    assert_eq!(swept, 1);
    let left = world.read(|read| withdrawals::over_link(read, &link.id));
    assert_eq!(left.unwrap(), [ahead]);
}

#[test]
fn a_pass_redeemed_again_proposes_the_link_of_the_first_time() {
    let mut world = world();
    let first = redemption(1, person(1));
    let second = redemptions::Redemption {
        proposed_link: link(9, person(1)).id,
        ..redemption(2, person(1))
    };
    world.write(|tx| redemptions::put(tx, &first)).unwrap();
    world.write(|tx| redemptions::put(tx, &second)).unwrap();
    let pass = first.pass;
    let found = world
        .read(|read| redemptions::first_of_pass(read, &person(1), &pass))
        .unwrap();
    assert_eq!(found, Some(first));
    let other = world
        .read(|read| redemptions::first_of_pass(read, &person(1), &Digest::of(b"other")))
        .unwrap();
    assert_eq!(other, None);
}

#[test]
fn i11_a_purged_copy_shows_that_it_was_purged() {
    let mut world = world();
    let purge = |world: &mut World, now| {
        world
            .write(|tx| copies::purge(tx, &source(person(1)), now))
            .unwrap()
    };
    assert_eq!(purge(&mut world, at(1)), 0);
    assert_eq!(
        world
            .read(|read| copies::find(read, &source(person(1))))
            .unwrap(),
        None
    );
    world
        .write(|tx| {
            copies::put(
                tx,
                &source(person(1)),
                &copy(Bytes::from_static(b"summary")),
            )
        })
        .unwrap();
    assert_eq!(purge(&mut world, at(2)), 5);
    assert_eq!(purge(&mut world, at(3)), 0, "repeated: one effect");
    let purged = Copy::Purged {
        at: at(2),
        records: 5,
    };
    assert_eq!(
        world
            .read(|read| copies::find(read, &source(person(1))))
            .unwrap(),
        Some(purged)
    );
}

#[test]
fn i5_an_order_to_destroy_is_remembered_even_where_nothing_was_held() {
    let mut world = world();
    let order = |world: &mut World, now| {
        let gone = world
            .write(|tx| copies::purge_by_order(tx, &source(person(1)), now))
            .unwrap();
        let left = world.read(|read| copies::find(read, &source(person(1))));
        (gone, left.unwrap())
    };
    let purged = |at, records| Some(Copy::Purged { at, records });
    assert_eq!(order(&mut world, at(1)), (0, purged(at(1), 0)));
    let held = copy(Bytes::from_static(b"summary"));
    world
        .write(|tx| copies::put(tx, &source(person(1)), &held))
        .unwrap();
    assert_eq!(order(&mut world, at(2)), (5, purged(at(2), 5)));
    assert_eq!(order(&mut world, at(3)), (0, purged(at(3), 5)));
}

#[test]
fn those_who_received_are_found_without_reading_what_they_received() {
    let mut world = world();
    for (peer, leaf) in [
        ("zzz", 1),
        ("mission", 2),
        ("mission-locale", 3),
        ("mission", 400),
        ("zzz", u64::MAX),
    ] {
        world
            .write(|tx| disclosures::put(tx, &person(1), &disclosure(peer, leaf)))
            .unwrap();
    }
    let receivers = world
        .read(|read| disclosures::receivers(read, &person(1)))
        .unwrap();
    assert_eq!(
        receivers,
        [node("mission"), node("mission-locale"), node("zzz")]
    );
    let leaves: Vec<_> = world
        .read(|read| disclosures::to_peer(read, &person(1), &node("mission")))
        .unwrap()
        .iter()
        .map(|one| one.leaf)
        .collect();
    assert_eq!(leaves, [2, 400]);
}

#[test]
fn a_record_is_found_by_its_reference_for_its_person_alone() {
    let mut world = world();
    world
        .write(|tx| persons::put(tx, &person_row(2), &[""; 0]))
        .unwrap();
    let mut newer = record(1);
    newer.agency_version = 4;
    newer.class = Class::Health;
    world
        .write(|tx| records::put(tx, &person(1), &record(1)))
        .unwrap();
    world
        .write(|tx| records::put(tx, &person(1), &newer))
        .unwrap();
    let reference = newer.reference.expose().clone();
    let by = |person| {
        world
            .read(|read| records::find_by_reference(read, &person, &reference))
            .unwrap()
    };
    assert_eq!(by(person(2)), None);
    assert_eq!(by(person(1)), Some(newer));
    assert_eq!(
        world
            .read(|read| records::journey(read, &person(1)))
            .unwrap()
            .len(),
        1
    );
}

/// One person.
pub(super) fn world() -> World {
    let mut world = World::memory();
    world
        .write(|tx| persons::put(tx, &person_row(1), &[""; 0]))
        .unwrap();
    world
}
