//! Two nodes of a throw-away federation in one process, with services that only tell who called.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use passerelle_domain::member::{Organisation, Rights};
use passerelle_domain::vocabulary::{
    AgentRole, Class, OrganisationKind, Purpose, SessionAssurance,
};
use passerelle_domain::{AgentRef, Caller, Clock, NodeId, Peer, SessionId, Siret};
use passerelle_exchange::ExchangeError;
use passerelle_gateway::config::Config;
use passerelle_gateway::layers::{CallerFuture, Sessions};
use passerelle_gateway::listeners::Listeners;
use passerelle_gateway::node::{Node, Parts};
use passerelle_gateway::readiness::Needs;
use passerelle_gateway::runtime::{SystemClock, SystemRng, TokioTimer};
use passerelle_gateway::services::Services;
use passerelle_gateway::stubs::agency::v1::person_service_client::PersonServiceClient;
use passerelle_gateway::stubs::agency::v1::person_service_server::{
    PersonService, PersonServiceServer,
};
use passerelle_gateway::stubs::agency::v1::session_service_server::{
    SessionService, SessionServiceServer,
};
use passerelle_gateway::stubs::exchange::v1::exchange_service_server::{
    ExchangeService, ExchangeServiceServer,
};
use passerelle_gateway::throwaway;
use passerelle_gateway::trust::TrustUnits;
use passerelle_proto::agency::v1::*;
use passerelle_proto::exchange::v1::*;
use passerelle_transport::identity::SystemIdentity;
use passerelle_transport::throwaway::{Federation, Plan};
use tempfile::TempDir;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

pub(crate) const HOLDER: &str = "ml-strasbourg";
pub(crate) const REQUESTER: &str = "departement-67";
pub(crate) const TOKEN: &str = "a-session-of-this-system";

pub(crate) struct Stand {
    pub(crate) folder: TempDir,
    pub(crate) federation: Federation,
}

impl Stand {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let plans = [
            plan(HOLDER, "22670001100019"),
            plan(REQUESTER, "18004623700012"),
        ];
        let now = SystemClock.now();
        let federation = "test.example".parse().unwrap();
        let mut federation = Federation::create(folder.path(), &federation, &plans, now).unwrap();
        for node in [HOLDER, REQUESTER] {
            throwaway::publish_log_key(&mut federation, &id(node), now).unwrap();
        }
        Self { folder, federation }
    }

    pub(crate) fn config(&self, node: &str) -> Config {
        let folder = self.folder.path().join(node).join("own");
        std::fs::create_dir_all(&folder).unwrap();
        throwaway::config(
            &self.federation,
            &id(node),
            &folder,
            Path::new("rules.json"),
            &SystemRng::new(),
        )
        .unwrap()
    }

    pub(crate) async fn node(&self, config: &Config) -> (Node, Seen) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let seen = Seen::default();
        let closed = Arc::clone(&seen.closed);
        let services = Services::new()
            .agency(
                Needs::OwnData,
                PersonServiceServer::new(Told(seen.clone()))
                    .max_decoding_message_size(config.limits.message_bytes),
            )
            .agency(
                Needs::OwnData,
                SessionServiceServer::new(Told(seen.clone())),
            )
            .exchange(
                Needs::Exchange,
                ExchangeServiceServer::new(Told(seen.clone()))
                    .max_decoding_message_size(config.limits.message_bytes),
            );
        let parts = Parts {
            trust: TrustUnits::load(config, &clock).unwrap(),
            clock,
            timer: Arc::new(TokioTimer),
            listeners: Listeners::bind(config).await.unwrap(),
            sessions: Arc::new(OneSession),
            services,
            checks: Vec::new(),
            ending: Box::new(|| ()),
            close: Box::new(move || Box::pin(async move { closed.store(true, Ordering::SeqCst) })),
        };
        (Node::build(config, parts).unwrap(), seen)
    }

    pub(crate) async fn running(&self, node: &str) -> Running {
        self.running_with(&self.config(node)).await
    }

    pub(crate) async fn running_with(&self, config: &Config) -> Running {
        let (node, seen) = self.node(config).await;
        let channel = self
            .system_of(config.node.id.as_str())
            .channel(node.agency_address())
            .unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let (address, trust) = (node.node_address(), node.trust());
        let task = tokio::spawn(async move {
            node.run(async {
                let _ = ended.await;
            })
            .await
            .unwrap();
        });
        Running {
            channel,
            address,
            trust,
            seen,
            end: Some(end),
            task,
        }
    }

    pub(crate) fn system_of(&self, node: &str) -> &passerelle_transport::throwaway::SystemFiles {
        &self.federation.node(&id(node)).unwrap().systems["solis"]
    }
}

