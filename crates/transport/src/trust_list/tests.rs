use std::fs;

use passerelle_domain::claim::Freshness;
use passerelle_domain::member::KeyAlgorithm;
use tempfile::TempDir;

use super::*;
use crate::jwt::TokenError;
use crate::key_file::KeyError;
use crate::sample::{DAY, HOLDER, NOW, World, node};
use crate::throwaway::coordinator_key;

/// Coordinators, and a node that follows them.
struct Bench {
    world: World,
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            world: World::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn key(&self) -> &SigningKey {
        self.world.federation.coordinator()
    }

    fn pin(&self) -> Pin {
        self.world.files(HOLDER).trust.pin.clone()
    }

    fn lists(&self) -> TrustLists {
        TrustLists::open(self.folder.path(), self.pin()).unwrap()
    }

    fn first(&self) -> AcceptedList {
        self.world.federation.list().clone()
    }

    /// The list after `previous`, with `change` made, signed by `key`.
    fn next(
        &self,
        previous: &AcceptedList,
        key: &SigningKey,
        change: impl FnOnce(&mut TrustList),
    ) -> AcceptedList {
        let mut list = previous.list().clone();
        list.serial += 1;
        list.previous = Some(*previous.sha256());
        change(&mut list);
        self.signed(&list, key)
    }

    /// Signed without looking at what it follows.
    fn signed(&self, list: &TrustList, key: &SigningKey) -> AcceptedList {
        let token = jwt::sign(list, key).unwrap();
        let keys = CoordinatorKeys::of(&list.federation, [&coordinator_key(key)]).unwrap();
        verify(&token, &keys, NOW).unwrap()
    }

    fn files(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }
}

fn another_key() -> SigningKey {
    let folder = tempfile::tempdir().unwrap();
    SigningKey::create(&folder.path().join("key"), KeyAlgorithm::ES256).unwrap()
}

fn accepted(outcome: &Result<Offered, ListError>) -> bool {
    matches!(outcome, Ok(Offered::Accepted(_)))
}

#[test]
fn the_first_list_is_signed_by_the_pinned_key() {
    let bench = Bench::new();
    let mut lists = bench.lists();
    assert!(lists.in_force().is_none());
    assert!(accepted(&lists.offer(bench.first().token(), NOW)));
    assert_eq!(lists.in_force().unwrap().list().number(), (1, 1));
    let thief = another_key();
    let mut stolen = bench.first().list().clone();
    stolen.coordinator_keys = vec![coordinator_key(&thief)];
    let stolen = bench.signed(&stolen, &thief);
    let fresh = tempfile::tempdir().unwrap();
    let mut lists = TrustLists::open(fresh.path(), bench.pin()).unwrap();
    let outcome = lists.offer(stolen.token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::Token(TokenError::UnknownKey))
    ));
}

#[test]
fn a_node_that_joins_late_starts_from_the_list_of_the_day() {
    let bench = Bench::new();
    let second = bench.next(&bench.first(), bench.key(), |_| {});
    let mut lists = bench.lists();
    assert!(accepted(&lists.offer(second.token(), NOW)));
    assert!(matches!(
        lists.offer(bench.first().token(), NOW),
        Ok(Offered::Older)
    ));
    assert_eq!(lists.in_force().unwrap().list().serial, 2);
}

#[test]
fn a_list_is_signed_by_a_key_of_the_list_in_force() {
    let bench = Bench::new();
    let new = another_key();
    let mut lists = bench.lists();
    lists.offer(bench.first().token(), NOW).unwrap();
    let early = bench.next(&bench.first(), &new, |_| {});
    let outcome = lists.offer(early.token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::Token(TokenError::UnknownKey))
    ));
    let rotation = bench.next(&bench.first(), bench.key(), |list| {
        list.coordinator_keys = vec![coordinator_key(&new)];
    });
    assert!(accepted(&lists.offer(rotation.token(), NOW)));
    let by_the_old = bench.next(&rotation, bench.key(), |_| {});
    assert!(lists.offer(by_the_old.token(), NOW).is_err());
    let by_the_new = bench.next(&rotation, &new, |_| {});
    assert!(accepted(&lists.offer(by_the_new.token(), NOW)));
    // The chain holds when it is read again, though its last list is not by the pinned key.
    assert_eq!(bench.lists().in_force().unwrap().list().serial, 3);
    assert_eq!(bench.lists().chain().len(), 3);
}

