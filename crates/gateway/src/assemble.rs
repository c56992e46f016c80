//! Puts a node together: what the configuration names, the store, the use cases over their ports,
//! and the services behind the two listeners.

mod background;
mod checks;
mod keys;
mod rehearsal;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Rng, Timer};
use passerelle_exchange::{Own, Passerelle, RulesInForce};
use passerelle_store::tables::bind_keys;
use passerelle_store::{
    AbortProcess, Disk, Engines, Fatal, Files, OpenError, OpenReport, Ports as StorePorts,
    SledEngines, Store, StoreConfig,
};
use passerelle_transport::channel::{ChannelLimits, PeerChannels};
use passerelle_transport::jwt::oidc::Issuers;

use crate::config::{Config, Issuer};
use crate::listeners::{BindError, Listeners};
use crate::node::{Node, NodeError, Parts};
use crate::ports::{BlockingPool, GrpcPeers, ListInForce, NodeClock, SignedTokens, StoredSessions};
use crate::rules::{self, TableError};
use crate::runtime::{SystemClock, SystemRng, TokioTimer};
use crate::services::Services;
use crate::trust::{self, TrustError, TrustUnits};
use background::Background;
pub use keys::KeysError;
use keys::NodeKeys;
pub use rehearsal::rehearse;

/// What a node takes from the machine that it runs on.
#[derive(Clone)]
pub struct World {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// The disk.
    pub files: Arc<dyn Files>,
    /// The engine of the store.
    pub engines: Arc<dyn Engines>,
    /// The end of the process.
    pub fatal: Arc<dyn Fatal>,
    /// How much the store may use; its folder and when it publishes are the configuration's.
    pub store: StoreConfig,
}

/// A node that is ready to run, and its use cases.
pub struct Assembled {
    /// To be run.
    pub node: Node,
    /// What the services call.
    pub passerelle: Passerelle,
    /// What opening the store found.
    pub opened: OpenReport,
}

impl World {
    /// The machine as it is.
    pub fn real() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            timer: Arc::new(TokioTimer),
            rng: Arc::new(SystemRng::new()),
            files: Arc::new(Disk),
            engines: Arc::new(SledEngines::default()),
            fatal: Arc::new(AbortProcess),
            store: StoreConfig::new(PathBuf::new()),
        }
    }

    /// The machine as it is, and little of its disk: for federations that are thrown away.
    pub fn small() -> Self {
        let real = Self::real();
        Self {
            store: StoreConfig {
                segment_bytes: 8 << 20,
                reserve_bytes: 4 << 20,
                batch_bytes: 256 << 10,
                transaction_bytes: 3 << 20,
                unapplied_bytes: 8 << 20,
                ..real.store
            },
            ..real
        }
    }
}

/// Binds the ports, reads keys, trust and rules, opens the store and puts the node together.
/// Nothing is answered before [`Node::run`].
pub async fn assemble(config: &Config, world: World) -> Result<Assembled, AssembleError> {
    // First: a port that is taken must be known before the store is touched.
    let listeners = Listeners::bind(config).await?;
    let rules = rules::load(&config.rules, config.node.environment)?;
    let trust = TrustUnits::load(config, &world.clock)?;
    let store = store_config(config, &world);
    let keys = NodeKeys::load(config, &store, &*world.files, world.clock.now())?;
    let systems = trust::system_keys(&config.agency)?;
    let (store, opened) = open(store, &world, &keys).await?;
    report(&opened);
    let issuers = config.agency.issuers.iter().map(Issuer::settings);
    let issuers = Arc::new(Issuers::new(issuers.collect()));
    let checks = checks::of(&store, &trust.nodes, &keys, &issuers);

    let passerelle = Passerelle::new(passerelle_exchange::Parts {
        own: Own {
            node: config.node.id.clone(),
            federation: config.node.federation.clone(),
        },
        store: store.clone(),
        peers: Arc::new(GrpcPeers::new(
            PeerChannels::new(
                trust.nodes.clone(),
                Arc::clone(&world.clock),
                ChannelLimits::default(),
            ),
            &config.limits,
        )),
        tokens: Arc::new(
            SignedTokens::new(
                config.node.id.clone(),
                trust.nodes.clone(),
                systems,
                Arc::clone(&issuers),
                keys.own,
                Arc::new(NodeClock::new(store.clone())),
            )
            .map_err(KeysError::from)?,
        ),
        notices: trust.notices.clone(),
        trust: Arc::new(ListInForce::new(trust.nodes.clone())),
        rules: RulesInForce::new(rules),
        denials: config.rules.denials.clone(),
        blocking: Arc::new(BlockingPool::start(threads()).map_err(AssembleError::Threads)?),
        clock: Arc::clone(&world.clock),
        timer: Arc::clone(&world.timer),
        rng: Arc::clone(&world.rng),
        limits: limits(config),
    });
    let background = Background::start(&passerelle, &trust.nodes, &issuers, &world);
    let waited_for = passerelle.clone();
    let parts = Parts {
        clock: world.clock,
        timer: world.timer,
        listeners,
        sessions: Arc::new(StoredSessions::new(passerelle.clone())),
        services: Services::of(&passerelle, config),
        checks,
        trust,
        ending: Box::new(move || waited_for.end_waits()),
        close: Box::new(move || Box::pin(background.end(store))),
    };
    Ok(Assembled {
        node: Node::build(config, parts)?,
        passerelle,
        opened,
    })
}

