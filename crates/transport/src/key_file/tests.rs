use passerelle_domain::member::KeyAlgorithm;
use tempfile::TempDir;

use super::{create, load};

#[test]
fn what_was_made_is_what_is_read() {
    let folder = TempDir::new().unwrap();
    for (name, algorithm) in [
        ("ed25519.key", KeyAlgorithm::EdDSA),
        ("p256.key", KeyAlgorithm::ES256),
    ] {
        let file = folder.path().join(name);
        assert_eq!(create(&file, algorithm).unwrap(), load(&file).unwrap());
    }
}

/// Many libraries refuse the longer form, which holds the public key as well.
#[test]
fn an_ed25519_key_is_in_the_form_that_others_read() {
    let folder = TempDir::new().unwrap();
    let der = create(&folder.path().join("key"), KeyAlgorithm::EdDSA).unwrap();
    // RFC 8410 §10.3: SEQUENCE, version 0, 1.3.101.112, and the 32 bytes in two OCTET STRINGs.
    assert_eq!(der.len(), 48);
    assert!(der.starts_with(&[0x30, 0x2e, 0x02, 0x01, 0x00]));
}
