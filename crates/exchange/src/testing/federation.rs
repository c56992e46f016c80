use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::claim::TrustList;
use passerelle_domain::vocabulary::OrganisationKind;
use passerelle_domain::{Clock, FederationId, NodeId, Rng, Timestamp};
use passerelle_linkage::Inline;
use passerelle_policy::{LocalDenial, Rules};
use passerelle_store::keys::Keys;
use passerelle_store::sim::{Crash, FatalNote, SeededRng, SetClock, SimDisk};
use passerelle_store::{Drive, MemoryEngines, Ports, Store, StoreConfig};
use passerelle_tlog::LogKey;

use super::members::{self, SharedList, member, open_rules};
use super::network::{Network, name};
use super::{InstantTimer, Statements, catalogue};
use crate::ports::Trust;
use crate::{Limits, Own, Parts, Passerelle, RulesInForce};

/// Some nodes, their clock, their network and their trust list.
pub struct Federation {
    seed: u64,
    sizes: fn(StoreConfig) -> StoreConfig,
    drive: Drive,
    clock: SetClock,
    network: Network,
    list: Arc<SharedList>,
    chance: SeededRng,
    nodes: BTreeMap<NodeId, Site>,
}

/// Where a node lives.
struct Site {
    number: u64,
    disk: NodeDisk,
    node: Passerelle,
    starts: u64,
    denials: Vec<LocalDenial>,
}

/// What outlives the process of a node. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct NodeDisk {
    /// Wal, log and snapshots.
    pub files: SimDisk,
    /// The engine.
    pub engines: MemoryEngines,
    /// Why the process would have ended.
    pub fatal: FatalNote,
}

impl Federation {
    /// A *mission locale*, a *département* and an *association*: nodes `mission-locale`,
    /// `departement` (which may keep the NIR) and `association`.
    pub fn new(seed: u64) -> Self {
        let federation = Self::of(seed, members::three());
        federation.allow_nir();
        federation
    }

    /// The same with the smallest disks: segments and snapshots follow each other quickly.
    pub fn with_small_disks(seed: u64) -> Self {
        let federation = Self::sized(seed, members::three(), Drive::Inline, |config| config);
        federation.allow_nir();
        federation
    }

    fn allow_nir(&self) {
        self.amend_list(|list| {
            for member in list
                .members
                .iter_mut()
                .filter(|member| member.node == name("departement"))
            {
                member.rights.nir = true;
            }
        });
    }

    /// Nodes of these names and kinds of organisation, each allowed to ask for everything under
    /// [`open_rules`].
    pub fn of<'a>(
        seed: u64,
        members: impl IntoIterator<Item = (&'a str, OrganisationKind)>,
    ) -> Self {
        Self::driven(seed, members, Drive::Inline)
    }

    /// The same, with stores that are moved in another way: [`Drive::Manual`] for the order of
    /// events to be drawn, [`Drive::Threads`] for it to be left to threads.
    pub fn driven<'a>(
        seed: u64,
        members: impl IntoIterator<Item = (&'a str, OrganisationKind)>,
        drive: Drive,
    ) -> Self {
        Self::sized(seed, members, drive, roomy)
    }

    fn sized<'a>(
        seed: u64,
        members: impl IntoIterator<Item = (&'a str, OrganisationKind)>,
        drive: Drive,
        sizes: fn(StoreConfig) -> StoreConfig,
    ) -> Self {
        let clock = SetClock::new(Timestamp::from_secs(START));
        let members: Vec<_> = members
            .into_iter()
            .map(|(node, kind)| {
                member(
                    &name(node),
                    kind,
                    log_key(seed, &name(node)).verifying_key(),
                )
            })
            .collect();
        let names: Vec<NodeId> = members.iter().map(|member| member.node.clone()).collect();
        let list = members::list(federation_id(), members, clock.now());
        let mut federation = Self {
            seed,
            sizes,
            drive,
            network: Network::new(federation_id()),
            list: Arc::new(SharedList::new(list)),
            chance: SeededRng::new(mixed(seed, 0)),
            nodes: BTreeMap::new(),
            clock,
        };
        for (number, node) in (1..).zip(names) {
            let disk = NodeDisk::default();
            let site = Site {
                number,
                node: federation.start(&node, number, 0, &disk, &[]),
                disk,
                starts: 0,
                denials: Vec::new(),
            };
            federation.nodes.insert(node, site);
        }
        federation
    }

