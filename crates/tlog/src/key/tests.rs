use proptest::prelude::*;

use super::*;
use crate::signing::{LogKey, WitnessKey};

const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

/// The example of C2SP signed-note.
#[test]
fn the_key_of_the_specification_reads_and_prints() {
    let key: VerifyingKey = VKEY.parse().unwrap();
    assert_eq!(key.name().as_str(), "example.com/foo");
    assert_eq!(key.id(), KeyId([0x53, 0x0d, 0x90, 0x3a]));
    assert_eq!(key.kind(), SignatureType::Ed25519);
    assert_eq!(key.to_string(), VKEY);
}

#[test]
fn a_key_whose_id_is_not_its_own_is_refused() {
    let text = VKEY.replace("530d903a", "530d903b");
    assert_eq!(text.parse::<VerifyingKey>(), Err(KeyError::Id));
    let text = VKEY.replace("530d903a", "530D903A");
    assert_eq!(text.parse::<VerifyingKey>(), Err(KeyError::Id));
    let text = VKEY.replace("foo", "fop");
    assert_eq!(text.parse::<VerifyingKey>(), Err(KeyError::Id));
}

#[test]
fn a_key_of_a_type_that_is_not_checked_here_is_refused() {
    let key: VerifyingKey = VKEY.parse().unwrap();
    for kind in (0..=255).filter(|kind| ![1, 4].contains(kind)) {
        let encoded = encode_base64(&[&[kind], &key.public_key()[..]].concat());
        let text = format!("example.com/foo+530d903a+{encoded}");
        assert_eq!(text.parse::<VerifyingKey>(), Err(KeyError::Type));
    }
}

#[test]
fn a_key_of_low_order_is_refused_under_any_id() {
    for key in [[0; 32], [0xff; 32]] {
        let name = "example.com/foo".parse().unwrap();
        let refused = VerifyingKey::new(name, SignatureType::Ed25519, key);
        assert_eq!(refused, Err(KeyError::PublicKey));
    }
}

#[test]
fn one_public_key_has_another_id_for_each_name_and_type() {
    let ids = [
        ("a", SignatureType::Ed25519),
        ("a", SignatureType::CosignatureV1),
        ("b", SignatureType::Ed25519),
    ]
    .map(|(name, kind)| {
        VerifyingKey::new(name.parse().unwrap(), kind, [9; 32])
            .unwrap()
            .id()
    });
    assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
}

#[test]
fn a_name_that_would_break_a_signature_line_is_refused() {
    let long = "a".repeat(256);
    for name in [
        "",
        " ",
        "a b",
        "a+b",
        "a\n",
        "a\u{a0}b",
        "a\u{2003}b",
        "a\u{7f}",
        "\u{85}",
        &long,
    ] {
        assert_eq!(name.parse::<KeyName>(), Err(KeyError::Name), "{name:?}");
    }
    for name in ["a", "ml-lyon.aura/exchange/2026h2", "nœud", &long[1..]] {
        assert!(name.parse::<KeyName>().is_ok(), "{name:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_key_reads_back(seed in any::<[u8; 32]>(), name in "[a-z0-9./-]{1,40}") {
        let name: KeyName = name.parse().unwrap();
        let log = LogKey::from_seed(&seed, name.clone()).unwrap();
        let read: VerifyingKey = log.verifying_key().to_string().parse().unwrap();
        prop_assert_eq!(&read, log.verifying_key());
        let witness = WitnessKey::from_seed(&seed, name).unwrap();
        let read: VerifyingKey = witness.verifying_key().to_string().parse().unwrap();
        prop_assert_eq!(&read, witness.verifying_key());
    }

    #[test]
    fn no_text_makes_parsing_panic(text in ".{0,80}") {
        prop_assert!(text.parse::<VerifyingKey>().is_err());
    }
}
