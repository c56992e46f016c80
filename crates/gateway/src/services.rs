//! The gRPC services of a node, and where they are registered.
//!
//! A handler does four things: reads the message into domain types, calls one use case for the
//! caller whom the layer found, writes the answer, returns it. It decides and keeps nothing.

mod agreement;
mod audit;
mod call;
mod caseload;
mod change;
mod decision;
mod directory;
mod exchange;
mod fields;
mod import;
mod introduction;
mod journey;
mod notice;
mod pass;
mod person;
mod record;
mod rectification;
mod session;
mod work;

use std::convert::Infallible;
use std::fmt;

use http::{Request, Response};
use passerelle_exchange::Passerelle;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tower::Service;

use crate::config::{Config, Limits};
use crate::readiness::Needs;
use crate::stubs::agency::v1::agreement_service_server::AgreementServiceServer;
use crate::stubs::agency::v1::caseload_service_server::{self, CaseloadServiceServer};
use crate::stubs::agency::v1::change_service_server::ChangeServiceServer;
use crate::stubs::agency::v1::decision_service_server::DecisionServiceServer;
use crate::stubs::agency::v1::directory_service_server::DirectoryServiceServer;
use crate::stubs::agency::v1::import_service_server::{self, ImportServiceServer};
use crate::stubs::agency::v1::introduction_service_server::IntroductionServiceServer;
use crate::stubs::agency::v1::journey_service_server::JourneyServiceServer;
use crate::stubs::agency::v1::notice_service_server::NoticeServiceServer;
use crate::stubs::agency::v1::pass_service_server::PassServiceServer;
use crate::stubs::agency::v1::person_service_server::PersonServiceServer;
use crate::stubs::agency::v1::record_service_server::{self, RecordServiceServer};
use crate::stubs::agency::v1::rectification_service_server::RectificationServiceServer;
use crate::stubs::agency::v1::session_service_server::SessionServiceServer;
use crate::stubs::agency::v1::work_service_server::WorkServiceServer;
use crate::stubs::audit::v1::audit_service_server::AuditServiceServer;
use crate::stubs::exchange::v1::exchange_service_server::ExchangeServiceServer;
use agreement::AgreementApi;
use audit::AuditApi;
use caseload::CaseloadApi;
use change::ChangeApi;
use decision::DecisionApi;
use directory::DirectoryApi;
use exchange::ExchangeApi;
use import::ImportApi;
use introduction::IntroductionApi;
use journey::JourneyApi;
use notice::NoticeApi;
use pass::PassApi;
use person::PersonApi;
use record::RecordApi;
use rectification::RectificationApi;
use session::SessionApi;
use work::WorkApi;

