use super::*;

fn request() -> wire::RecordAgreementRequest {
    wire::RecordAgreementRequest {
        person_id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        request_id: "r-1".to_owned(),
        partners: vec![wire::AgreementPartner {
            node: "ml-nord".to_owned(),
            direction: AgreementDirection::PartnerToOwn.into(),
        }],
        basis: "public_task".to_owned(),
        given_by: "person".to_owned(),
        notice: Some(wire::ShownNotice {
            notice_id: "information".to_owned(),
            lang: "fr".to_owned(),
            sha256: "00".repeat(32),
        }),
        evidence: "pass".to_owned(),
        grants: vec![wire::AgreementGrant {
            effect: GrantEffect::Permit.into(),
            actions: vec!["read".to_owned()],
            sections: vec![wire::GrantSection {
                section: "steps".to_owned(),
                sensitivity: 2,
            }],
            purposes: vec!["pathway_follow_up".to_owned()],
            until: String::new(),
        }],
        expires_at: String::new(),
        replaces_chain: String::new(),
    }
}

fn refused_field(spoil: impl FnOnce(&mut wire::RecordAgreementRequest)) -> String {
    let mut message = request();
    spoil(&mut message);
    agreement(&message).unwrap_err().field().to_owned()
}

#[test]
fn an_agreement_is_read_whole() {
    let read = agreement(&request()).unwrap();
    assert_eq!(read.partners[0].direction, Direction::PartnerToOwn);
    assert_eq!(
        read.grants[0].sections[&Section::Steps],
        Class::LivingConditions
    );
    assert_eq!((read.expires_at, read.replaces), (None, None));
}

#[test]
fn a_fault_is_named_as_the_caller_would_write_it() {
    type Spoil = fn(&mut wire::RecordAgreementRequest);
    let cases: &[(&str, Spoil)] = &[
        ("person_id", |m| m.person_id.clear()),
        ("request_id", |m| m.request_id.clear()),
        ("partners[0].node", |m| m.partners[0].node.clear()),
        ("partners[0].direction", |m| m.partners[0].direction = 9),
        ("basis", |m| m.basis = "whim".to_owned()),
        ("given_by", |m| m.given_by.clear()),
        ("notice", |m| m.notice = None),
        ("notice.sha256", |m| {
            m.notice.as_mut().unwrap().sha256.clear()
        }),
        ("evidence", |m| m.evidence = "hearsay".to_owned()),
        ("grants[0].effect", |m| m.grants[0].effect = 0),
        ("grants[0].actions[0]", |m| {
            m.grants[0].actions[0] = "sell".to_owned()
        }),
        ("grants[0].sections[0].section", |m| {
            m.grants[0].sections[0].section.clear()
        }),
        ("grants[0].sections[0].sensitivity", |m| {
            m.grants[0].sections[0].sensitivity = 5
        }),
        ("grants[0].sections[1].section", |m| {
            let first = m.grants[0].sections[0].clone();
            m.grants[0].sections.push(first);
        }),
        ("grants[0].purposes[0]", |m| {
            m.grants[0].purposes[0] = "curiosity".to_owned()
        }),
        ("grants[0].until", |m| {
            m.grants[0].until = "tomorrow".to_owned()
        }),
        ("expires_at", |m| m.expires_at = "2026".to_owned()),
        ("replaces_chain", |m| m.replaces_chain = "chain".to_owned()),
    ];
    for (field, spoil) in cases {
        assert_eq!(refused_field(spoil), *field);
    }
}

fn objecting(scope: Option<Scope>, lifts: &str) -> Result<RecordObjection, Malformed> {
    objection(&wire::RecordObjectionRequest {
        person_id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        request_id: "r-1".to_owned(),
        scope,
        lifts: lifts.to_owned(),
    })
}

#[test]
fn an_objection_closes_something_or_lifts_one_and_never_both() {
    let items = |item: &str| wire::ObjectedItems {
        items: vec![item.to_owned()],
    };
    assert!(objecting(Some(Scope::Everything(true)), "").is_ok());
    assert!(objecting(None, "AAAAAAAAAAAAAAAAAAAAAA").is_ok());
    for (scope, lifts, field) in [
        (None, "", "scope"),
        (
            Some(Scope::Everything(true)),
            "AAAAAAAAAAAAAAAAAAAAAA",
            "scope",
        ),
        (Some(Scope::Everything(false)), "", "everything"),
        (
            Some(Scope::Sections(wire::ObjectedItems::default())),
            "",
            "sections.items",
        ),
        (
            Some(Scope::Purposes(items("whim"))),
            "",
            "purposes.items[0]",
        ),
        (
            Some(Scope::Sections(items("whim"))),
            "",
            "sections.items[0]",
        ),
        (Some(Scope::Requester(String::new())), "", "requester"),
        (None, "objection", "lifts"),
    ] {
        assert_eq!(objecting(scope, lifts).unwrap_err().field(), field);
    }
}
