use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use passerelle_domain::claim::{AgentProof, NumericDate};
use passerelle_domain::vocabulary::AgentRole;
use passerelle_domain::{Clock, ExchangeId, Pii, Rng, TokenId};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::stubs::agency::v1::agreement_service_client::AgreementServiceClient;
use passerelle_gateway::stubs::agency::v1::caseload_service_client::CaseloadServiceClient;
use passerelle_gateway::stubs::agency::v1::change_service_client::ChangeServiceClient;
use passerelle_gateway::stubs::agency::v1::decision_service_client::DecisionServiceClient;
use passerelle_gateway::stubs::agency::v1::introduction_service_client::IntroductionServiceClient;
use passerelle_gateway::stubs::agency::v1::journey_service_client::JourneyServiceClient;
use passerelle_gateway::stubs::agency::v1::notice_service_client::NoticeServiceClient;
use passerelle_gateway::stubs::agency::v1::pass_service_client::PassServiceClient;
use passerelle_gateway::stubs::agency::v1::person_service_client::PersonServiceClient;
use passerelle_gateway::stubs::agency::v1::record_service_client::RecordServiceClient;
use passerelle_gateway::stubs::agency::v1::session_service_client::SessionServiceClient;
use passerelle_gateway::stubs::audit::v1::audit_service_client::AuditServiceClient;
use passerelle_proto::agency::v1::open_session_request::Proof;
use passerelle_proto::agency::v1::{OpenSessionRequest, OpenSessionResponse};
use passerelle_transport::jwt::{SigningKey, sign};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::Federation;
use crate::federation::{SYSTEM, node_id, siret};

/// An agent, as the agency system tells of them.
#[derive(Clone, Debug)]
pub struct Agent {
    /// As the agency system knows them.
    pub subject: String,
    /// What they may do.
    pub role: AgentRole,
    /// Whether they authenticated with a second factor.
    pub second_factor: bool,
    /// The agency system.
    pub system: &'static str,
}

impl Agent {
    /// A caseworker with a second factor.
    pub fn caseworker(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            role: AgentRole::Caseworker,
            second_factor: true,
            system: SYSTEM,
        }
    }

    /// The privacy officer, with a second factor.
    pub fn officer() -> Self {
        Self {
            role: AgentRole::PrivacyOfficer,
            ..Self::caseworker("dpo")
        }
    }
}

/// An agency system in the session of one agent.
#[derive(Clone)]
pub struct Agency {
    channel: Channel,
    token: String,
}

impl Agency {
    /// Opens a session for `agent` at `node`.
    pub async fn open(federation: &Federation, node: &str, agent: &Agent) -> Self {
        let channel = channel(federation, node, agent.system);
        let proof = proof(federation, node, agent);
        let opened = open_session(channel.clone(), proof).await;
        Self {
            channel,
            token: opened.expect("a session").into_inner().token,
        }
    }

    /// A caseworker at `node`.
    pub async fn caseworker(federation: &Federation, node: &str) -> Self {
        Self::open(federation, node, &Agent::caseworker("agent-1")).await
    }

    /// The privacy officer of `node`.
    pub async fn officer(federation: &Federation, node: &str) -> Self {
        Self::open(federation, node, &Agent::officer()).await
    }

    /// The same session, over the channel of another system: what a stolen token is.
    #[must_use]
    pub fn over(&self, channel: Channel) -> Self {
        Self {
            channel,
            ..self.clone()
        }
    }

    /// Its channel.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A request in the session.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token);
        let bearer = bearer.parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    /// The message of an answer that must come.
    pub async fn told<T>(answer: impl Future<Output = Result<Response<T>, Status>>) -> T {
        match answer.await {
            Ok(answer) => answer.into_inner(),
            Err(status) => panic!("the call failed: {}", crate::Told::from(&status)),
        }
    }

    /// `SessionService`.
    pub fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel.clone())
    }

    /// `PersonService`.
    pub fn persons(&self) -> PersonServiceClient<Channel> {
        PersonServiceClient::new(self.channel.clone())
    }

    /// `CaseloadService`.
    pub fn caseload(&self) -> CaseloadServiceClient<Channel> {
        CaseloadServiceClient::new(self.channel.clone())
    }

    /// `RecordService`.
    pub fn records(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    /// `AgreementService`.
    pub fn agreements(&self) -> AgreementServiceClient<Channel> {
        AgreementServiceClient::new(self.channel.clone())
    }

    /// `NoticeService`.
    pub fn notices(&self) -> NoticeServiceClient<Channel> {
        NoticeServiceClient::new(self.channel.clone())
    }

    /// `IntroductionService`.
    pub fn introductions(&self) -> IntroductionServiceClient<Channel> {
        IntroductionServiceClient::new(self.channel.clone())
    }

    /// `PassService`.
    pub fn passes(&self) -> PassServiceClient<Channel> {
        PassServiceClient::new(self.channel.clone())
    }

    /// `JourneyService`.
    pub fn journeys(&self) -> JourneyServiceClient<Channel> {
        JourneyServiceClient::new(self.channel.clone())
    }

    /// `DecisionService`.
    pub fn decisions(&self) -> DecisionServiceClient<Channel> {
        DecisionServiceClient::new(self.channel.clone())
    }

    /// `ChangeService`.
    pub fn changes(&self) -> ChangeServiceClient<Channel> {
        ChangeServiceClient::new(self.channel.clone())
    }

    /// `AuditService`.
    pub fn audit(&self) -> AuditServiceClient<Channel> {
        AuditServiceClient::new(self.channel.clone())
    }
}

/// A channel of an agency system to its node.
pub fn channel(federation: &Federation, node: &str, system: &str) -> Channel {
    let address: SocketAddr = federation.site(node).agency_address;
    let files = federation.system(node, system);
    files.channel(address).expect("files of an agency system")
}

/// The proof of who an agent is.
pub fn proof(federation: &Federation, node: &str, agent: &Agent) -> String {
    let files = federation.system(node, agent.system);
    let key = SigningKey::load(&files.assertion_key).expect("a key");
    let now = SystemClock.now();
    let second = if agent.second_factor {
        Some("otp")
    } else {
        None
    };
    let amr = ["pwd"].into_iter().chain(second);
    let claims = AgentProof {
        issuer: agent.system.to_owned(),
        audience: node_id(node),
        subject: Pii::new(agent.subject.clone()),
        siret: siret(node),
        role: agent.role,
        amr: amr.map(str::to_owned).collect(),
        auth_time: NumericDate::of(now),
        issued_at: NumericDate::of(now),
        expires_at: NumericDate::of(now.plus(Duration::from_secs(120))),
        id: TokenId::random(chance()),
    };
    sign(&claims, &key).expect("a proof that can be signed")
}

/// Opens a session on a proof.
pub async fn open_session(
    channel: Channel,
    proof: String,
) -> Result<Response<OpenSessionResponse>, Status> {
    let request = OpenSessionRequest {
        proof: Some(Proof::Asserted(proof)),
    };
    SessionServiceClient::new(channel)
        .open_session(request)
        .await
}

/// A new exchange id.
pub fn exchange_id() -> String {
    ExchangeId::new(SystemClock.now(), chance()).to_string()
}

pub(crate) fn chance() -> &'static dyn Rng {
    static CHANCE: std::sync::OnceLock<SystemRng> = std::sync::OnceLock::new();
    CHANCE.get_or_init(SystemRng::new)
}
