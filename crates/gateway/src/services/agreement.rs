mod decode;
mod encode;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::agreement_service_server::AgreementService;

pub(super) use decode::shown;
pub(super) use encode::delivery;

/// `passerelle.agency.v1.AgreementService`.
#[derive(Clone)]
pub(super) struct AgreementApi {
    node: Passerelle,
    officer: String,
}

impl AgreementApi {
    /// Of this node, whose privacy officer is reached so.
    pub(super) fn new(node: Passerelle, officer: &str) -> Self {
        Self {
            node,
            officer: officer.to_owned(),
        }
    }
}

#[tonic::async_trait]
impl AgreementService for AgreementApi {
    async fn record_agreement(
        &self,
        request: Request<wire::RecordAgreementRequest>,
    ) -> Answer<wire::RecordAgreementResponse> {
        let (caller, message) = by_agent(request)?;
        let agreement = decode::agreement(&message).map_err(refused)?;
        let recorded = self.node.record_agreement(&caller, agreement).await;
        answer(recorded, encode::recorded)
    }

    async fn withdraw_agreement(
        &self,
        request: Request<wire::WithdrawAgreementRequest>,
    ) -> Answer<wire::WithdrawAgreementResponse> {
        let (caller, message) = by_agent(request)?;
        let withdraw = decode::withdraw(&message).map_err(refused)?;
        let withdrawn = self.node.withdraw_agreement(&caller, withdraw).await;
        answer(withdrawn, encode::withdrawn)
    }

    async fn record_objection(
        &self,
        request: Request<wire::RecordObjectionRequest>,
    ) -> Answer<wire::RecordObjectionResponse> {
        let (caller, message) = by_agent(request)?;
        let objection = decode::objection(&message).map_err(refused)?;
        let recorded = self.node.record_objection(&caller, objection).await;
        answer(recorded, encode::objected)
    }

    async fn answer_objection(
        &self,
        request: Request<wire::AnswerObjectionRequest>,
    ) -> Answer<wire::AnswerObjectionResponse> {
        let (caller, message) = by_agent(request)?;
        let officers = decode::officers_answer(&message, self.node.own()).map_err(refused)?;
        let answered = self.node.answer_objection(&caller, officers).await;
        answer(answered, |()| wire::AnswerObjectionResponse {})
    }

    async fn list_agreements(
        &self,
        request: Request<wire::ListAgreementsRequest>,
    ) -> Answer<wire::ListAgreementsResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let listed = self.node.list_agreements(&caller, &person);
        answer(listed, encode::listed)
    }

    async fn get_agreement_copy(
        &self,
        request: Request<wire::GetAgreementCopyRequest>,
    ) -> Answer<wire::GetAgreementCopyResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let chain = fields::chain("chain", &message.chain).map_err(refused)?;
        let copy = self.node.agreement_copy(&caller, &person, &chain);
        answer(copy, |copy| encode::copy(&copy, &self.officer))
    }
}
