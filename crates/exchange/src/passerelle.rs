use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use passerelle_domain::claim::TrustList;
use passerelle_domain::entry::{Entry, Outcome, Party};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Clock, FederationId, NodeId, Rng, Timer, Timestamp};
use passerelle_policy::{Environment, LocalDenial, NotAllowed, Rules};
use passerelle_store::tables::TableError;
use passerelle_store::{Committed, Refusal, Serials, Store, TransactError, Tx, View};

use crate::ExchangeError;
use crate::ports::{Blocking, Notices, Peers, Tokens, Trust};
use crate::running::Running;

/// One organisation's node: every use case is a method of it. Cheap to clone.
#[derive(Clone)]
pub struct Passerelle(pub(crate) Arc<Parts>, Arc<Running>);

/// What a node is made of.
pub struct Parts {
    /// Who it is.
    pub own: Own,
    /// What it keeps.
    pub store: Store,
    /// Other nodes.
    pub peers: Arc<dyn Peers>,
    /// Signatures.
    pub tokens: Arc<dyn Tokens>,
    /// The texts that persons are shown.
    pub notices: Arc<dyn Notices>,
    /// The trust list in force.
    pub trust: Arc<dyn Trust>,
    /// The rules in force.
    pub rules: RulesInForce,
    /// What the organisation closes besides, whatever persons agree to.
    pub denials: Vec<LocalDenial>,
    /// Where PINs are hashed.
    pub blocking: Arc<dyn Blocking>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Bounds.
    pub limits: Limits,
}

/// Who a node is.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its name.
    pub node: NodeId,
    /// Its federation.
    pub federation: FederationId,
}

/// Bounds of the use cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How far the clocks of two nodes may be apart. Default 60 s.
    pub clock_skew: Duration,
    /// How long a call for an agreement or a withdrawal waits for the partner to confirm before it
    /// answers `queued`. Default 2 s; shorter than a call may take.
    pub delivery_wait: Duration,
    /// Redemptions a day for a caseworker. Default 30.
    pub redemptions_caseworker: u64,
    /// Redemptions a day for reception. Default 100.
    pub redemptions_reception: u64,
    /// Redemptions a day for an agent whom this node has not known for long. Default 5.
    pub redemptions_new_agent: u64,
    /// How long an agent is new. Default 7 days.
    pub new_agent: Duration,
    /// How long changes are kept for agency systems to hear of. Default 90 days.
    pub changes_kept: Duration,
    /// How many are kept at most. Default 1,000,000.
    pub changes_most: u64,
    /// Longest life of a session. Default 12 h, which is also the most.
    pub session: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clock_skew: Duration::from_secs(60),
            delivery_wait: Duration::from_secs(2),
            redemptions_caseworker: 30,
            redemptions_reception: 100,
            redemptions_new_agent: 5,
            new_agent: Duration::from_secs(7 * 24 * 3600),
            changes_kept: Duration::from_secs(90 * 24 * 3600),
            changes_most: 1_000_000,
            session: Duration::from_secs(12 * 3600),
        }
    }
}

/// The rules in force, with the number under which decisions are made.
pub struct RulesInForce(RwLock<(u64, Arc<Rules>)>);

impl RulesInForce {
    /// The first rules.
    pub fn new(rules: Rules) -> Self {
        Self(RwLock::new((1, Arc::new(rules))))
    }

    /// Puts other rules in force.
    pub fn replace(&self, rules: Rules) {
        let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *now = (now.0 + 1, Arc::new(rules));
    }

