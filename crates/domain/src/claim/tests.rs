use super::*;
use crate::vocabulary::{Class, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Purpose, Section};
use crate::{ChainId, CivilDate, Digest, LinkId, NodeId, TokenId};

fn receipt() -> Receipt {
    Receipt {
        issuer: NodeId::new("departement-demo").unwrap(),
        audience: NodeId::new("mission-locale-demo").unwrap(),
        link: LinkId::from_bytes([1; 16]),
        id: TokenId::from_bytes([2; 16]),
        issued_at: NumericDate::from_secs(1_800_000_000),
        not_before: NumericDate::from_secs(1_800_000_000),
        expires_at: NumericDate::from_secs(1_800_086_400),
        holder: NodeId::new("mission-locale-demo").unwrap(),
        chain: ChainId::from_bytes([3; 16]),
        version: 1,
        basis: LawfulBasis::PublicTask,
        given_by: GivenBy::Person,
        notice: Notice {
            id: "spie-information".into(),
            lang: "fr".into(),
            sha256: Digest::of(b"notice"),
        },
        evidence: Evidence {
            kind: EvidenceKind::Pass,
            agent_mfa: true,
        },
        grants: vec![Grant {
            effect: Effect::Permit,
            actions: [GrantAction::Read].into(),
            sections: [(Section::Diagnosis, Class::try_from(2).unwrap())].into(),
            purposes: [Purpose::Assessment].into(),
            until: None,
        }],
        withdrawal: WithdrawalMeans("Parlez-en à votre conseiller.".into()),
    }
}

fn read(json: &serde_json::Value) -> Result<Receipt, serde_json::Error> {
    serde_json::from_str(&json.to_string())
}

#[test]
fn a_receipt_survives_its_json() {
    let json = serde_json::to_value(receipt()).unwrap();
    assert_eq!(read(&json).unwrap(), receipt());
    assert_eq!(receipt().check(), Ok(()));
    assert_eq!(receipt().requester().as_str(), "departement-demo");
}

#[test]
fn unknown_missing_and_mistyped_members_are_refused_at_every_depth() {
    let good = serde_json::to_value(receipt()).unwrap();
    for (path, value) in [
        ("/extra", serde_json::json!(1)),
        ("/notice/extra", serde_json::json!(1)),
        ("/grants/0/extra", serde_json::json!(1)),
        ("/evidence/extra", serde_json::json!(1)),
        ("/iss", serde_json::json!(["departement-demo"])),
        ("/aud", serde_json::json!(7)),
        ("/exp", serde_json::json!(1.5)),
        ("/nbf", serde_json::json!(-1)),
        ("/basis", serde_json::json!("because")),
        ("/grants/0/sections/diagnosis", serde_json::json!(5)),
        ("/grants/0/purposes", serde_json::json!(["unheard_of"])),
    ] {
        let mut bad = good.clone();
        let (parent, member) = path.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[member] = value;
        assert!(read(&bad).is_err(), "{path}");
    }
    for member in good.as_object().unwrap().keys() {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(member);
        assert!(read(&bad).is_err(), "{member} missing");
    }
}

#[test]
fn a_member_given_twice_is_refused() {
    let json = serde_json::to_string(&receipt()).unwrap();
    let twice = json.replacen("{\"iss\"", "{\"ver\":1,\"iss\"", 1);
    assert!(
        serde_json::from_str::<Receipt>(&twice)
            .unwrap_err()
            .to_string()
            .contains("duplicate")
    );
}

#[test]
fn what_a_receipt_may_not_say_is_named() {
    type Spoil = fn(&mut Receipt);
    let year = 366 * 24 * 3600;
    let cases: [(&str, Spoil); 10] = [
        ("aud", |r| r.audience = r.issuer.clone()),
        ("holder", |r| r.holder = NodeId::new("third-node").unwrap()),
        ("ver", |r| r.version = 0),
        ("exp", |r| r.expires_at = r.not_before),
        ("exp", |r| {
            r.expires_at = NumericDate::from_secs(1_800_000_000 + 732 * 24 * 3600)
        }),
        ("grants", |r| r.grants.clear()),
        ("grants[0].actions", |r| r.grants[0].actions.clear()),
        ("grants[0].sections", |r| r.grants[0].sections.clear()),
        ("grants[0].purposes", |r| {
            r.grants[0].purposes = [Purpose::FraudDetection].into()
        }),
        ("withdrawal", |r| {
            r.withdrawal = WithdrawalMeans(String::new())
        }),
    ];
    for (field, spoil) in cases {
        let mut bad = receipt();
        spoil(&mut bad);
        assert_eq!(bad.check().unwrap_err().field(), field);
    }
    let mut consent = receipt();
    consent.basis = LawfulBasis::Consent;
    consent.expires_at = NumericDate::from_secs(1_800_000_000 + year);
    assert_eq!(consent.check(), Ok(()));
    consent.expires_at = NumericDate::from_secs(1_800_000_001 + year);
    assert_eq!(consent.check().unwrap_err().field(), "exp");
}

