mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::journey_service_server::JourneyService;

/// `passerelle.agency.v1.JourneyService`.
#[derive(Clone)]
pub(super) struct JourneyApi(pub(super) Passerelle);

#[tonic::async_trait]
impl JourneyService for JourneyApi {
    async fn fetch_summary(
        &self,
        request: Request<wire::FetchSummaryRequest>,
    ) -> Answer<wire::FetchSummaryResponse> {
        let (caller, message) = by_agent(request)?;
        let fetch = convert::fetch(&message).map_err(refused)?;
        let fetched = self.0.fetch_summary(&caller, fetch).await;
        answer(fetched, convert::fetched)
    }

    async fn get_journey(
        &self,
        request: Request<wire::GetJourneyRequest>,
    ) -> Answer<wire::GetJourneyResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let merged = self.0.merged_journey(&caller, person).await;
        answer(merged, |journey| convert::journey(&journey))
    }
}
