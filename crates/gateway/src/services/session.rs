mod convert;

use std::collections::BTreeMap;
use std::sync::Arc;

use passerelle_domain::Pii;
use passerelle_exchange::{AgencySystem, PageSize, Passerelle};
use passerelle_proto::agency::v1 as wire;
use passerelle_transport::identity::SystemIdentity;
use tonic::{Request, Status};

use super::call::{Answer, answer, by_agent, refused};
use crate::config::{Agency, System};
use crate::errors::CallError;
use crate::stubs::agency::v1::session_service_server::SessionService;

/// `passerelle.agency.v1.SessionService`.
#[derive(Clone)]
pub(super) struct SessionApi {
    node: Passerelle,
    systems: Arc<BTreeMap<String, System>>,
}

impl SessionApi {
    pub(super) fn new(node: Passerelle, agency: &Agency) -> Self {
        let systems = agency.systems.iter();
        let systems = systems.map(|system| (system.name.clone(), system.clone()));
        Self {
            node,
            systems: Arc::new(systems.collect()),
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
        let known = system.and_then(|system| Some((system, self.systems.get(&system.name)?)));
        let (system, registered) = known.ok_or_else(|| Status::from(CallError::NotAMember))?;
        let proof = convert::proof(&message).map_err(refused)?;
        let system = AgencySystem {
            name: &system.name,
            certificate: system.certificate_sha256,
            sirets: &registered.sirets,
            without_agent: &registered.without_agent,
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

    async fn get_session(
        &self,
        request: Request<wire::GetSessionRequest>,
    ) -> Answer<wire::GetSessionResponse> {
        let (caller, wire::GetSessionRequest {}) = by_agent(request)?;
        let ends = self.node.session_ends(&caller);
        answer(ends, |ends| convert::session(caller, ends))
    }

    async fn block_agent(
        &self,
        request: Request<wire::BlockAgentRequest>,
    ) -> Answer<wire::BlockAgentResponse> {
        let (caller, message) = by_agent(request)?;
        let agent = Pii::new(message.agent);
        answer(self.node.block_agent(&caller, agent).await, |since| {
            wire::BlockAgentResponse {
                since: since.to_string(),
            }
        })
    }

    async fn unblock_agent(
        &self,
        request: Request<wire::UnblockAgentRequest>,
    ) -> Answer<wire::UnblockAgentResponse> {
        let (caller, message) = by_agent(request)?;
        let agent = Pii::new(message.agent);
        answer(self.node.unblock_agent(&caller, agent).await, |()| {
            wire::UnblockAgentResponse {}
        })
    }

    async fn list_blocked_agents(
        &self,
        request: Request<wire::ListBlockedAgentsRequest>,
    ) -> Answer<wire::ListBlockedAgentsResponse> {
        let (caller, message) = by_agent(request)?;
        let size = PageSize::from_wire(message.page_size).map_err(refused)?;
        let page = self.node.blocked_agents(&caller, size, &message.page_token);
        answer(page, convert::blocked)
    }
}
