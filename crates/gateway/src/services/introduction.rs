mod convert;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::introduction_service_server::IntroductionService;

/// `passerelle.agency.v1.IntroductionService`.
#[derive(Clone)]
pub(super) struct IntroductionApi(pub(super) Passerelle);

#[tonic::async_trait]
impl IntroductionService for IntroductionApi {
    async fn introduce(
        &self,
        request: Request<wire::IntroduceRequest>,
    ) -> Answer<wire::IntroduceResponse> {
        let (caller, message) = by_agent(request)?;
        let introduce = convert::introduce(message).map_err(refused)?;
        let made = self.0.introduce(&caller, introduce).await;
        answer(made, |file| wire::IntroduceResponse {
            introduction: Some(convert::file(file)),
        })
    }

    async fn list_introductions(
        &self,
        request: Request<wire::ListIntroductionsRequest>,
    ) -> Answer<wire::ListIntroductionsResponse> {
        let (caller, message) = by_agent(request)?;
        let filter = convert::filter(&message).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let token = &message.page_token;
        answer(
            self.0.list_introductions(&caller, filter, size, token),
            convert::page,
        )
    }

    async fn accept_introduction(
        &self,
        request: Request<wire::AcceptIntroductionRequest>,
    ) -> Answer<wire::AcceptIntroductionResponse> {
        let (caller, message) = by_agent(request)?;
        let accept = convert::accept(message).map_err(refused)?;
        let accepted = self.0.accept_introduction(&caller, accept).await;
        answer(accepted, |file| wire::AcceptIntroductionResponse {
            introduction: Some(convert::file(file)),
        })
    }

    async fn decline_introduction(
        &self,
        request: Request<wire::DeclineIntroductionRequest>,
    ) -> Answer<wire::DeclineIntroductionResponse> {
        let (caller, message) = by_agent(request)?;
        let id = convert::id(&message.introduction_id).map_err(refused)?;
        let reason = convert::reason(message.reason()).map_err(refused)?;
        let declined = self.0.decline_introduction(&caller, id, reason).await;
        answer(declined, |file| wire::DeclineIntroductionResponse {
            introduction: Some(convert::file(file)),
        })
    }

    async fn withdraw_introduction(
        &self,
        request: Request<wire::WithdrawIntroductionRequest>,
    ) -> Answer<wire::WithdrawIntroductionResponse> {
        let (caller, message) = by_agent(request)?;
        let id = convert::id(&message.introduction_id).map_err(refused)?;
        let withdrawn = self.0.withdraw_introduction(&caller, id).await;
        answer(withdrawn, |file| wire::WithdrawIntroductionResponse {
            introduction: Some(convert::file(file)),
        })
    }
}
