use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use passerelle_domain::{Clock, Timestamp};
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_health::server::{HealthReporter, HealthService};

use super::{Check, Needs, Readiness, say};
use crate::runtime::TokioTimer;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_795_000_000)
    }
}

struct Stand {
    readiness: Readiness,
    health: HealthService,
}

impl Stand {
    fn new(checks: Vec<Check>) -> Self {
        let reporter = HealthReporter::new();
        let health = HealthService::from_health_reporter(reporter.clone());
        let services = vec![("own", Needs::OwnData), ("exchange", Needs::Exchange)];
        let readiness = Readiness::new(
            reporter,
            checks,
            services,
            Arc::new(StoppedClock),
            Arc::new(TokioTimer),
        );
        Self { readiness, health }
    }

    async fn serving(&mut self) -> (bool, bool, bool) {
        self.readiness.look().await;
        let mut found = Vec::new();
        for service in ["", "own", "exchange"] {
            found.push(self.told(service).await);
        }
        (found[0], found[1], found[2])
    }

    async fn told(&self, service: &str) -> bool {
        let request = tonic::Request::new(HealthCheckRequest {
            service: service.to_owned(),
        });
        let answer = self.health.check(request).await.unwrap().into_inner();
        answer.status() == ServingStatus::Serving
    }
}

fn switched(name: &'static str, concerns: Needs) -> (Check, Arc<AtomicBool>) {
    let holds = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&holds);
    let check = Check::new(name, concerns, move |_| {
        if seen.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err("switched off".to_owned())
        }
    });
    (check, holds)
}

#[tokio::test]
async fn a_node_whose_checks_hold_serves() {
    let (check, _) = switched("store", Needs::OwnData);
    assert_eq!(Stand::new(vec![check]).serving().await, (true, true, true));
}

#[tokio::test]
async fn a_check_between_nodes_leaves_own_data_served() {
    let (check, holds) = switched("trust_list", Needs::Exchange);
    let mut stand = Stand::new(vec![check]);
    holds.store(false, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (false, true, false));
    holds.store(true, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (true, true, true));
}

#[tokio::test]
async fn without_the_store_nothing_is_served() {
    let (list, list_holds) = switched("trust_list", Needs::Exchange);
    let (store, store_holds) = switched("store", Needs::OwnData);
    let mut stand = Stand::new(vec![store, list]);
    store_holds.store(false, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (false, false, false));
    list_holds.store(false, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (false, false, false));
}

#[tokio::test]
async fn a_warning_stops_nothing_and_is_told_by_its_name() {
    let holds = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&holds);
    let check = Check::warning("trust_list_age", move |_| {
        let held = seen.load(Ordering::SeqCst);
        held.then_some(()).ok_or_else(|| "old".to_owned())
    });
    let mut stand = Stand::new(vec![check]);
    holds.store(false, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (true, true, true));
    assert!(!stand.told("passerelle.check.trust_list_age").await);
    holds.store(true, Ordering::SeqCst);
    assert_eq!(stand.serving().await, (true, true, true));
    assert!(stand.told("passerelle.check.trust_list_age").await);
}

#[test]
fn what_stays_wrong_is_written_when_it_changes_and_once_a_day() {
    let check = Check::warning("age", |_| Ok(()));
    let mut failing = BTreeMap::new();
    let at = |hours: u64| Timestamp::from_secs(1_795_000_000 + hours * 3600);
    for (fault, hours, written) in [
        ("old", 0, 0),
        ("old", 23, 0),
        ("old", 24, 24),
        ("older", 25, 25),
    ] {
        say(&mut failing, &check, Err(fault.to_owned()), at(hours));
        assert_eq!(failing["age"].at, at(written), "{fault} after {hours} h");
    }
    say(&mut failing, &check, Ok(()), at(26));
    assert!(failing.is_empty());
}
