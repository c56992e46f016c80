//! Headers that hand over the choice of key, of kind, or of algorithm.

use aws_lc_rs::hmac;
use passerelle_domain::claim::Withdrawal;

use super::*;

impl Table {
    pub(super) fn headers(&mut self) {
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

    pub(super) fn algorithms(&mut self) {
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
}
