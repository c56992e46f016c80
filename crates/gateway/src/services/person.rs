pub(super) mod convert;
mod link;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::person_service_server::PersonService;

/// `passerelle.agency.v1.PersonService`.
#[derive(Clone)]
pub(super) struct PersonApi(pub(super) Passerelle);

#[tonic::async_trait]
impl PersonService for PersonApi {
    async fn register_person(
        &self,
        request: Request<wire::RegisterPersonRequest>,
    ) -> Answer<wire::RegisterPersonResponse> {
        let (caller, message) = by_agent(request)?;
        let person = convert::person(message).map_err(refused)?;
        let registered = self.0.register_person(&caller, person).await;
        answer(registered, convert::registered)
    }

    async fn find_persons(
        &self,
        request: Request<wire::FindPersonsRequest>,
    ) -> Answer<wire::FindPersonsResponse> {
        let (caller, message) = by_agent(request)?;
        let (find, size) = convert::find(&message).map_err(refused)?;
        let found = self
            .0
            .find_persons(&caller, &find, size, &message.page_token);
        answer(found, convert::page)
    }

    async fn get_person(
        &self,
        request: Request<wire::GetPersonRequest>,
    ) -> Answer<wire::GetPersonResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        answer(self.0.person(&caller, &person), convert::given)
    }

    async fn update_person(
        &self,
        request: Request<wire::UpdatePersonRequest>,
    ) -> Answer<wire::UpdatePersonResponse> {
        let (caller, message) = by_agent(request)?;
        let update = convert::update(message).map_err(refused)?;
        let updated = self.0.update_person(&caller, update).await;
        answer(updated, convert::updated)
    }

    async fn merge_persons(
        &self,
        request: Request<wire::MergePersonsRequest>,
    ) -> Answer<wire::MergePersonsResponse> {
        let (caller, message) = by_agent(request)?;
        let keep = fields::person(&message.person_id).map_err(refused)?;
        let merged = convert::merged(&message.merged_person_id).map_err(refused)?;
        let kept = self.0.merge_persons(&caller, keep, merged).await;
        answer(kept, convert::kept)
    }

    async fn unmerge_persons(
        &self,
        request: Request<wire::UnmergePersonsRequest>,
    ) -> Answer<wire::UnmergePersonsResponse> {
        let (caller, message) = by_agent(request)?;
        let merged = convert::merged(&message.merged_person_id).map_err(refused)?;
        let parted = self.0.unmerge_persons(&caller, merged).await;
        answer(parted, convert::parted)
    }

    async fn list_links(
        &self,
        request: Request<wire::ListLinksRequest>,
    ) -> Answer<wire::ListLinksResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let listed = self
            .0
            .list_links(&caller, &person, size, &message.page_token);
        answer(listed, link::page)
    }

    async fn unlink_person(
        &self,
        request: Request<wire::UnlinkPersonRequest>,
    ) -> Answer<wire::UnlinkPersonResponse> {
        let (caller, message) = by_agent(request)?;
        let unlink = link::unlink(&message).map_err(refused)?;
        answer(self.0.unlink_person(&caller, unlink).await, link::unlinked)
    }

    async fn report_wrong_link(
        &self,
        request: Request<wire::ReportWrongLinkRequest>,
    ) -> Answer<wire::ReportWrongLinkResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let wrong = link::id(&message.link_id).map_err(refused)?;
        let reported = self.0.report_wrong_link(&caller, person, wrong).await;
        answer(reported, link::reported)
    }
}
