mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, answer_about, by_agent, refused};
use crate::stubs::agency::v1::decision_service_server::DecisionService;

/// `passerelle.agency.v1.DecisionService`.
#[derive(Clone)]
pub(super) struct DecisionApi(pub(super) Passerelle);

#[tonic::async_trait]
impl DecisionService for DecisionApi {
    async fn preview_summary(
        &self,
        request: Request<wire::PreviewSummaryRequest>,
    ) -> Answer<wire::PreviewSummaryResponse> {
        let (caller, message) = by_agent(request)?;
        let preview = convert::preview(&message).map_err(refused)?;
        let requester = preview.requester.clone();
        let previewed = self.0.preview_summary(&caller, preview).await;
        answer_about(previewed, || self.0.contact(&requester), convert::previewed)
    }

    async fn explain_decision(
        &self,
        request: Request<wire::ExplainDecisionRequest>,
    ) -> Answer<wire::ExplainDecisionResponse> {
        let (caller, message) = by_agent(request)?;
        let explain = convert::explain(&message).map_err(refused)?;
        let explained = self.0.explain_decision(&caller, &explain);
        answer(explained, convert::explained)
    }
}
