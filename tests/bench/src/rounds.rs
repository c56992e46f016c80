use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use passerelle_federation_tests::Federation;
use passerelle_gateway::assemble::World;
use passerelle_store::Log;
use prost::Message;

use crate::asking::Asking;
use crate::ceiling::{CEILING, Ceiling};
use crate::checked::{Kept, all_disclosed};
use crate::driver::{Driver, Sample, runtime};
use crate::fetching::ByAgency;
use crate::persons::{self, HOLDER, Person, REQUESTER};
use crate::report::{Report, Round};
use crate::sessions::Sessions;

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the nodes keep what they keep, in a folder that goes when it is over.
    pub folder: PathBuf,
    /// Persons at the holder.
    pub persons: usize,
    /// Records of each of them, all in each answer.
    pub records: usize,
    /// Rounds that must count, each a sample of the ceiling and one of the holder.
    pub rounds: usize,
    /// How long one sample is.
    pub sample: Duration,
    /// Questions in flight.
    pub in_flight: usize,
    /// Connections that they are spread over.
    pub connections: usize,
    /// The most that may be stolen of a sample that counts.
    pub stolen: f64,
}

/// Measures. Takes some seconds before the first round, to enter the persons.
pub fn run(plan: &Plan) -> Report {
    let nodes = runtime("node");
    let mut federation = nodes.block_on(Federation::start_in(&plan.folder, |_, _| World::real()));
    let beside = runtime("ceiling");
    let ceiling = beside.block_on(Ceiling::start(&mut federation));
    let driver = Driver::new(&federation, plan.in_flight, plan.connections);
    let agents = (plan.persons / 50).clamp(4, 160);
    let sessions = |node| Arc::new(driver.sessions(&federation, node, agents));
    let (at_holder, at_requester) = (sessions(HOLDER), sessions(REQUESTER));
    tracing::info!(
        persons = plan.persons,
        "entering persons, records, links and receipts"
    );
    let (persons, records) = (plan.persons, plan.records);
    let persons = persons::enter(&federation, &at_holder, &at_requester, persons, records);
    let mut measure = Measure {
        plan,
        persons: nodes.block_on(persons),
        ceiling,
        log: federation.site(HOLDER).passerelle.store().log().clone(),
        driver,
        at_requester,
    };
    let report = measure.all();
    nodes.block_on(async {
        federation.stop(HOLDER).await;
        federation.stop(REQUESTER).await;
    });
    report
}

struct Measure<'a> {
    plan: &'a Plan,
    persons: Vec<Person>,
    ceiling: Ceiling,
    log: Log,
    driver: Driver,
    at_requester: Arc<Sessions>,
}

impl Measure<'_> {
    fn all(&mut self) -> Report {
        // Opens connections and fills caches; the ceiling learns how long an answer is.
        let mut last = self.holder();
        self.ceiling();
        let (mut rounds, mut dropped) = (Vec::new(), 0);
        while rounds.len() < self.plan.rounds && rounds.len() + dropped < 3 * self.plan.rounds {
            let holder_first = (rounds.len() + dropped) % 2 == 1;
            let (holder, ceiling);
            if holder_first {
                holder = self.holder();
                ceiling = self.ceiling();
            } else {
                ceiling = self.ceiling();
                holder = self.holder();
            }
            if self.counts(&holder) && self.counts(&ceiling) {
                rounds.push(Round::new(&ceiling, &holder));
            } else {
                dropped += 1;
            }
            last = holder;
        }
        let fetches = (0..self.plan.rounds).map(|_| self.fetch());
        let fetches: Vec<_> = fetches.filter(|fetch| self.counts(fetch)).collect();
        Report::new(self.plan, rounds, dropped, &fetches, &last)
    }

    /// Asks the holder; gives its median answer to the ceiling.
    fn holder(&mut self) -> Sample {
        let before = self.log.size();
        let questions = self.questions(MOST_OF_HOLDER);
        let mut sample = self.driver.ask(HOLDER, questions, self.plan.sample);
        let after = self.log.size();
        assert_eq!(
            after - before,
            sample.answers as u64,
            "each answer is in the log"
        );
        all_disclosed(&self.log, before, after);
        sample
            .kept
            .iter()
            .for_each(|kept| kept.check(&self.log, self.plan.records));
        let length = |kept: &Kept| kept.answer.encoded_len();
        sample.kept.sort_by_key(length);
        let median = &sample.kept[sample.kept.len() / 2];
        self.ceiling.answer_with(median.answer.clone());
        sample
    }

    fn ceiling(&self) -> Sample {
        let questions = self.questions(MOST_OF_CEILING);
        let sample = self.driver.ask(CEILING, questions, self.plan.sample);
        let given = self.ceiling.answer();
        assert!(sample.kept.iter().all(|kept| kept.answer == given));
        sample
    }

    fn fetch(&self) -> Sample {
        let asker = ByAgency {
            sessions: Arc::clone(&self.at_requester),
            records: self.plan.records,
        };
        let askers = vec![asker; self.plan.in_flight];
        let asked = self.most(MOST_OF_HOLDER);
        let persons = self.persons.iter().copied().cycle().take(asked).collect();
        self.driver.sample(askers, persons, self.plan.sample)
    }

    fn counts(&self, sample: &Sample) -> bool {
        sample.used.stolen <= self.plan.stolen
    }

    fn questions(&self, per_second: f64) -> Vec<Asking> {
        Asking::about(&self.persons, self.most(per_second))
    }

    fn most(&self, per_second: f64) -> usize {
        (self.plan.sample.as_secs_f64() * per_second) as usize + self.plan.in_flight
    }
}

/// More a second than a machine of two processors answers: what is left over is not asked. On a
/// larger one a sample ends when all are asked.
const MOST_OF_HOLDER: f64 = 20_000.0;
const MOST_OF_CEILING: f64 = 60_000.0;
