mod convert;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::work_service_server::WorkService;

/// `passerelle.agency.v1.WorkService`.
#[derive(Clone)]
pub(super) struct WorkApi(pub(super) Passerelle);

#[tonic::async_trait]
impl WorkService for WorkApi {
    async fn list_unconfirmed(
        &self,
        request: Request<wire::ListUnconfirmedRequest>,
    ) -> Answer<wire::ListUnconfirmedResponse> {
        let (caller, message) = by_agent(request)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let page = self.0.list_unconfirmed(&caller, size, &message.page_token);
        answer(page, convert::page)
    }
}
