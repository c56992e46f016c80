use passerelle_domain::{Clock, Timestamp};
use passerelle_store::Store;

/// The time of a node: the wall clock, but never before the newest frame of its wal. A wall clock
/// that was set back revives no token.
pub struct NodeClock(Store);

impl NodeClock {
    /// Of the node with this store.
    pub const fn new(store: Store) -> Self {
        Self(store)
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}
