mod convert;

use passerelle_exchange::Passerelle;
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
}
