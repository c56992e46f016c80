use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use passerelle_domain::member::KeyUsage;
use passerelle_domain::{FederationId, NodeId};
use passerelle_store::StoreConfig;
use passerelle_tlog::VerifyingKey;
use passerelle_transport::throwaway::{Federation as Throwaway, SystemFiles, ThrowawayError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::error::{DemoError, of_file};
use super::organisations::{
    ALL, ASSOCIATION, DEPARTEMENT, FEDERATION, MISSION_LOCALE, Organisation, SYSTEM,
};
use super::{config_file, notices};
use crate::assemble::{World, assemble};
use crate::config::{Config, Quotas};
use crate::node::{Node, NodeError};
use crate::throwaway;

/// Three nodes that run in this process, each from its own configuration file.
pub(super) struct Federation {
    /// Where everything of it is.
    pub(super) folder: PathBuf,
    /// The machine that it runs on.
    pub(super) world: World,
    pub(super) mission_locale: Site,
    pub(super) departement: Site,
    pub(super) association: Site,
}

/// One node that runs.
pub(super) struct Site {
    /// Whose it is.
    pub(super) organisation: &'static Organisation,
    /// Its configuration, as its file has it.
    pub(super) config: Config,
    /// What its agency system holds.
    pub(super) system: SystemFiles,
    /// What checks its exchange log, from the trust list.
    pub(super) log_key: VerifyingKey,
    end: oneshot::Sender<()>,
    running: JoinHandle<Result<(), NodeError>>,
}

/// What may differ from the federation of the story.
#[derive(Default)]
pub(super) struct Variant {
    /// The port where the agency systems of the département call; 0: a free one.
    pub(super) port: u16,
    /// How many passes agents may redeem.
    pub(super) quotas: Quotas,
    /// Where other nodes reach the mission locale, if not at its own listener.
    pub(super) mission_locale_at: Option<SocketAddr>,
}

/// A node whose ports are bound, and that does not run yet.
struct Prepared {
    organisation: &'static Organisation,
    config: Config,
    node: Node,
}

impl Federation {
    /// Makes everything under `folder`, which is empty, and starts the nodes. `rules` is the text of
    /// the table of rules.
    pub(super) async fn start(
        folder: &Path,
        rules: &str,
        variant: &Variant,
    ) -> Result<Self, DemoError> {
        let world = World::small();
        let mut keys = keys(folder, &world)?;
        let file = folder.join(RULES);
        fs::write(&file, rules).map_err(of_file(&file))?;
        let readable = folder.join(NOTICES);
        notices::write_readable(&readable).map_err(of_file(&readable))?;

        let prepared = |organisation| Prepared::new(organisation, &keys, folder, &world, variant);
        let (mission_locale, departement, association) = tokio::try_join!(
            prepared(&MISSION_LOCALE),
            prepared(&DEPARTEMENT),
            prepared(&ASSOCIATION)
        )?;
        let all = [&mission_locale, &departement, &association];
        announce(&mut keys, &all, &world, variant)?;
        Ok(Self {
            mission_locale: mission_locale.run(&keys)?,
            departement: departement.run(&keys)?,
            association: association.run(&keys)?,
            folder: folder.to_owned(),
            world,
        })
    }

    /// The nodes, in the order of the story.
    pub(super) fn sites(&self) -> [&Site; 3] {
        [&self.mission_locale, &self.departement, &self.association]
    }

    /// The folder of the texts that persons are shown.
    pub(super) fn notices_folder(&self) -> PathBuf {
        self.folder.join(NOTICES)
    }

    /// Ends them in good order: calls finish, stores are closed.
    pub(super) async fn stop(self) -> Result<(), DemoError> {
        let sites = [self.mission_locale, self.departement, self.association];
        // All are told, then each is waited for.
        let running = sites.map(|site| {
            let _gone = site.end.send(());
            site.running
        });
        for node in running {
            node.await.map_err(|_| DemoError::NodeFailed)??;
        }
        Ok(())
    }
}

impl Site {
    /// The name of the node.
    pub(super) fn node(&self) -> &NodeId {
        &self.config.node.id
    }

    /// The file of its configuration.
    pub(super) fn config_file(&self, folder: &Path) -> PathBuf {
        folder.join(self.organisation.node).join(CONFIG)
    }

    /// Where its systems call: the name in the certificate of the listener, and the port.
    pub(super) fn agency_address(&self) -> String {
        format!("localhost:{}", self.config.agency_listener.address.port())
    }

    /// The published folder of its exchange log.
    pub(super) fn log_folder(&self) -> PathBuf {
        let logs = StoreConfig::new(self.config.node.data_dir.clone()).logs();
        logs.join(self.log_key.name().as_str())
    }
}

impl Prepared {
    /// Writes the configuration of a node, reads it back, and puts the node together.
    async fn new(
        organisation: &'static Organisation,
        keys: &Throwaway,
        folder: &Path,
        world: &World,
        variant: &Variant,
    ) -> Result<Self, DemoError> {
        let own = folder.join(organisation.node);
        let id: NodeId = organisation.node.parse()?;
        let mut config = throwaway::config(keys, &id, &own, &folder.join(RULES), &*world.rng)?;
        organisation.name.clone_into(&mut config.node.name);
        config.limits.quotas = variant.quotas;
        if *organisation == DEPARTEMENT {
            config.agency_listener.address.set_port(variant.port);
        }
        // With free ports; those that it gets are written once they are known.
        let config = write_and_read(&config, &own)?;
        let node = assemble(&config, world.clone()).await?.node;
        let mut bound = config;
        bound.node_listener.address = node.node_address();
        bound.agency_listener.address = node.agency_address();
        Ok(Self {
            organisation,
            config: write_and_read(&bound, &own)?,
            node,
        })
    }

    fn run(self, keys: &Throwaway) -> Result<Site, DemoError> {
        let Self {
            organisation,
            config,
            node,
        } = self;
        let id = &config.node.id;
        let missing = || ThrowawayError::NoNode(id.clone());
        let system = keys.node(id)?.systems.get(SYSTEM).ok_or_else(missing)?;
        let member = keys.list().list().member(id).ok_or_else(missing)?;
        let log = member.keys_for(KeyUsage::Log).next().ok_or_else(missing)?;
        let log_key = log.public_key.parse()?;
        let system = system.clone();

        // The list that says where the others are.
        node.trust().reload()?;
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(node.run(async {
            // Sent or dropped: the end.
            let _ended = ended.await;
        }));
        Ok(Site {
            organisation,
            system,
            log_key,
            end,
            running,
            config,
        })
    }
}

/// Keys, certificates and trust list.
fn keys(folder: &Path, world: &World) -> Result<Throwaway, DemoError> {
    let now = world.clock.now();
    let federation: FederationId = FEDERATION.parse()?;
    let plans = ALL.map(Organisation::plan);
    let plans = plans.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut keys = Throwaway::create(folder, &federation, &plans, now)?;
    for plan in &plans {
        throwaway::publish_log_key(&mut keys, &plan.node, now)?;
    }
    Ok(keys)
}

/// Says in the trust list where every node is.
fn announce(
    keys: &mut Throwaway,
    nodes: &[&Prepared],
    world: &World,
    variant: &Variant,
) -> Result<(), DemoError> {
    let address = |id: &NodeId| -> Option<SocketAddr> {
        let mut nodes = nodes.iter();
        let node = nodes.find(|node| node.config.node.id == *id)?;
        let elsewhere = variant.mission_locale_at;
        let elsewhere = elsewhere.filter(|_| *node.organisation == MISSION_LOCALE);
        Some(elsewhere.unwrap_or(node.config.node_listener.address))
    };
    keys.publish(world.clock.now(), |list| {
        for member in &mut list.members {
            if let Some(address) = address(&member.node) {
                member.endpoints = vec![address.to_string()];
            }
        }
    })?;
    Ok(())
}

/// What is in force is what the file says.
fn write_and_read(config: &Config, folder: &Path) -> Result<Config, DemoError> {
    let file = folder.join(CONFIG);
    fs::write(&file, config_file::written(config, folder)).map_err(of_file(&file))?;
    Ok(Config::read(&file)?)
}

/// The configuration of a node, in its folder.
const CONFIG: &str = "node.yaml";
/// The texts that persons are shown, in the folder of the federation.
const NOTICES: &str = "notices";
/// The table of rules, in the folder of the federation.
const RULES: &str = "rules.json";
