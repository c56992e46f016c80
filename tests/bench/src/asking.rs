use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use passerelle_domain::{Clock, ExchangeId, Rng};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_proto::exchange::v1 as wire;
use prost::Message;

use crate::persons::{CLASS, Person, SECTIONS};

/// A question that was made ready, asked once.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    /// The exchange.
    pub(crate) exchange: ExchangeId,
    /// The question, encoded.
    pub(crate) question: Bytes,
    /// Stands for the leaf of the entry `asked`: the driver has no log.
    asked_leaf: Bytes,
}

impl Asking {
    /// Questions about persons drawn at random, each another one.
    pub(crate) fn about(persons: &[Person], count: usize) -> Vec<Self> {
        let chance: &dyn Rng = &SystemRng::new();
        let one = |_| {
            let drawn = u64::from_be_bytes(chance.bytes()) % persons.len() as u64;
            Self::new(&persons[drawn as usize], chance)
        };
        (0..count).map(one).collect()
    }

    fn new(person: &Person, chance: &dyn Rng) -> Self {
        let exchange = ExchangeId::new(SystemClock.now(), chance);
        let question = wire::Question {
            exchange_id: exchange.as_bytes().to_vec().into(),
            link_id: person.link.as_bytes().to_vec().into(),
            purpose: "pathway_follow_up".to_owned(),
            sections: SECTIONS
                .iter()
                .map(|section| wire::AskedSection {
                    section: (*section).to_owned(),
                    sensitivity: CLASS,
                })
                .collect(),
            usage: "display".to_owned(),
            agent: Some(wire::AskingAgent {
                agent_ref: "agent".to_owned(),
                role: "caseworker".to_owned(),
                assurance: "asserted".to_owned(),
                second_factor: true,
            }),
            nonce: chance.bytes::<32>().to_vec().into(),
        };
        Self {
            exchange,
            question: question.encode_to_vec().into(),
            asked_leaf: chance.bytes::<32>().to_vec().into(),
        }
    }

    /// The first attempt, sent now by one who holds that checkpoint.
    pub(crate) fn request(&self, held: Bytes) -> wire::AskRequest {
        let body = wire::AskBody {
            attempt: Some(wire::Attempt {
                number: 1,
                sent_at_millis: SystemClock.now().as_millis(),
                asked_leaf_hash: self.asked_leaf.clone(),
                held_checkpoint: held,
            }),
            question: self.question.clone(),
            receipts: Vec::new(),
        };
        wire::AskRequest {
            envelope: Some(wire::Envelope {
                body: body.encode_to_vec().into(),
            }),
        }
    }
}

/// The last checkpoint of the holder that was received, as a requester keeps it.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<(u64, Bytes)>);

impl Held {
    /// It; empty before the first answer.
    pub(crate) fn last(&self) -> Bytes {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .clone()
    }

    /// Takes the checkpoint in an answer, if it is of a larger log.
    pub(crate) fn take(&self, answer: &wire::AskResponse) {
        let Some(logged) = &answer.logged else { return };
        let checkpoint = checkpoint(&logged.proof).expect("a proof holds a checkpoint");
        let size = size(&checkpoint).expect("a checkpoint holds a size");
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if size > held.0 {
            *held = (size, checkpoint);
        }
    }
}

/// C2SP tlog-proof: the checkpoint follows the first empty line.
fn checkpoint(proof: &Bytes) -> Option<Bytes> {
    let blank = proof.windows(2).position(|two| two == b"\n\n")?;
    Some(proof.slice(blank + 2..))
}

/// C2SP tlog-checkpoint: the size is its second line.
fn size(checkpoint: &[u8]) -> Option<u64> {
    let line = checkpoint.split(|byte| *byte == b'\n').nth(1)?;
    str::from_utf8(line).ok()?.parse().ok()
}
