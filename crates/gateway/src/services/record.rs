mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::record_service_server::RecordService;

/// `passerelle.agency.v1.RecordService`.
#[derive(Clone)]
pub(super) struct RecordApi(pub(super) Passerelle);

#[tonic::async_trait]
impl RecordService for RecordApi {
    async fn upsert_records(
        &self,
        request: Request<wire::UpsertRecordsRequest>,
    ) -> Answer<wire::UpsertRecordsResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let references = convert::references(&message.records);
        let batch = message.records.into_iter().map(convert::record).collect();
        let upserted = self.0.upsert_records(&caller, person, batch).await;
        answer(upserted, |results| convert::results(references, results))
    }
}
