use passerelle_exchange::Passerelle;
use passerelle_proto::exchange::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_peer};
use crate::stubs::exchange::v1::exchange_service_server::ExchangeService;

/// `passerelle.exchange.v1.ExchangeService`. Bodies go to the use cases as they were received:
/// whatever is digested or signed is these bytes, never another encoding of them.
#[derive(Clone)]
pub(super) struct ExchangeApi(pub(super) Passerelle);

#[tonic::async_trait]
impl ExchangeService for ExchangeApi {
    async fn ask(&self, request: Request<wire::AskRequest>) -> Answer<wire::AskResponse> {
        let (peer, message) = by_peer(request)?;
        answer(self.0.answer(&peer, &message).await, |response| response)
    }

    async fn redeem(&self, request: Request<wire::RedeemRequest>) -> Answer<wire::RedeemResponse> {
        let (peer, message) = by_peer(request)?;
        answer(
            self.0.answer_redemption(&peer, &message).await,
            |response| response,
        )
    }

    async fn deliver(
        &self,
        request: Request<wire::DeliverRequest>,
    ) -> Answer<wire::DeliverResponse> {
        let (peer, message) = by_peer(request)?;
        let taken = self.0.take_delivery(&peer, &message).await;
        answer(taken, |response| response)
    }
}
