use passerelle_domain::{Pii, SessionId, TokenId};

use super::about_persons::world;
use super::sample::*;
use super::*;
use crate::tables::outbox::OutboxKind;

#[test]
fn attempts_go_once_their_exchange_is_over() {
    let mut world = World::memory();
    for number in 1..=4 {
        for peer in ["mission-locale", "departement"] {
            let kept = attempts(at(number + 10));
            world
                .write(|tx| attempts::put(tx, &node(peer), &exchange(number), &kept))
                .unwrap();
        }
    }
    let sweep = |world: &mut World, limit| {
        world
            .write(|tx| attempts::sweep(tx, &node("mission-locale"), at(13), limit))
            .unwrap()
    };
    assert_eq!(sweep(&mut world, 2), 2);
    assert_eq!(sweep(&mut world, 10), 1);
    assert_eq!(sweep(&mut world, 10), 0);
    let find = |peer: &str, number| {
        world
            .read(|read| attempts::find(read, &node(peer), &exchange(number)))
            .unwrap()
    };
    assert_eq!(find("mission-locale", 3), None);
    assert!(find("mission-locale", 4).is_some());
    assert!(find("departement", 1).is_some());
}

#[test]
fn an_outbox_gives_what_ends_something_first_and_then_in_order() {
    let mut world = World::memory();
    let peer = node("mission-locale");
    let kinds = [
        OutboxKind::Acknowledgement,
        OutboxKind::Receipt,
        OutboxKind::Withdrawal,
        OutboxKind::Receipt,
        OutboxKind::Objection,
        OutboxKind::PurgeOrder,
    ];
    for kind in kinds {
        world
            .write(|tx| outbox::push(tx, &peer, &outbox_item(kind)))
            .unwrap();
    }
    let order = |world: &World, limit| -> Vec<(u8, u64)> {
        let first = world
            .read(|read| outbox::first(read, &peer, limit))
            .unwrap();
        first
            .iter()
            .map(|(place, _)| (place.priority, place.number))
            .collect()
    };
    assert_eq!(
        order(&world, 10),
        [(0, 3), (0, 5), (0, 6), (1, 2), (1, 4), (2, 1)]
    );
    assert_eq!(order(&world, 2), [(0, 3), (0, 5)]);
    let (place, mut item) = world
        .read(|read| outbox::first(read, &peer, 1))
        .unwrap()
        .remove(0);
    item.attempts = 7;
    world.write(|tx| outbox::put(tx, &place, &item)).unwrap();
    assert_eq!(
        world.read(|read| outbox::find(read, &place)).unwrap(),
        Some(item)
    );
    world
        .write(|tx| {
            outbox::remove(tx, &place);
            Ok(())
        })
        .unwrap();
    assert_eq!(order(&world, 1), [(0, 5)]);
    // Numbers are not given again.
    let next = world
        .write(|tx| outbox::push(tx, &peer, &outbox_item(OutboxKind::Receipt)))
        .unwrap();
    assert_eq!(next.number, 7);
}

#[test]
fn i8_the_peers_for_which_something_waits_are_found_without_reading_what_waits() {
    let mut world = World::memory();
    for (peer, kind, count) in [
        ("mission-locale", OutboxKind::Acknowledgement, 30),
        ("mission-locale", OutboxKind::Receipt, 1),
        ("mission", OutboxKind::Withdrawal, 2),
        ("zzz", OutboxKind::Acknowledgement, 1),
    ] {
        for _ in 0..count {
            world
                .write(|tx| outbox::push(tx, &node(peer), &outbox_item(kind)))
                .unwrap();
        }
    }
    let waiting = world.read(|read| outbox::waiting(read)).unwrap();
    assert_eq!(
        waiting,
        [
            (node("mission"), 0),
            (node("mission-locale"), 1),
            (node("zzz"), 2)
        ]
    );
}

#[test]
fn a_single_use_token_is_used_once_until_it_expires() {
    let mut world = World::memory();
    let token = TokenId::from_bytes([1; 16]);
    let spend = |world: &mut World, issuer: &str| {
        world
            .write(|tx| used_tokens::spend(tx, issuer, &token, at(60)))
            .unwrap()
    };
    assert!(spend(&mut world, "i-milo"));
    assert!(!spend(&mut world, "i-milo"));
    assert!(
        spend(&mut world, "other"),
        "a jti is unique for its issuer only"
    );
    let sweep = |world: &mut World, now| world.write(|tx| expiry::sweep(tx, now, 10)).unwrap();
    assert_eq!(sweep(&mut world, at(59)), 0);
    assert!(!spend(&mut world, "i-milo"));
    assert_eq!(sweep(&mut world, at(60)), 2);
    assert_eq!(world.raw(), []);
}

