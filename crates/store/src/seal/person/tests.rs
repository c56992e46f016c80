use super::*;
use crate::keys::EpochKey;
use crate::sim::SeededRng;

#[test]
fn a_key_is_remembered_for_the_wrapping_it_came_from() {
    let keys = PersonKeys::default();
    let (person, first) = unwrapped(1, 1);
    keys.remember(&person, &first.from, &first.key);
    assert!(keys.find(&person, &first.from).is_some());
    let (_, second) = unwrapped(1, 2);
    assert!(keys.find(&person, &second.from).is_none(), "wrapped anew");
    keys.remember(&person, &second.from, &second.key);
    assert!(keys.find(&person, &first.from).is_none());
    keys.forget(&person);
    assert!(keys.find(&person, &second.from).is_none());
}

#[test]
fn remembered_keys_are_bounded_and_those_in_use_stay() {
    let keys = PersonKeys::default();
    let (person, kept) = unwrapped(0, 1);
    keys.remember(&person, &kept.from, &kept.key);
    // The other keys' values do not matter here, and deriving them takes time.
    for number in 1..=3 * GENERATION {
        let mut id = [1; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        keys.remember(&PersonId::from_bytes(id), &kept.from, &kept.key);
        assert!(keys.find(&person, &kept.from).is_some());
    }
    let generations = keys.lock();
    assert!(generations.young.len() <= GENERATION && generations.old.len() <= GENERATION);
}

fn unwrapped(number: u8, seed: u64) -> (PersonId, Unwrapped) {
    let person = PersonId::from_bytes([number; 16]);
    let secret = Secret::new([number; 32]);
    let epoch = EpochKey::new(1, &Secret::new([1; 32]));
    let from = epoch.wrap(&person, &secret, &SeededRng::new(seed));
    let key = Arc::new(PersonKey::new(&secret));
    (person, Unwrapped { from, key })
}
