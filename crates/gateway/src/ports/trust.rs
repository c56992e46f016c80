use std::sync::{Arc, Mutex, PoisonError};

use passerelle_domain::claim::TrustList;
use passerelle_exchange::ports::Trust;
use passerelle_transport::tls::{TrustHandle, TrustUnit};

/// The trust list of the unit in force.
pub struct ListInForce {
    trust: TrustHandle,
    /// The list of the unit that was asked for last, so that a list is copied once and not for
    /// every call.
    last: Mutex<(Arc<TrustUnit>, Arc<TrustList>)>,
}

impl ListInForce {
    /// Follows `trust`.
    pub fn new(trust: TrustHandle) -> Self {
        let unit = trust.current();
        let list = copied(&unit);
        Self {
            trust,
            last: Mutex::new((unit, list)),
        }
    }
}

impl Trust for ListInForce {
    fn list(&self) -> Arc<TrustList> {
        let unit = self.trust.current();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&last.0, &unit) {
            let list = copied(&unit);
            *last = (unit, list);
        }
        Arc::clone(&last.1)
    }
}

fn copied(unit: &TrustUnit) -> Arc<TrustList> {
    Arc::new(unit.list().list().clone())
}
