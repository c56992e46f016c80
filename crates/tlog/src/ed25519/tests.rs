use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vector {
    number: u32,
    key: String,
    sig: String,
    msg: String,
    flags: Option<BTreeSet<String>>,
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let bytes: Vec<u8> = (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect();
    bytes.try_into().unwrap()
}

/// Pins the table in the module's documentation.
#[test]
fn edge_cases_of_verification_pass_and_fail_as_documented() {
    let Some(shared) = std::env::var_os("PASSERELLE_SHARED").map(PathBuf::from) else {
        println!("not run: PASSERELLE_SHARED is not set");
        return;
    };
    let file = shared.join("vectors/tlog/ed25519/ed25519vectors.json");
    let vectors: Vec<Vector> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(vectors.len(), 914);
    let (mut accepted_by_library, mut accepted_here) = (BTreeSet::new(), BTreeSet::new());
    for vector in vectors {
        let (key, signature) = (hex(&vector.key), hex::<64>(&vector.sig));
        let flags = vector.flags.unwrap_or_default();
        let has = |flag: &str| flags.contains(flag);

        let library = PublicKey(key).verify(vector.msg.as_bytes(), &signature);
        let refused = ["non_canonical_A", "non_canonical_R", "low_order_residue"];
        let expected = !refused.iter().any(|flag| has(flag));
        assert_eq!(library, expected, "aws-lc-rs: {} {flags:?}", vector.number);

        let trusted = PublicKey::new(key);
        let expected = !has("low_order_A") && !has("non_canonical_A");
        assert_eq!(trusted.is_some(), expected, "{} {flags:?}", vector.number);

        let here = trusted.is_some_and(|key| key.verify(vector.msg.as_bytes(), &signature));
        assert_eq!(here, expected && library);
        if library {
            accepted_by_library.extend(flags.clone());
        }
        if here {
            accepted_here.extend(flags);
        }
    }
    let names = |flags: &[&str]| flags.iter().map(ToString::to_string).collect();
    let same: BTreeSet<String> = names(&[
        "low_order_R",
        "low_order_component_A",
        "low_order_component_R",
    ]);
    assert_eq!(accepted_here, same);
    let also: BTreeSet<String> = names(&["low_order_A"]);
    assert_eq!(accepted_by_library, &same | &also);
}

#[test]
fn a_signature_whose_s_is_not_reduced_is_refused() {
    // L, the order of the base point (RFC 8032 §5.1), little-endian.
    let order: [u8; 32] = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let secret = SecretKey::from_seed(&[7; 32]).unwrap();
    let public = secret.public_key().unwrap();
    let mut signature = secret.sign(b"message");
    assert!(public.verify(b"message", &signature));
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert!(!public.verify(b"message", &signature));
}

#[test]
fn keys_of_low_order_and_keys_spelled_twice_are_refused() {
    for (y, spelled) in [
        (
            "identity",
            "0100000000000000000000000000000000000000000000000000000000000000",
        ),
        (
            "order 4",
            "0000000000000000000000000000000000000000000000000000000000000000",
        ),
        (
            "order 2",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        (
            "order 8",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        ),
        (
            "order 8",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ),
        (
            "0 again",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        (
            "18 again",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
    ] {
        let mut key: [u8; 32] = hex(spelled);
        assert!(PublicKey::new(key).is_none(), "{y}");
        key[31] |= 0x80;
        assert!(PublicKey::new(key).is_none(), "{y}, other sign");
    }
    // The largest y that is below p, and not of low order.
    let mut key = [0xff; 32];
    key[0] = 0xeb;
    assert!(PublicKey::new(key).is_some());
}

#[test]
fn rfc_8032_first_test_vector() {
    let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let secret = SecretKey::from_seed(&seed).unwrap();
    let public = secret.public_key().unwrap();
    let expected: [u8; 32] =
        hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(*public.as_bytes(), expected);
    let signature = hex::<64>(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    assert_eq!(secret.sign(b""), signature);
    assert!(public.verify(b"", &signature));
}
