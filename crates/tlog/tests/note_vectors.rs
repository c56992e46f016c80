//! Signed notes and verifying keys of the C2SP specification and of Go's note package.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

mod shared;

use passerelle_tlog::{Note, NoteError, VerifyingKey};
use serde::Deserialize;
use shared::vectors;

#[test]
fn notes_are_accepted_and_refused_as_elsewhere() {
    #[derive(Deserialize)]
    struct Case {
        desc: String,
        note: String,
        vkeys: Vec<String>,
        valid: bool,
        verified_names: Vec<String>,
    }
    let Some(cases) = vectors::<Vec<Case>>("notes/notes.json") else {
        return;
    };
    assert_eq!(cases.len(), 13);
    for case in cases {
        let keys: Vec<VerifyingKey> = case.vkeys.iter().map(|key| key.parse().unwrap()).collect();
        let names = Note::parse(case.note.as_bytes()).and_then(|note| {
            let opened = note.open(&keys)?;
            assert_eq!(note.to_string(), case.note, "{}", case.desc);
            Ok::<_, NoteError>(
                opened
                    .iter()
                    .map(|signature| signature.key.name().to_string())
                    .collect::<Vec<_>>(),
            )
        });
        assert_eq!(names.is_ok(), case.valid, "{}: {names:?}", case.desc);
        assert_eq!(
            names.unwrap_or_default(),
            case.verified_names,
            "{}",
            case.desc
        );
    }
}

#[test]
fn keys_are_accepted_and_refused_as_elsewhere() {
    #[derive(Deserialize)]
    struct Keys {
        valid: Vec<String>,
        invalid: Vec<String>,
    }
    let Some(Keys { valid, invalid }) = vectors("notes/vkeys.json") else {
        return;
    };
    let refused = |text: &str| {
        let parsed = text.parse::<VerifyingKey>();
        assert!(parsed.is_err(), "{text}");
    };
    for key in valid {
        assert_eq!(key.parse::<VerifyingKey>().unwrap().to_string(), key);
        for start in 0..key.len() {
            for end in start..=key.len() {
                if end - start < key.len() {
                    refused(&key[start..end]);
                }
            }
        }
        for at in 0..key.len() {
            let mut bytes = key.clone().into_bytes();
            bytes[at] += 1;
            refused(str::from_utf8(&bytes).unwrap());
        }
    }
    invalid.iter().for_each(|key| refused(key));
}
