use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::PersonId;
use passerelle_federation_tests::{Federation, step};
use passerelle_gateway::assemble::World;
use passerelle_gateway::stubs::agency::v1::record_service_client::RecordServiceClient;
use passerelle_proto::agency::v1::{UpsertRecordsRequest, UpsertStatus};
use prost::Message;
use serde::Serialize;
use tokio::time::Instant;

use crate::checked::Kept;
use crate::cpu::Cpu;
use crate::driver::{Ask, DRIVER, Driver, Sample, runtime};
use crate::persons::{HOLDER, register};
use crate::report::median;
use crate::sessions::Sessions;

/// How records are written, and how often.
#[derive(Clone, Debug)]
pub struct UpsertPlan {
    /// Where the node and the bare loop keep what they keep.
    pub folder: PathBuf,
    /// Rounds that must count, each a sample of the node and one of the bare loop.
    pub rounds: usize,
    /// Calls of a sample, each about another person.
    pub calls: usize,
    /// Records of a call, all of them new.
    pub records: usize,
    /// Calls in flight.
    pub in_flight: usize,
    /// The most that may be stolen of a sample that counts.
    pub stolen: f64,
}

/// Records a second, kept durably.
#[derive(Clone, Debug, Serialize)]
pub struct UpsertReport {
    /// Records of a call.
    pub records: usize,
    /// Calls in flight.
    pub in_flight: usize,
    /// Rounds that count.
    pub rounds: Vec<UpsertRound>,
    /// Rounds that do not, for too much was stolen of one of their samples.
    pub dropped: usize,
    /// Median of the node.
    pub node: Option<f64>,
    /// Median of the bare loop.
    pub bare: Option<f64>,
    /// Median over the rounds of node over bare loop.
    pub ratio: Option<f64>,
}

/// Two samples, one after the other, in records a second.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UpsertRound {
    /// Of the node.
    pub node: f64,
    /// Half of the node's calls took so long, in milliseconds.
    pub p50_ms: f64,
    /// Of the bare loop.
    pub bare: f64,
}

/// Measures `UpsertRecords` of one node beside a bare loop that encodes the same calls, appends each to
/// a file and syncs it.
pub fn run_upserts(plan: &UpsertPlan) -> UpsertReport {
    let nodes = runtime("node");
    let mut federation = nodes.block_on(Federation::start_in(&plan.folder, |_, _| World::real()));
    let driver = Driver::new(&federation, plan.in_flight, 1);
    let sessions = Arc::new(driver.sessions(&federation, HOLDER, AGENTS));
    let persons: Vec<PersonId> = nodes.block_on(async {
        let mut persons = Vec::new();
        for number in 0..plan.calls {
            persons.push(register(&sessions, number).await);
        }
        persons
    });
    let (mut rounds, mut dropped) = (Vec::new(), 0);
    // One round goes before: it opens connections and fills caches.
    for round in 0..=3 * plan.rounds {
        let calls = calls(plan, &persons, round);
        let (bare, stolen) = bare(plan, &calls);
        let askers = (0..plan.in_flight).map(|_| Writing(Arc::clone(&sessions)));
        let sample = driver.sample(askers.collect(), calls, LONGEST);
        if round == 0 {
            continue;
        }
        if stolen.max(sample.used.stolen) > plan.stolen {
            dropped += 1;
        } else {
            rounds.push(UpsertRound::new(plan, &sample, bare));
        }
        if rounds.len() == plan.rounds {
            break;
        }
    }
    nodes.block_on(async { federation.stop(HOLDER).await });
    let of = |field: fn(&UpsertRound) -> f64| median(rounds.iter().map(field));
    UpsertReport {
        records: plan.records,
        in_flight: plan.in_flight,
        dropped,
        node: of(|round| round.node),
        bare: of(|round| round.bare),
        ratio: of(|round| round.node / round.bare),
        rounds,
    }
}

fn calls(plan: &UpsertPlan, persons: &[PersonId], round: usize) -> Vec<UpsertRecordsRequest> {
    let record = |number| {
        let reference = format!("step-{round}-{number}");
        step(&reference, "Atelier de recherche d'emploi")
    };
    let call = |person: &PersonId| UpsertRecordsRequest {
        person_id: person.to_string(),
        records: (0..plan.records).map(record).collect(),
    };
    persons.iter().map(call).collect()
}

/// Records a second of the bare loop, and what was stolen meanwhile.
fn bare(plan: &UpsertPlan, calls: &[UpsertRecordsRequest]) -> (f64, f64) {
    let path = plan.folder.join("bare-upserts");
    let mut file = File::create(&path).expect("a file that can be made");
    let before = Cpu::now(DRIVER);
    let begun = Instant::now();
    for call in calls {
        file.write_all(&call.encode_to_vec()).expect("room");
        file.sync_data().expect("a disk that syncs");
    }
    let seconds = begun.elapsed().as_secs_f64();
    let stolen = Cpu::now(DRIVER).since(&before).stolen;
    std::fs::remove_file(path).expect("the file that was made");
    ((calls.len() * plan.records) as f64 / seconds, stolen)
}

/// Writes as an agency system does.
#[derive(Clone)]
struct Writing(Arc<Sessions>);

impl Ask for Writing {
    type Question = UpsertRecordsRequest;

    async fn ask(&mut self, call: &UpsertRecordsRequest, _: bool) -> Option<Kept> {
        let session = self.0.next();
        let mut records = RecordServiceClient::new(session.channel.clone());
        let kept = records.upsert_records(session.request(call.clone())).await;
        let results = kept.expect("records").into_inner().results;
        let created = |one: &&_| {
            passerelle_proto::agency::v1::UpsertResult::status(one) == UpsertStatus::Created
        };
        // What is fast and wrong does not count.
        assert_eq!(results.iter().filter(created).count(), call.records.len());
        None
    }
}

impl UpsertRound {
    fn new(plan: &UpsertPlan, sample: &Sample, bare: f64) -> Self {
        assert_eq!(sample.answers, plan.calls, "every call is answered");
        Self {
            node: sample.rate() * plan.records as f64,
            p50_ms: sample.millis(0.5),
            bare,
        }
    }
}

impl fmt::Display for UpsertReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} new records a call, {} calls in flight",
            self.records, self.in_flight
        )?;
        for round in &self.rounds {
            writeln!(
                f,
                "node {:>9.0} records/s (p50 {:.1} ms a call), bare loop {:>9.0}",
                round.node, round.p50_ms, round.bare
            )?;
        }
        match (self.node, self.bare, self.ratio) {
            (Some(node), Some(bare), Some(ratio)) => writeln!(
                f,
                "median: node {node:.0} records/s, bare loop {bare:.0}, node / bare loop {ratio:.3}"
            )?,
            _ => writeln!(f, "no round that counts")?,
        }
        write!(
            f,
            "rounds dropped for stolen processor time: {}",
            self.dropped
        )
    }
}

/// Each agent may call so often.
const AGENTS: usize = 40;
/// A sample ends with its calls.
const LONGEST: Duration = Duration::from_secs(600);
