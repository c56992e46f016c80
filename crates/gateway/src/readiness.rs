//! Whether the node can really serve, told through `grpc.health.v1`.
//!
//! Each check says which services it concerns: a node whose trust list has expired still serves the
//! organisation's own data. The empty service name stands for everything.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::claim::Freshness;
use passerelle_domain::{Clock, Timer, Timestamp};
use passerelle_transport::tls::TrustHandle;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// What a service needs, the least first: who needs more fails with what needs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// The store: own journeys, agreements, withdrawals.
    OwnData,
    /// Whatever stands between nodes too: trust list, clock, nothing rolled back.
    Exchange,
}

/// Something that must hold for the node to serve.
pub struct Check {
    name: &'static str,
    concerns: Needs,
    holds: Box<dyn Fn(Timestamp) -> Result<(), String> + Send + Sync>,
}

impl Check {
    /// `holds` is called every second: it looks at what is known and waits for nothing. Its error is
    /// a sentence for the operator.
    pub fn new(
        name: &'static str,
        concerns: Needs,
        holds: impl Fn(Timestamp) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            concerns,
            holds: Box::new(holds),
        }
    }

    /// That the trust list is not past its hard expiry, and that this node is a live member of it.
    pub fn trust_list(trust: TrustHandle) -> Self {
        Self::new("trust_list", Needs::Exchange, move |now| {
            let unit = trust.current();
            let list = unit.list().list();
            if list.freshness(now) == Freshness::Expired {
                return Err(format!(
                    "the trust list expired at {}; get a new one",
                    list.hard_expiry.at()
                ));
            }
            unit.live_member(&unit.own().node)
                .map(drop)
                .map_err(|error| error.to_string())
        })
    }

    /// That the lists of revoked certificates are in date: past it nobody is let in.
    pub fn revocation_lists(trust: TrustHandle) -> Self {
        Self::new("revocation_lists", Needs::Exchange, move |now| {
            let ends = trust.current().revocation_ends();
            if now < ends {
                Ok(())
            } else {
                Err(format!(
                    "the list of revoked certificates ended at {ends}; get a new one"
                ))
            }
        })
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("concerns", &self.concerns)
            .finish_non_exhaustive()
    }
}

/// Keeps the health of the services in step with the checks.
pub(crate) struct Readiness {
    reporter: HealthReporter,
    checks: Vec<Check>,
    services: Vec<(&'static str, Needs)>,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    /// What failed at the last look, to say each change once.
    failing: BTreeMap<&'static str, String>,
}

impl Readiness {
    pub(crate) fn new(
        reporter: HealthReporter,
        checks: Vec<Check>,
        services: Vec<(&'static str, Needs)>,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Self {
        Self {
            reporter,
            checks,
            services,
            clock,
            timer,
            failing: BTreeMap::new(),
        }
    }

    /// Looks for as long as it is polled.
    pub(crate) async fn watch(mut self) {
        loop {
            self.look().await;
            self.timer.sleep(INTERVAL).await;
        }
    }

    /// One look at every check.
    pub(crate) async fn look(&mut self) {
        let now = self.clock.now();
        let mut least_failing = None;
        for check in &self.checks {
            match (check.holds)(now) {
                Ok(()) => {
                    if self.failing.remove(check.name).is_some() {
                        tracing::info!(check = check.name, "a check holds again");
                    }
                }
                Err(fault) => {
                    least_failing = Some(
                        least_failing
                            .map_or(check.concerns, |least: Needs| least.min(check.concerns)),
                    );
                    if self.failing.get(check.name) != Some(&fault) {
                        tracing::error!(check = check.name, fault, "a check fails");
                        self.failing.insert(check.name, fault);
                    }
                }
            }
        }
        let serves = |needs: Needs| least_failing.is_none_or(|failing| failing > needs);
        self.tell("", serves(Needs::Exchange)).await;
        for (service, needs) in &self.services {
            self.tell(service, serves(*needs)).await;
        }
    }

    async fn tell(&self, service: &str, serves: bool) {
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.reporter.set_service_status(service, status).await;
    }
}

/// Says that nothing is served any more.
pub(crate) async fn closing(
    reporter: &HealthReporter,
    services: impl IntoIterator<Item = &'static str>,
) {
    for service in services.into_iter().chain([""]) {
        reporter
            .set_service_status(service, ServingStatus::NotServing)
            .await;
    }
}

const INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