#[test]
fn a_receipt_is_in_date_from_nbf_until_the_second_of_exp() {
    let r = receipt();
    assert!(!r.in_date(crate::Timestamp::from_millis(1_799_999_999_999)));
    assert!(r.in_date(r.not_before.at()));
    assert!(r.in_date(crate::Timestamp::from_millis(1_800_086_399_999)));
    assert!(!r.in_date(r.expires_at.at()));
}

#[test]
fn an_objection_that_names_nothing_is_refused() {
    let objection = Objection {
        issuer: NodeId::new("departement-demo").unwrap(),
        audience: NodeId::new("mission-locale-demo").unwrap(),
        link: LinkId::from_bytes([1; 16]),
        scope: ObjectionScope::Sections([].into()),
        lifts: None,
        issued_at: NumericDate::from_secs(1),
        id: TokenId::from_bytes([2; 16]),
    };
    assert_eq!(objection.check().unwrap_err().field(), "scope.sections");
}

#[test]
fn a_catalogue_shows_one_text_a_name_language_and_day() {
    let (first, second) = (
        text("2026-01-01", Some("2026-06-01")),
        text("2026-06-01", None),
    );
    let catalogue = catalogue(vec![first.clone(), second.clone()]);
    assert_eq!(catalogue.check(), Ok(()));
    let at = |day: &str| day.parse::<CivilDate>().unwrap().start();
    let shown = |day| catalogue.shown("information", "fr", at(day));
    assert_eq!(shown("2025-12-31"), None);
    assert_eq!(shown("2026-05-31"), Some(&first));
    assert_eq!(shown("2026-06-01"), Some(&second));
    assert_eq!(catalogue.shown("information", "en", at("2026-06-01")), None);
    // What is no longer shown is found by those who were shown it.
    assert_eq!(catalogue.named(&first.notice()), Some(&first));
}

#[test]
fn what_a_catalogue_may_not_say_is_named() {
    let good = text("2026-01-01", None);
    let with = |spoil: fn(&mut NoticeText)| {
        let mut bad = good.clone();
        spoil(&mut bad);
        vec![bad]
    };
    let twice = vec![good.clone(), text("2026-03-01", None)];
    let unordered = vec![
        text("2026-03-01", None),
        text("2026-01-01", Some("2026-03-01")),
    ];
    for (field, texts) in [
        ("texts", vec![]),
        ("texts", twice),
        ("texts", unordered),
        ("texts[0].id", with(|text| text.id = "À lire".to_owned())),
        ("texts[0].lang", with(|text| text.lang.clear())),
        ("texts[0].title", with(|text| text.title.clear())),
        ("texts[0].text", with(|text| text.text.clear())),
        ("texts[0].sha256", with(|text| text.text.push('.'))),
        ("texts[0].until", with(|text| text.until = Some(text.from))),
    ] {
        assert_eq!(catalogue(texts).check().unwrap_err().field(), field);
    }
}

fn catalogue(texts: Vec<NoticeText>) -> NoticeCatalogue {
    NoticeCatalogue {
        federation: "spie.example".parse().unwrap(),
        issued_at: NumericDate::from_secs(1_800_000_000),
        texts,
    }
}

fn text(from: &str, until: Option<&str>) -> NoticeText {
    let text = format!("Ce qui est transmis, depuis le {from}.");
    NoticeText {
        id: "information".to_owned(),
        lang: "fr".to_owned(),
        title: "Ce que nous transmettons".to_owned(),
        sha256: Digest::of(text.as_bytes()),
        from: from.parse().unwrap(),
        until: until.map(|until| until.parse().unwrap()),
        text,
    }
}
