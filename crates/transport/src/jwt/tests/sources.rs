use passerelle_domain::claim::PurgeOrder;

use super::*;
use crate::sample::OTHER;

#[test]
fn an_asserted_proof_is_checked_by_the_key_of_its_system() {
    let (ours, other) = (key(KeyAlgorithm::ES256), key(KeyAlgorithm::ES256));
    let mut systems = SystemKeys::default();
    systems.register(SYSTEM, ours.verifying_key().unwrap());
    systems.register("other.example", other.verifying_key().unwrap());
    let check = |key| {
        verify::<AgentProof>(
            &token_of::<AgentProof>(&proof(), key),
            &node(HOLDER),
            &systems,
            NOW,
        )
    };
    assert!(check(&ours).unwrap().second_factor());
    assert_eq!(check(&other).unwrap_err(), TokenError::UnknownKey);
}

#[test]
fn a_session_token_is_checked_by_the_node_that_made_it_alone() {
    let session_key = key(KeyAlgorithm::EdDSA);
    let claims: SessionToken = serde_json::from_value(session()).unwrap();
    let token = sign(&claims, &session_key).unwrap();
    let own = OwnKey::of(&node(HOLDER), &session_key).unwrap();
    assert!(verify::<SessionToken>(&token, &node(HOLDER), &own, NOW).is_ok());
    let elsewhere = OwnKey::of(&node(OTHER), &session_key).unwrap();
    let outcome = verify::<SessionToken>(&token, &node(OTHER), &elsewhere, NOW);
    assert_eq!(outcome.unwrap_err(), TokenError::UnknownIssuer);
}

#[test]
fn the_key_of_one_use_checks_no_token_of_another() {
    let one = key(KeyAlgorithm::EdDSA);
    let own = OwnKey::of(&node(REQUESTER), &one).unwrap();
    let mut systems = SystemKeys::default();
    systems.register(REQUESTER, one.verifying_key().unwrap());
    let token = token_of::<Receipt>(&receipt(), &one);
    let sources: [&dyn KeySource; 2] = [&own, &systems];
    for source in sources {
        let outcome = verify::<Receipt>(&token, &node(HOLDER), source, NOW);
        assert_eq!(outcome.unwrap_err(), TokenError::UnknownIssuer);
    }
}

#[test]
fn i9_the_key_of_a_suspended_member_checks_nothing() {
    let mut world = crate::sample::World::new();
    let requester = world.files(REQUESTER).receipt_key().unwrap();
    let token = token_of::<PurgeOrder>(
        &json!({"iss": REQUESTER, "aud": HOLDER, "sub": LINK, "iat": NOW.as_secs(), "jti": TOKEN}),
        &requester,
    );
    let check = |world: &crate::sample::World| {
        let keys = world.federation.list().member_keys();
        verify::<PurgeOrder>(&token, &node(HOLDER), keys, NOW).map(drop)
    };
    assert_eq!(check(&world), Ok(()));
    world.federation.suspend(&node(REQUESTER), NOW).unwrap();
    assert_eq!(check(&world), Err(TokenError::UnknownIssuer));
}

#[test]
fn a_key_is_named_by_its_thumbprint() {
    // RFC 8037 appendix A.3.
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let mut der = data_encoding::HEXLOWER
        .decode(b"302a300506032b6570032100")
        .unwrap();
    der.extend(BASE64URL_NOPAD.decode(x.as_bytes()).unwrap());
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        data_encoding::BASE64.encode(&der)
    );
    let key = VerifyingKey::from_pem(&pem).unwrap();
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(key.algorithm(), KeyAlgorithm::EdDSA);
}

#[test]
fn a_key_that_is_loaded_signs_as_the_one_that_was_made() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in [KeyAlgorithm::EdDSA, KeyAlgorithm::ES256] {
        let path = folder.path().join(format!("{algorithm:?}.key"));
        let made = SigningKey::create(&path, algorithm).unwrap();
        let loaded = SigningKey::load(&path).unwrap();
        assert_eq!(made.kid(), loaded.kid());
        let signature = loaded.sign(b"message").unwrap();
        let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        assert_eq!(
            made.verifying_key()
                .unwrap()
                .verify(b"message", &signature, &raw),
            Ok(())
        );
        assert!(
            SigningKey::create(&path, algorithm).is_err(),
            "a key is never overwritten"
        );
    }
}

#[test]
fn a_record_whose_key_is_not_of_its_algorithm_is_refused() {
    use crate::key_file::KeyError;
    let ed = key(KeyAlgorithm::EdDSA);
    let record = |kid, pem| VerifyingKey::from_record(kid, KeyAlgorithm::ES256, pem);
    assert!(matches!(
        record("a", ed.public_key_pem()),
        Err(KeyError::OtherAlgorithm)
    ));
    assert!(matches!(
        record("a b", ed.public_key_pem()),
        Err(KeyError::Kid)
    ));
    assert!(matches!(record("a", "no key"), Err(KeyError::NotPublic)));
}

#[test]
fn a_file_that_holds_no_key_names_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receipt.key");
    crate::file::create_secret(&path, "no key").unwrap();
    let error = SigningKey::load(&path).unwrap_err().to_string();
    assert!(error.contains("receipt.key"), "{error}");
    assert!(key_file::load(&path).is_err());
}
