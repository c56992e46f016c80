pub(super) mod convert;

use passerelle_exchange::{PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use super::fields;
use crate::stubs::agency::v1::record_service_server::RecordService;

/// `passerelle.agency.v1.RecordService`.
#[derive(Clone)]
pub(super) struct RecordApi {
    pub(super) node: Passerelle,
    /// The longest page of records.
    pub(super) page_bytes: usize,
}

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
        let upserted = self.node.upsert_records(&caller, person, batch).await;
        answer(upserted, |results| convert::results(references, results))
    }

    async fn get_record(
        &self,
        request: Request<wire::GetRecordRequest>,
    ) -> Answer<wire::GetRecordResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let name = fields::record_name(&message.record_id, message.reference).map_err(refused)?;
        let kept = self.node.kept_record(&caller, &person, &name);
        answer(kept, convert::given)
    }

    async fn list_records(
        &self,
        request: Request<wire::ListRecordsRequest>,
    ) -> Answer<wire::ListRecordsResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let size = (size, self.page_bytes);
        let token = &message.page_token;
        answer(
            self.node.list_records(&caller, &person, size, token),
            convert::page,
        )
    }

    async fn delete_record(
        &self,
        request: Request<wire::DeleteRecordRequest>,
    ) -> Answer<wire::DeleteRecordResponse> {
        let (caller, message) = by_agent(request)?;
        let delete = convert::delete(message).map_err(refused)?;
        let deleted = self.node.delete_record(&caller, delete).await;
        answer(deleted, convert::deleted)
    }

    async fn list_record_history(
        &self,
        request: Request<wire::ListRecordHistoryRequest>,
    ) -> Answer<wire::ListRecordHistoryResponse> {
        let (caller, message) = by_agent(request)?;
        let person = fields::person(&message.person_id).map_err(refused)?;
        let name = fields::record_name(&message.record_id, message.reference).map_err(refused)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let page = (size, message.page_token.as_str());
        answer(
            self.node.record_history(&caller, &person, &name, page),
            convert::history,
        )
    }
}
