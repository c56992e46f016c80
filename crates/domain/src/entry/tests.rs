use super::*;

fn entry() -> Entry {
    Entry {
        peer: Some(Party {
            node: NodeId::new("departement-demo").unwrap(),
            certificate: Some(Digest::of(b"certificate")),
        }),
        exchange: Some("01935b6e-5c7a-7e3d-8b1a-0123456789ab".parse().unwrap()),
        attempt: Some(1),
        purpose: Some(Purpose::Assessment),
        ..Entry::new(
            EntryKind::Disclosed,
            Timestamp::parse("2026-11-24T09:30:00Z").unwrap(),
            Party {
                node: NodeId::new("mission-locale-demo").unwrap(),
                certificate: None,
            },
            Outcome::Done,
        )
    }
}

#[test]
fn an_entry_survives_its_bytes() {
    assert_eq!(Entry::parse(&entry().to_bytes().unwrap()).unwrap(), entry());
}

#[test]
fn entries_have_one_of_a_few_lengths() {
    let mut e = entry();
    assert_eq!(e.to_bytes().unwrap().len(), 1024);
    e.asked = vec![
        Scope {
            section: Section::Diagnosis,
            sensitivity: Class::MAX,
        };
        200
    ];
    let bytes = e.to_bytes().unwrap();
    assert_eq!(bytes.len() % 4096, 0);
    assert_eq!(Entry::parse(&bytes).unwrap(), e);
}

#[test]
fn an_entry_too_long_for_a_bundle_is_refused() {
    let mut e = entry();
    e.asked = vec![
        Scope {
            section: Section::Diagnosis,
            sensitivity: Class::MAX,
        };
        3000
    ];
    assert_eq!(e.to_bytes().unwrap_err().field(), "entry");
}

#[test]
fn unknown_members_and_other_versions_are_refused() {
    let text = String::from_utf8(entry().to_bytes().unwrap()).unwrap();
    assert!(Entry::parse(text.replacen("{\"v\":1", "{\"v\":2", 1).as_bytes()).is_err());
    assert!(
        Entry::parse(
            text.replacen("{\"v\":1", "{\"v\":1,\"name\":\"x\"", 1)
                .as_bytes()
        )
        .is_err()
    );
    assert!(Entry::parse(b"").is_err());
    assert!(Entry::parse(&[b' '; 70_000]).is_err());
}

#[test]
fn an_outcome_is_told_as_entries_have_it() {
    use Outcome::{Done, Duplicate, Failed, NotKept, Nothing, Paper, Partial};
    for outcome in [Done, Partial, Nothing, Paper, Duplicate, NotKept, Failed] {
        assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.id());
    }
}