/// The services of a node, by listener, each with what it needs to serve.
///
/// Behind the agency listener a handler finds a [`Caller`](passerelle_domain::Caller) among the
/// extensions of its request (`OpenSession` alone finds only the
/// [`SystemIdentity`](passerelle_transport::identity::SystemIdentity)); behind the node listener a
/// [`Peer`](passerelle_domain::Peer). Health and reflection are added by the node.
#[derive(Default)]
pub struct Services {
    agency: RoutesBuilder,
    exchange: RoutesBuilder,
    named: Vec<(&'static str, Needs)>,
}

impl Services {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of a node.
    pub fn of(node: &Passerelle, config: &Config) -> Self {
        let node = || node.clone();
        let Limits {
            message_bytes: most,
            batch_bytes,
            ..
        } = config.limits;
        let session = SessionServiceServer::new(SessionApi::new(node(), &config.agency));
        let person = PersonServiceServer::new(PersonApi(node()));
        let caseload = CaseloadServiceServer::new(CaseloadApi(node()));
        let record = RecordServiceServer::new(RecordApi {
            node: node(),
            page_bytes: batch_bytes,
        });
        let import = ImportServiceServer::new(ImportApi(node()));
        let agreement =
            AgreementServiceServer::new(AgreementApi::new(node(), &config.node.officer_contact));
        let directory = DirectoryServiceServer::new(DirectoryApi(node()));
        let rectification = RectificationServiceServer::new(RectificationApi(node()));
        let notice = NoticeServiceServer::new(NoticeApi(node()));
        let pass = PassServiceServer::new(PassApi(node()));
        let introduction = IntroductionServiceServer::new(IntroductionApi(node()));
        let journey = JourneyServiceServer::new(JourneyApi {
            node: node(),
            page_bytes: batch_bytes,
        });
        let decision = DecisionServiceServer::new(DecisionApi(node()));
        let work = WorkServiceServer::new(WorkApi(node()));
        let change = ChangeServiceServer::new(ChangeApi(node()));
        let audit = AuditServiceServer::new(AuditApi(node()));
        let exchange = ExchangeServiceServer::new(ExchangeApi(node()));
        Self::new()
            .agency(Needs::OwnData, session.max_decoding_message_size(most))
            .agency(Needs::OwnData, person.max_decoding_message_size(most))
            .agency(
                Needs::OwnData,
                record.max_decoding_message_size(batch_bytes),
            )
            .agency(
                Needs::OwnData,
                import.max_decoding_message_size(batch_bytes),
            )
            .agency(
                Needs::OwnData,
                caseload.max_decoding_message_size(batch_bytes),
            )
            .agency(
                Needs::OwnData,
                rectification.max_decoding_message_size(most),
            )
            .agency(
                Needs::Withdrawals,
                agreement.max_decoding_message_size(most),
            )
            .agency(Needs::OwnData, directory.max_decoding_message_size(most))
            .agency(Needs::OwnData, notice.max_decoding_message_size(most))
            .agency(Needs::OwnData, pass.max_decoding_message_size(most))
            .agency(Needs::OwnData, introduction.max_decoding_message_size(most))
            .agency(Needs::OwnData, journey.max_decoding_message_size(most))
            .agency(Needs::OwnData, decision.max_decoding_message_size(most))
            .agency(Needs::OwnData, change.max_decoding_message_size(most))
            .agency(Needs::OwnData, work.max_decoding_message_size(most))
            .agency(Needs::OwnData, audit.max_decoding_message_size(most))
            .exchange(Needs::Exchange, exchange.max_decoding_message_size(most))
    }

    /// Adds a service for the organisation's own systems.
    #[must_use]
    pub fn agency<S: GrpcService>(mut self, needs: Needs, service: S) -> Self
    where
        S::Future: Send,
    {
        self.agency.add_service(service);
        self.named.push((S::NAME, needs));
        self
    }

    /// Adds a service for other nodes.
    #[must_use]
    pub fn exchange<S: GrpcService>(mut self, needs: Needs, service: S) -> Self
    where
        S::Future: Send,
    {
        self.exchange.add_service(service);
        self.named.push((S::NAME, needs));
        self
    }

    pub(crate) fn named(&self) -> &[(&'static str, Needs)] {
        &self.named
    }

    pub(crate) fn into_routes(self) -> (Routes, Routes) {
        (self.agency.routes(), self.exchange.routes())
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Services").field(&self.named).finish()
    }
}

/// The longest message that the service of this path reads; `None` where it is none of ours.
pub(crate) fn longest_message(path: &str, limits: &Limits) -> Option<usize> {
    let (service, _) = path.strip_prefix('/')?.split_once('/')?;
    let in_batches = [
        record_service_server::SERVICE_NAME,
        caseload_service_server::SERVICE_NAME,
        import_service_server::SERVICE_NAME,
    ];
    if in_batches.contains(&service) {
        Some(limits.batch_bytes)
    } else {
        service
            .starts_with("passerelle.")
            .then_some(limits.message_bytes)
    }
}

/// What tonic generates for a service.
pub trait GrpcService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> GrpcService for S where
    S: Service<
            Request<Body>,
            Response = Response<Body>,
            Error = Infallible,
            Future: Send + 'static,
        > + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}
