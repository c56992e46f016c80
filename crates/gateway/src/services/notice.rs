mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::notice_service_server::NoticeService;

/// `passerelle.agency.v1.NoticeService`.
#[derive(Clone)]
pub(super) struct NoticeApi(pub(super) Passerelle);

#[tonic::async_trait]
impl NoticeService for NoticeApi {
    async fn list_notices(
        &self,
        request: Request<wire::ListNoticesRequest>,
    ) -> Answer<wire::ListNoticesResponse> {
        let (caller, message) = by_agent(request)?;
        let (filter, size) = convert::filter(&message).map_err(refused)?;
        let listed = self
            .0
            .list_notices(&caller, &filter, size, &message.page_token);
        answer(listed, convert::page)
    }

    async fn get_notice(
        &self,
        request: Request<wire::GetNoticeRequest>,
    ) -> Answer<wire::GetNoticeResponse> {
        let (caller, message) = by_agent(request)?;
        let asked = convert::asked(message).map_err(refused)?;
        answer(self.0.notice(&caller, &asked), convert::found)
    }
}
