mod convert;

use passerelle_exchange::Passerelle;
use passerelle_proto::agency::v1 as wire;
use tonic::Request;

use super::call::{Answer, answer, by_agent, refused};
use crate::stubs::agency::v1::import_service_server::ImportService;

/// `passerelle.agency.v1.ImportService`.
#[derive(Clone)]
pub(super) struct ImportApi(pub(super) Passerelle);

#[tonic::async_trait]
impl ImportService for ImportApi {
    async fn import_rows(
        &self,
        request: Request<wire::ImportRowsRequest>,
    ) -> Answer<wire::ImportRowsResponse> {
        let (caller, message) = by_agent(request)?;
        let writing = convert::writing(message.dry_run);
        let rows = convert::rows(message.rows).map_err(refused)?;
        let imported = self.0.import_rows(&caller, rows, writing).await;
        answer(imported, convert::results)
    }
}
