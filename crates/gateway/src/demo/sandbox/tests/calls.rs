//! The calls of an agency system about one person.

use passerelle_domain::ExchangeId;
use passerelle_proto::agency::v1::{
    AgreementDirection, AgreementGrant, AgreementPartner, DeliveryState, FetchSummariesRequest,
    FetchSummariesResponse, FetchSummaryRequest, FetchSummaryResponse, GetJourneyRequest,
    GetJourneyResponse, GrantEffect, GrantSection, RecordAgreementRequest, RedeemPassRequest,
    RedeemPassResponse, SectionScope,
};

use super::scenes::Desk;
use crate::demo::agency::Refused;
use crate::demo::notices::shown;
use crate::demo::sandbox::prepared::Pass;
use crate::throwaway::notices::{HEALTH, INFORMATION};

type Answer<T> = Result<T, Box<Refused>>;

/// What is asked of most persons.
pub(super) const EVERYDAY: &[(&str, u32)] = &[("project", 2), ("steps", 2)];

impl Desk<'_> {
    /// The first pass of the person.
    pub(super) fn pass(&self) -> &Pass {
        &self.person.passes[0]
    }

    pub(super) fn exchange_id(&self) -> String {
        let world = &self.running.federation.world;
        ExchangeId::new(world.clock.now(), &*world.rng).to_string()
    }

    pub(super) async fn redeem(&self, pass: &Pass, pin: &str) -> Answer<RedeemPassResponse> {
        let request = RedeemPassRequest {
            person_id: self.person.person_id.clone(),
            exchange_id: self.exchange_id(),
            pass_text: pass.issued.pass_text.clone(),
            pin: pin.to_owned(),
            ..RedeemPassRequest::default()
        };
        self.agency.redeem_pass(request).await
    }

    pub(super) async fn linked(&self) {
        let redeemed = self.redeem(self.pass(), &self.pass().issued.pin).await;
        assert_eq!(redeemed.unwrap().node, self.pass().node);
    }

    /// Linked, and informed of what a public task opens.
    pub(super) async fn informed(&self) -> String {
        self.linked().await;
        let agreement = self.agreement("public_task", INFORMATION, "pass", EVERYDAY);
        let agreement = agreement.await;
        self.recorded(agreement).await
    }

    /// Linked, and agreed to what is asked.
    pub(super) async fn consented(&self, sections: &[(&str, u32)]) {
        self.linked().await;
        let agreement = self.agreement("explicit_consent", HEALTH, "signed_paper", sections);
        let agreement = agreement.await;
        self.recorded(agreement).await;
    }

    pub(super) async fn recorded(&self, agreement: RecordAgreementRequest) -> String {
        let recorded = self.agency.record_agreement(agreement).await.unwrap();
        let outcome = recorded.outcomes.into_iter().next().unwrap();
        let delivery = outcome.delivery.unwrap();
        assert_eq!(delivery.state(), DeliveryState::Delivered, "{delivery:?}");
        outcome.chain
    }

    pub(super) async fn agreement(
        &self,
        basis: &str,
        notice: &str,
        evidence: &str,
        sections: &[(&str, u32)],
    ) -> RecordAgreementRequest {
        let section = |(section, sensitivity): &(&str, u32)| GrantSection {
            section: (*section).to_owned(),
            sensitivity: *sensitivity,
        };
        RecordAgreementRequest {
            person_id: self.person.person_id.clone(),
            request_id: format!("accord-{}", self.person.person.reference),
            partners: vec![AgreementPartner {
                node: self.pass().node.to_owned(),
                direction: AgreementDirection::PartnerToOwn.into(),
            }],
            basis: basis.to_owned(),
            given_by: "person".to_owned(),
            notice: Some(shown(self.agency, notice).await.unwrap()),
            evidence: evidence.to_owned(),
            grants: vec![AgreementGrant {
                effect: GrantEffect::Permit.into(),
                actions: vec!["read".to_owned()],
                sections: sections.iter().map(section).collect(),
                purposes: vec!["pathway_follow_up".to_owned()],
                until: String::new(),
            }],
            ..RecordAgreementRequest::default()
        }
    }

    pub(super) fn question(&self, sections: &[(&str, u32)]) -> FetchSummaryRequest {
        let scope = |(section, sensitivity): &(&str, u32)| SectionScope {
            section: (*section).to_owned(),
            sensitivity: *sensitivity,
        };
        FetchSummaryRequest {
            person_id: self.person.person_id.clone(),
            holder: "mission-locale".to_owned(),
            exchange_id: self.exchange_id(),
            purpose: "pathway_follow_up".to_owned(),
            sections: sections.iter().map(scope).collect(),
            usage: "display".to_owned(),
        }
    }

    pub(super) async fn fetch(
        &self,
        question: &FetchSummaryRequest,
    ) -> Answer<FetchSummaryResponse> {
        self.agency.fetch_summary(question.clone()).await
    }

    pub(super) async fn fetch_all(&self, sections: &[(&str, u32)]) -> FetchSummariesResponse {
        let question = self.question(sections);
        let request = FetchSummariesRequest {
            person_id: question.person_id,
            exchange_id: question.exchange_id,
            holders: Vec::new(),
            purpose: question.purpose,
            sections: question.sections,
            usage: question.usage,
        };
        self.agency.fetch_summaries(request).await.unwrap()
    }

    pub(super) async fn journey(&self) -> GetJourneyResponse {
        let request = GetJourneyRequest {
            person_id: self.person.person_id.clone(),
            page_size: 256,
            ..GetJourneyRequest::default()
        };
        self.agency.get_journey(request).await.unwrap()
    }
}
