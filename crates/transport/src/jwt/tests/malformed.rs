//! The table of tokens that are refused, each for its own reason.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use passerelle_domain::claim::Withdrawal;

use super::*;
use crate::sample::OTHER;

struct Table {
    members: Members,
    refused: Vec<(&'static str, String, TokenError)>,
}

#[test]
fn every_malformed_token_is_refused_for_its_own_reason() {
    let mut table = Table {
        members: Members::new(),
        refused: Vec::new(),
    };
    table.forms();
    table.headers();
    table.algorithms();
    table.keys_and_signatures();
    table.texts_of_claims();
    table.types_of_claims();
    table.contents_of_claims();
    table.times();
    let names: BTreeSet<_> = table.refused.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(names.len(), table.refused.len(), "each name once");
    assert!(
        table.refused.len() >= 60,
        "only {} tokens",
        table.refused.len()
    );
    for (name, token, reason) in &table.refused {
        assert_eq!(table.members.verify(token).unwrap_err(), *reason, "{name}");
    }
}

impl Table {
    fn good(&self) -> String {
        token_of::<Receipt>(&receipt(), &self.members.requester)
    }

    fn add(&mut self, name: &'static str, token: impl Into<String>, reason: TokenError) {
        self.refused.push((name, token.into(), reason));
    }

    /// A token with this header, otherwise good.
    fn header(&mut self, name: &'static str, header: &str, reason: TokenError) {
        let token = signed(header, &receipt().to_string(), &self.members.requester);
        self.add(name, token, reason);
    }

    /// A token whose header has one member changed, or taken away.
    fn header_member(
        &mut self,
        name: &'static str,
        member: &str,
        value: Value,
        reason: TokenError,
    ) {
        let mut header = header(&self.members.requester, Receipt::TYP);
        match value {
            Value::Null => drop(header.as_object_mut().unwrap().remove(member)),
            value => header[member] = value,
        }
        self.header(name, &header.to_string(), reason);
    }

    /// A token with this payload, otherwise good.
    fn payload(&mut self, name: &'static str, payload: &str, reason: TokenError) {
        let header = header(&self.members.requester, Receipt::TYP).to_string();
        self.add(
            name,
            signed(&header, payload, &self.members.requester),
            reason,
        );
    }

    /// A token with one place of its claims changed.
    fn claim(&mut self, name: &'static str, pointer: &str, value: Value, reason: TokenError) {
        let mut payload = receipt();
        *payload.pointer_mut(pointer).unwrap() = value;
        self.payload(name, &payload.to_string(), reason);
    }

    /// A token with one claim taken away.
    fn without(&mut self, name: &'static str, claim: &'static str) {
        let mut payload = receipt();
        payload.as_object_mut().unwrap().remove(claim).unwrap();
        self.payload(
            name,
            &payload.to_string(),
            TokenError::MissingClaim(claim.to_owned()),
        );
    }

    /// A token whose claims have a piece of text replaced.
    fn text(&mut self, name: &'static str, from: &str, to: &str, reason: TokenError) {
        let payload = receipt().to_string();
        assert!(payload.contains(from), "{from}");
        self.payload(name, &payload.replacen(from, to, 1), reason);
    }

    fn forms(&mut self) {
        let good = self.good();
        let parts: Vec<_> = good.split('.').map(str::to_owned).collect();
        let [h, p, s] = [&parts[0], &parts[1], &parts[2]];
        self.add("nothing", "", TokenError::Parts);
        self.add("one part", h, TokenError::Parts);
        self.add("two parts", format!("{h}.{p}"), TokenError::Parts);
        self.add("four parts", format!("{good}.{s}"), TokenError::Parts);
        self.add(
            "five parts, as an encrypted one",
            format!("{good}..{s}"),
            TokenError::Parts,
        );
        self.add(
            "empty header",
            format!(".{p}.{s}"),
            TokenError::EmptyPart(Part::Header),
        );
        self.add(
            "empty payload",
            format!("{h}..{s}"),
            TokenError::EmptyPart(Part::Payload),
        );
        self.add(
            "empty signature",
            format!("{h}.{p}."),
            TokenError::EmptyPart(Part::Signature),
        );
        self.add(
            "padded header",
            format!("{h}=.{p}.{s}"),
            TokenError::Padding,
        );
        self.add("padded signature", format!("{good}=="), TokenError::Padding);
        self.add("a blank before", format!(" {good}"), TokenError::WhiteSpace);
        self.add(
            "a line end after",
            format!("{good}\n"),
            TokenError::WhiteSpace,
        );
        self.add(
            "a tab inside",
            format!("{h}\t.{p}.{s}"),
            TokenError::WhiteSpace,
        );
        self.add(
            "plain base64",
            format!("{h}.{p}.+{}", &s[1..]),
            TokenError::Alphabet,
        );
        self.add(
            "not ASCII",
            format!("{h}.{p}.é{}", &s[2..]),
            TokenError::Alphabet,
        );
        self.add("a NUL", format!("{good}\0"), TokenError::Alphabet);
        self.add(
            "a bearer prefix",
            format!("Bearer:{good}"),
            TokenError::Alphabet,
        );
        self.add(
            "a header that ends inside a byte",
            format!("{}.{p}.{s}", dangling(h)),
            TokenError::NotCanonical(Part::Header),
        );
        self.add(
            "a signature with bits after its last",
            format!("{h}.{p}.{}", loosen(s)),
            TokenError::NotCanonical(Part::Signature),
        );
        let filler = "A".repeat(Receipt::MAX_BYTES);
        self.add(
            "too long",
            format!("{good}{filler}"),
            TokenError::TooLong { most: 4096 },
        );
        self.add(
            "too long and nothing else",
            filler + "A",
            TokenError::TooLong { most: 4096 },
        );
    }

