use passerelle_proto::agency::v1::{
    AgreementDirection, AgreementGrant, AgreementPartner, DeliveryState, GetAgreementCopyRequest,
    GrantEffect, GrantSection, RecordAgreementRequest,
};

use super::{Cast, must};
use crate::demo::error::DemoError;
use crate::demo::federation::Federation;
use crate::demo::narrator::Narrator;
use crate::demo::notices::shown;
use crate::throwaway::notices::{HEALTH, INFORMATION};

/// Sections that the public task opens up to living conditions.
const SECTIONS: [&str; 11] = [
    "contact_card",
    "status",
    "project",
    "orientation",
    "diagnosis",
    "objectives",
    "steps",
    "appointments",
    "contracts",
    "employment",
    "exit",
];

/// What she was told, or agreed to.
struct Told {
    request_id: &'static str,
    basis: &'static str,
    notice: &'static str,
    evidence: &'static str,
    sections: Vec<GrantSection>,
}

/// She is informed and does not object; for health, she signs. Gives the chains of the agreements.
pub(super) async fn record(
    federation: &Federation,
    cast: &Cast,
    tell: &mut Narrator<'_>,
) -> Result<Vec<String>, DemoError> {
    let texts = tell.texts;
    tell.step(texts.agreement_step)?;
    let up_to = |class| {
        move |section: &&str| GrantSection {
            section: (*section).to_owned(),
            sensitivity: class,
        }
    };
    let informed = Told {
        request_id: "information-0001",
        basis: "public_task",
        notice: INFORMATION,
        evidence: "pass",
        sections: SECTIONS.iter().map(up_to(2)).collect(),
    };
    let signed = Told {
        request_id: "accord-sante-0001",
        basis: "explicit_consent",
        notice: HEALTH,
        evidence: "signed_paper",
        sections: ["diagnosis"].iter().map(up_to(4)).collect(),
    };
    let mut chains = Vec::new();
    for (told, text) in [
        (informed, texts.agreement_informed),
        (signed, texts.agreement_signed),
    ] {
        chains.push(record_one(federation, cast, told, texts.agreement_not_delivered).await?);
        tell.holds(text)?;
    }
    for chain in &chains {
        must(copied(cast, chain).await?, texts.agreement_no_copy)?;
    }
    tell.holds(texts.agreement_copied)?;
    Ok(chains)
}

/// Whether there is a copy for her to take home, with what finds the receipt again.
async fn copied(cast: &Cast, chain: &str) -> Result<bool, DemoError> {
    let desk = &cast.departement;
    let request = GetAgreementCopyRequest {
        person_id: desk.person.clone(),
        chain: chain.to_owned(),
    };
    let copy = desk.agency.get_agreement_copy(request).await?;
    Ok(copy.html.contains("<svg") && copy.reference.contains(chain))
}

async fn record_one(
    federation: &Federation,
    cast: &Cast,
    told: Told,
    otherwise: &str,
) -> Result<String, DemoError> {
    let agency = &cast.departement.agency;
    let request = RecordAgreementRequest {
        person_id: cast.departement.person.clone(),
        request_id: told.request_id.to_owned(),
        partners: vec![AgreementPartner {
            node: federation.mission_locale.node().to_string(),
            direction: AgreementDirection::PartnerToOwn.into(),
        }],
        basis: told.basis.to_owned(),
        given_by: "person".to_owned(),
        notice: Some(shown(agency, told.notice).await?),
        evidence: told.evidence.to_owned(),
        grants: vec![AgreementGrant {
            effect: GrantEffect::Permit.into(),
            actions: vec!["read".to_owned()],
            sections: told.sections,
            purposes: vec!["pathway_follow_up".to_owned()],
            until: String::new(),
        }],
        ..RecordAgreementRequest::default()
    };
    let recorded = agency.record_agreement(request).await?;
    let outcome = recorded.outcomes.into_iter().next();
    let delivered = outcome.filter(|outcome| {
        let delivery = outcome.delivery.as_ref();
        delivery.is_some_and(|delivery| delivery.state() == DeliveryState::Delivered)
    });
    let delivered = delivered.map(|outcome| outcome.chain);
    delivered.ok_or_else(|| DemoError::Step(otherwise.to_owned()))
}
