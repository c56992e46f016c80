use aws_lc_rs::signature::Ed25519KeyPair;

use super::*;

fn name() -> KeyName {
    "ml.example/exchange/2026h2".parse().unwrap()
}

#[test]
fn a_key_from_pkcs8_is_the_key_from_its_seed() {
    let seed = [3; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let log = LogKey::from_seed(&seed, name()).unwrap();
    for der in [pair.to_pkcs8().unwrap(), pair.to_pkcs8v1().unwrap()] {
        let read = LogKey::from_pkcs8(der.as_ref(), name()).unwrap();
        assert_eq!(read.verifying_key(), log.verifying_key());
        let witness = WitnessKey::from_pkcs8(der.as_ref(), name()).unwrap();
        assert_eq!(
            witness.verifying_key().public_key(),
            log.verifying_key().public_key()
        );
    }
}

#[test]
fn what_is_no_private_key_is_refused() {
    for der in [&[][..], &[0x30, 0x00], &[7; 48]] {
        assert_eq!(
            LogKey::from_pkcs8(der, name()).unwrap_err(),
            KeyError::PrivateKey
        );
        assert_eq!(
            WitnessKey::from_pkcs8(der, name()).unwrap_err(),
            KeyError::PrivateKey
        );
    }
}

#[test]
fn a_private_key_prints_its_public_half_alone() {
    let seed = [b'S'; 32];
    let printed = format!("{:?}", LogKey::from_seed(&seed, name()).unwrap());
    assert!(printed.contains("ml.example"));
    for secret in [
        "SSSS",
        "53535353",
        "83, 83",
        &crate::text::encode_base64(&seed),
    ] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
