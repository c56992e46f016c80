use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use passerelle_domain::Caller;
use passerelle_transport::identity::{PeerIdentity, SystemIdentity};
use tonic::body::Body;

use super::rates::{Rate, Rates};
use super::step::{Rest, refusal};
use super::{Next, Step};
use crate::config::Limits;
use crate::errors::CallError;

/// Refuses the calls of one party beyond its rate, or beyond so many at once. Nothing waits here:
/// a queue would be one more thing to bound.
#[derive(Clone)]
pub struct Bounds {
    party: fn(&Request<Body>) -> Option<String>,
    rates: Arc<Rates>,
    at_once: AtOnce,
}

impl Bounds {
    /// By the member or system at the other end of the channel.
    pub(super) fn by_party(limits: &Limits) -> Self {
        let per_second = limits.calls_per_second_per_peer;
        Self {
            party: of_channel,
            rates: Arc::new(Rates::new(Rate {
                per_second,
                at_once: per_second,
            })),
            at_once: AtOnce::new(limits.calls_at_once_per_peer),
        }
    }

    /// By the agent for whom the system calls; a call without one is not counted.
    pub(super) fn by_agent(limits: &Limits) -> Self {
        let per_second = limits.calls_per_second_per_agent;
        Self {
            party: of_agent,
            rates: Arc::new(Rates::new(Rate {
                per_second,
                at_once: per_second.saturating_mul(10),
            })),
            at_once: AtOnce::new(limits.calls_at_once_per_peer),
        }
    }
}

impl Step for Bounds {
    async fn around<S: Rest>(&self, request: Request<Body>, next: Next<S>) -> Response<Body> {
        let Some(party) = (self.party)(&request) else {
            return next.run(request).await;
        };
        if let Err(retry_after) = self.rates.take(&party) {
            return refusal(CallError::TooManyCalls { retry_after });
        }
        let Some(_place) = self.at_once.take(party) else {
            return refusal(CallError::TooManyCalls { retry_after: SOON });
        };
        next.run(request).await
    }
}

fn of_channel(request: &Request<Body>) -> Option<String> {
    let extensions = request.extensions();
    let node = extensions
        .get::<PeerIdentity>()
        .map(|peer| peer.node.to_string());
    node.or_else(|| {
        extensions
            .get::<SystemIdentity>()
            .map(|system| system.name.clone())
    })
}

fn of_agent(request: &Request<Body>) -> Option<String> {
    request
        .extensions()
        .get::<Caller>()
        .map(|caller| caller.reference.to_string())
}

/// Calls of each party at once. Holds a name only while it has a call, so it never holds more names
/// than there are calls.
#[derive(Clone, Debug)]
pub struct AtOnce {
    most: usize,
    running: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl AtOnce {
    /// `most` calls of one party.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            running: Arc::default(),
        }
    }

    /// A place for one more call, given back when it is dropped; none when all are taken.
    pub fn take(&self, party: String) -> Option<Place> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = running.entry(party.clone()).or_default();
        if *calls >= self.most {
            return None;
        }
        *calls += 1;
        Some(Place {
            party,
            of: self.clone(),
        })
    }
}

/// A call that runs.
#[derive(Debug)]
pub struct Place {
    party: String,
    of: AtOnce,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self
            .of
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = running.get_mut(&self.party) {
            *calls -= 1;
            if *calls == 0 {
                running.remove(&self.party);
            }
        }
    }
}

const SOON: Duration = Duration::from_secs(1);
