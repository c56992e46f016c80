mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::caseload_service_server::CaseloadService;

/// `passerelle.agency.v1.CaseloadService`.
#[derive(Clone)]
pub(super) struct CaseloadApi(pub(super) Passerelle);

#[tonic::async_trait]
impl CaseloadService for CaseloadApi {
    async fn set_caseload(
        &self,
        request: Request<wire::SetCaseloadRequest>,
    ) -> Answer<wire::SetCaseloadResponse> {
        let (caller, message) = by_agent(request)?;
        let changes = message.changes.into_iter();
        let changes = changes.map(|change| convert::change(change, &caller));
        let set = self.0.set_caseload(&caller, changes.collect()).await;
        answer(set, |set| convert::results(&set))
    }

    async fn list_caseload(
        &self,
        request: Request<wire::ListCaseloadRequest>,
    ) -> Answer<wire::ListCaseloadResponse> {
        let (caller, message) = by_agent(request)?;
        let (of, on, size) = convert::list(&message, &caller).map_err(refused)?;
        let listed = self
            .0
            .list_caseload(&caller, &of, on, size, &message.page_token);
        answer(listed, convert::page)
    }
}