#[test]
fn numbers_only_rise_and_none_is_left_out() {
    let bench = Bench::new();
    let first = bench.first();
    let second = bench.next(&first, bench.key(), |_| {});
    let third = bench.next(&second, bench.key(), |_| {});
    let mut lists = bench.lists();
    lists.offer(first.token(), NOW).unwrap();
    let outcome = lists.offer(third.token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::Gap {
            in_force: (1, 1),
            offered: (1, 3)
        })
    ));
    lists.offer(second.token(), NOW).unwrap();
    assert!(accepted(&lists.offer(third.token(), NOW)));
    for old in [&first, &second, &third] {
        assert!(matches!(lists.offer(old.token(), NOW), Ok(Offered::Known)));
    }
    assert_eq!(lists.in_force().unwrap().list().serial, 3);
}

#[test]
fn a_list_names_the_one_that_it_follows() {
    let bench = Bench::new();
    let first = bench.first();
    let mut lists = bench.lists();
    lists.offer(first.token(), NOW).unwrap();
    for previous in [
        None,
        Some(passerelle_domain::Digest::of(b"another history")),
    ] {
        let next = bench.next(&first, bench.key(), |list| list.previous = previous);
        let outcome = lists.offer(next.token(), NOW);
        assert!(matches!(outcome, Err(ListError::OtherPrevious((1, 2)))));
    }
}

#[test]
fn two_lists_of_one_number_are_both_kept_and_change_nothing() {
    let bench = Bench::new();
    let first = bench.first();
    let second = bench.next(&first, bench.key(), |_| {});
    let mut lists = bench.lists();
    lists.offer(first.token(), NOW).unwrap();
    lists.offer(second.token(), NOW).unwrap();
    let other = bench.next(&first, bench.key(), |list| {
        list.members.retain(|m| m.node != node(HOLDER));
    });
    let before = bench.files();
    let Err(ListError::TwoLists { number, kept }) = lists.offer(other.token(), NOW) else {
        panic!("no alarm");
    };
    assert_eq!(number, (1, 2));
    assert_eq!(fs::read_to_string(&kept).unwrap(), other.token());
    assert_eq!(bench.files(), before + 1);
    for lists in [&lists, &bench.lists()] {
        assert_eq!(lists.conflicts().unwrap(), vec![kept.clone()]);
    }
    assert_eq!(lists.in_force().unwrap().token(), second.token());
    // Neither then nor after a start.
    assert_eq!(bench.lists().in_force().unwrap().token(), second.token());
    // A list further back is as much an alarm.
    let mut list = first.list().clone();
    list.soft_expiry = list.hard_expiry;
    let outcome = lists.offer(bench.signed(&list, bench.key()).token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::TwoLists { number: (1, 1), .. })
    ));
}

#[test]
fn a_second_list_by_a_stranger_is_no_evidence() {
    let bench = Bench::new();
    let first = bench.first();
    let mut lists = bench.lists();
    lists.offer(first.token(), NOW).unwrap();
    let before = bench.files();
    let forged = bench.signed(first.list(), &another_key());
    assert!(matches!(
        lists.offer(forged.token(), NOW),
        Err(ListError::Token(_))
    ));
    assert_eq!(bench.files(), before);
}

#[test]
fn a_list_of_another_federation_or_epoch_is_refused() {
    let bench = Bench::new();
    let mut lists = bench.lists();
    let mut other = bench.first().list().clone();
    other.federation = "autre.example".parse().unwrap();
    let outcome = lists.offer(bench.signed(&other, bench.key()).token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::Token(TokenError::UnknownIssuer))
    ));
    let mut later = bench.first().list().clone();
    later.epoch = 2;
    let outcome = lists.offer(bench.signed(&later, bench.key()).token(), NOW);
    assert!(matches!(
        outcome,
        Err(ListError::OtherEpoch {
            pinned: 1,
            offered: 2
        })
    ));
}

