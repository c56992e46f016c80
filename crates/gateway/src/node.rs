//! A node: two listeners, the services behind them, and its end.
//!
//! No process-wide state: several nodes run in one process.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Timer};
use passerelle_proto::FILE_DESCRIPTOR_SET;
use passerelle_transport::accept::accept;
use passerelle_transport::server::server;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::server::health_reporter;

use crate::config::{Config, Limits, ListenerBounds};
use crate::layers::{self, Methods, Sessions};
use crate::listeners::Listeners;
use crate::readiness::{self, Check, Readiness};
use crate::services::Services;
use crate::trust::TrustUnits;

/// What a node is made of beside its configuration.
pub struct Parts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// The bound ports.
    pub listeners: Listeners,
    /// What the listeners trust.
    pub trust: TrustUnits,
    /// Sessions of agents.
    pub sessions: Arc<dyn Sessions>,
    /// The services.
    pub services: Services,
    /// What must hold for the node to serve, beside what concerns `trust`, which the node adds.
    pub checks: Vec<Check>,
    /// Called once, when the node begins to end: whoever waits for something to happen waits no more.
    pub ending: Ending,
    /// Called once, when no call runs any more: stops what works in the background and closes the
    /// store.
    pub close: Close,
}

/// What ends the waits.
pub type Ending = Box<dyn FnOnce() + Send>;

/// What closes the store.
pub type Close = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A node that is ready to run.
pub struct Node {
    agency_address: SocketAddr,
    node_address: SocketAddr,
    agency_bounds: ListenerBounds,
    node_bounds: ListenerBounds,
    limits: Limits,
    clock: Arc<dyn Clock>,
    listeners: Listeners,
    trust: TrustUnits,
    sessions: Arc<dyn Sessions>,
    agency: Routes,
    exchange: Routes,
    readiness: Readiness,
    ending: Ending,
    close: Close,
}

/// Why a node was not made, or ended.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A bound port cannot tell its address.
    #[error("a listener has no address: {0}")]
    Address(#[from] io::Error),
    /// The descriptors of the services cannot be served.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// Serving ended by itself.
    #[error("a listener ended: {0}")]
    Serve(#[from] tonic::transport::Error),
}

impl Node {
    /// Puts the parts together. Nothing is served before [`Node::run`].
    pub fn build(config: &Config, parts: Parts) -> Result<Self, NodeError> {
        let Parts {
            clock,
            timer,
            listeners,
            trust,
            sessions,
            services,
            mut checks,
            ending,
            close,
        } = parts;
        checks.extend(readiness::trust::of(&trust));

        let (health, health_service) = health_reporter();
        let named = services.named().to_vec();
        let served: Vec<_> = named.iter().map(|(name, _)| *name).collect();
        let (agency, exchange) = services.into_routes();
        let agency = agency
            .add_service(health_service.max_decoding_message_size(OPEN_MESSAGE_BYTES))
            .add_service(
                reflection(&served)
                    .build_v1()?
                    .max_decoding_message_size(OPEN_MESSAGE_BYTES),
            )
            .add_service(
                reflection(&served)
                    .build_v1alpha()?
                    .max_decoding_message_size(OPEN_MESSAGE_BYTES),
            );
        Ok(Self {
            agency_address: listeners.agency_address()?,
            node_address: listeners.node_address()?,
            agency_bounds: config.agency_listener.bounds,
            node_bounds: config.node_listener.bounds,
            limits: config.limits,
            readiness: Readiness::new(health, checks, named, Arc::clone(&clock), timer),
            agency: agency.prepare(),
            exchange: exchange.prepare(),
            clock,
            listeners,
            trust,
            sessions,
            ending,
            close,
        })
    }

    /// Where the organisation's own systems call.
    pub fn agency_address(&self) -> SocketAddr {
        self.agency_address
    }

    /// Where other nodes call.
    pub fn node_address(&self) -> SocketAddr {
        self.node_address
    }

    /// What the listeners trust, to be reloaded.
    pub fn trust(&self) -> TrustUnits {
        self.trust.clone()
    }

    /// Serves until `shutdown`; then takes no further connection, lets the calls that run finish for
    /// as long as the configuration says, and closes the store.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), NodeError> {
        let Self {
            clock,
            listeners,
            trust,
            limits,
            mut readiness,
            ending,
            close,
            ..
        } = self;
        let stop = CancellationToken::new();
        let methods = Arc::new(Methods::known());
        readiness.look().await;

        let accepted = accept(
            listeners.nodes,
            trust.nodes.clone(),
            self.node_bounds.accept(),
            Arc::clone(&clock),
        );
        let http = server(&self.node_bounds.http2(), &self.node_bounds.accept());
        let exchange = layers::exchange(http, &limits, &methods, trust.nodes.clone())
            .serve_with_incoming_shutdown(self.exchange, accepted, stop.clone().cancelled_owned());

        let accepted = accept(
            listeners.agency,
            trust.agency.clone(),
            self.agency_bounds.accept(),
            clock,
        );
        let http = server(&self.agency_bounds.http2(), &self.agency_bounds.accept());
        let agency = layers::agency(http, &limits, &methods, self.sessions)
            .serve_with_incoming_shutdown(self.agency, accepted, stop.clone().cancelled_owned());

        // Both servers are large: on the heap, so that whoever runs a node is not.
        let mut serving = Box::pin(async { tokio::try_join!(exchange, agency) });
        tracing::info!(address = %self.node_address, listener = "node", "listening");
        tracing::info!(address = %self.agency_address, listener = "agency", "listening");
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = readiness.watch() => None,
            () = shutdown => None,
        };
        let ended = match ended {
            Some(ended) => ended.map(drop),
            None => {
                // Told before the ports close, so that whoever balances load sends elsewhere.
                readiness.close().await;
                ending();
                stop.cancel();
                drain(&mut serving, limits.drain()).await
            }
        };
        close().await;
        tracing::info!("closed");
        ended.map_err(NodeError::from)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("node_address", &self.node_address)
            .field("agency_address", &self.agency_address)
            .finish_non_exhaustive()
    }
}

async fn drain<T, E>(serving: impl Future<Output = Result<T, E>>, most: Duration) -> Result<(), E> {
    tracing::info!("closing: no new connections, waiting for calls to finish");
    match tokio::time::timeout(most, serving).await {
        Ok(ended) => ended.map(drop),
        Err(_) => {
            tracing::warn!("calls that would not finish are broken off");
            Ok(())
        }
    }
}

/// Longest message of a call that needs no session: the name of a service or of a symbol.
const OPEN_MESSAGE_BYTES: usize = 4096;

/// Only what is served here, not every service that the descriptors know.
fn reflection(served: &[&'static str]) -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    let names = served
        .iter()
        .filter(|name| !name.starts_with("passerelle.exchange."));
    names
        .chain([&"grpc.health.v1.Health"])
        .fold(builder, |builder, name| builder.with_service_name(*name))
}
