use std::collections::BTreeMap;

use passerelle_domain::claim::{
    Effect, Evidence, Grant, NoticeText, NumericDate, Receipt, WithdrawalMeans,
};
use passerelle_domain::vocabulary::{Class, EvidenceKind, GivenBy, GrantAction, Purpose, Section};
use passerelle_domain::{ChainId, Digest, LawfulBasis, LinkId, PassId, Pii, Rng, TokenId};
use passerelle_exchange::{AgreementCopy, Contact, IssuedPass};
use passerelle_linkage::pass::{PassSecret, Pin};

use super::*;
use crate::runtime::SystemRng;

/// What would be a script, an image, the end of a style, or of an attribute.
const HOSTILE: &str = "<script>alert('x')</script> & \"><img src=x onerror=y> </style>";

fn contact(organisation: &str) -> Contact {
    Contact {
        organisation: organisation.to_owned(),
        contact: "03 00 00 00 00".to_owned(),
    }
}

fn sample(basis: LawfulBasis) -> AgreementCopy {
    let grant = |effect, sections: &[(Section, Class)]| Grant {
        effect,
        actions: [GrantAction::Read].into(),
        sections: sections.iter().copied().collect::<BTreeMap<_, _>>(),
        purposes: [Purpose::PathwayFollowUp].into(),
        until: None,
    };
    let open: Vec<_> = Section::ALL
        .iter()
        .map(|section| (*section, Class::LivingConditions))
        .collect();
    let receipt = Receipt {
        issuer: "departement-67".parse().unwrap(),
        audience: "ml-strasbourg".parse().unwrap(),
        link: LinkId::from_bytes([1; 16]),
        id: TokenId::from_bytes([2; 16]),
        issued_at: NumericDate::from_secs(1_795_521_600),
        not_before: NumericDate::from_secs(1_795_521_600),
        expires_at: NumericDate::from_secs(1_827_057_600),
        holder: "ml-strasbourg".parse().unwrap(),
        chain: ChainId::from_bytes([3; 16]),
        version: 1,
        basis,
        given_by: GivenBy::Person,
        notice: passerelle_domain::claim::Notice {
            id: "spie-information".to_owned(),
            lang: "fr".to_owned(),
            sha256: Digest::of(b"notice"),
        },
        evidence: Evidence {
            kind: EvidenceKind::SignedPaper,
            agent_mfa: true,
        },
        grants: vec![
            grant(Effect::Permit, &open),
            grant(Effect::Deny, &[(Section::Diagnosis, Class::Social)]),
        ],
        withdrawal: WithdrawalMeans("Département du Bas-Rhin, 03 00 00 00 00".to_owned()),
    };
    AgreementCopy {
        person: Pii::new("Awa Diallo".to_owned()),
        digest: Digest::of(b"receipt"),
        withdrawn_at: None,
        holder: contact("Mission locale de Strasbourg"),
        requester: contact("Département du Bas-Rhin"),
        own: contact("Département du Bas-Rhin"),
        notice: Some(NoticeText {
            id: "spie-information".to_owned(),
            lang: "fr".to_owned(),
            title: "Ce que nous transmettons".to_owned(),
            sha256: Digest::of(b"notice"),
            from: "2026-01-01".parse().unwrap(),
            until: None,
            text: "notice".to_owned(),
        }),
        receipt,
    }
}

fn issued() -> IssuedPass {
    let rng: &dyn Rng = &SystemRng::new();
    IssuedPass {
        id: PassId::from_bytes([7; 16]),
        secret: PassSecret::random("departement-67".parse().unwrap(), rng),
        pin: Pin::parse("493817").unwrap(),
        expires_at: Timestamp::from_secs(1_803_254_400),
    }
}

/// Nothing of it is markup: every `<` that was given is written as text.
fn nothing_was_let_through(page: &str) {
    for bad in ["<script", "<img", "onerror=y>"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;script&gt;"));
    assert_eq!(page.matches("</style>").count(), 1);
}

#[test]
fn a_hostile_name_is_text_on_every_page() {
    let mut hostile = sample(LawfulBasis::Consent);
    hostile.person = Pii::new(HOSTILE.to_owned());
    hostile.holder = contact(HOSTILE);
    hostile.own = contact(HOSTILE);
    hostile.receipt.withdrawal = WithdrawalMeans(HOSTILE.to_owned());
    if let Some(notice) = &mut hostile.notice {
        notice.title = HOSTILE.to_owned();
    }
    nothing_was_let_through(&copy(&hostile, HOSTILE));
    nothing_was_let_through(pass(&issued(), &contact(HOSTILE)).expose());
}

#[test]
fn on_a_public_task_nobody_agreed() {
    let page = copy(
        &sample(LawfulBasis::PublicTask),
        "dpo@departement-67.example",
    );
    assert!(page.contains("Ce dont vous avez été informé·e"));
    assert!(page.contains("Vous pouvez vous opposer"));
    for word in ["ccord", "d’accord", "onsent"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("dpo@departement-67.example"));

    for basis in [LawfulBasis::Consent, LawfulBasis::ExplicitConsent] {
        let page = copy(&sample(basis), "");
        assert!(page.contains("Votre accord"));
        assert!(page.contains("retirer votre accord"));
        assert!(!page.contains("Vous pouvez vous opposer"));
    }
}

#[test]
fn a_copy_says_what_to_whom_until_when_and_how_to_find_the_receipt() {
    let mut sample = sample(LawfulBasis::PublicTask);
    let page = copy(&sample, "");
    for said in [
        "<html lang=\"fr\">",
        "Mission locale de Strasbourg",
        "24/11/2026",
        "24/11/2027",
        Section::Diagnosis.label_fr(),
        Purpose::PathwayFollowUp.label_fr(),
        "Ce qui ne l’est pas",
        "<svg",
        &reference(&sample),
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(
        !page.contains("<?xml"),
        "a drawing inside a page has no prolog"
    );
    assert!(!page.contains("Retiré le"));
    sample.withdrawn_at = Some(Timestamp::from_secs(1_798_113_600));
    assert!(copy(&sample, "").contains("Retiré le 24/12/2026"));
}

#[test]
fn the_sheet_of_a_pass_holds_the_code_and_never_the_pin() {
    let issued = issued();
    let page = pass(&issued, &contact("Département du Bas-Rhin")).into_exposed();
    let text = issued.secret.text();
    let first: Vec<_> = text.expose().split('-').take(4).collect();
    assert!(page.contains(&first.join("-")));
    assert!(page.contains("<svg"));
    assert!(!page.contains("493817"));
    // It ends with the 22nd: the last day is the one before.
    assert!(
        page.contains("Valable jusqu’au <strong>21/02/2027</strong>"),
        "{page}"
    );
}

/// To look at the pages: set `PASSERELLE_PAPER` to a folder.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = std::env::var_os("PASSERELLE_PAPER") else {
        return;
    };
    let folder = std::path::Path::new(&folder);
    let own = contact("Département du Bas-Rhin");
    for (file, page) in [
        ("pass.html", pass(&issued(), &own).into_exposed()),
        (
            "informed.html",
            copy(
                &sample(LawfulBasis::PublicTask),
                "dpo@departement-67.example",
            ),
        ),
        (
            "agreed.html",
            copy(&sample(LawfulBasis::Consent), "dpo@departement-67.example"),
        ),
    ] {
        std::fs::write(folder.join(file), page).unwrap();
    }
}