#[test]
fn what_is_kept_for_a_time_goes_when_it_is_over() {
    let mut world = World::memory();
    let session = session(1);
    world.write(|tx| sessions::put(tx, &session)).unwrap();
    let mut long = answered();
    long.response = vec![1; 150_000].into();
    world
        .write(|tx| requests::put(tx, "i-milo", "r-1", &long, at(90)))
        .unwrap();
    assert_eq!(
        world
            .read(|read| requests::find(read, "i-milo", "r-1"))
            .unwrap(),
        Some(long)
    );
    assert_eq!(world.write(|tx| expiry::sweep(tx, at(95), 10)).unwrap(), 1);
    assert_eq!(
        world
            .read(|read| requests::find(read, "i-milo", "r-1"))
            .unwrap(),
        None
    );
    assert_eq!(
        world
            .read(|read| sessions::find(read, &session.id))
            .unwrap(),
        Some(session)
    );
    assert_eq!(world.write(|tx| expiry::sweep(tx, at(200), 10)).unwrap(), 1);
    assert_eq!(world.raw(), [], "the further parts of long values too");
}

#[test]
fn a_session_ends_when_it_is_closed_or_expires() {
    let open = sessions::Session {
        closed_at: None,
        ..session(1)
    };
    assert!(open.open_at(at(99)));
    assert!(!open.open_at(at(100)));
    assert!(!session(1).open_at(at(50)));
    let caller = open.caller();
    assert_eq!(
        (caller.session, caller.reference, caller.role),
        (open.id, open.agent, open.role)
    );
    assert_eq!(caller.session, SessionId::from_bytes([1; 16]));
}

#[test]
fn an_agent_keeps_one_reference_and_shares_it_with_nobody() {
    let mut world = World::memory();
    let mut add = |subject: &str, now| {
        let subject = Pii::new(subject.to_owned());
        world
            .write(|tx| agents::find_or_add(tx, &siret(), &subject, now))
            .unwrap()
    };
    let first = add("camille", at(1));
    assert_eq!(add("camille", at(2)), first);
    assert_ne!(add("dominique", at(3)).reference, first.reference);
}

#[test]
fn quotas_add_up_by_day_kind_and_subject_and_go_with_their_day() {
    let mut world = World::memory();
    let tomorrow = at(86_400);
    let mut add = |now, kind: &str, subject: &str| {
        world
            .write(|tx| quotas::add(tx, now, kind, subject, 2))
            .unwrap()
    };
    assert_eq!(add(at(0), "redemptions", "a"), 2);
    assert_eq!(add(at(1), "redemptions", "a"), 4);
    assert_eq!(add(at(1), "redemptions", "b"), 2);
    assert_eq!(add(at(1), "lookups", "a"), 2);
    assert_eq!(add(tomorrow, "redemptions", "a"), 2);
    assert_eq!(
        world.write(|tx| quotas::sweep(tx, tomorrow, 10)).unwrap(),
        3
    );
    assert_eq!(
        world
            .read(|read| quotas::used(read, at(0), "redemptions", "a"))
            .unwrap(),
        0
    );
    assert_eq!(
        world
            .read(|read| quotas::used(read, tomorrow, "redemptions", "a"))
            .unwrap(),
        2
    );
}

#[test]
fn the_officers_index_gives_the_newest_first_in_pages() {
    let mut world = world();
    for leaf in 0..10 {
        let about = (leaf % 2 == 0).then(|| person(1));
        world
            .write(|tx| exchange_index::put(tx, &entry(leaf, about)))
            .unwrap();
    }
    let leaves = |found: Result<Vec<exchange_index::IndexedEntry>, TableError>| -> Vec<u64> {
        found.unwrap().iter().map(|entry| entry.leaf).collect()
    };
    let peer = node("mission-locale");
    assert_eq!(
        leaves(world.read(|read| exchange_index::newest(read, None, 3))),
        [9, 8, 7]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::newest(read, Some(7), 3))),
        [6, 5, 4]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::of_person(read, &person(1), None, 2))),
        [8, 6]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::of_person(read, &person(1), Some(6), 9))),
        [4, 2, 0]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::with_peer(read, &peer, Some(2), 9))),
        [1, 0]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::with_peer(read, &node("mission"), None, 9))),
        [0; 0]
    );
    world
        .write(|tx| {
            exchange_index::remove(tx, &entry(8, Some(person(1))));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        leaves(world.read(|read| exchange_index::newest(read, None, 2))),
        [9, 7]
    );
    assert_eq!(
        leaves(world.read(|read| exchange_index::of_person(read, &person(1), None, 1))),
        [6]
    );
}

#[test]
fn of_changes_the_oldest_are_forgotten_by_age_and_beyond_a_number() {
    let mut world = World::memory();
    for number in 1..=6 {
        let kept = change(number, None);
        world
            .write(|tx| changes::append(tx, kept.at, &kept.change))
            .unwrap();
    }
    let sweep = |world: &mut World, before, most, limit| {
        world
            .write(|tx| changes::sweep(tx, before, most, limit))
            .unwrap()
    };
    // By age, those before 23.
    assert_eq!(sweep(&mut world, at(23), 100, 1), 1);
    assert_eq!(sweep(&mut world, at(23), 100, 10), 1);
    // Beyond the newest three.
    assert_eq!(sweep(&mut world, at(0), 3, 10), 1);
    assert_eq!(sweep(&mut world, at(0), 3, 10), 0);
    let left = world.read(|read| changes::after(read, 0, 10)).unwrap();
    assert_eq!(left, [4, 5, 6].map(|number| change(number, None)));
    let standing = world.read(|read| changes::standing(read)).unwrap();
    assert_eq!((standing.newest, standing.forgotten), (6, 3));
}
