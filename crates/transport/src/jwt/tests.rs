mod malformed;
mod sources;
mod times;

use passerelle_domain::claim::{AgentProof, Claim, Receipt, SessionToken};
use passerelle_domain::member::KeyAlgorithm;
use passerelle_domain::{Class, Section};
use serde_json::{Value, json};

use super::*;
use crate::key_file;
use crate::sample::{HOLDER, MINUTE, NOW, REQUESTER, SYSTEM, node};

const LINK: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const TOKEN: &str = "BBBBBBBBBBBBBBBBBBBBBA";

fn key(algorithm: KeyAlgorithm) -> SigningKey {
    let folder = tempfile::tempdir().unwrap();
    SigningKey::create(&folder.path().join("key"), algorithm).unwrap()
}

fn receipt() -> Value {
    let now = NOW.as_secs();
    json!({
        "iss": REQUESTER, "aud": HOLDER, "sub": LINK, "jti": TOKEN, "iat": now, "nbf": now,
        "exp": now + 86_400, "holder": HOLDER, "chain": TOKEN, "ver": 1, "basis": "public_task",
        "given_by": "person",
        "notice": {"id": "info-2027", "lang": "fr", "sha256": "0".repeat(64)},
        "evidence": {"kind": "attested", "agent_mfa": false},
        "grants": [{
            "effect": "permit", "actions": ["read"], "sections": {"status": 1, "project": 1},
            "purposes": ["pathway_follow_up"],
        }],
        "withdrawal": "À l’accueil, ou par courrier.",
    })
}

fn proof() -> Value {
    let now = NOW.as_secs();
    json!({
        "iss": SYSTEM, "aud": HOLDER, "sub": "agent-7", "siret": "73282932000074",
        "role": "caseworker", "amr": ["pwd", "otp"], "auth_time": now, "iat": now,
        "exp": now + 300, "jti": TOKEN,
    })
}

fn session() -> Value {
    let now = NOW.as_secs();
    json!({
        "iss": HOLDER, "sub": LINK, "cnf": {"x5t#S256": "a".repeat(64)}, "iat": now,
        "exp": now + 3600,
    })
}

fn header(key: &SigningKey, typ: &str) -> Value {
    json!({"alg": key.algorithm(), "typ": typ, "kid": key.kid()})
}

/// A token of exactly these texts, signed.
fn signed(header: &str, payload: &str, key: &SigningKey) -> String {
    let message = unsigned(header.as_bytes(), payload.as_bytes());
    format!("{message}.{}", key.sign(message.as_bytes()).unwrap())
}

fn unsigned(header: &[u8], payload: &[u8]) -> String {
    format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header),
        BASE64URL_NOPAD.encode(payload)
    )
}

fn token_of<C: Token>(payload: &Value, key: &SigningKey) -> String {
    signed(&header(key, C::TYP).to_string(), &payload.to_string(), key)
}

/// Two members with a receipt key each.
struct Members {
    requester: SigningKey,
    holder: SigningKey,
    keys: MemberKeys,
}

impl Members {
    fn new() -> Self {
        Self::with(KeyAlgorithm::EdDSA)
    }

    fn with(algorithm: KeyAlgorithm) -> Self {
        let (requester, holder) = (key(algorithm), key(algorithm));
        let keys = MemberKeys::from_iter([
            (node(REQUESTER), vec![requester.verifying_key().unwrap()]),
            (node(HOLDER), vec![holder.verifying_key().unwrap()]),
        ]);
        Self {
            requester,
            holder,
            keys,
        }
    }

    fn verify(&self, token: &str) -> Result<Verified<Receipt>, TokenError> {
        verify(token, &node(HOLDER), &self.keys, NOW)
    }
}

#[test]
fn a_token_that_is_signed_is_verified_with_either_algorithm() {
    for algorithm in [KeyAlgorithm::EdDSA, KeyAlgorithm::ES256] {
        let members = Members::with(algorithm);
        let claims: Receipt = serde_json::from_value(receipt()).unwrap();
        let token = sign(&claims, &members.requester).unwrap();
        assert_eq!(members.verify(&token).unwrap().claim(), &claims);
    }
}

#[test]
fn what_may_not_be_said_is_not_signed() {
    let members = Members::new();
    let mut claims: Receipt = serde_json::from_value(receipt()).unwrap();
    claims.version = 0;
    assert!(matches!(
        sign(&claims, &members.requester),
        Err(SignError::Malformed(_))
    ));
}

#[test]
fn a_token_longer_than_its_kind_is_not_signed() {
    let members = Members::new();
    let mut claims: Receipt = serde_json::from_value(receipt()).unwrap();
    let mut grant = claims.grants[0].clone();
    grant.sections = Section::ALL
        .iter()
        .map(|section| (*section, Class::Health))
        .collect();
    claims.grants = vec![grant; 16];
    let outcome = sign(&claims, &members.requester);
    assert!(matches!(outcome, Err(SignError::TooLong { most: 4096 })));
}

#[test]
fn every_bit_of_a_token_counts() {
    for algorithm in [KeyAlgorithm::EdDSA, KeyAlgorithm::ES256] {
        let members = Members::with(algorithm);
        let token = token_of::<Receipt>(&receipt(), &members.requester);
        assert!(members.verify(&token).is_ok());
        for place in 0..token.len() {
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                let Ok(other) = String::from_utf8(bytes) else {
                    continue;
                };
                assert!(members.verify(&other).is_err(), "bit {bit} of byte {place}");
            }
        }
    }
}

#[test]
fn a_refusal_shows_no_value_of_the_token() {
    let members = Members::new();
    let mut payload = receipt();
    payload["withdrawal"] = json!(["Camille Durand"]);
    payload["grants"][0]["Camille Durand"] = json!(1);
    let token = token_of::<Receipt>(&payload, &members.requester);
    let error = members.verify(&token).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Durand"));
}
