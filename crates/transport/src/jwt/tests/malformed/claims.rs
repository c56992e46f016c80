//! Claims that are ambiguous, mistyped, contradictory, or not of this time.

use super::*;

impl Table {
    pub(super) fn texts_of_claims(&mut self) {
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

    pub(super) fn types_of_claims(&mut self) {
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

    pub(super) fn contents_of_claims(&mut self) {
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

    pub(super) fn times(&mut self) {
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
