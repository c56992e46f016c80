mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, answer_about, by_agent, refused};
use crate::stubs::agency::v1::pass_service_server::PassService;

/// `passerelle.agency.v1.PassService`.
#[derive(Clone)]
pub(super) struct PassApi(pub(super) Passerelle);

#[tonic::async_trait]
impl PassService for PassApi {
    async fn issue_pass(
        &self,
        request: Request<wire::IssuePassRequest>,
    ) -> Answer<wire::IssuePassResponse> {
        let (caller, message) = by_agent(request)?;
        let issue = convert::issue(&message).map_err(refused)?;
        let issued = self.0.issue_pass(&caller, issue).await;
        answer(issued, |pass| convert::issued(&pass, &self.0.own_contact()))
    }

    async fn new_pin(&self, request: Request<wire::NewPinRequest>) -> Answer<wire::NewPinResponse> {
        let (caller, message) = by_agent(request)?;
        let pass = convert::pass(&message.pass_id).map_err(refused)?;
        let pin = self.0.replace_pin(&caller, pass).await;
        answer(pin, |pin| convert::new_pin(&pin))
    }

    async fn list_passes(
        &self,
        request: Request<wire::ListPassesRequest>,
    ) -> Answer<wire::ListPassesResponse> {
        let (caller, message) = by_agent(request)?;
        let (person, size) = convert::list(&message).map_err(refused)?;
        let listed = self
            .0
            .list_passes(&caller, &person, size, &message.page_token);
        answer(listed, convert::page)
    }

    async fn revoke_pass(
        &self,
        request: Request<wire::RevokePassRequest>,
    ) -> Answer<wire::RevokePassResponse> {
        let (caller, message) = by_agent(request)?;
        let pass = convert::pass(&message.pass_id).map_err(refused)?;
        let revoked = self.0.revoke_pass(&caller, pass).await;
        answer(revoked, |()| wire::RevokePassResponse {})
    }

    async fn redeem_pass(
        &self,
        request: Request<wire::RedeemPassRequest>,
    ) -> Answer<wire::RedeemPassResponse> {
        let (caller, message) = by_agent(request)?;
        let redeem = convert::redeem(message).map_err(refused)?;
        let pass = redeem.pass_text.clone();
        let redeemed = self.0.redeem_pass(&caller, redeem).await;
        let whom = || self.0.contact_of_issuer(&pass);
        answer_about(redeemed, whom, convert::redeemed)
    }
}
