use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::sample::{IssuerKey, KeyServer};
use super::*;

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "logiciel-metier";
const SECRET: &str = "c2VjcmV0LW9mLTIyLWNoYXJz";
const SIRET: &str = "22670001100019";

fn now() -> Timestamp {
    Timestamp::from_secs(1_795_000_000)
}

fn certificate() -> Digest {
    Digest::of(b"the system's certificate")
}

/// An issuer whose one key is in a file.
struct Provider {
    _folder: TempDir,
    key: IssuerKey,
    settings: IssuerSettings,
}

impl Provider {
    fn new(key: IssuerKey) -> Self {
        let folder = TempDir::new().unwrap();
        let jwks = folder.path().join("jwks.json");
        std::fs::write(&jwks, json!({ "keys": [key.jwk("k")] }).to_string()).unwrap();
        let roles = [
            ("insertion", AgentRole::Caseworker),
            ("dpo", AgentRole::PrivacyOfficer),
        ];
        let roles = roles.map(|(name, role)| (name.to_owned(), role));
        Self {
            settings: IssuerSettings {
                issuer: ISSUER.to_owned(),
                client_id: CLIENT.to_owned(),
                keys: KeysFrom::File(jwks),
                algorithms: vec![IssuerAlgorithm::ES256, IssuerAlgorithm::RS256],
                userinfo: false,
                siret: SiretFrom::Claim("siret".to_owned()),
                roles: Some(("groups".to_owned(), roles.into())),
                role: None,
                second_factor: ["otp".to_owned(), "eidas2".to_owned()].into(),
            },
            key,
            _folder: folder,
        }
    }

    fn alg(&self) -> &'static str {
        match self.key {
            IssuerKey::Rsa(_) => "RS256",
            IssuerKey::P256(_) => "ES256",
            IssuerKey::Ed25519(_) => "EdDSA",
        }
    }

    fn signed(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.alg(), "kid": "k", "typ": "JWT" });
        self.key.token(&header, &claims.to_string())
    }

    async fn shown(&self, id_token: &str, userinfo: &str) -> Result<OidcAgent, ProofError> {
        let proof = OidcProof {
            id_token,
            userinfo,
            nonce_secret: SECRET,
        };
        let issuers = Issuers::new(vec![self.settings.clone()]);
        let agent = issuers.check(proof, certificate(), now()).await?;
        Ok(OidcAgent::clone(&agent))
    }

    /// What is said of a token with some claims changed.
    async fn with(&self, change: impl FnOnce(&mut Value)) -> Result<OidcAgent, ProofError> {
        let mut claims = claims();
        change(&mut claims);
        self.shown(&self.signed(&claims), "").await
    }
}

/// An agent who signed in a minute ago.
fn claims() -> Value {
    let secs = now().as_secs();
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "a-17", "siret": SIRET,
        "groups": ["tous", "insertion"], "amr": ["pwd"], "auth_time": secs - 60,
        "iat": secs - 5, "exp": secs + 55, "nonce": nonce(SECRET, certificate()),
    })
}

fn token(error: TokenError) -> Result<OidcAgent, ProofError> {
    Err(ProofError::Token(error))
}

#[tokio::test]
async fn an_id_token_made_for_the_system_shows_its_agent() {
    for key in [IssuerKey::p256(), IssuerKey::rsa()] {
        let provider = Provider::new(key);
        let agent = provider.with(|_| {}).await.unwrap();
        assert_eq!(agent.subject.expose(), "a-17");
        assert_eq!(agent.siret.to_string(), SIRET);
        assert_eq!(agent.role, AgentRole::Caseworker);
        assert!(!agent.second_factor);
        assert_eq!(agent.issuer, ISSUER);
        let at = |ahead: u64| Timestamp::from_secs(now().as_secs() + ahead);
        assert_eq!(agent.until, at(55));
        assert_eq!(
            agent.authenticated,
            Timestamp::from_secs(now().as_secs() - 60)
        );

        let strong = provider
            .with(|claims| claims["acr"] = json!("eidas2"))
            .await;
        assert!(strong.unwrap().second_factor);
        let strong = provider
            .with(|claims| claims["amr"] = json!(["pwd", "otp"]))
            .await;
        assert!(strong.unwrap().second_factor);
        // However long the issuer lets it live.
        let long = provider
            .with(|claims| claims["exp"] = json!(now().as_secs() + 3600))
            .await;
        assert_eq!(long.unwrap().until, at(295));
    }
}

