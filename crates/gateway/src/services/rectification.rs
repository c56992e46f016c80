mod convert;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::rectification_service_server::RectificationService;

/// `passerelle.agency.v1.RectificationService`.
#[derive(Clone)]
pub(super) struct RectificationApi(pub(super) Passerelle);

#[tonic::async_trait]
impl RectificationService for RectificationApi {
    async fn request_rectification(
        &self,
        request: Request<wire::RequestRectificationRequest>,
    ) -> Answer<wire::RequestRectificationResponse> {
        let (caller, message) = by_agent(request)?;
        let request = convert::request(message).map_err(refused)?;
        let taken = self.0.request_rectification(&caller, request).await;
        answer(taken, convert::requested)
    }

    async fn list_rectifications(
        &self,
        request: Request<wire::ListRectificationsRequest>,
    ) -> Answer<wire::ListRectificationsResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::if_set(&message.person_id, fields::person).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let token = &message.page_token;
        answer(
            self.0
                .list_rectifications(&caller, person.as_ref(), size, token),
            convert::page,
        )
    }

    async fn answer_rectification(
        &self,
        request: Request<wire::AnswerRectificationRequest>,
    ) -> Answer<wire::AnswerRectificationResponse> {
        let (caller, message) = by_agent(request)?;
        let said = convert::said(message).map_err(refused)?;
        let answered = self.0.answer_rectification(&caller, said).await;
        answer(answered, convert::answered)
    }
}
