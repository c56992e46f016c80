mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::directory_service_server::DirectoryService;

/// `passerelle.agency.v1.DirectoryService`.
#[derive(Clone)]
pub(super) struct DirectoryApi(pub(super) Passerelle);

#[tonic::async_trait]
impl DirectoryService for DirectoryApi {
    async fn list_members(
        &self,
        request: Request<wire::ListMembersRequest>,
    ) -> Answer<wire::ListMembersResponse> {
        let (caller, message) = by_agent(request)?;
        let (filter, size) = convert::filter(&message).map_err(refused)?;
        let listed = self
            .0
            .list_members(&caller, &filter, size, &message.page_token);
        answer(listed, convert::page)
    }

    async fn get_member(
        &self,
        request: Request<wire::GetMemberRequest>,
    ) -> Answer<wire::GetMemberResponse> {
        let (caller, message) = by_agent(request)?;
        let node = fields::node("node", &message.node).map_err(refused)?;
        answer(self.0.directory_member(&caller, &node), convert::file)
    }
}