/// Opens the store of a node that does not run, for work on it alone. Refused while the node runs.
pub async fn open_store(config: &Config, world: &World) -> Result<Store, AssembleError> {
    let store = store_config(config, world);
    let keys = NodeKeys::load(config, &store, &*world.files, world.clock.now())?;
    let (store, _) = open(store, world, &keys).await?;
    Ok(store)
}

fn store_config(config: &Config, world: &World) -> StoreConfig {
    StoreConfig {
        dir: config.node.data_dir.clone(),
        publish_interval_ms: millis(config.log.publish()),
        ..world.store.clone()
    }
}

/// Reading the wal back may take long: not on the threads that answer.
async fn open(
    store: StoreConfig,
    world: &World,
    keys: &NodeKeys,
) -> Result<(Store, OpenReport), AssembleError> {
    let folder = store.dir.clone();
    let ports = StorePorts {
        clock: Arc::clone(&world.clock),
        rng: Arc::clone(&world.rng),
        log_key: Arc::clone(&keys.log),
        keys: Arc::clone(&keys.store),
        engines: Arc::clone(&world.engines),
        files: Arc::clone(&world.files),
        fatal: Arc::clone(&world.fatal),
    };
    let (store, opened) = tokio::task::spawn_blocking(move || Store::open(store, ports))
        .await
        .map_err(|_| AssembleError::Interrupted)?
        .map_err(|source| AssembleError::Store { folder, source })?;
    // From now on a store that is opened with another key file names the file, at its start.
    let bound = store.transact("bind keys", |tx| bind_keys(tx)).await;
    bound.map_err(|error| AssembleError::Bound(error.to_string()))?;
    Ok((store, opened))
}

fn report(opened: &OpenReport) {
    tracing::info!(
        created = opened.created,
        log_size = opened.log_size,
        replayed_batches = opened.replayed_batches,
        "the store is open"
    );
    if let Some(reason) = &opened.engine_rebuilt {
        tracing::warn!(
            reason,
            "the engine was set aside and made again from the wal"
        );
    }
    if opened.cut_incomplete_batch {
        tracing::warn!(
            "a batch that a crash had interrupted, and nobody had been told of, was cut off"
        );
    }
}

fn limits(config: &Config) -> passerelle_exchange::Limits {
    let quotas = &config.limits.quotas;
    let default = passerelle_exchange::Limits::default();
    passerelle_exchange::Limits {
        // Whoever waits for a partner must still be told that it waits.
        delivery_wait: default.delivery_wait.min(config.limits.call() / 4),
        redemptions_caseworker: u64::from(quotas.caseworker_per_day),
        redemptions_reception: u64::from(quotas.reception_per_day),
        redemptions_new_agent: u64::from(quotas.new_agent_per_day),
        new_agent: Duration::from_secs(u64::from(quotas.new_agent_days) * 24 * 3600),
        changes_kept: Duration::from_secs(u64::from(config.limits.changes_kept_days) * 24 * 3600),
        changes_most: config.limits.changes_kept,
        ..default
    }
}

/// Each hash of a PIN holds 19 MiB and a core.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

const MOST_THREADS: usize = 4;

/// Why a node cannot start.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// A port.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The rules of what may be shared.
    #[error(transparent)]
    Rules(#[from] TableError),
    /// Certificates, authorities, revocation lists, trust list.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The node's own keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// What the node keeps.
    #[error("{}: {source}", folder.display())]
    Store {
        /// Where.
        folder: PathBuf,
        /// Why, and what to do.
        source: OpenError,
    },
    /// The keys could not be noted in the store, or are not those it was sealed under.
    #[error("the keys of the store: {0}")]
    Bound(String),
    /// No folder could be had to look at things without keeping them.
    #[error("a temporary folder is needed: {0}")]
    Rehearsal(io::Error),
    /// The machine gives no threads.
    #[error("no thread could be started: {0}")]
    Threads(io::Error),
    /// The runtime ends.
    #[error("opening the store was interrupted")]
    Interrupted,
    /// The node.
    #[error(transparent)]
    Node(#[from] NodeError),
}
