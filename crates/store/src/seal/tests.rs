use std::collections::BTreeSet;

use bytes::Bytes;
use passerelle_domain::{AgentRef, Digest, PersonId, Pii};
use passerelle_proto::storage::v1::MetaRow;
use prost::Message;

use super::*;
use crate::keys::{Derive, Secret};
use crate::sim::SeededRng;

const PERSON: PersonId = PersonId::from_bytes([3; 16]);

#[test]
fn a_sealed_value_opens_where_it_was_sealed_and_nowhere_else() {
    let key = RowKey::new(&Secret::new([1; 32]));
    for owner in [None, Some(PERSON)] {
        let header = Header { version: 1, owner };
        let value = key.seal("table", b"key", header, &row(), &SeededRng::new(1));
        assert!(Header::read(&value) == Some(header));
        assert_eq!(
            key.open("table", b"key", header, &value),
            Some(row().encode_to_vec().into())
        );
        assert_eq!(key.open("tablf", b"key", header, &value), None);
        assert_eq!(key.open("table", b"kez", header, &value), None);
        assert_eq!(key.open("tabl", b"ekey", header, &value), None);
        assert_eq!(
            RowKey::new(&Secret::new([2; 32])).open("table", b"key", header, &value),
            None
        );
        for index in 0..value.len() {
            let mut flipped = value.to_vec();
            flipped[index] ^= 1;
            let opened = Header::read(&flipped)
                .and_then(|header| key.open("table", b"key", header, &flipped));
            assert_eq!(opened, None, "byte {index}");
        }
        for length in 0..value.len() {
            let cut = &value[..length];
            assert_eq!(
                Header::read(cut).and_then(|header| key.open("table", b"key", header, cut)),
                None
            );
        }
    }
}

#[test]
fn a_sealed_part_opens_to_what_was_sealed() {
    let sealer = sealer(3);
    let person = derive(1);
    let receipts = [Digest::of(b"one"), Digest::of(b"two")];
    for fields in [own_agent(), other_agent(), nobodys()] {
        let sealed = seal_part(
            sealer.keys(),
            &person,
            Some(&PERSON),
            &fields,
            &receipts,
            sealer.rng(),
        )
        .unwrap();
        assert_eq!(sealed.digest, Digest::of(&sealed.part));
        let opened = open_part(sealer.keys(), &person, &sealed.part, &sealed.commitment).unwrap();
        assert_eq!(
            opened,
            OpenedPart {
                person: Some(PERSON),
                fields
            }
        );
        assert_eq!(tag_of(&person, &sealed.part), Some(sealed.tag));
        let refs: Vec<_> = receipts
            .iter()
            .map(|one| receipt_ref_of(&person, &sealed.part, one).unwrap())
            .collect();
        assert_eq!(refs, sealed.receipt_refs);
    }
}

#[test]
fn a_sealed_part_opens_in_one_way_only() {
    let sealer = sealer(4);
    let person = derive(1);
    let sealed = part(&sealer, &person, Some(&PERSON), &own_agent());
    assert_eq!(
        open_part(sealer.keys(), &derive(2), &sealed.part, &sealed.commitment),
        None
    );
    assert_eq!(
        open_part(sealer.keys(), &person, &sealed.part, &sealed.tag),
        None
    );
    for index in 0..sealed.part.len() {
        let mut flipped = sealed.part.to_vec();
        flipped[index] ^= 1;
        assert_eq!(
            open_part(sealer.keys(), &person, &flipped, &sealed.commitment),
            None,
            "byte {index}"
        );
    }
    for length in 0..sealed.part.len() {
        assert_eq!(
            open_part(
                sealer.keys(),
                &person,
                &sealed.part[..length],
                &sealed.commitment
            ),
            None
        );
    }
}