    /// The rules and their number.
    pub fn now(&self) -> (u64, Arc<Rules>) {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Passerelle {
    /// A node made of these parts. Nothing runs yet: see [`Passerelle::run`].
    pub fn new(parts: Parts) -> Self {
        let node = Self(Arc::new(parts), Arc::default());
        node.renew_serials();
        node
    }

    /// Who it is.
    pub fn own(&self) -> &Own {
        &self.0.own
    }

    /// What it keeps.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Puts other rules in force: what was decided under the old ones and is not durable yet is
    /// decided again.
    pub fn replace_rules(&self, rules: Rules) {
        self.0.rules.replace(rules);
        self.renew_serials();
    }

    /// Tells the writer what trust list and rules are in force now; to be called when the list
    /// changes.
    pub fn renew_serials(&self) {
        self.0.store.put_serials(self.serials());
    }

    pub(crate) fn serials(&self) -> Serials {
        let list = self.0.trust.list();
        Serials {
            // An epoch outweighs every serial: operators raise it by hand, a few times in a life.
            trust_list: (u64::from(list.epoch) << 40) | (list.serial & ((1 << 40) - 1)),
            rules: self.0.rules.now().0,
        }
    }

    /// The wall clock, but never before the newest frame of the wal.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.store.now()
    }

    pub(crate) fn running(&self) -> &Running {
        &self.1
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.0.rng
    }

    pub(crate) fn training(&self) -> bool {
        self.0.rules.now().1.environment() == Environment::Training
    }

    /// An entry of this node's log.
    pub(crate) fn entry(&self, kind: EntryKind, outcome: Outcome) -> Entry {
        let own = Party {
            node: self.0.own.node.clone(),
            certificate: self.0.peers.own_certificate(),
        };
        Entry {
            training: self.training(),
            // The transaction sets the time: it may run later, and more than once.
            ..Entry::new(kind, Timestamp::default(), own, outcome)
        }
    }

    /// A live member, other than this node.
    pub(crate) fn member(&self, node: &NodeId) -> Result<Member, ExchangeError> {
        self.live(&self.0.trust.list(), node).cloned()
    }

    /// A live member that an agent of this node names: one that is suspended is told apart.
    pub(crate) fn partner(&self, node: &NodeId) -> Result<Member, ExchangeError> {
        let list = self.0.trust.list();
        match list.member(node) {
            Some(member) if !member.is_live() => Err(SUSPENDED),
            _ => self.live(&list, node).cloned(),
        }
    }

    /// The same of this list, not copied.
    pub(crate) fn live<'a>(
        &self,
        list: &'a TrustList,
        node: &NodeId,
    ) -> Result<&'a Member, ExchangeError> {
        list.member(node)
            .filter(|member| member.is_live() && *node != self.0.own.node)
            .ok_or(ExchangeError::MemberUnknown)
    }

    /// Reads what is durable.
    pub(crate) fn read<T>(
        &self,
        f: impl FnOnce(&View<'_>) -> Result<T, ExchangeError>,
    ) -> Result<T, ExchangeError> {
        self.0.store.read(f).map_err(Refusal::from)?
    }

    /// Waits until the wall clock says `at`.
    pub(crate) async fn wait_until(&self, at: Timestamp) {
        let now = self.now();
        if at > now {
            self.0.timer.sleep(at.since(now)).await;
        }
    }

    /// Runs a transaction and says in this crate's words why it had no effect.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        name: &'static str,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, ExchangeError> + Send + 'static,
    ) -> Result<Committed<T>, ExchangeError> {
        self.0.store.transact(name, f).await.map_err(transact_error)
    }

    /// The same for what ends something: it has room where nothing else has.
    pub(crate) async fn transact_urgent<T: Send + 'static>(
        &self,
        name: &'static str,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, ExchangeError> + Send + 'static,
    ) -> Result<Committed<T>, ExchangeError> {
        let urgent = self.0.store.transact_urgent(name, f).await;
        urgent.map_err(transact_error)
    }
}

/// This node or the other is suspended in the trust list.
pub(crate) const SUSPENDED: ExchangeError =
    ExchangeError::NotEntitled(RefusalReason::PeerSuspended);

/// Why a transaction had no effect.
pub(crate) fn transact_error(error: TransactError<ExchangeError>) -> ExchangeError {
    match error {
        TransactError::Aborted(error) => error,
        TransactError::Refused(refusal) => refusal.into(),
    }
}

impl From<Refusal> for ExchangeError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Busy => Self::QuotaExceeded,
            Refusal::DiskFull
            | Refusal::PublicationStalled
            | Refusal::Closed
            | Refusal::Engine(_) => {
                tracing::error!(%refusal, "the store refuses a transaction");
                Self::LogUnavailable
            }
            Refusal::Stale => Self::LogUnavailable,
            Refusal::TooLarge { .. } | Refusal::Misuse { .. } | Refusal::Panicked { .. } => {
                Self::Internal {
                    what: refusal.to_string(),
                }
            }
        }
    }
}

impl From<TableError> for ExchangeError {
    fn from(error: TableError) -> Self {
        Self::Internal {
            what: error.to_string(),
        }
    }
}

impl From<NotAllowed> for ExchangeError {
    fn from(_: NotAllowed) -> Self {
        Self::RoleNotAllowed
    }
}
