mod convert;

use passerelle_domain::NodeId;
use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, answer_about, by_agent, refused};
use super::fields;
use crate::errors;
use crate::stubs::agency::v1::journey_service_server::JourneyService;

/// `passerelle.agency.v1.JourneyService`.
#[derive(Clone)]
pub(super) struct JourneyApi {
    pub(super) node: Passerelle,
    /// The longest page of a journey.
    pub(super) page_bytes: usize,
}

#[tonic::async_trait]
impl JourneyService for JourneyApi {
    async fn fetch_summary(
        &self,
        request: Request<wire::FetchSummaryRequest>,
    ) -> Answer<wire::FetchSummaryResponse> {
        let (caller, message) = by_agent(request)?;
        let fetch = convert::fetch(&message).map_err(refused)?;
        let holder = fetch.holder.clone();
        let fetched = self.node.fetch_summary(&caller, fetch).await;
        answer_about(fetched, || self.node.contact(&holder), convert::fetched)
    }

    async fn fetch_summaries(
        &self,
        request: Request<wire::FetchSummariesRequest>,
    ) -> Answer<wire::FetchSummariesResponse> {
        let (caller, message) = by_agent(request)?;
        let fetch = convert::fetch_several(&message).map_err(refused)?;
        let outcomes = self.node.fetch_summaries(&caller, fetch).await;
        let whom = |node: &NodeId| self.node.contact(node);
        answer(outcomes, |outcomes| wire::FetchSummariesResponse {
            outcomes: outcomes
                .into_iter()
                .map(|one| convert::outcome(whom(&one.holder), one))
                .collect(),
        })
    }

    async fn get_journey(
        &self,
        request: Request<wire::GetJourneyRequest>,
    ) -> Answer<wire::GetJourneyResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let merged = self.node.merged_journey(&caller, person).await;
        let journey = merged.map_err(errors::status)?;
        let page = journey.page(size, self.page_bytes, &message.page_token);
        let first = message.page_token.is_empty();
        answer(page.map_err(Into::into), |page| {
            let mut response = convert::page(page);
            if first {
                let found = self.node.contradictions(&journey);
                response.contradictions = convert::contradictions(&journey, &found);
            }
            response
        })
    }
}
