use proptest::prelude::*;

use super::*;
use crate::cosignature::CosignedAt;
use crate::hash::leaf_hash;
use crate::signing::{LogKey, WitnessKey};

const ORIGIN: &str = "ml.example/exchange/2026h2";

fn log(seed: u8, origin: &str) -> LogKey {
    LogKey::from_seed(&[seed; 32], origin.parse().unwrap()).unwrap()
}

fn witness(seed: u8, name: &str) -> WitnessKey {
    WitnessKey::from_seed(&[seed; 32], name.parse().unwrap()).unwrap()
}

fn at(seconds: u64) -> CosignedAt {
    CosignedAt::from_seconds(seconds).unwrap()
}

#[test]
fn the_text_is_that_of_the_specification() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(checkpoint.origin.as_str(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size, 20_852_163);
    assert_eq!(checkpoint.to_string(), text);
}

#[test]
fn any_other_text_is_refused() {
    let root = Hash::EMPTY_ROOT.to_base64();
    assert!(format!("o\n0\n{root}\n").parse::<Checkpoint>().is_ok());
    for (text, error) in [
        (String::new(), CheckpointError::Form),
        (format!("o\n0\n{root}"), CheckpointError::Form),
        ("o\n0\n".to_owned(), CheckpointError::Form),
        (format!("o\n0\n{root}\nextension\n"), CheckpointError::Form),
        (format!("o\n0\n{root}\n\n"), CheckpointError::Form),
        (format!("\n0\n{root}\n"), CheckpointError::Origin),
        (format!("o o\n0\n{root}\n"), CheckpointError::Origin),
        (format!("o\n\n{root}\n"), CheckpointError::Size),
        (format!("o\n00\n{root}\n"), CheckpointError::Size),
        (format!("o\n01\n{root}\n"), CheckpointError::Size),
        (format!("o\n+1\n{root}\n"), CheckpointError::Size),
        (format!("o\n-1\n{root}\n"), CheckpointError::Size),
        (format!("o\n1 \n{root}\n"), CheckpointError::Size),
        (format!("o\n0x1\n{root}\n"), CheckpointError::Size),
        (format!("o\n\u{661}\n{root}\n"), CheckpointError::Size),
        (
            format!("o\n18446744073709551616\n{root}\n"),
            CheckpointError::Size,
        ),
        (format!("o\n0\n{}\n", &root[4..]), CheckpointError::Root),
        (format!("o\n0\n{root}AAAA\n"), CheckpointError::Root),
        (
            format!("o\n0\n{}\n", root.replace('=', "")),
            CheckpointError::Root,
        ),
        // The last character of a 32-byte base64 has two spare bits.
        (
            format!("o\n0\n{}\n", root.replace("U=", "V=")),
            CheckpointError::Root,
        ),
        (format!("o\n0\n {root}\n"), CheckpointError::Root),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text:?}");
    }
}

#[test]
fn only_the_key_of_the_origin_opens_it() {
    let key = log(1, ORIGIN);
    let bytes = key.sign_checkpoint(5, leaf_hash(b"root")).to_bytes();
    let opened = SignedCheckpoint::open(&bytes, key.verifying_key()).unwrap();
    assert_eq!((opened.size(), *opened.root()), (5, leaf_hash(b"root")));
    assert_eq!(opened.checkpoint().origin.as_str(), ORIGIN);
    assert_eq!(
        SignedCheckpoint::claimed_origin(&bytes).unwrap().as_str(),
        ORIGIN
    );

    for other in [log(2, ORIGIN), log(1, "ml.example/exchange/2027h1")] {
        assert_eq!(
            SignedCheckpoint::open(&bytes, other.verifying_key()),
            Err(CheckpointError::Note(NoteError::NoKnownSignature))
        );
    }
}

#[test]
fn a_key_that_signed_a_head_of_another_log_does_not_open_it() {
    let (key, other) = (log(1, ORIGIN), log(1, "other"));
    let head = other.sign_checkpoint(5, Hash::EMPTY_ROOT);
    let mut note = head.note.clone();
    note.push(key.sign_text(head.text()));
    assert_eq!(
        SignedCheckpoint::open(note.to_string().as_bytes(), key.verifying_key()),
        Err(CheckpointError::OtherLog)
    );
}

#[test]
fn a_witness_of_the_origins_name_does_not_pass_for_the_log() {
    let impostor = witness(2, ORIGIN);
    let mut head = log(1, ORIGIN).sign_checkpoint(5, Hash::EMPTY_ROOT);
    head.push(impostor.cosign(&head, at(1)));
    assert_eq!(
        SignedCheckpoint::open(&head.to_bytes(), impostor.verifying_key()),
        Err(CheckpointError::OtherLog)
    );
}

#[test]
fn cosignatures_are_counted_for_known_witnesses_alone() {
    let key = log(1, ORIGIN);
    let (a, b, c) = (witness(2, "a/w"), witness(3, "b/w"), witness(4, "c/w"));
    let mut head = key.sign_checkpoint(5, leaf_hash(b"root"));
    assert_eq!(
        head.cosignatures(&[a.verifying_key().clone()]),
        Ok(Vec::new())
    );
    head.push(a.cosign(&head, at(1_700_000_000)));
    head.push(b.cosign(&head, at(1_700_000_001)));
    let head = SignedCheckpoint::open(&head.to_bytes(), key.verifying_key()).unwrap();

    let keys = [&a, &c].map(|witness| witness.verifying_key().clone());
    let expected = Cosignature {
        witness: "a/w".parse().unwrap(),
        at: at(1_700_000_000),
    };
    assert_eq!(head.cosignatures(&keys), Ok(vec![expected]));
    assert_eq!(head.cosignatures(&[]), Ok(Vec::new()));
    let log_key = [key.verifying_key().clone()];
    assert_eq!(
        head.cosignatures(&log_key),
        Ok(Vec::new()),
        "a log is no witness of its own"
    );
}

#[test]
fn a_cosignature_of_another_head_spoils_them_all() {
    let key = log(1, ORIGIN);
    let (a, b) = (witness(2, "a/w"), witness(3, "b/w"));
    let mut head = key.sign_checkpoint(5, leaf_hash(b"root"));
    let other = key.sign_checkpoint(6, leaf_hash(b"root"));
    head.push(a.cosign(&head, at(1)));
    head.push(b.cosign(&other, at(1)));
    let keys = [&a, &b].map(|witness| witness.verifying_key().clone());
    assert_eq!(
        head.cosignatures(&keys),
        Err(NoteError::BadSignature("b/w".parse().unwrap()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_checkpoint_reads_back_to_the_byte(origin in "[a-z0-9./-]{1,40}", size in any::<u64>(), root in any::<[u8; 32]>()) {
        let key = log(1, &origin);
        let signed = key.sign_checkpoint(size, Hash(root));
        let bytes = signed.to_bytes();
        let opened = SignedCheckpoint::open(&bytes, key.verifying_key()).unwrap();
        prop_assert_eq!(&opened, &signed);
        prop_assert_eq!(opened.to_bytes(), bytes);
        prop_assert_eq!(&signed.text().parse::<Checkpoint>().unwrap(), signed.checkpoint());
    }

    #[test]
    fn with_any_bit_flipped_it_no_longer_opens(at in any::<usize>(), bit in 0u8..8) {
        let key = log(1, ORIGIN);
        let mut bytes = key.sign_checkpoint(5, leaf_hash(b"root")).to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(SignedCheckpoint::open(&bytes, key.verifying_key()).is_err());
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "[a-z0-9+/=\n ]{0,80}") {
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
