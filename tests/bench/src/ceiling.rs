use std::sync::{Arc, PoisonError, RwLock};

use passerelle_federation_tests::{ASSOCIATION, Federation};
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::stubs::exchange::v1::exchange_service_server::{
    ExchangeService, ExchangeServiceServer,
};
use passerelle_proto::exchange::v1 as wire;
use passerelle_transport::accept::{AcceptLimits, accept};
use passerelle_transport::server::{Http2Limits, server};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

/// The member as which it is dialled.
pub(crate) const CEILING: &str = ASSOCIATION;

/// A bare server behind the same mutual TLS and the same bounds of HTTP/2: it answers every question
/// with what it was given.
#[derive(Clone, Default)]
pub(crate) struct Ceiling(Arc<RwLock<wire::AskResponse>>);

impl Ceiling {
    /// Takes the place of a node of the federation. Runs until its runtime ends.
    pub(crate) async fn start(federation: &mut Federation) -> Self {
        let trust = federation.site(CEILING).trust.nodes.clone();
        federation.stop(CEILING).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        federation.move_to(CEILING, address);
        let ceiling = Self::default();
        let limits = AcceptLimits::default();
        let accepted = accept(listener, trust, limits, Arc::new(SystemClock));
        let serving = server(&Http2Limits::default(), &limits)
            .add_service(ExchangeServiceServer::new(ceiling.clone()))
            .serve_with_incoming(accepted);
        tokio::spawn(serving);
        ceiling
    }

    /// What it answers from now on.
    pub(crate) fn answer_with(&self, answer: wire::AskResponse) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// What it answers.
    pub(crate) fn answer(&self) -> wire::AskResponse {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[tonic::async_trait]
impl ExchangeService for Ceiling {
    async fn ask(
        &self,
        _: Request<wire::AskRequest>,
    ) -> Result<Response<wire::AskResponse>, Status> {
        Ok(Response::new(self.answer()))
    }

    async fn redeem(
        &self,
        _: Request<wire::RedeemRequest>,
    ) -> Result<Response<wire::RedeemResponse>, Status> {
        Err(Status::unimplemented("it answers questions"))
    }

    async fn deliver(
        &self,
        _: Request<wire::DeliverRequest>,
    ) -> Result<Response<wire::DeliverResponse>, Status> {
        Err(Status::unimplemented("it answers questions"))
    }
}
