//! Whether the node can really serve, told through `grpc.health.v1`.
//!
//! Each check says which services it concerns: a node whose trust list has expired still serves the
//! organisation's own data. The empty service name stands for everything; `passerelle.check.` and the
//! name of a check stand for that check, those included that only warn. What fails is written when
//! it changes, and once a day.

pub(crate) mod trust;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Timer, Timestamp};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// What a service needs, the least first: who needs more fails with what needs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// The store, even on a full disk: withdrawals and objections.
    Withdrawals,
    /// Room to write: own journeys.
    OwnData,
    /// Whatever stands between nodes too: certificate, trust list, clock, nothing rolled back.
    Exchange,
}

/// Something that must hold for the node to serve, or that its operator must hear of.
pub struct Check {
    name: &'static str,
    when_not: WhenNot,
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
            when_not: WhenNot::Stops(concerns),
            holds: Box::new(holds),
        }
    }

    /// What it says now, if it does not hold.
    pub(crate) fn fault(&self, now: Timestamp) -> Option<String> {
        (self.holds)(now).err()
    }

    /// The same for what stops nothing, and must be looked into at once.
    pub fn alarm(
        name: &'static str,
        holds: impl Fn(Timestamp) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            when_not: WhenNot::Alarms,
            holds: Box::new(holds),
        }
    }

    /// The same for what stops nothing yet.
    pub fn warning(
        name: &'static str,
        holds: impl Fn(Timestamp) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            when_not: WhenNot::Warns,
            holds: Box::new(holds),
        }
    }
}

/// What a check does that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenNot {
    /// Whoever needs this does not serve.
    Stops(Needs),
    Alarms,
    Warns,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("when_not", &self.when_not)
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
    /// What failed at the last look.
    failing: BTreeMap<&'static str, Said>,
}

/// What was written about a check that fails.
struct Said {
    fault: String,
    at: Timestamp,
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
    pub(crate) async fn watch(&mut self) {
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
            let held = (check.holds)(now);
            if held.is_err()
                && let WhenNot::Stops(needs) = check.when_not
            {
                let least = least_failing.map_or(needs, |least: Needs| least.min(needs));
                least_failing = Some(least);
            }
            say(&mut self.failing, check, held, now);
        }
        let serves = |needs: Needs| least_failing.is_none_or(|failing| failing > needs);
        self.tell("", serves(Needs::Exchange)).await;
        for (service, needs) in &self.services {
            self.tell(service, serves(*needs)).await;
        }
        for check in &self.checks {
            let holds = !self.failing.contains_key(check.name);
            self.tell(&told_as(check.name), holds).await;
        }
    }

    /// Says that nothing is served any more, and ends the streams that watch: one of them would keep
    /// the node from closing.
    pub(crate) async fn close(mut self) {
        let services = self
            .services
            .iter()
            .map(|(service, _)| (*service).to_owned());
        let checks = self.checks.iter().map(|check| told_as(check.name));
        let names: Vec<_> = services.chain(checks).chain([String::new()]).collect();
        for name in names {
            self.tell(&name, false).await;
            self.reporter.clear_service_status(&name).await;
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

/// Writes what changed; and what stays wrong once a day, so that it is not lost in old lines.
fn say(
    failing: &mut BTreeMap<&'static str, Said>,
    check: &Check,
    held: Result<(), String>,
    now: Timestamp,
) {
    let Err(fault) = held else {
        if failing.remove(check.name).is_some() {
            tracing::info!(check = check.name, "a check holds again");
        }
        return;
    };
    let said = failing.get(check.name);
    if said.is_some_and(|said| said.fault == fault && now.since(said.at) < AGAIN) {
        return;
    }
    match check.when_not {
        WhenNot::Stops(_) => tracing::error!(check = check.name, fault, "a check fails"),
        WhenNot::Alarms => tracing::error!(check = check.name, fault, "a check alarms"),
        WhenNot::Warns => tracing::warn!(check = check.name, fault, "a check warns"),
    }
    failing.insert(check.name, Said { fault, at: now });
}

/// The name of a check in the health service, beside those of the services.
fn told_as(check: &str) -> String {
    format!("passerelle.check.{check}")
}

const INTERVAL: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(24 * 3600);

#[cfg(test)]
mod tests;