    /// One node.
    pub fn node(&self, node: &str) -> Passerelle {
        self.site(node).node.clone()
    }

    /// The names of all nodes.
    pub fn names(&self) -> impl Iterator<Item = &NodeId> {
        self.nodes.keys()
    }

    /// What the node's disk holds.
    pub fn disk(&self, node: &str) -> NodeDisk {
        self.site(node).disk.clone()
    }

    /// The key with which a node signs the checkpoints of its log.
    pub fn log_key(&self, node: &str) -> LogKey {
        log_key(self.seed, &name(node))
    }

    /// The clock of all nodes.
    pub fn clock(&self) -> &SetClock {
        &self.clock
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn pass(&self, span: Duration) {
        self.clock.set(self.clock.now().plus(span));
    }

    /// What carries the calls between nodes.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Chance for a test itself, other than that of the nodes.
    pub fn chance(&self) -> &dyn Rng {
        &self.chance
    }

    /// Changes the trust list of all nodes.
    pub fn amend_list(&self, change: impl FnOnce(&mut TrustList)) {
        self.list.amend(change);
        for site in self.nodes.values() {
            site.node.renew_serials();
        }
    }

    /// Puts the rules that `rules` makes in force at all nodes.
    pub fn replace_rules(&self, rules: impl Fn(&TrustList) -> Rules) {
        for site in self.nodes.values() {
            site.node.replace_rules(rules(&self.list.list()));
        }
    }

    /// A copy of everything, to go on separately: all nodes are started anew from what their disks
    /// hold, as after their processes were killed.
    pub fn fork(&self) -> Self {
        let clock = SetClock::new(self.clock.now());
        let mut fork = Self {
            seed: self.seed,
            sizes: self.sizes,
            drive: self.drive,
            network: self.network.fork(),
            list: Arc::new(SharedList::new(TrustList::clone(&self.list.list()))),
            chance: SeededRng::new(u64::from_be_bytes(self.chance().bytes())),
            nodes: BTreeMap::new(),
            clock,
        };
        for (name, site) in &self.nodes {
            let disk = NodeDisk {
                files: site.disk.files.fork(),
                engines: site.disk.engines.copy(),
                fatal: FatalNote::new(),
            };
            let starts = site.starts + 1;
            let forked = Site {
                number: site.number,
                node: fork.start(name, site.number, starts, &disk, &site.denials),
                denials: site.denials.clone(),
                disk,
                starts,
            };
            fork.nodes.insert(name.clone(), forked);
        }
        fork
    }

    /// Stops a node in good order and starts it again.
    pub async fn restart(&mut self, node: &str) {
        self.node(node)
            .store()
            .close()
            .await
            .expect("a store that closes");
        self.start_again(node);
    }

    /// Cuts the power of a node and starts it again from what its disk kept; its engine has forgotten
    /// the last `applied` times that it took changes.
    pub fn crash(&mut self, node: &str, crash: Crash, applied: usize) {
        let disk = &self.site(node).disk;
        disk.files.crash(crash);
        disk.engines.lose(applied);
        self.start_again(node);
    }

    /// Starts a node again whose organisation closes something more.
    pub async fn deny_at(&mut self, node: &str, denial: LocalDenial) {
        let site = self.nodes.get_mut(&name(node));
        site.expect("a node of this federation")
            .denials
            .push(denial);
        self.restart(node).await;
    }

    /// Starts a node from another disk, say an old copy of its own.
    pub async fn start_from(&mut self, node: &str, disk: NodeDisk) {
        self.node(node)
            .store()
            .close()
            .await
            .expect("a store that closes");
        let site = self
            .nodes
            .get_mut(&name(node))
            .expect("a node of this federation");
        site.disk = disk;
        self.start_again(node);
    }

    fn start_again(&mut self, node: &str) {
        let node = name(node);
        let (number, starts, disk, denials) = {
            let site = self
                .nodes
                .get_mut(&node)
                .expect("a node of this federation");
            site.starts += 1;
            let denials = site.denials.clone();
            (site.number, site.starts, site.disk.clone(), denials)
        };
        let started = self.start(&node, number, starts, &disk, &denials);
        let site = self
            .nodes
            .get_mut(&node)
            .expect("a node of this federation");
        site.node = started;
    }

    fn start(
        &self,
        node: &NodeId,
        number: u64,
        starts: u64,
        disk: &NodeDisk,
        denials: &[LocalDenial],
    ) -> Passerelle {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(mixed(self.seed, number + (starts << 16))));
        let ports = Ports {
            clock: Arc::new(self.clock.clone()),
            rng: rng.clone(),
            log_key: Arc::new(log_key(self.seed, node)),
            keys: Arc::new(keys(self.seed, node)),
            engines: Arc::new(disk.engines.clone()),
            files: Arc::new(disk.files.clone()),
            fatal: Arc::new(disk.fatal.clone()),
        };
        let (store, _) = Store::open(self.config(node), ports).expect("a store that opens");
        let started = Passerelle::new(Parts {
            own: Own {
                node: node.clone(),
                federation: federation_id(),
            },
            store,
            peers: self.network.line(node),
            tokens: Arc::new(Statements::new(node.clone(), self.clock.clone())),
            notices: Arc::new(Arc::new(catalogue())),
            trust: self.list.clone(),
            rules: RulesInForce::new(open_rules(&self.list.list())),
            denials: denials.to_vec(),
            blocking: Arc::new(Inline),
            clock: Arc::new(self.clock.clone()),
            timer: Arc::new(InstantTimer::new(self.clock.clone())),
            rng,
            limits: Limits::default(),
        });
        self.network.join(started.clone());
        started
    }