#[tokio::test]
async fn a_token_for_another_system_secret_or_client_is_refused() {
    let provider = Provider::new(IssuerKey::p256());
    let other = nonce(SECRET, Digest::of(b"another system's certificate"));
    let refused = provider.with(|claims| claims["nonce"] = json!(other)).await;
    assert!(matches!(
        refused,
        Err(ProofError::Token(TokenError::Contradiction(_)))
    ));
    let other = nonce("another-secret-of-25-char", certificate());
    let refused = provider.with(|claims| claims["nonce"] = json!(other)).await;
    assert!(matches!(
        refused,
        Err(ProofError::Token(TokenError::Contradiction(_)))
    ));
    let nonceless = provider.with(|claims| claims["nonce"] = Value::Null).await;
    assert_eq!(
        nonceless,
        token(TokenError::MissingClaim("nonce".to_owned()))
    );
    for audience in [json!("another"), json!([CLIENT, "another"]), json!([])] {
        let refused = provider.with(|claims| claims["aud"] = audience).await;
        assert_eq!(refused, token(TokenError::WrongAudience));
    }
    assert!(
        provider
            .with(|claims| claims["aud"] = json!([CLIENT]))
            .await
            .is_ok()
    );
    let refused = provider
        .with(|claims| claims["azp"] = json!("another"))
        .await;
    assert_eq!(refused, token(TokenError::WrongAudience));
    let refused = provider.with(|claims| claims["iss"] = json!("https://elsewhere.example"));
    assert_eq!(refused.await, token(TokenError::UnknownIssuer));
}

#[tokio::test]
async fn a_token_out_of_its_time_is_refused() {
    let provider = Provider::new(IssuerKey::p256());
    let secs = now().as_secs();
    let refused = provider.with(|claims| claims["exp"] = json!(secs)).await;
    assert_eq!(refused, token(TokenError::Expired));
    let refused = provider
        .with(|claims| claims["iat"] = json!(secs + 61))
        .await;
    assert_eq!(refused, token(TokenError::IssuedInTheFuture));
    let refused = provider
        .with(|claims| claims["nbf"] = json!(secs + 61))
        .await;
    assert_eq!(refused, token(TokenError::NotYetValid));
    // Made long ago, though it has not expired.
    let old = provider.with(|claims| {
        claims["iat"] = json!(secs - 300);
        claims["exp"] = json!(secs + 3600);
    });
    assert_eq!(old.await, token(TokenError::Expired));
    for claim in ["exp", "iat", "sub", "aud", "iss"] {
        let missing = provider.with(|claims| claims[claim] = Value::Null).await;
        assert_eq!(missing, token(TokenError::MissingClaim(claim.to_owned())));
    }
}

#[tokio::test]
async fn roles_and_establishment_come_from_where_the_configuration_says() {
    let mut provider = Provider::new(IssuerKey::p256());
    let officer = provider
        .with(|claims| claims["groups"] = json!("dpo"))
        .await;
    assert_eq!(officer.unwrap().role, AgentRole::PrivacyOfficer);
    let two = json!(["insertion", "dpo"]);
    for groups in [json!(["tous"]), json!([]), Value::Null, two] {
        let nobody = provider.with(|claims| claims["groups"] = groups).await;
        assert!(matches!(
            nobody,
            Err(ProofError::Token(TokenError::Contradiction(_)))
        ));
    }
    let refused = provider.with(|claims| claims["siret"] = json!("123")).await;
    assert_eq!(refused, token(TokenError::InvalidClaim("siret".to_owned())));

    provider.settings.role = Some(AgentRole::Reception);
    provider.settings.siret = SiretFrom::Fixed(SIRET.parse().unwrap());
    let agent = provider.with(|claims| {
        claims["groups"] = Value::Null;
        claims["siret"] = Value::Null;
    });
    assert_eq!(agent.await.unwrap().role, AgentRole::Reception);
}