#[test]
fn a_stolen_coordinator_key_is_left_behind_by_pinning_a_new_epoch() {
    let bench = Bench::new();
    let mut lists = bench.lists();
    lists.offer(bench.first().token(), NOW).unwrap();
    let new = another_key();
    let pin = Pin {
        epoch: 2,
        key: coordinator_key(&new),
        ..bench.pin()
    };
    let mut lists = TrustLists::open(bench.folder.path(), pin).unwrap();
    assert!(lists.in_force().is_none());
    let by_the_thief = bench.next(&bench.first(), bench.key(), |list| list.epoch = 2);
    assert!(lists.offer(by_the_thief.token(), NOW).is_err());
    let next = bench.next(&bench.first(), &new, |list| {
        (list.epoch, list.serial) = (2, 1);
        list.coordinator_keys = vec![coordinator_key(&new)];
    });
    assert!(accepted(&lists.offer(next.token(), NOW)));
    // And nobody goes back to the key that was left.
    let back = TrustLists::open(bench.folder.path(), bench.pin());
    assert!(matches!(
        back,
        Err(ListError::OlderPin { pinned: 1, kept: 2 })
    ));
}

#[test]
fn a_kept_list_that_was_changed_on_disk_is_named_and_not_used() {
    let bench = Bench::new();
    let mut lists = bench.lists();
    lists.offer(bench.first().token(), NOW).unwrap();
    let path = fs::read_dir(bench.folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let forged = bench.signed(bench.first().list(), &another_key());
    fs::write(&path, forged.token()).unwrap();
    let error = TrustLists::open(bench.folder.path(), bench.pin()).unwrap_err();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn a_list_from_the_future_waits_for_its_time() {
    let bench = Bench::new();
    let first = bench.first();
    let mut lists = bench.lists();
    let outcome = lists.offer(first.token(), NOW.minus(DAY));
    assert!(matches!(
        outcome,
        Err(ListError::Token(TokenError::IssuedInTheFuture))
    ));
    assert!(accepted(&lists.offer(first.token(), NOW)));
}

#[test]
fn a_list_grows_stale_and_expires_and_is_still_read() {
    let bench = Bench::new();
    let mut lists = bench.lists();
    lists.offer(bench.first().token(), NOW).unwrap();
    let list = bench.lists().in_force().unwrap().shared();
    assert_eq!(list.freshness(NOW.plus(DAY * 29)), Freshness::Fresh);
    assert_eq!(list.freshness(NOW.plus(DAY * 30)), Freshness::Stale);
    assert_eq!(list.freshness(NOW.plus(DAY * 90)), Freshness::Expired);
}

#[test]
fn a_file_of_lists_is_taken_in_order() {
    let bench = Bench::new();
    let first = bench.first();
    let second = bench.next(&first, bench.key(), |_| {});
    let file = bench.folder.path().join("offered");
    fs::write(&file, format!("{}\n\n{}\n", first.token(), second.token())).unwrap();
    let mut lists = bench.lists();
    assert!(accepted(&lists.offer_file(&file, NOW)));
    assert_eq!(lists.in_force().unwrap().list().serial, 2);
    assert!(matches!(lists.offer_file(&file, NOW), Ok(Offered::Known)));
}

#[test]
fn a_list_that_nodes_would_refuse_is_not_signed() {
    let bench = Bench::new();
    let first = bench.first();
    let draft = || {
        let mut list = first.list().clone();
        list.serial = 2;
        list
    };
    let signed = sign(draft(), Some(&first), bench.key()).unwrap();
    let mut lists = bench.lists();
    lists.offer(first.token(), NOW).unwrap();
    assert!(accepted(&lists.offer(&signed, NOW)));
    let stranger = another_key();
    let refusal = |list, key| sign(list, Some(&first), key).unwrap_err();
    assert!(matches!(
        refusal(draft(), &stranger),
        ListError::NotACoordinator
    ));
    assert!(matches!(
        refusal(first.list().clone(), bench.key()),
        ListError::Gap { .. }
    ));
    let mut list = draft();
    list.federation = "autre.example".parse().unwrap();
    assert!(matches!(
        refusal(list, bench.key()),
        ListError::OtherFederation
    ));
    let mut list = draft();
    list.epoch = 0;
    assert!(matches!(
        refusal(list, bench.key()),
        ListError::NotRising { .. }
    ));
    let mut list = draft();
    list.members[0].keys[0].public_key = "no key".to_owned();
    let error = refusal(list, bench.key());
    assert!(matches!(
        error,
        ListError::MemberKey {
            source: KeyError::NotPublic,
            ..
        }
    ));
}