    fn headers(&mut self) {
        let kid = self.members.requester.kid().to_owned();
        let typ = Receipt::TYP;
        self.header(
            "header no JSON",
            "alg=EdDSA",
            TokenError::NotJson(Part::Header),
        );
        self.header(
            "header an array",
            r#"["EdDSA"]"#,
            TokenError::NotJson(Part::Header),
        );
        self.header(
            "header and more",
            r#"{"alg":"EdDSA"}{}"#,
            TokenError::NotJson(Part::Header),
        );
        let twice = format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}","alg":"none"}}"#);
        self.header("alg twice", &twice, TokenError::DuplicateHeader);
        let escaped = format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}","\u0061lg":"none"}}"#);
        self.header(
            "alg twice, once escaped",
            &escaped,
            TokenError::DuplicateHeader,
        );
        for (name, member) in [
            ("header with jku", "jku"),
            ("header with x5u", "x5u"),
            ("header with x5c", "x5c"),
            ("header with jwk", "jwk"),
            ("header with crit", "crit"),
        ] {
            let value = json!(["https://example.invalid/"]);
            self.header_member(name, member, value, TokenError::RefusedHeader(member));
        }
        self.header_member(
            "unencoded payload (b64)",
            "b64",
            json!(false),
            TokenError::UnknownHeader,
        );
        self.header_member(
            "compressed (zip)",
            "zip",
            json!("DEF"),
            TokenError::UnknownHeader,
        );
        self.header_member(
            "a nested one (cty)",
            "cty",
            json!("JWT"),
            TokenError::UnknownHeader,
        );
        for (name, member) in [("no alg", "alg"), ("no typ", "typ"), ("no kid", "kid")] {
            self.header_member(name, member, Value::Null, TokenError::MissingHeader(member));
        }
        self.header_member(
            "alg a number",
            "alg",
            json!(1),
            TokenError::MistypedHeader("alg"),
        );
        self.header_member(
            "typ an array",
            "typ",
            json!([typ]),
            TokenError::MistypedHeader("typ"),
        );
        self.header_member(
            "kid a number",
            "kid",
            json!(7),
            TokenError::MistypedHeader("kid"),
        );
        let foreign = TokenError::Type { expected: typ };
        self.header_member("typ JWT", "typ", json!("JWT"), foreign.clone());
        self.header_member(
            "typ of another kind",
            "typ",
            json!(Withdrawal::TYP),
            foreign.clone(),
        );
        self.header_member(
            "typ in capitals",
            "typ",
            json!(typ.to_uppercase()),
            foreign.clone(),
        );
        self.header_member(
            "typ with a prefix",
            "typ",
            json!(format!("application/{typ}")),
            foreign,
        );
        self.header_member("kid empty", "kid", json!(""), TokenError::Kid);
        self.header_member(
            "kid a path",
            "kid",
            json!("../../dev/null"),
            TokenError::Kid,
        );
        self.header_member(
            "kid too long",
            "kid",
            json!("k".repeat(65)),
            TokenError::Kid,
        );
    }

    fn algorithms(&mut self) {
        for (name, alg) in [
            ("alg none", "none"),
            ("alg None", "None"),
            ("alg in small letters", "eddsa"),
            ("alg RS256", "RS256"),
            ("alg ES384", "ES384"),
            ("alg empty", ""),
        ] {
            self.header_member(name, "alg", json!(alg), TokenError::Algorithm);
        }
        let mut none = header(&self.members.requester, Receipt::TYP);
        none["alg"] = json!("none");
        let message = unsigned(
            none.to_string().as_bytes(),
            receipt().to_string().as_bytes(),
        );
        self.add(
            "alg none, no signature",
            format!("{message}."),
            TokenError::EmptyPart(Part::Signature),
        );
        // The public key, which everyone has, taken for the secret of an HMAC (RFC 8725 §2.1).
        let mut hs256 = header(&self.members.requester, Receipt::TYP);
        hs256["alg"] = json!("HS256");
        let message = unsigned(
            hs256.to_string().as_bytes(),
            receipt().to_string().as_bytes(),
        );
        let secret = hmac::Key::new(
            hmac::HMAC_SHA256,
            self.members.requester.public_key_pem().as_bytes(),
        );
        let tag = BASE64URL_NOPAD.encode(hmac::sign(&secret, message.as_bytes()).as_ref());
        self.add(
            "HS256 by the public key",
            format!("{message}.{tag}"),
            TokenError::Algorithm,
        );
        self.header_member(
            "the other algorithm",
            "alg",
            json!("ES256"),
            TokenError::AlgorithmNotOfKey,
        );
    }

    fn keys_and_signatures(&mut self) {
        let good = self.good();
        let (message, signature) = good.rsplit_once('.').unwrap();
        let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let with = |raw: &[u8]| format!("{message}.{}", BASE64URL_NOPAD.encode(raw));
        let mut flipped = raw.clone();
        flipped[0] ^= 1;
        self.add(
            "first bit of the signature",
            with(&flipped),
            TokenError::Signature,
        );
        let mut flipped = raw.clone();
        flipped[63] ^= 0x10;
        self.add(
            "a late bit of the signature",
            with(&flipped),
            TokenError::Signature,
        );
        self.add(
            "a signature of zeros",
            with(&[0; 64]),
            TokenError::Signature,
        );
        self.add(
            "a short signature",
            with(&raw[..63]),
            TokenError::SignatureLength,
        );
        let long = [raw.as_slice(), &[0]].concat();
        self.add("a long signature", with(&long), TokenError::SignatureLength);
        let other_payload = receipt().to_string().replace("\"ver\":1", "\"ver\":2");
        let payload = BASE64URL_NOPAD.encode(other_payload.as_bytes());
        let header = message.split('.').next().unwrap();
        let swapped = format!("{header}.{payload}.{signature}");
        self.add("claims of another token", swapped, TokenError::Signature);
        let stranger = key(KeyAlgorithm::EdDSA);
        let token = token_of::<Receipt>(&receipt(), &stranger);
        self.add("a key that nobody has", token, TokenError::UnknownKey);
        let token = token_of::<Receipt>(&receipt(), &self.members.holder);
        self.add("kid of another issuer", token, TokenError::UnknownKey);
        let stolen = super::header(&self.members.requester, Receipt::TYP).to_string();
        let token = signed(&stolen, &receipt().to_string(), &stranger);
        self.add(
            "kid of the issuer, signed by another",
            token,
            TokenError::Signature,
        );
        self.claim(
            "an issuer that is no member",
            "/iss",
            json!(OTHER),
            TokenError::UnknownIssuer,
        );
    }

    fn texts_of_claims(&mut self) {
        let not_json = || TokenError::NotJson(Part::Payload);
        self.payload("payload no JSON", "iss=ml-nord", not_json());
        self.payload("payload an array", "[]", not_json());
        self.payload("payload a text", r#""claims""#, not_json());
        self.payload(
            "payload and more",
            &format!("{}{{}}", receipt()),
            not_json(),
        );
        self.payload("payload cut", &receipt().to_string()[..100], not_json());
        self.payload(
            "a byte order mark",
            &format!("\u{feff}{}", receipt()),
            not_json(),
        );
        self.payload(
            "a comma too much",
            &receipt().to_string().replacen('{', "{,", 1),
            not_json(),
        );
        self.payload(
            "too deep",
            &format!("{}{}", "[".repeat(200), "]".repeat(200)),
            not_json(),
        );
        self.text("half a surrogate", "ml-nord", r"\ud800", not_json());
        let header = header(&self.members.requester, Receipt::TYP).to_string();
        let message = unsigned(header.as_bytes(), b"{\"iss\":\"\xff\"}");
        let signature = self.members.requester.sign(message.as_bytes()).unwrap();
        self.add("not UTF-8", format!("{message}.{signature}"), not_json());
        let twice = |path: &str| TokenError::DuplicateClaim(path.to_owned());
        let issuer = format!(r#""iss":"{REQUESTER}""#);
        self.text(
            "iss twice",
            &issuer,
            &format!(r#"{issuer},"iss":"{OTHER}""#),
            twice("iss"),
        );
        self.text(
            "the same claim twice",
            r#""ver":1"#,
            r#""ver":1,"ver":1"#,
            twice("ver"),
        );
        self.text(
            "an escaped claim twice",
            r#""ver":1"#,
            r#""ver":1,"v\u0065r":2"#,
            twice("ver"),
        );
        self.text(
            "a member of a member twice",
            r#""agent_mfa":false"#,
            r#""agent_mfa":false,"agent_mfa":true"#,
            twice("evidence.agent_mfa"),
        );
        self.text(
            "a section twice",
            r#""status":1"#,
            r#""status":1,"status":4"#,
            twice("grants[0].sections.status"),
        );
        let unknown = |path: &str| TokenError::UnknownClaim(path.to_owned());
        self.text(
            "an unknown claim",
            r#""ver":1"#,
            r#""ver":1,"scope":"all""#,
            unknown("scope"),
        );
        self.text(
            "an unknown member of a member",
            r#""agent_mfa":false"#,
            r#""agent_mfa":false,"level":3"#,
            unknown("evidence.level"),
        );
        self.text(
            "an unknown member in an array",
            r#""effect":"permit""#,
            r#""effect":"permit","onward":true"#,
            unknown("grants[0].onward"),
        );
        self.text(
            "an unknown claim that is no name",
            r#""ver":1"#,
            r#""ver":1,"\n\u001b[31m":1"#,
            unknown("?"),
        );
    }

    fn types_of_claims(&mut self) {
        for (name, claim) in [
            ("no iss", "iss"),
            ("no aud", "aud"),
            ("no sub", "sub"),
            ("no exp", "exp"),
            ("no iat", "iat"),
            ("no nbf", "nbf"),
            ("no jti", "jti"),
            ("no grants", "grants"),
        ] {
            self.without(name, claim);
        }
        let mistyped = |path: &str| TokenError::MistypedClaim(path.to_owned());
        self.claim("iss an array", "/iss", json!([REQUESTER]), mistyped("iss"));
        self.claim("iss a number", "/iss", json!(7), mistyped("iss"));
        self.claim(
            "iss an object",
            "/iss",
            json!({"name": REQUESTER}),
            mistyped("iss"),
        );
        self.claim("aud an array", "/aud", json!([HOLDER]), mistyped("aud"));
        self.claim(
            "aud two of them",
            "/aud",
            json!([HOLDER, OTHER]),
            mistyped("aud"),
        );
        self.claim("aud a number", "/aud", json!(0), mistyped("aud"));
        self.claim("aud true", "/aud", json!(true), mistyped("aud"));
        self.claim("exp a text", "/exp", json!("1800086400"), mistyped("exp"));
        self.claim(
            "exp a fraction",
            "/exp",
            json!(1_800_086_400.5),
            mistyped("exp"),
        );
        self.text(
            "exp an exponent",
            "1800086400",
            "18000864e2",
            mistyped("exp"),
        );
        self.text(
            "exp with a point",
            "1800086400",
            "1800086400.0",
            mistyped("exp"),
        );
        self.text(
            "exp past 64 bits",
            "1800086400",
            "99999999999999999999",
            mistyped("exp"),
        );
        self.text(
            "exp past everything",
            "1800086400",
            "1e999",
            TokenError::NotJson(Part::Payload),
        );
        self.claim("ver a text", "/ver", json!("1"), mistyped("ver"));
        self.claim(
            "a member an array",
            "/evidence",
            json!(["attested", false]),
            mistyped("evidence"),
        );
        self.claim("grants an object", "/grants", json!({}), mistyped("grants"));
        self.claim(
            "a grant a text",
            "/grants/0",
            json!("permit"),
            mistyped("grants[0]"),
        );
        self.claim(
            "a class a text",
            "/grants/0/sections/status",
            json!("1"),
            mistyped("grants[0].sections.status"),
        );
        let null = |path: &str| TokenError::NullClaim(path.to_owned());
        self.claim("iss null", "/iss", Value::Null, null("iss"));
        self.claim(
            "a member null",
            "/notice/lang",
            Value::Null,
            null("notice.lang"),
        );
        self.claim(
            "an item null",
            "/grants/0/actions/0",
            Value::Null,
            null("grants[0].actions[0]"),
        );
    }

    fn contents_of_claims(&mut self) {
        let invalid = |path: &str| TokenError::InvalidClaim(path.to_owned());
        self.claim("iss no node", "/iss", json!("ML Nord"), invalid("iss"));
        self.claim(
            "iss in capitals",
            "/iss",
            json!(REQUESTER.to_uppercase()),
            invalid("iss"),
        );
        self.claim("sub too short", "/sub", json!("AAAA"), invalid("sub"));
        self.claim(
            "sub with bits after its last",
            "/sub",
            json!(format!("{}B", &LINK[1..])),
            invalid("sub"),
        );
        self.claim(
            "an unknown basis",
            "/basis",
            json!("interest"),
            invalid("basis"),
        );
        self.claim(
            "an unknown effect",
            "/grants/0/effect",
            json!("allow"),
            invalid("grants[0].effect"),
        );
        self.claim(
            "class 0",
            "/grants/0/sections/status",
            json!(0),
            invalid("grants[0].sections.status"),
        );
        self.claim(
            "class 5",
            "/grants/0/sections/status",
            json!(5),
            invalid("grants[0].sections.status"),
        );
        self.claim(
            "ver past 32 bits",
            "/ver",
            json!(1_u64 << 32),
            invalid("ver"),
        );
        self.claim("ver negative", "/ver", json!(-1), invalid("ver"));
        self.claim(
            "another audience",
            "/aud",
            json!(OTHER),
            TokenError::WrongAudience,
        );
        let contradiction = |field: &str, rule| {
            TokenError::Contradiction(passerelle_domain::Malformed::new(field, rule))
        };
        self.claim("ver 0", "/ver", json!(0), contradiction("ver", "1 or more"));
        self.claim(
            "a holder that is neither",
            "/holder",
            json!(OTHER),
            contradiction("holder", "one of iss and aud"),
        );
        self.claim(
            "no grant",
            "/grants",
            json!([]),
            contradiction("grants", "1 to 16 grants"),
        );
    }

    fn times(&mut self) {
        let now = NOW.as_secs();
        let invalid = |path: &str| TokenError::InvalidClaim(path.to_owned());
        self.claim("iat negative", "/iat", json!(-1), invalid("iat"));
        self.claim(
            "exp negative",
            "/exp",
            json!(-1_800_000_000),
            invalid("exp"),
        );
        self.claim(
            "iat an hour ahead",
            "/iat",
            json!(now + 3600),
            TokenError::IssuedInTheFuture,
        );
        self.claim(
            "iat a minute and a second ahead",
            "/iat",
            json!(now + 61),
            TokenError::IssuedInTheFuture,
        );
        self.claim(
            "nbf an hour ahead",
            "/nbf",
            json!(now + 3600),
            TokenError::NotYetValid,
        );
        let mut past = receipt();
        for (claim, date) in [("iat", now - 100), ("nbf", now - 100), ("exp", now)] {
            past[claim] = json!(date);
        }
        self.payload(
            "expired at the second",
            &past.to_string(),
            TokenError::Expired,
        );
        past["exp"] = json!(now - 30);
        self.payload(
            "expired half a minute ago",
            &past.to_string(),
            TokenError::Expired,
        );
        let huge = u64::MAX;
        let mut late = receipt();
        (late["iat"], late["nbf"], late["exp"]) = (json!(huge - 2), json!(huge - 2), json!(huge));
        self.payload(
            "everything past the year 9999",
            &late.to_string(),
            TokenError::IssuedInTheFuture,
        );
    }
}

#[test]
fn an_es256_signature_in_der_is_refused() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
    let folder = tempfile::tempdir().unwrap();
    let der = key_file::create(&folder.path().join("key"), KeyAlgorithm::ES256).unwrap();
    let key = SigningKey::from_pkcs8(&der).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).unwrap();
    let header = header(&key, Receipt::TYP).to_string();
    let message = unsigned(header.as_bytes(), receipt().to_string().as_bytes());
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let token = format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
    let keys = MemberKeys::from_iter([(node(REQUESTER), vec![key.verifying_key().unwrap()])]);
    let outcome = verify::<Receipt>(&token, &node(HOLDER), &keys, NOW);
    assert_eq!(outcome.unwrap_err(), TokenError::SignatureLength);
}

/// The same bytes, in base64 that a lenient reader takes too: 64 bytes leave 4 bits unused.
fn loosen(signature: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = signature.split_at(signature.len() - 1);
    let value = ALPHABET
        .iter()
        .position(|b| *b == last.as_bytes()[0])
        .unwrap();
    format!("{rest}{}", char::from(ALPHABET[value | 1]))
}

/// One character more than whole bytes take.
fn dangling(text: &str) -> String {
    let mut text = text.to_owned();
    while text.len() % 4 != 1 {
        text.push('A');
    }
    text
}
