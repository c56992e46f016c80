mod changes;
mod journeys;

use std::fmt;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use passerelle_federation_tests::Federation;
use passerelle_gateway::assemble::World;
use prost::Message;
use serde::Serialize;
use tokio::time::Instant;

use crate::cpu::Cpu;
use crate::driver::{Ask, DRIVER, Driver, Sample, runtime};
use crate::report::median;

/// What is read, and how often.
#[derive(Clone, Debug)]
pub struct ReadPlan {
    /// Where the nodes keep what they keep.
    pub folder: PathBuf,
    /// What is read.
    pub what: What,
    /// Rounds that must count, each a sample of the node and one of the bare loop.
    pub rounds: usize,
    /// How long one sample is, at most.
    pub sample: Duration,
    /// Calls in flight.
    pub in_flight: usize,
    /// The most that may be stolen of a sample that counts.
    pub stolen: f64,
}

/// What is read.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// The whole merged journey of a person, in as many pages as it fills.
    Journeys {
        /// Persons, one after the other.
        persons: usize,
        /// Records of each source: the organisation itself and two others.
        records: usize,
    },
    /// The first page of what happened, by a system that has read nothing yet.
    Changes {
        /// Changes that are pending.
        pending: usize,
    },
}

/// How long reading takes.
#[derive(Clone, Debug, Serialize)]
pub struct ReadReport {
    /// What is read at a time.
    pub what: String,
    /// Calls in flight.
    pub in_flight: usize,
    /// Rounds that count.
    pub rounds: Vec<ReadRound>,
    /// Rounds that do not, for too much was stolen of one of their samples.
    pub dropped: usize,
    /// The median of half of the reads, in milliseconds.
    pub p50_ms: Option<f64>,
    /// The median of what one read in a hundred exceeds, in milliseconds.
    pub p99_ms: Option<f64>,
    /// The median of reads a second.
    pub per_second: Option<f64>,
    /// Median over the rounds of node over bare loop, in reads a second.
    pub ratio: Option<f64>,
}

/// Two samples, one after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReadRound {
    /// Half of the node's reads took so long, in milliseconds.
    pub p50_ms: f64,
    /// One read in a hundred took longer, in milliseconds.
    pub p99_ms: f64,
    /// Reads a second of the node.
    pub node: f64,
    /// And of the bare loop.
    pub bare: f64,
}

/// Measures reads of one node, as an agency system makes them, beside a bare loop that encodes and
/// decodes the same answers.
pub fn run_reads(plan: &ReadPlan) -> ReadReport {
    let nodes = runtime("node");
    let federation = nodes.block_on(Federation::start_in(&plan.folder, |_, _| World::real()));
    let driver = Driver::new(&federation, plan.in_flight, 1);
    match plan.what {
        What::Journeys { persons, records } => {
            let reading = journeys::Reading::prepare(&federation, &driver, persons, records);
            let reading = nodes.block_on(reading);
            measure(plan, &driver, &reading)
        }
        What::Changes { pending } => {
            let reading = changes::Reading::prepare(&federation, &driver, pending);
            let reading = nodes.block_on(reading);
            measure(plan, &driver, &reading)
        }
    }
}

/// Something that can be read many times.
trait Read: Ask {
    /// In words, what one read is.
    fn what(&self) -> String;
    /// What is read in a sample, one after the other.
    fn questions(&self) -> Vec<Self::Question>;
    /// One answer, in the messages that it comes in.
    fn answer(&self) -> impl Future<Output = Vec<Self::Answer>> + Send;
    /// One of them.
    type Answer: Message + Default;
}

fn measure<R: Read>(plan: &ReadPlan, driver: &Driver, reading: &R) -> ReadReport {
    let answer: Vec<_> = driver.wait(reading.answer());
    let (mut rounds, mut dropped) = (Vec::new(), 0);
    // One round goes before: it opens connections and fills caches.
    for round in 0..=3 * plan.rounds {
        let askers = vec![reading.clone(); plan.in_flight];
        let sample = driver.sample(askers, reading.questions(), plan.sample);
        let (bare, stolen) = bare(&answer, sample.answers);
        if round == 0 {
            continue;
        }
        if stolen.max(sample.used.stolen) > plan.stolen {
            dropped += 1;
        } else {
            rounds.push(ReadRound::new(&sample, bare));
        }
        if rounds.len() == plan.rounds {
            break;
        }
    }
    let of = |field: fn(&ReadRound) -> f64| median(rounds.iter().map(field));
    ReadReport {
        what: reading.what(),
        in_flight: plan.in_flight,
        dropped,
        p50_ms: of(|round| round.p50_ms),
        p99_ms: of(|round| round.p99_ms),
        per_second: of(|round| round.node),
        ratio: of(|round| round.node / round.bare),
        rounds,
    }
}

/// How many answers a second a loop encodes and decodes, and what was stolen meanwhile.
fn bare<M: Message + Default>(answer: &[M], times: usize) -> (f64, f64) {
    let before = Cpu::now(DRIVER);
    let begun = Instant::now();
    for _ in 0..times {
        for message in answer {
            let bytes = black_box(message.encode_to_vec());
            black_box(M::decode(&*bytes).expect("what was encoded"));
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    (
        times as f64 / seconds,
        Cpu::now(DRIVER).since(&before).stolen,
    )
}

impl ReadRound {
    fn new(sample: &Sample, bare: f64) -> Self {
        assert!(sample.answers > 0, "something is answered");
        Self {
            p50_ms: sample.millis(0.5),
            p99_ms: sample.millis(0.99),
            node: sample.rate(),
            bare,
        }
    }
}

impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {} in flight", self.what, self.in_flight)?;
        for round in &self.rounds {
            writeln!(
                f,
                "p50 {:>7.2} ms, p99 {:>7.2} ms, {:>8.0} reads/s; bare loop {:>9.0}",
                round.p50_ms, round.p99_ms, round.node, round.bare
            )?;
        }
        match (self.p50_ms, self.p99_ms, self.per_second, self.ratio) {
            (Some(p50), Some(p99), Some(rate), Some(ratio)) => writeln!(
                f,
                "median: p50 {p50:.2} ms, p99 {p99:.2} ms, {rate:.0} reads/s, \
                 node / bare loop {ratio:.3}"
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