#[tokio::test]
async fn a_signed_userinfo_speaks_of_the_same_agent_or_of_nobody() {
    let mut provider = Provider::new(IssuerKey::p256());
    let unasked = provider
        .shown(&provider.signed(&claims()), "e30.e30.e30")
        .await;
    assert!(matches!(
        unasked,
        Err(ProofError::Token(TokenError::Contradiction(_)))
    ));
    provider.settings.userinfo = true;
    let mut id_token = claims();
    id_token["siret"] = Value::Null;
    id_token["groups"] = Value::Null;
    let id_token = provider.signed(&id_token);
    let secs = now().as_secs();
    let userinfo = json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "a-17", "siret": SIRET, "groups": ["insertion"],
        "iat": secs - 5,
    });
    let said = |change: &dyn Fn(&mut Value)| {
        let mut said = userinfo.clone();
        change(&mut said);
        provider.signed(&said)
    };
    let agent = provider.shown(&id_token, &said(&|_| {})).await.unwrap();
    assert_eq!(agent.siret.to_string(), SIRET);
    let other = provider
        .shown(&id_token, &said(&|said| said["sub"] = json!("a-18")))
        .await;
    assert!(matches!(
        other,
        Err(ProofError::Token(TokenError::Contradiction(_)))
    ));
    let other = provider
        .shown(&id_token, &said(&|said| said["aud"] = json!("another")))
        .await;
    assert_eq!(other, token(TokenError::WrongAudience));
    let old = provider
        .shown(&id_token, &said(&|said| said["iat"] = json!(secs - 300)))
        .await;
    assert_eq!(old, token(TokenError::Expired));
    let old = said(&|said| {
        said["iat"] = json!(secs - 300);
        said["exp"] = json!(secs + 3600);
    });
    let old = provider.shown(&id_token, &old).await;
    assert_eq!(old, token(TokenError::Expired));
    let ends = said(&|said| {
        said["iat"] = Value::Null;
        said["exp"] = json!(secs + 60);
    });
    assert!(provider.shown(&id_token, &ends).await.is_ok());
    let missing = provider.shown(&id_token, "").await;
    assert!(matches!(
        missing,
        Err(ProofError::Token(TokenError::Contradiction(_)))
    ));
    // Not what anybody can write: unsigned, or signed by another.
    let forged = Provider::new(IssuerKey::p256()).signed(&userinfo);
    assert_eq!(
        provider.shown(&id_token, &forged).await,
        token(TokenError::Signature)
    );
}

#[tokio::test]
async fn a_token_whose_signature_was_changed_into_another_that_holds_is_the_same_token() {
    let provider = Provider::new(IssuerKey::p256());
    let first = provider.signed(&claims());
    let (signed, signature) = first.rsplit_once('.').unwrap();
    let mut bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let other = minus(&ORDER, &bytes[32..]);
    bytes[32..].copy_from_slice(&other);
    let second = format!("{signed}.{}", BASE64URL_NOPAD.encode(&bytes));
    assert_ne!(first, second);
    let (first, second) = (
        provider.shown(&first, "").await,
        provider.shown(&second, "").await,
    );
    assert_eq!(first.unwrap().id, second.unwrap().id);
}

fn minus(left: &[u8; 32], right: &[u8]) -> [u8; 32] {
    let mut difference = [0; 32];
    let mut borrowed = 0;
    for place in (0..32).rev() {
        let value = i16::from(left[place]) - i16::from(right[place]) - borrowed;
        borrowed = i16::from(value < 0);
        difference[place] = u8::try_from(value.rem_euclid(256)).unwrap();
    }
    difference
}

/// Of the curve P-256 (SEC 2 §2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The keys of an issuer that serves them.
async fn served() -> (TempDir, KeyServer, HeldKeys) {
    let folder = TempDir::new().unwrap();
    let server = KeyServer::start(folder.path()).await;
    let from = KeysFrom::Url {
        url: server.url(),
        anchors: server.anchors.clone(),
    };
    let keys = HeldKeys::new(from, vec![IssuerAlgorithm::ES256]);
    (folder, server, keys)
}

