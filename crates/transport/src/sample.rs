//! A clock that tests set, and a federation of three fictitious organisations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use passerelle_domain::member::{Organisation, Rights};
use passerelle_domain::{Class, Clock, FederationId, NodeId, OrganisationKind, Purpose, Timestamp};
use tempfile::TempDir;

use crate::throwaway::{Federation, NodeFiles, Plan};
use crate::tls::{TrustHandle, TrustUnit};

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW.as_millis())))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) const HOLDER: &str = "ml-nord";
pub(crate) const REQUESTER: &str = "departement-59";
pub(crate) const OTHER: &str = "association-lien";
pub(crate) const SYSTEM: &str = "logiciel-metier.example";

pub(crate) fn node(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}

pub(crate) fn federation_id() -> FederationId {
    FederationId::new("spie.example").unwrap()
}

pub(crate) struct World {
    /// Gone with the world.
    _folder: TempDir,
    pub(crate) federation: Federation,
    pub(crate) clock: Arc<TestClock>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::named(&federation_id())
    }

    pub(crate) fn named(id: &FederationId) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plans = [HOLDER, REQUESTER, OTHER].map(plan);
        let federation = Federation::create(folder.path(), id, &plans, NOW).unwrap();
        Self {
            _folder: folder,
            federation,
            clock: TestClock::new(),
        }
    }

    pub(crate) fn files(&self, name: &str) -> &NodeFiles {
        self.federation.node(&node(name)).unwrap()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn trust(&self, name: &str) -> TrustHandle {
        TrustUnit::start(self.files(name).trust.clone(), self.clock()).unwrap()
    }
}

pub(crate) fn plan(name: &str) -> Plan {
    Plan {
        node: node(name),
        organisation: Organisation {
            name: format!("Structure fictive {name}"),
            kind: OrganisationKind::Association,
            sirens: ["732829320".parse().unwrap()].into(),
            sirets: ["73282932000074".parse().unwrap()].into(),
            territories: ["59".to_owned()].into(),
            contact: String::new(),
        },
        endpoints: vec!["127.0.0.1:9".to_owned()],
        rights: Rights {
            purposes: [(Purpose::PathwayFollowUp, Class::Social)].into(),
            evidence: Default::default(),
            nir: false,
        },
        sensitive: false,
        systems: vec![SYSTEM.to_owned()],
    }
}