    fn config(&self, node: &NodeId) -> StoreConfig {
        let config = StoreConfig::small(format!("/{node}"));
        (self.sizes)(StoreConfig {
            drive: self.drive,
            // Its clock jumps by hours, and nobody publishes in between.
            promise_ms: u64::MAX,
            ..config
        })
    }

    fn site(&self, node: &str) -> &Site {
        self.nodes
            .get(&name(node))
            .expect("a node of this federation")
    }
}

impl Drop for Federation {
    /// The network knows the nodes and the nodes know the network: one must let go.
    fn drop(&mut self) {
        for node in self.nodes.keys() {
            self.network.leave(node);
        }
    }
}

/// With room for a batch of 500 records.
fn roomy(config: StoreConfig) -> StoreConfig {
    StoreConfig {
        segment_bytes: 8 << 20,
        reserve_bytes: 4 << 20,
        batch_bytes: 256 << 10,
        transaction_bytes: 3 << 20,
        snapshot_interval_bytes: 4 << 20,
        ..config
    }
}

/// The key of a node's log: the same whenever it starts.
fn log_key(seed: u64, node: &NodeId) -> LogKey {
    let origin = format!("{node}.{FEDERATION}/exchange/2026h2");
    let origin = origin.parse().expect("a name without blanks");
    LogKey::from_seed(&drawn(seed, node, "log"), origin).expect("any seed makes a key")
}

fn keys(seed: u64, node: &NodeId) -> Keys {
    Keys::in_memory(
        drawn(seed, node, "node key"),
        drawn(seed, node, "epoch key"),
    )
}

fn drawn(seed: u64, node: &NodeId, what: &str) -> [u8; 32] {
    *passerelle_domain::Digest::of(format!("{seed} {node} {what}").as_bytes()).as_bytes()
}

/// Spreads small numbers, so that the streams of a seed have nothing in common.
fn mixed(seed: u64, stream: u64) -> u64 {
    let bytes = *passerelle_domain::Digest::of(format!("{seed} {stream}").as_bytes()).as_bytes();
    bytes[..8]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn federation_id() -> FederationId {
    FederationId::new(FEDERATION).expect("a name like a domain's")
}

const FEDERATION: &str = "spie.test";

/// 2026-11-24T09:30:00Z.
const START: u64 = 1_795_512_600;
