use super::*;
use crate::hash::Hash;
use crate::key::VerifyingKey;
use crate::signing::{LogKey, WitnessKey};

fn head() -> SignedCheckpoint {
    let origin = "ml.example/exchange/2026h2".parse().unwrap();
    let key = LogKey::from_seed(&[1; 32], origin).unwrap();
    key.sign_checkpoint(0, Hash::EMPTY_ROOT)
}

fn witness() -> WitnessKey {
    WitnessKey::from_seed(&[2; 32], "cd.example/witness".parse().unwrap()).unwrap()
}

fn public(key: &VerifyingKey) -> PublicKey {
    PublicKey::new(*key.public_key()).unwrap()
}

#[test]
fn what_is_signed_is_the_header_the_time_and_the_text() {
    let at = CosignedAt::from_seconds(1_679_315_147).unwrap();
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(
        message(at, text),
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
          CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    );
}

#[test]
fn a_time_of_zero_or_past_the_range_is_no_time() {
    let largest = (1 << 63) - 1;
    for seconds in [1, 1_679_315_147, largest] {
        assert_eq!(
            CosignedAt::from_seconds(seconds).map(CosignedAt::seconds),
            Some(seconds)
        );
    }
    for seconds in [0, largest + 1, u64::MAX] {
        assert_eq!(CosignedAt::from_seconds(seconds), None);
    }
}

#[test]
fn a_time_of_zero_is_refused_even_when_signed() {
    let (head, witness) = (head(), witness());
    let key = public(witness.verifying_key());
    let secret = crate::ed25519::SecretKey::from_seed(&[2; 32]).unwrap();
    for seconds in [0u64, 1, 1 << 63] {
        let message = format!("cosignature/v1\ntime {seconds}\n{}", head.text());
        let bytes = [&seconds.to_be_bytes()[..], &secret.sign(message.as_bytes())].concat();
        let expected = CosignedAt::from_seconds(seconds);
        assert_eq!(verify(&key, head.text(), &bytes), expected, "{seconds}");
    }
}

#[test]
fn any_flipped_bit_and_any_other_length_is_refused() {
    let (head, witness) = (head(), witness());
    let at = CosignedAt::from_seconds(1_700_000_000).unwrap();
    let key = public(witness.verifying_key());
    let secret = crate::ed25519::SecretKey::from_seed(&[2; 32]).unwrap();
    let bytes = [
        &at.0.to_be_bytes()[..],
        &secret.sign(&message(at, head.text())),
    ]
    .concat();
    assert_eq!(bytes.len(), 72);
    assert_eq!(verify(&key, head.text(), &bytes), Some(at));
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&key, head.text(), &flipped), None, "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert_eq!(verify(&key, head.text(), &bytes[..length]), None);
    }
    assert_eq!(
        verify(&key, head.text(), &[&bytes[..], &[0]].concat()),
        None
    );
}
