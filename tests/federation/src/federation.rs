use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use passerelle_domain::member::{Organisation, Rights};
use passerelle_domain::vocabulary::{Class, EvidenceKind, OrganisationKind, Purpose};
use passerelle_domain::{Clock, NodeId, Rng, Siret};
use passerelle_exchange::Passerelle;
use passerelle_gateway::assemble::{AssembleError, Assembled, World, assemble};
use passerelle_gateway::config::Config;
use passerelle_gateway::node::NodeError;
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::throwaway;
use passerelle_gateway::trust::TrustUnits;
use passerelle_transport::jwt::SigningKey;
use passerelle_transport::throwaway::{Federation as Throwaway, Plan, SystemFiles};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Holds a journey.
pub const MISSION_LOCALE: &str = "ml-strasbourg";
/// Takes the person over.
pub const DEPARTEMENT: &str = "departement-67";
/// Has redeemed a pass, and has no receipt.
pub const ASSOCIATION: &str = "asso-entraide";
/// All three.
pub const NODES: [&str; 3] = [MISSION_LOCALE, DEPARTEMENT, ASSOCIATION];

/// Their only agency system.
pub const SYSTEM: &str = "logiciel-metier";
/// A second system of each organisation, with a certificate and a key of its own.
pub const OTHER_SYSTEM: &str = "accueil";

/// Three nodes that run.
pub struct Federation {
    folder: TempDir,
    keys: Throwaway,
    worlds: BTreeMap<&'static str, World>,
    sites: BTreeMap<&'static str, Site>,
}

/// One node that runs.
pub struct Site {
    /// Its configuration.
    pub config: Config,
    /// Its use cases, to look at what it keeps. What is asked is asked through its API.
    pub passerelle: Passerelle,
    /// What it trusts.
    pub trust: TrustUnits,
    /// Where its own systems call.
    pub agency_address: SocketAddr,
    /// Where other nodes call.
    pub node_address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), NodeError>>,
}

impl Federation {
    /// Starts three nodes that know each other.
    pub async fn start() -> Self {
        Self::start_with(|_, world| world).await
    }

    /// As [`Federation::start`], with `change` made to what each node takes from the machine.
    pub async fn start_with(change: impl Fn(&str, World) -> World) -> Self {
        Self::start_in(&std::env::temp_dir(), change).await
    }

    /// As [`Federation::start_with`], with everything in a new folder in `place`.
    pub async fn start_in(place: &Path, change: impl Fn(&str, World) -> World) -> Self {
        let folder = TempDir::new_in(place).expect("a temporary folder");
        let plans = NODES.map(plan);
        let id = "bas-rhin.example".parse().expect("a name");
        let mut keys = Throwaway::create(folder.path(), &id, &plans, SystemClock.now())
            .expect("a federation that can be made");
        let rules = folder.path().join("rules.json");
        fs::copy(example_rules(), &rules).expect("the example rules");

        for node in NODES {
            throwaway::publish_log_key(&mut keys, &node_id(node), SystemClock.now())
                .expect("a list that can be signed");
        }
        let worlds = NODES.into_iter();
        let mut federation = Self {
            worlds: worlds
                .map(|node| (node, change(node, World::small())))
                .collect(),
            sites: BTreeMap::new(),
            folder,
            keys,
        };
        for node in NODES {
            let config = federation.configure(node, &rules);
            let site = federation.run(node, config).await;
            federation
                .sites
                .insert(node, site.expect("a node that starts"));
        }
        federation.announce();
        federation
    }

    /// A node.
    pub fn site(&self, node: &str) -> &Site {
        self.sites.get(node).expect("a node that runs")
    }

