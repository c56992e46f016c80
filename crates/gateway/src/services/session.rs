mod convert;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use passerelle_domain::Siret;
use passerelle_exchange::{AgencySystem, Passerelle};
use passerelle_proto::agency::v1 as wire;
use passerelle_transport::identity::SystemIdentity;
use tonic::{Request, Status};

use super::call::{Answer, answer, by_agent, refused};
use crate::config::Agency;
use crate::errors::CallError;
use crate::stubs::agency::v1::session_service_server::SessionService;

/// `passerelle.agency.v1.SessionService`.
#[derive(Clone)]
pub(super) struct SessionApi {
    node: Passerelle,
    sirets: Arc<BTreeMap<String, BTreeSet<Siret>>>,
}

impl SessionApi {
    pub(super) fn new(node: Passerelle, agency: &Agency) -> Self {
        let systems = agency.systems.iter();
        let sirets = systems.map(|system| (system.name.clone(), system.sirets.clone()));
        Self {
            node,
            sirets: Arc::new(sirets.collect()),
        }
    }
}

#[tonic::async_trait]
impl SessionService for SessionApi {
    async fn open_session(
        &self,
        request: Request<wire::OpenSessionRequest>,
    ) -> Answer<wire::OpenSessionResponse> {
        let (_, extensions, message) = request.into_parts();
        let system = extensions.get::<SystemIdentity>();
        let known = system.and_then(|system| Some((system, self.sirets.get(&system.name)?)));
        let (system, sirets) = known.ok_or_else(|| Status::from(CallError::NotAMember))?;
        let proof = convert::proof(&message).map_err(refused)?;
        let system = AgencySystem {
            name: &system.name,
            certificate: system.certificate_sha256,
            sirets,
        };
        let opened = self.node.open_session(system, proof).await;
        answer(opened, convert::opened)
    }

    async fn close_session(
        &self,
        request: Request<wire::CloseSessionRequest>,
    ) -> Answer<wire::CloseSessionResponse> {
        let (caller, wire::CloseSessionRequest {}) = by_agent(request)?;
        let closed = self.node.close_session(&caller).await;
        answer(closed, |()| wire::CloseSessionResponse {})
    }
}