#[test]
fn no_value_joins_two_entries_of_one_person() {
    let sealer = sealer(5);
    let person = derive(1);
    let mut seen = BTreeSet::new();
    for _ in 0..16 {
        let receipts = [Digest::of(b"one")];
        let sealed = seal_part(
            sealer.keys(),
            &person,
            Some(&PERSON),
            &own_agent(),
            &receipts,
            sealer.rng(),
        )
        .unwrap();
        let values = [
            sealed.tag,
            sealed.commitment,
            sealed.digest,
            sealed.receipt_refs[0],
        ];
        assert!(values.into_iter().all(|value| seen.insert(value)));
        assert_eq!(
            tag_of(&derive(2), &sealed.part).filter(|tag| *tag == sealed.tag),
            None
        );
    }
}

#[test]
fn i13_an_entry_about_nobody_has_the_shape_of_one_about_somebody() {
    let sealer = sealer(6);
    let reasons = ["", "unknown_link", &"x".repeat(200)];
    let lengths: BTreeSet<_> = reasons
        .iter()
        .flat_map(|reason| {
            let fields = SealedFields {
                reason: (*reason).to_owned(),
                ..other_agent()
            };
            let somebody = part(&sealer, &derive(1), Some(&PERSON), &fields);
            let nobody = part(&sealer, sealer.keys().nobody(), None, &fields);
            assert_eq!(somebody.receipt_refs.len(), nobody.receipt_refs.len());
            [somebody.part.len(), nobody.part.len()]
        })
        .collect();
    assert_eq!(lengths.len(), 1);
    let nobody = part(&sealer, sealer.keys().nobody(), None, &other_agent());
    let opened = open_part(
        sealer.keys(),
        sealer.keys().nobody(),
        &nobody.part,
        &nobody.commitment,
    )
    .unwrap();
    assert_eq!((opened.person, opened.fields), (None, other_agent()));
}

#[test]
fn a_reason_that_does_not_fit_is_refused_rather_than_cut() {
    let sealer = sealer(7);
    let fields = SealedFields {
        agent: None,
        reason: "x".repeat(240),
    };
    assert_eq!(
        seal_part(
            sealer.keys(),
            &derive(1),
            Some(&PERSON),
            &fields,
            &[],
            sealer.rng()
        ),
        None
    );
}

#[test]
fn showing_what_an_entry_says_of_the_person_does_not_name_the_agent() {
    let sealer = sealer(8);
    let sealed = part(&sealer, &derive(1), Some(&PERSON), &own_agent());
    let stranger = Sealer::new(
        Arc::new(Keys::in_memory([9; 32], [2; 32])),
        Arc::new(SeededRng::new(1)),
    );
    assert_eq!(
        open_part(
            stranger.keys(),
            &derive(1),
            &sealed.part,
            &sealed.commitment
        ),
        None
    );
}

fn part(
    sealer: &Sealer,
    entries: &Derive,
    person: Option<&PersonId>,
    fields: &SealedFields,
) -> SealedEntry {
    seal_part(sealer.keys(), entries, person, fields, &[], sealer.rng()).unwrap()
}

fn derive(number: u8) -> Derive {
    Derive::new(b"test", &Secret::new([number; 32]))
}

fn sealer(seed: u64) -> Sealer {
    Sealer::new(
        Arc::new(Keys::in_memory([1; 32], [2; 32])),
        Arc::new(SeededRng::new(seed)),
    )
}

fn own_agent() -> SealedFields {
    SealedFields {
        agent: Some(KnownAgent {
            reference: AgentRef::new("a-1").unwrap(),
            subject: Some(Pii::new("camille.martin".to_owned())),
            system: Some("i-milo".to_owned()),
            siret: Some("21750001600019".parse().unwrap()),
        }),
        reason: "objection".to_owned(),
    }
}

fn other_agent() -> SealedFields {
    SealedFields {
        agent: Some(KnownAgent {
            reference: AgentRef::new("b-2").unwrap(),
            subject: None,
            system: None,
            siret: None,
        }),
        reason: String::new(),
    }
}

fn nobodys() -> SealedFields {
    SealedFields {
        agent: None,
        reason: String::new(),
    }
}

fn row() -> MetaRow {
    MetaRow {
        value: Bytes::from_static(b"what is to be kept"),
    }
}
