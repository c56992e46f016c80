use std::cell::Cell;

use super::*;
use crate::chance::Counting;

thread_local! {
    /// How often this thread has paid for a comparison.
    pub(crate) static COMPARISONS: Cell<u32> = const { Cell::new(0) };
}

/// A generator that always says the same.
struct Stuck(u8);

impl Rng for Stuck {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn pin(digits: &str) -> Pin {
    Pin::parse(digits).unwrap()
}

fn hash_of(digits: &str) -> PinHash {
    PinHash::of(&pin(digits), &PinSalt::random(&Counting::from(1)))
}

#[test]
fn a_pin_is_six_digits() {
    for digits in ["000000", "123456", "999999"] {
        assert_eq!(pin(digits).reveal(), digits);
    }
    for text in [
        "",
        "12345",
        "1234567",
        "12345a",
        " 12345",
        "+12345",
        "１２３４５６",
        "12-456",
    ] {
        assert_eq!(Pin::parse(text).unwrap_err().rule(), "6 digits", "{text}");
    }
}

#[test]
fn every_digit_comes_in_every_place() {
    let rng = Counting::from(0);
    let mut seen = [[false; 10]; 6];
    for _ in 0..16 * 256 {
        for (place, digit) in Pin::random(&rng).reveal().bytes().enumerate() {
            seen[place][usize::from(digit - b'0')] = true;
        }
        rng.fill(&mut [0; 1]); // or the same 16 PINs would come again
    }
    assert!(seen.iter().flatten().all(|seen| *seen), "{seen:?}");
}

#[test]
fn drawing_a_pin_ends_whatever_chance_gives() {
    assert_eq!(Pin::random(&Stuck(0)).reveal(), "000000");
    assert_eq!(Pin::random(&Stuck(0xff)).reveal().len(), 6);
}

#[test]
fn a_hash_knows_its_pin_and_no_other() {
    let hash = hash_of("042917");
    assert!(hash.matches(&pin("042917")));
    assert!(!hash.matches(&pin("042918")));
}

#[test]
fn one_pin_under_two_salts_has_two_hashes() {
    let again = PinHash::of(&pin("042917"), &PinSalt::random(&Counting::from(2)));
    assert_ne!(hash_of("042917"), again);
}

#[test]
fn a_hash_is_kept_as_argon2id_with_its_parameters() {
    let hash = hash_of("042917");
    let json = serde_json::to_string(&hash).unwrap();
    assert!(
        json.starts_with("\"$argon2id$v=19$m=19456,t=2,p=1$"),
        "{json}"
    );
    assert!(!json.contains("042917"));
    assert_eq!(serde_json::from_str::<PinHash>(&json).unwrap(), hash);
}

#[test]
fn a_stored_hash_that_is_not_ours_is_refused() {
    let ours = String::from(hash_of("042917"));
    let cut = ours.rsplit_once('$').unwrap().0.to_owned();
    let others = [
        String::new(),
        "042917".to_owned(),
        cut,
        ours.replace("argon2id", "argon2i"),
        ours.replace("v=19", "v=16"),
        ours.replace("m=19456", "m=4194304"),
        ours.replace("t=2", "t=4000"),
        ours.replace("p=1", "p=200"),
    ];
    for other in others {
        assert!(PinHash::try_from(other.clone()).is_err(), "{other}");
    }
}

#[test]
fn i10_neither_pin_nor_hash_is_printed_by_accident() {
    assert_eq!(
        format!("{:?} {:?}", pin("042917"), hash_of("042917")),
        "Pin(***) PinHash(***)"
    );
}
