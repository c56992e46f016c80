use super::*;

fn member() -> serde_json::Value {
    serde_json::json!({
        "node": "mission-locale-demo",
        "organisation": {
            "name": "Mission locale de démonstration",
            "kind": "mission_locale",
            "sirens": [],
            "sirets": ["99900001100018"],
            "territories": ["67"],
        },
        "endpoints": ["127.0.0.1:7001"],
        "keys": [{"usage": "receipt", "kid": "r1", "alg": "EdDSA", "public_key": "…"}],
        "rights": {"purposes": {"assessment": 4}},
        "status": "active",
    })
}

fn federation() -> FederationId {
    "demo.example".parse().unwrap()
}

fn read(json: serde_json::Value) -> Member {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_member_is_read_and_found_by_key() {
    let m = read(member());
    assert_eq!(m.check(&federation()), Ok(()));
    assert!(m.is_live());
    assert!(m.key(KeyUsage::Receipt, "r1").is_some());
    assert!(m.key(KeyUsage::Log, "r1").is_none());
}

#[test]
fn what_a_member_may_not_say_is_named() {
    let cases = [
        ("endpoints", "/endpoints", serde_json::json!([])),
        (
            "endpoints[0]",
            "/endpoints/0",
            serde_json::json!("https://a/"),
        ),
        ("endpoints[0]", "/endpoints/0", serde_json::json!("a:0")),
        (
            "organisation.name",
            "/organisation/name",
            serde_json::json!(""),
        ),
        (
            "organisation.sirets",
            "/organisation/sirets",
            serde_json::json!([]),
        ),
        (
            "rights.purposes",
            "/rights/purposes",
            serde_json::json!({"sanction": 1}),
        ),
        ("keys[0].kid", "/keys/0/kid", serde_json::json!("a b")),
    ];
    for (field, path, value) in cases {
        let mut json = member();
        *json.pointer_mut(path).unwrap() = value;
        assert_eq!(read(json).check(&federation()).unwrap_err().field(), field);
    }
}

#[test]
fn a_log_key_bears_the_name_of_a_log_of_its_node() {
    let with = |public_key: &str| {
        let mut json = member();
        json["keys"][0] = serde_json::json!(
            {"usage": "log", "kid": "l1", "alg": "EdDSA", "public_key": public_key});
        read(json).check(&federation())
    };
    let own = "mission-locale-demo.demo.example/exchange/2026h2+1a2b3c4d+AbCd";
    assert_eq!(with(own), Ok(()));
    for other in [
        "departement-demo.demo.example/exchange/2026h2+1a2b3c4d+AbCd",
        "mission-locale-demo.other.example/exchange/2026h2+1a2b3c4d+AbCd",
        "mission-locale-demo.demo.example/exchange/+1a2b3c4d+AbCd",
        "mission-locale-demo.demo.example/exchange/2026h2+1a2b3c+AbCd",
        "mission-locale-demo.demo.example/exchange/2026h2+1a2b3c4d+",
        "mission-locale-demo.demo.example/exchange/2026h2",
        "",
    ] {
        let refused = with(other).unwrap_err();
        assert_eq!(refused.field(), "keys[0].public_key", "{other}");
    }
}
