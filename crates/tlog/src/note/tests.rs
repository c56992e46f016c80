use proptest::prelude::*;

use super::*;
use crate::signing::{LogKey, WitnessKey};

fn key(seed: u8, name: &str) -> LogKey {
    LogKey::from_seed(&[seed; 32], name.parse().unwrap()).unwrap()
}

/// A note that `keys` signed, each as a log of its own name would sign this text.
fn signed(text: &str, keys: &[&LogKey]) -> Note {
    let mut note = Note::unsigned(text.to_owned());
    for key in keys {
        note.push(key.sign_text(text));
    }
    note
}

fn known(keys: &[&LogKey]) -> Vec<VerifyingKey> {
    keys.iter().map(|key| key.verifying_key().clone()).collect()
}

#[test]
fn the_text_ends_at_the_last_blank_line() {
    let a = key(1, "a");
    let text = "one\n\ntwo\n\n\nthree\n";
    let read = Note::parse(signed(text, &[&a]).to_string().as_bytes()).unwrap();
    assert_eq!(read.text(), text);
    assert!(read.open(&known(&[&a])).is_ok());
}

#[test]
fn unknown_signatures_are_ignored_and_one_known_suffices() {
    let (a, b, c) = (key(1, "a"), key(2, "b"), key(3, "c"));
    let note = signed("text\n", &[&a, &b]);
    assert_eq!(note.open(&known(&[&b, &c])).unwrap().len(), 1);
    assert_eq!(note.open(&known(&[&a, &b])).unwrap().len(), 2);
    assert_eq!(note.open(&known(&[&c])), Err(NoteError::NoKnownSignature));
    assert_eq!(note.open(&[]), Err(NoteError::NoKnownSignature));
}

#[test]
fn a_known_key_that_fails_spoils_the_note_even_beside_a_good_one() {
    let (a, b) = (key(1, "a"), key(2, "b"));
    let mut note = signed("text\n", &[&a]);
    note.push(b.sign_text("other\n"));
    let error = note.open(&known(&[&a, &b])).unwrap_err();
    assert_eq!(error, NoteError::BadSignature("b".parse().unwrap()));
    assert!(note.open(&known(&[&a])).is_ok(), "b is not known here");
}

#[test]
fn a_name_without_the_id_or_an_id_without_the_name_is_another_key() {
    let (a, impostor) = (key(1, "a"), key(2, "a"));
    let note = signed("text\n", &[&impostor]);
    assert_eq!(note.open(&known(&[&a])), Err(NoteError::NoKnownSignature));
    // The id in a line is what its writer says: with our key's id it must verify.
    let line = note.signatures()[0].to_string();
    let mut forged: NoteSignature = line.parse().unwrap();
    forged.id = a.verifying_key().id();
    let mut note = Note::unsigned("text\n".to_owned());
    note.push(forged);
    assert!(matches!(
        note.open(&known(&[&a])),
        Err(NoteError::BadSignature(_))
    ));
}

#[test]
fn signatures_of_the_wrong_length_do_not_verify() {
    let a = key(1, "a");
    for length in [1, 63, 65, 72, 2420] {
        let mut note = Note::unsigned("text\n".to_owned());
        note.push(NoteSignature::new(a.verifying_key(), vec![1; length]));
        assert!(matches!(
            note.open(&known(&[&a])),
            Err(NoteError::BadSignature(_))
        ));
    }
}

#[test]
fn sixteen_large_signatures_are_read_and_sixty_five_are_not() {
    let a = key(1, "a");
    let mut note = signed("text\n", &[&a]);
    // The largest post-quantum signatures that the specification warns of.
    for _ in 1..16 {
        note.push(NoteSignature::new(
            key(2, "b").verifying_key(),
            vec![5; 4996],
        ));
    }
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert!(read.open(&known(&[&a])).is_ok());

    let note = signed("text\n", &[&a; MAX_SIGNATURES]);
    assert!(Note::parse(note.to_string().as_bytes()).is_ok());
    let note = signed("text\n", &[&a; MAX_SIGNATURES + 1]);
    assert_eq!(
        Note::parse(note.to_string().as_bytes()),
        Err(NoteError::TooManySignatures)
    );
    let long = [&vec![b'x'; MAX_NOTE_BYTES][..], b"\n"].concat();
    assert_eq!(Note::parse(&long), Err(NoteError::TooLong));
}

#[test]
fn what_is_not_a_signed_note_is_refused() {
    let good = signed("text\n", &[&key(1, "a")]).to_string();
    assert!(Note::parse(good.as_bytes()).is_ok());
    for bad in [
        String::new(),
        "\n".to_owned(),
        "\n\n".to_owned(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}more\n"),
        good.replace("text\n\n", "text\n"),
        good.replace("text\n", ""),
        good.replace("text", "te\txt"),
        good.replace("text\n", "text\r\n"),
        good.replace("\u{2014} ", "- "),
        good.replace("\u{2014} ", "\u{2014}"),
        good.replace("\u{2014} a ", "\u{2014}  a "),
        good.replace(" a ", " a+b "),
        good.replace(" a ", " "),
        good.replace("=\n", "\n"),
        "text\n\n\u{2014} a AAAAAA==\n".to_owned(),
        "text\n\n\u{2014} a \n".to_owned(),
    ] {
        assert_ne!(bad, good);
        assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(Note::parse(&[b"\xff", good.as_bytes()].concat()).is_err());
}

#[test]
fn a_log_and_a_witness_of_one_secret_cannot_sign_for_each_other() {
    let name = "a".parse().unwrap();
    let witness = WitnessKey::from_seed(&[1; 32], name).unwrap();
    let note = signed("text\n", &[&key(1, "a")]);
    let opened = note.open(std::slice::from_ref(witness.verifying_key()));
    assert_eq!(opened, Err(NoteError::NoKnownSignature));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_note_reads_back_to_the_byte(text in "([ -~\u{e9}\n]{0,60}\n){1,4}", signers in 1usize..5) {
        let a = key(1, "a");
        let note = signed(&text, &vec![&a; signers]);
        let bytes = note.to_string();
        let read = Note::parse(bytes.as_bytes()).unwrap();
        prop_assert_eq!(read.to_string(), bytes);
        prop_assert_eq!(&read, &note);
        prop_assert_eq!(read.open(&known(&[&a])).unwrap().len(), signers);
    }

    #[test]
    fn with_any_bit_flipped_it_no_longer_opens(at in any::<usize>(), bit in 0u8..8) {
        let a = key(1, "a");
        let mut bytes = signed("origin\n5\nroot\n", &[&a]).to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let opened = Note::parse(&bytes).and_then(|note| note.open(&known(&[&a])).map(drop));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn no_bytes_make_parsing_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Note::parse(&bytes).is_err());
    }
}