    /// Keys, certificates and trust list.
    pub fn keys(&mut self) -> &mut Throwaway {
        &mut self.keys
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of what a node keeps.
    pub fn data_dir(&self, node: &str) -> PathBuf {
        self.site(node).config.node.data_dir.clone()
    }

    /// Suspends a member: every node takes the new list.
    pub fn suspend(&mut self, node: &str) {
        self.keys
            .suspend(&node_id(node), SystemClock.now())
            .expect("a list that can be signed");
        self.reload();
    }

    /// Says in the trust list that a member is reached at `address`: every node takes the new list.
    pub fn move_to(&mut self, node: &str, address: SocketAddr) {
        self.keys
            .move_to(&node_id(node), vec![address.to_string()], SystemClock.now())
            .expect("a list that can be signed");
        self.reload();
    }

    /// Stops a node in good order; what it keeps stays. Gives its configuration.
    pub async fn stop(&mut self, node: &str) -> Config {
        let (name, _) = self.sites.get_key_value(node).expect("a node that runs");
        let site = self.sites.remove(*name).expect("looked up above");
        let config = site.config.clone();
        site.stop().await;
        config
    }

    /// Starts a node again, where it was reached before.
    pub async fn start_again(&mut self, config: Config) -> Result<(), AssembleError> {
        let name = NODES
            .into_iter()
            .find(|name| *name == config.node.id.as_str())
            .expect("a node of this federation");
        let site = self.run(name, config).await?;
        self.sites.insert(name, site);
        self.announce();
        Ok(())
    }

    /// Stops a node in good order and starts it again.
    pub async fn restart(&mut self, node: &str) {
        let config = self.stop(node).await;
        self.start_again(config)
            .await
            .expect("a node that starts again");
    }

    /// The key with which a node signs receipts.
    pub fn receipt_key(&self, node: &str) -> SigningKey {
        let files = self.keys.node(&node_id(node)).expect("its files");
        files.receipt_key().expect("a key")
    }

    /// What a system of an organisation holds.
    pub fn system(&self, node: &str, system: &str) -> &SystemFiles {
        let files = self.keys.node(&node_id(node)).expect("its files");
        files.systems.get(system).expect("a system of the plan")
    }

    fn configure(&self, node: &str, rules: &Path) -> Config {
        let folder = self.folder.path().join(node).join("own");
        fs::create_dir_all(&folder).expect("a folder");
        let chance: &dyn Rng = &SystemRng::new();
        throwaway::config(&self.keys, &node_id(node), &folder, rules, chance)
            .expect("a configuration")
    }

    async fn run(&self, node: &str, mut config: Config) -> Result<Site, AssembleError> {
        let world = self.worlds[node].clone();
        let Assembled {
            node, passerelle, ..
        } = assemble(&config, world).await?;
        let (agency_address, node_address) = (node.agency_address(), node.node_address());
        // The ports it was given it keeps when it starts again.
        config.agency_listener.address = agency_address;
        config.node_listener.address = node_address;
        let trust = node.trust();
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(node.run(async {
            // Dropped or sent: the end.
            let _ended = ended.await;
        }));
        Ok(Site {
            config,
            passerelle,
            trust,
            agency_address,
            node_address,
            end: Some(end),
            running,
        })
    }

    /// Says in the trust list where every node is.
    fn announce(&mut self) {
        let addresses: BTreeMap<NodeId, String> = self
            .sites
            .iter()
            .map(|(node, site)| (node_id(node), site.node_address.to_string()))
            .collect();
        self.keys
            .publish(SystemClock.now(), |list| {
                for member in &mut list.members {
                    if let Some(address) = addresses.get(&member.node) {
                        member.endpoints = vec![address.clone()];
                    }
                }
            })
            .expect("a list that can be signed");
        self.reload();
    }

    fn reload(&self) {
        for site in self.sites.values() {
            site.trust.reload().expect("files that can be read");
        }
    }
}

impl Site {
    async fn stop(mut self) {
        if let Some(end) = self.end.take() {
            let _gone = end.send(());
        }
        drop(self.passerelle);
        self.running
            .await
            .expect("a node that does not panic")
            .expect("a node that ends in good order");
    }
}

pub(crate) fn node_id(node: &str) -> NodeId {
    node.parse().expect("the name of a node")
}

/// The establishment of a node.
pub(crate) fn siret(node: &str) -> Siret {
    let digits = match node {
        MISSION_LOCALE => "73282932000074",
        DEPARTEMENT => "22670001100019",
        _ => "18004623700012",
    };
    digits.parse().expect("an establishment's number")
}

/// The text that persons are shown.
pub const NOTICE: &[u8] = include_bytes!("../../../deploy/notices.example/information.fr.txt");

/// The example that comes with the project.
pub(crate) fn example_rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rules.example.json")
}

fn plan(node: &str) -> Plan {
    let kind = match node {
        MISSION_LOCALE => OrganisationKind::MissionLocale,
        DEPARTEMENT => OrganisationKind::Department,
        _ => OrganisationKind::Association,
    };
    let purposes = Purpose::ALL.iter().copied();
    Plan {
        node: node_id(node),
        organisation: Organisation {
            name: format!("Structure fictive {node}"),
            kind,
            sirens: BTreeSet::new(),
            sirets: BTreeSet::from([siret(node)]),
            territories: BTreeSet::from(["67".to_owned()]),
            contact: "03 00 00 00 00".to_owned(),
        },
        // Known once its port is bound.
        endpoints: vec!["127.0.0.1:9".to_owned()],
        rights: Rights {
            purposes: purposes
                .filter(|purpose| purpose.between_nodes())
                .map(|purpose| (purpose, Class::MAX))
                .collect(),
            evidence: EvidenceKind::ALL.iter().copied().collect(),
            nir: node == DEPARTEMENT,
        },
        sensitive: false,
        systems: vec![SYSTEM.to_owned(), OTHER_SYSTEM.to_owned()],
    }
}