pub(crate) struct Running {
    pub(crate) channel: Channel,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) trust: TrustUnits,
    pub(crate) seen: Seen,
    end: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn persons(&self) -> PersonServiceClient<Channel> {
        PersonServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn find(&self, reference: &str) -> Result<String, Status> {
        find(
            self.channel.clone(),
            reference,
            Some(&format!("Bearer {TOKEN}")),
        )
        .await
    }

    pub(crate) fn begin_to_end(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
    }

    pub(crate) async fn ended(self) {
        self.task.await.unwrap();
    }
}

/// Calls FindPersons; the reference tells the service what to do.
pub(crate) async fn find(
    channel: Channel,
    reference: &str,
    authorization: Option<&str>,
) -> Result<String, Status> {
    let mut request = Request::new(FindPersonsRequest {
        reference: reference.to_owned(),
        ..Default::default()
    });
    if let Some(value) = authorization {
        request
            .metadata_mut()
            .insert("authorization", value.parse().unwrap());
    }
    let found = PersonServiceClient::new(channel)
        .find_persons(request)
        .await?;
    Ok(found.into_inner().next_page_token)
}

/// What the services saw.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) closed: Arc<AtomicBool>,
    pub(crate) entered: Arc<Semaphore>,
    pub(crate) let_go: Arc<Semaphore>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            closed: Arc::default(),
            entered: Arc::new(Semaphore::new(0)),
            let_go: Arc::new(Semaphore::new(0)),
        }
    }
}

struct Told(Seen);

#[tonic::async_trait]
impl PersonService for Told {
    async fn register_person(
        &self,
        _: Request<RegisterPersonRequest>,
    ) -> Result<Response<RegisterPersonResponse>, Status> {
        panic!("Zéphyrine-Quatrecanards")
    }

    async fn find_persons(
        &self,
        request: Request<FindPersonsRequest>,
    ) -> Result<Response<FindPersonsResponse>, Status> {
        assert!(
            request.metadata().get("authorization").is_none(),
            "a service has no use for the token"
        );
        let caller = request
            .extensions()
            .get::<Caller>()
            .expect("the layer lets no other call through")
            .clone();
        match request.into_inner().reference.as_str() {
            "wait" => {
                self.0.entered.add_permits(1);
                self.0.let_go.acquire().await.unwrap().forget();
            }
            "for ever" => std::future::pending::<()>().await,
            _ => {}
        }
        let next_page_token = format!("{} for {}", caller.system, caller.role);
        Ok(Response::new(FindPersonsResponse {
            persons: Vec::new(),
            next_page_token,
        }))
    }

    async fn get_person(
        &self,
        _: Request<GetPersonRequest>,
    ) -> Result<Response<GetPersonResponse>, Status> {
        Err(Status::unimplemented("GetPerson"))
    }

    async fn update_person(
        &self,
        _: Request<UpdatePersonRequest>,
    ) -> Result<Response<UpdatePersonResponse>, Status> {
        Err(Status::unimplemented("UpdatePerson"))
    }

    async fn merge_persons(
        &self,
        _: Request<MergePersonsRequest>,
    ) -> Result<Response<MergePersonsResponse>, Status> {
        Err(Status::unimplemented("MergePersons"))
    }

    async fn unmerge_persons(
        &self,
        _: Request<UnmergePersonsRequest>,
    ) -> Result<Response<UnmergePersonsResponse>, Status> {
        Err(Status::unimplemented("UnmergePersons"))
    }

    async fn list_links(
        &self,
        _: Request<ListLinksRequest>,
    ) -> Result<Response<ListLinksResponse>, Status> {
        Err(Status::unimplemented("ListLinks"))
    }

