mod convert;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::audit::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::audit::v1::audit_service_server::AuditService;

/// `passerelle.audit.v1.AuditService`.
#[derive(Clone)]
pub(super) struct AuditApi(pub(super) Passerelle);

#[tonic::async_trait]
impl AuditService for AuditApi {
    async fn list_exchanges(
        &self,
        request: Request<wire::ListExchangesRequest>,
    ) -> Answer<wire::ListExchangesResponse> {
        let (caller, message) = by_agent(request)?;
        let (filter, size) = convert::filter(&message).map_err(refused)?;
        let listed = self
            .0
            .list_exchanges(&caller, &filter, size, &message.page_token);
        answer(listed, convert::page)
    }

    async fn get_exchange(
        &self,
        request: Request<wire::GetExchangeRequest>,
    ) -> Answer<wire::GetExchangeResponse> {
        let (caller, message) = by_agent(request)?;
        let file = self.0.exchange_file(&caller, message.log_index);
        answer(file, convert::file)
    }

    async fn list_incidents(
        &self,
        request: Request<wire::ListIncidentsRequest>,
    ) -> Answer<wire::ListIncidentsResponse> {
        let (caller, message) = by_agent(request)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let listed = self.0.list_incidents(&caller, size, &message.page_token);
        answer(listed, convert::incidents)
    }

    async fn verify_log(
        &self,
        request: Request<wire::VerifyLogRequest>,
    ) -> Answer<wire::VerifyLogResponse> {
        let (caller, wire::VerifyLogRequest {}) = by_agent(request)?;
        answer(self.0.verify_log(&caller).await, convert::verified)
    }

    async fn get_latest_checkpoint(
        &self,
        request: Request<wire::GetLatestCheckpointRequest>,
    ) -> Answer<wire::GetLatestCheckpointResponse> {
        let (caller, wire::GetLatestCheckpointRequest {}) = by_agent(request)?;
        answer(self.0.latest_checkpoint(&caller), convert::checkpoint)
    }
}
