//! A clock that tests set, and a federation of three fictitious organisations.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use passerelle_domain::member::{Organisation, Rights};
use passerelle_domain::{Class, Clock, FederationId, NodeId, OrganisationKind, Purpose, Timestamp};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

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

pub(crate) async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A TCP connection from another address of this machine.
pub(crate) async fn connect_from(source: &str, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{source}:0").parse().unwrap())?;
    socket.connect(to).await
}

pub(crate) async fn handshake(
    tcp: TcpStream,
    config: Arc<ClientConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("node.invalid").unwrap();
    TlsConnector::from(config).connect(name, tcp).await
}