    async fn unlink_person(
        &self,
        _: Request<UnlinkPersonRequest>,
    ) -> Result<Response<UnlinkPersonResponse>, Status> {
        Err(Status::unimplemented("UnlinkPerson"))
    }

    async fn report_wrong_link(
        &self,
        _: Request<ReportWrongLinkRequest>,
    ) -> Result<Response<ReportWrongLinkResponse>, Status> {
        Err(Status::unimplemented("ReportWrongLink"))
    }
}

#[tonic::async_trait]
impl SessionService for Told {
    async fn open_session(
        &self,
        request: Request<OpenSessionRequest>,
    ) -> Result<Response<OpenSessionResponse>, Status> {
        assert!(request.extensions().get::<Caller>().is_none());
        let system = request
            .extensions()
            .get::<SystemIdentity>()
            .unwrap()
            .name
            .clone();
        Ok(Response::new(OpenSessionResponse {
            role: system,
            ..Default::default()
        }))
    }

    async fn close_session(
        &self,
        _: Request<CloseSessionRequest>,
    ) -> Result<Response<CloseSessionResponse>, Status> {
        Ok(Response::new(CloseSessionResponse {}))
    }

    async fn get_session(
        &self,
        _: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        Err(Status::unimplemented("GetSession"))
    }

    async fn block_agent(
        &self,
        _: Request<BlockAgentRequest>,
    ) -> Result<Response<BlockAgentResponse>, Status> {
        Err(Status::unimplemented("BlockAgent"))
    }

    async fn unblock_agent(
        &self,
        _: Request<UnblockAgentRequest>,
    ) -> Result<Response<UnblockAgentResponse>, Status> {
        Err(Status::unimplemented("UnblockAgent"))
    }

    async fn list_blocked_agents(
        &self,
        _: Request<ListBlockedAgentsRequest>,
    ) -> Result<Response<ListBlockedAgentsResponse>, Status> {
        Err(Status::unimplemented("ListBlockedAgents"))
    }
}

#[tonic::async_trait]
impl ExchangeService for Told {
    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let peer = request
            .extensions()
            .get::<Peer>()
            .expect("the layer lets no other call through");
        let body = peer.node.to_string().into();
        Ok(Response::new(AskResponse {
            envelope: Some(Envelope { body }),
            logged: None,
        }))
    }

    async fn redeem(&self, _: Request<RedeemRequest>) -> Result<Response<RedeemResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn deliver(
        &self,
        _: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

struct OneSession;

impl Sessions for OneSession {
    fn caller<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        Box::pin(async move {
            if token != TOKEN {
                return Err(ExchangeError::SessionInvalid);
            }
            Ok(Caller {
                session: SessionId::from_bytes([7; 16]),
                system: system.name.clone(),
                subject: "agent-7".to_owned().into(),
                reference: AgentRef::new("ref-7").unwrap(),
                siret: "22670001100019".parse().unwrap(),
                role: AgentRole::Caseworker,
                assurance: SessionAssurance::Asserted,
                second_factor: false,
            })
        })
    }

    fn closing<'a>(&'a self, token: &'a str, system: &'a SystemIdentity) -> CallerFuture<'a> {
        self.caller(token, system)
    }
}

pub(crate) fn id(node: &str) -> NodeId {
    node.parse().unwrap()
}

fn plan(node: &str, siret: &str) -> Plan {
    let siret: Siret = siret.parse().unwrap();
    Plan {
        node: id(node),
        organisation: Organisation {
            name: node.to_owned(),
            kind: OrganisationKind::ALL[0],
            sirens: BTreeSet::from([siret.siren()]),
            sirets: BTreeSet::from([siret]),
            territories: BTreeSet::new(),
            contact: String::new(),
        },
        endpoints: vec!["127.0.0.1:1".to_owned()],
        rights: Rights {
            purposes: [(Purpose::PathwayFollowUp, Class::Social)].into(),
            evidence: BTreeSet::new(),
            nir: false,
        },
        sensitive: false,
        systems: vec!["solis".to_owned()],
    }
}

pub(crate) const SOON: Duration = Duration::from_secs(10);
