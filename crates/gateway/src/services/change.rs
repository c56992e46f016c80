mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::change_service_server::ChangeService;

/// `passerelle.agency.v1.ChangeService`.
#[derive(Clone)]
pub(super) struct ChangeApi(pub(super) Passerelle);

#[tonic::async_trait]
impl ChangeService for ChangeApi {
    async fn list_changes(
        &self,
        request: Request<wire::ListChangesRequest>,
    ) -> Answer<wire::ListChangesResponse> {
        let (caller, message) = by_agent(request)?;
        let list = convert::list(message).map_err(refused)?;
        let page = self.0.list_changes(&caller, list).await;
        let name = |node: &_| self.0.contact(node).map(|contact| contact.organisation);
        answer(page, |page| convert::page(page, name))
    }
}
