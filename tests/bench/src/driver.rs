use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use passerelle_domain::NodeId;
use passerelle_federation_tests::Federation;
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::stubs::exchange::v1::exchange_service_client::ExchangeServiceClient;
use passerelle_transport::channel::{ChannelLimits, PeerChannels};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::asking::{Asking, Held};
use crate::checked::Kept;
use crate::cpu::{Cpu, Used};
use crate::persons::REQUESTER;
use crate::sessions::Sessions;

/// The names of its threads begin so.
pub(crate) const DRIVER: &str = "driver";

/// Asks under the certificate of a member, as the agency systems of that member, and measures.
pub(crate) struct Driver {
    runtime: Runtime,
    channels: PeerChannels,
    in_flight: usize,
    held: Arc<Held>,
}

/// What came of asking for some time.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// Answers received.
    pub(crate) answers: usize,
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// How long each answer took, in microseconds, the shortest first.
    pub(crate) micros: Vec<u32>,
    /// What was used.
    pub(crate) used: Used,
    /// Some of the answers, to be checked when it is over.
    pub(crate) kept: Vec<Kept>,
}

/// One thing to be asked; what is kept of its answer, if it is kept.
pub(crate) trait Ask: Clone + Send + 'static {
    /// One of those that are asked.
    type Question: Send + Sync + 'static;

    /// Asks.
    fn ask(
        &mut self,
        question: &Self::Question,
        keep: bool,
    ) -> impl Future<Output = Option<Kept>> + Send;
}

impl Driver {
    /// With the certificate of the requester.
    pub(crate) fn new(federation: &Federation, in_flight: usize, connections: usize) -> Self {
        let trust = federation.site(REQUESTER).trust.nodes.clone();
        let limits = ChannelLimits {
            connections,
            ..ChannelLimits::default()
        };
        Self {
            runtime: runtime(DRIVER),
            channels: PeerChannels::new(trust, Arc::new(SystemClock), limits),
            in_flight,
            held: Arc::default(),
        }
    }

    /// Asks `node` each of these questions, until they are all asked or the time is over.
    pub(crate) fn ask(&self, node: &str, questions: Vec<Asking>, span: Duration) -> Sample {
        let node: NodeId = node.parse().expect("the name of a node");
        let _runtime = self.runtime.enter();
        let asker = || ByMember {
            client: ExchangeServiceClient::new(self.channels.channel(&node).expect("a member")),
            held: Arc::clone(&self.held),
        };
        let askers = (0..self.in_flight).map(|_| asker()).collect();
        self.sample(askers, questions, span)
    }

    /// Opens sessions of agents.
    pub(crate) fn sessions(&self, federation: &Federation, node: &str, agents: usize) -> Sessions {
        self.runtime
            .block_on(Sessions::open(federation, node, agents))
    }

    /// Does something on its threads.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Lets each asker ask, one question after the other.
    pub(crate) fn sample<A: Ask>(
        &self,
        askers: Vec<A>,
        questions: Vec<A::Question>,
        span: Duration,
    ) -> Sample {
        let questions = Arc::new(Queue {
            questions,
            next: AtomicUsize::new(0),
        });
        let before = Cpu::now(DRIVER);
        let begun = Instant::now();
        let until = begun + span;
        let asked = self.runtime.block_on(async {
            let mut workers = JoinSet::new();
            for asker in askers {
                workers.spawn(ask_on(asker, Arc::clone(&questions), until));
            }
            workers.join_all().await
        });
        let mut sample = Sample {
            seconds: begun.elapsed().as_secs_f64(),
            used: Cpu::now(DRIVER).since(&before),
            ..Sample::default()
        };
        for one in asked {
            sample.micros.extend(one.micros);
            sample.kept.extend(one.kept);
        }
        sample.answers = sample.micros.len();
        sample.micros.sort_unstable();
        sample
    }
}

impl Sample {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    /// How long the answers took that took longer than that share of all, in milliseconds.
    pub(crate) fn millis(&self, share: f64) -> f64 {
        let place = (self.micros.len() as f64 * share) as usize;
        let micros = self.micros.get(place).or_else(|| self.micros.last());
        micros.map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Microseconds of processor an answer, of what was used in all.
    pub(crate) fn per_answer(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.answers.max(1) as f64
    }
}

/// Threads of its own, as many as there are processors.
pub(crate) fn runtime(name: &str) -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name(name)
        .enable_all()
        .build()
        .expect("threads")
}

struct Queue<Q> {
    questions: Vec<Q>,
    next: AtomicUsize,
}

#[derive(Default)]
struct Asked {
    micros: Vec<u32>,
    kept: Vec<Kept>,
}

async fn ask_on<A: Ask>(mut asker: A, queue: Arc<Queue<A::Question>>, until: Instant) -> Asked {
    let mut asked = Asked::default();
    loop {
        let begun = Instant::now();
        let place = queue.next.fetch_add(1, Ordering::Relaxed);
        let Some(question) = queue.questions.get(place).filter(|_| begun < until) else {
            return asked;
        };
        let kept = asker.ask(question, place % KEPT == 0).await;
        let micros = begun.elapsed().as_micros();
        asked.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
        asked.kept.extend(kept);
    }
}

/// Asks as one node asks another.
#[derive(Clone)]
struct ByMember {
    client: ExchangeServiceClient<Channel>,
    held: Arc<Held>,
}

impl Ask for ByMember {
    type Question = Asking;

    async fn ask(&mut self, asking: &Asking, keep: bool) -> Option<Kept> {
        let held = self.held.last();
        let answer = self.client.ask(asking.request(held.clone())).await;
        let answer = answer.expect("an answer").into_inner();
        self.held.take(&answer);
        keep.then(|| Kept {
            asking: asking.clone(),
            held,
            answer,
        })
    }
}

/// One answer in so many is kept.
const KEPT: usize = 64;
