use serde_json::{Value, json};

use super::*;
use crate::jwt::oidc::sample::IssuerKey;

const ALL: [IssuerAlgorithm; 4] = [
    IssuerAlgorithm::RS256,
    IssuerAlgorithm::PS256,
    IssuerAlgorithm::ES256,
    IssuerAlgorithm::EdDSA,
];

fn keys(jwks: &[Value]) -> IssuerKeys {
    IssuerKeys::from_jwks(json!({ "keys": jwks }).to_string().as_bytes(), &ALL).unwrap()
}

fn verified(token: &str, keys: &IssuerKeys) -> Result<ForeignToken, TokenError> {
    Unchecked::read(token)?.verify(keys)
}

fn refused(token: &str, keys: &IssuerKeys) -> TokenError {
    verified(token, keys).err().unwrap()
}

#[test]
fn each_algorithm_is_checked_with_its_key_and_with_no_other() {
    let (rsa, p256, ed25519) = (IssuerKey::rsa(), IssuerKey::p256(), IssuerKey::ed25519());
    let keys = keys(&[rsa.jwk("r"), p256.jwk("p"), ed25519.jwk("e")]);
    for (key, kid, alg) in [
        (&rsa, "r", "RS256"),
        (&rsa, "r", "PS256"),
        (&p256, "p", "ES256"),
        (&ed25519, "e", "EdDSA"),
    ] {
        let header = json!({ "alg": alg, "kid": kid });
        let token = key.token(&header, r#"{"iss":"i"}"#);
        assert!(verified(&token, &keys).is_ok(), "{alg}");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = key.token(&header, r#"{"iss":"j"}"#);
        let (others, _) = other.rsplit_once('.').unwrap();
        assert!(verified(&format!("{signed}.{signature}"), &keys).is_ok());
        let swapped = format!("{others}.{signature}");
        assert_eq!(refused(&swapped, &keys), TokenError::Signature, "{alg}");
        // The right key under the name of another.
        for wrong in ["r", "p", "e"].into_iter().filter(|name| *name != kid) {
            let token = key.token(&json!({ "alg": alg, "kid": wrong }), "{}");
            assert_eq!(refused(&token, &keys), TokenError::AlgorithmNotOfKey);
        }
        let token = key.token(&json!({ "alg": alg, "kid": "none-of-these" }), "{}");
        assert_eq!(refused(&token, &keys), TokenError::UnknownKey);
    }
}

#[test]
fn no_algorithm_of_a_shared_secret_is_one_nor_none_at_all() {
    let rsa = IssuerKey::rsa();
    let keys = keys(&[rsa.jwk("r")]);
    for alg in ["HS256", "none", "None", "RS512", "rs256", ""] {
        let token = rsa.token(&json!({ "alg": alg, "kid": "r" }), "{}");
        assert_eq!(
            refused(&token, &keys),
            TokenError::AlgorithmNotOfIssuer,
            "{alg}"
        );
    }
    // Nor one of ours that the configuration does not name.
    let only = [IssuerAlgorithm::RS256];
    let set = json!({ "keys": [rsa.jwk("r")] }).to_string();
    let only = IssuerKeys::from_jwks(set.as_bytes(), &only).unwrap();
    let token = rsa.token(&json!({ "alg": "PS256", "kid": "r" }), "{}");
    assert_eq!(refused(&token, &only), TokenError::AlgorithmNotOfKey);
}

#[test]
fn a_header_that_points_to_keys_or_says_something_twice_is_refused() {
    let key = IssuerKey::ed25519();
    let keys = keys(&[key.jwk("e")]);
    for member in ["jku", "x5u", "x5c", "jwk", "crit"] {
        let mut header = json!({ "alg": "EdDSA", "kid": "e" });
        header[member] = json!("https://elsewhere.example");
        let token = key.token(&header, "{}");
        assert_eq!(refused(&token, &keys), TokenError::RefusedHeader(member));
    }
    let typ = |typ: &str| key.token(&json!({ "alg": "EdDSA", "kid": "e", "typ": typ }), "{}");
    assert!(verified(&typ("JWT"), &keys).is_ok());
    let refused_typ = refused(&typ("at+jwt"), &keys);
    assert_eq!(refused_typ, TokenError::Type { expected: "JWT" });
    // What AD FS adds, and says nothing here.
    let token = key.token(&json!({ "alg": "EdDSA", "kid": "e", "x5t": "abc" }), "{}");
    assert!(verified(&token, &keys).is_ok());
    let nameless = key.token(&json!({ "alg": "EdDSA" }), "{}");
    assert_eq!(refused(&nameless, &keys), TokenError::MissingHeader("kid"));
}

#[test]
fn claims_that_are_not_read_are_passed_over_and_none_counts_that_is_there_twice() {
    let key = IssuerKey::ed25519();
    let keys = keys(&[key.jwk("e")]);
    let header = json!({ "alg": "EdDSA", "kid": "e" });
    let token = key.token(&header, r#"{"sub":"a","sub":"b"}"#);
    assert_eq!(
        refused(&token, &keys),
        TokenError::DuplicateClaim("sub".to_owned())
    );
    let deep = key.token(&header, r#"{"sub":"a","address":[{"x":1,"x":2}]}"#);
    let path = "address.x".to_owned();
    assert_eq!(refused(&deep, &keys), TokenError::DuplicateClaim(path));
    let payload = r#"{"sub":"a","address":{"x":null},"amr":["pwd","otp"],"siret":null,"exp":1.5}"#;
    let token = verified(&key.token(&header, payload), &keys).ok().unwrap();
    assert_eq!(token.text("sub").unwrap(), "a");
    assert_eq!(token.texts("amr").unwrap(), ["pwd", "otp"]);
    assert!(!token.says("siret") && token.says("address"));
    assert_eq!(
        token.text("siret"),
        Err(TokenError::MissingClaim("siret".to_owned()))
    );
    assert_eq!(
        token.time("exp"),
        Err(TokenError::MistypedClaim("exp".to_owned()))
    );
    assert!(matches!(
        token.texts("address"),
        Err(TokenError::MistypedClaim(_))
    ));
}

#[test]
fn a_token_longer_than_any_issuer_writes_is_not_looked_at() {
    let key = IssuerKey::ed25519();
    let keys = keys(&[key.jwk("e")]);
    let long = format!(r#"{{"sub":"{}"}}"#, "a".repeat(16 * 1024));
    let token = key.token(&json!({ "alg": "EdDSA", "kid": "e" }), &long);
    assert!(matches!(refused(&token, &keys), TokenError::TooLong { .. }));
}

#[test]
fn a_set_gives_the_keys_that_can_sign_and_passes_the_others_over() {
    let mut encrypts = IssuerKey::rsa().jwk("enc");
    encrypts["use"] = json!("enc");
    let mut nameless = IssuerKey::p256().jwk("x");
    nameless.as_object_mut().unwrap().remove("kid");
    let oct = json!({ "kid": "s", "kty": "oct", "k": "c2VjcmV0" });
    let good = IssuerKey::p256().jwk("p");
    let set = keys(&[encrypts.clone(), nameless, oct.clone(), json!(7), good]);
    assert!(set.has("p") && !set.has("enc") && !set.has("s"));
    let of = |jwks: Value| IssuerKeys::from_jwks(jwks.to_string().as_bytes(), &ALL).err();
    assert_eq!(
        of(json!({ "keys": [encrypts, oct] })),
        Some(JwksError::NoKey)
    );
    assert_eq!(of(json!({ "keys": {} })), Some(JwksError::NotASet));
    assert_eq!(of(json!([])), Some(JwksError::NotASet));
}
