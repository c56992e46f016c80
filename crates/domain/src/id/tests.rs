use super::*;

struct Counting;

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for (i, b) in bytes.iter_mut().enumerate() {
            *b = 0xf0 | u8::try_from(i % 16).unwrap();
        }
    }
}

#[test]
fn a_node_id_is_3_to_40_of_its_alphabet() {
    for good in ["ml1", "mission-locale-demo", &"a".repeat(40)] {
        assert!(NodeId::new(good).is_ok(), "{good}");
    }
    for bad in ["", "ab", &"a".repeat(41), "Ml1", "a_b", "a/b", "a.b", "é-à"] {
        assert!(NodeId::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_id_survives_its_text_and_other_texts_are_refused() {
    let link = LinkId::random(&Counting);
    assert_eq!(link.to_string().parse::<LinkId>().unwrap(), link);
    for bad in ["", "AAAA", &format!("{link}="), &format!("{link}A")] {
        assert!(bad.parse::<LinkId>().is_err(), "{bad}");
    }
}

#[test]
fn an_id_is_one_text_wherever_it_is_written() {
    let (link, digest) = (LinkId::random(&Counting), Digest::of(b"abc"));
    let json = |id: &str| format!("\"{id}\"");
    assert_eq!(
        serde_json::to_string(&link).unwrap(),
        json(&link.to_string())
    );
    assert_eq!(
        serde_json::to_string(&digest).unwrap(),
        json(&digest.to_string())
    );
    assert_eq!(
        serde_json::from_str::<LinkId>(&json(&link.to_string())).unwrap(),
        link
    );
}

#[test]
fn base64url_with_stray_trailing_bits_is_refused() {
    // 22 characters carry 132 bits: the last four must be zero, or one id would have 16 texts.
    assert!("AAAAAAAAAAAAAAAAAAAAAA".parse::<LinkId>().is_ok());
    assert!("AAAAAAAAAAAAAAAAAAAAAB".parse::<LinkId>().is_err());
}

#[test]
fn an_exchange_id_is_a_version_7_uuid_that_carries_its_time() {
    let now = Timestamp::parse("2026-11-24T09:30:00.123Z").unwrap();
    let id = ExchangeId::new(now, &Counting);
    assert_eq!(id.made_at(), now);
    assert_eq!(id.to_string().parse::<ExchangeId>().unwrap(), id);
    assert!(
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
            .parse::<ExchangeId>()
            .is_err()
    );
    assert!(id.to_string().to_uppercase().parse::<ExchangeId>().is_err());
}

#[test]
fn the_digest_is_sha_256() {
    assert_eq!(
        Digest::of(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn an_exchange_with_one_of_several_is_another_for_each_and_always_the_same() {
    let now = Timestamp::from_millis(1_795_000_000_123);
    let id = ExchangeId::new(now, &Counting);
    let node = |name: &str| name.parse::<NodeId>().unwrap();
    let with = id.with(&node("mission-locale"));
    assert_eq!(with, id.with(&node("mission-locale")));
    assert_ne!(with, id);
    assert_ne!(with, id.with(&node("cap-emploi")));
    assert_eq!(with.made_at(), now);
    assert_eq!(with.to_string().parse::<ExchangeId>().unwrap(), with);
}