fn later(span: u64) -> Timestamp {
    now().plus(Duration::from_secs(span))
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_one_is_not_known_but_not_again_and_again() {
    let (_folder, server, keys) = served().await;
    let (old, new) = (IssuerKey::p256(), IssuerKey::p256());
    server.serve(&[old.jwk("old")]);
    assert!(keys.with("old", now()).await.unwrap().has("old"));
    assert!(keys.with("old", later(60)).await.unwrap().has("old"));
    assert_eq!(server.asked(), 1);

    // Rotated: the new key is there at once, and the old one is gone.
    server.serve(&[new.jwk("new")]);
    let rotated = keys.with("new", later(60)).await.unwrap();
    assert!(rotated.has("new") && !rotated.has("old"));
    assert_eq!(server.asked(), 2);
    // Names that somebody invents cost the issuer a question each 30 seconds at most.
    for name in ["a", "b", "c"] {
        assert!(!keys.with(name, later(61)).await.unwrap().has(name));
    }
    assert_eq!(server.asked(), 2);
    keys.with("a", later(91)).await.unwrap();
    assert_eq!(server.asked(), 3);
    // A key that was taken out is not used for long.
    server.serve(&[old.jwk("old")]);
    let after = keys.with("new", later(91 + 3600)).await.unwrap();
    assert!(!after.has("new"));
}

#[tokio::test]
async fn through_an_outage_the_keys_are_used_for_a_day_and_the_fault_is_told() {
    let (_folder, server, keys) = served().await;
    server.serve(&[IssuerKey::p256().jwk("k")]);
    keys.refresh(now()).await;
    assert_eq!(keys.failure(), None);
    server.answer("503 Service Unavailable", b"");
    let day = 24 * 3600;
    assert!(keys.with("k", later(day - 1)).await.unwrap().has("k"));
    assert_eq!(keys.failure(), Some(FetchError::Status(503)));
    assert!(keys.with("k", later(day)).await.is_err());
    server.serve(&[IssuerKey::p256().jwk("k")]);
    assert!(keys.with("k", later(day + 31)).await.unwrap().has("k"));
    assert_eq!(keys.failure(), None);
}

#[tokio::test]
async fn nothing_is_taken_from_a_server_that_is_not_the_issuers_or_answers_otherwise() {
    let (_folder, server, keys) = served().await;
    let fault = async |keys: &HeldKeys, at: u64| {
        assert!(keys.with("k", later(at)).await.is_err());
        keys.failure().unwrap()
    };
    server.answer("302 Found\r\nlocation: https://localhost/", b"");
    assert_eq!(fault(&keys, 0).await, FetchError::Status(302));
    server.answer("200 OK", b"<html>");
    assert_eq!(
        fault(&keys, 60).await,
        FetchError::NoKeys(crate::jwt::JwksError::NotASet)
    );
    server.answer("200 OK", &vec![b' '; 300 * 1024]);
    assert_eq!(fault(&keys, 120).await, FetchError::Answer);

    let with = |url: String, anchors: &std::path::Path| {
        let from = KeysFrom::Url {
            url,
            anchors: anchors.to_owned(),
        };
        HeldKeys::new(from, vec![IssuerAlgorithm::ES256])
    };
    server.serve(&[IssuerKey::p256().jwk("k")]);
    // The certificate is for `localhost`, and of this one authority.
    let port = server.address.port();
    let elsewhere = with(format!("https://127.0.0.1:{port}/jwks"), &server.anchors);
    assert!(matches!(
        fault(&elsewhere, 0).await,
        FetchError::Connection(_)
    ));
    let folder = TempDir::new().unwrap();
    let other = KeyServer::start(folder.path()).await;
    let stranger = with(server.url(), &other.anchors);
    assert!(matches!(
        fault(&stranger, 0).await,
        FetchError::Connection(_)
    ));
    let plain = with(format!("http://localhost:{port}/jwks"), &server.anchors);
    assert_eq!(fault(&plain, 0).await, FetchError::Address);
}
