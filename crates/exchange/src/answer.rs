//! The holder's side of an exchange: a question comes, is decided, logged, and only then answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome, Scope};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{ChainId, Class, Digest, ExchangeId, Malformed, Peer, Question, Section};
use passerelle_linkage::pass::release_at;
use passerelle_policy::{Answer, Standing, check_summary_size, decide, entitled, summarise};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::tables::attempts::AttemptKind;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::disclosures::Disclosure;
use passerelle_store::tables::links::Link;
use passerelle_store::tables::{attempts, disclosures, links};
use passerelle_store::{
    Head, KnownAgent, Refusal as StoreRefusal, Serials, SharedGuard, TransactError, Tx,
};
use passerelle_tlog::SignedCheckpoint;
use prost::Message;

use crate::attempt::{Attempt, attempts_so_far};
use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::{Appended, Draft, logged_entry};
use crate::passerelle::transact_error;
use crate::shown::seen_of;
use crate::weighing::{Weighed, parties, permitted, refused, too_large, weighed};
use crate::{ExchangeError, Passerelle};

/// Refusals leave on a tick, so that how long the look took does not tell what was found.
const REFUSAL_TICK: Duration = Duration::from_millis(50);
/// The most receipts that a question may carry.
const MOST_RECEIPTS: usize = 8;
/// How often a decision is made again because trust list or rules changed under it.
const DECISIONS: usize = 4;

/// A question as it came.
struct Asked {
    question: Question,
    digest: Digest,
    attempt: Attempt,
    receipts: Vec<String>,
}

/// What is to be logged and sent.
#[derive(Clone)]
struct Decided {
    draft: Draft,
    body: Bytes,
    /// The chains it rests on and how many records it holds, where something is disclosed.
    disclosed: Option<(Vec<ChainId>, u64)>,
    serials: Serials,
}

/// What a transaction did.
struct Logged {
    appended: Appended,
    body: Bytes,
    disclosed: bool,
}

impl Passerelle {
    /// Answers one attempt at a question of a peer.
    ///
    /// An error means that the person was not looked at: nothing is logged. Every answer, refusals
    /// included, is in the log before it is returned (I2).
    pub async fn answer(
        &self,
        peer: &Peer,
        request: &wire::AskRequest,
    ) -> Result<wire::AskResponse, ExchangeError> {
        let arrival = self.now();
        let asked = Asked::parse(request)?;
        self.may_disclose(asked.attempt.sent_at)?;
        self.question_in_date(asked.question.exchange)?;
        let list = self.0.trust.list();
        let requester = self.live(&list, &peer.node)?;
        entitled(&asked.question, &requester.into()).map_err(ExchangeError::NotEntitled)?;
        let held = self.own_checkpoint_shown(asked.attempt.held.as_deref())?;
        for receipt in &asked.receipts {
            // One that is refused, or comes too early, opens nothing: the decision says so.
            let _kept = self.keep_receipt(peer, receipt).await?;
        }
        let mut tries = DECISIONS;
        loop {
            tries -= 1;
            match self.decide_and_log(peer, &asked, held.as_ref()).await {
                Err(ExchangeError::DecidedUnderOther) if tries > 0 => {}
                Ok((response, true)) => return Ok(response),
                Ok((response, false)) => {
                    self.wait_until(release_at(arrival, self.now(), REFUSAL_TICK))
                        .await;
                    return Ok(response);
                }
                Err(ExchangeError::DecidedUnderOther) => return Err(ExchangeError::LogUnavailable),
                Err(error) => return Err(error),
            }
        }
    }

    /// Decides, reads, logs, and gives the answer with whether it discloses something.
    async fn decide_and_log(
        &self,
        peer: &Peer,
        asked: &Asked,
        held: Option<&SignedCheckpoint>,
    ) -> Result<(wire::AskResponse, bool), ExchangeError> {
        let link = self
            .read(|view| Ok(links::find(view, &asked.question.link)?))?
            .filter(|link| link.peer == peer.node);
        // Held until the frame is durable: a withdrawal comes before this disclosure or after it,
        // never in between (I3).
        let gate = match &link {
            Some(link) => Some(self.0.store.gate(link.person).shared().await),
            None => None,
        };
        let decided = self.decided(peer, asked, link.as_ref())?;
        let (logged, head) = self.log_answer(peer, asked, decided, gate).await?;
        let response = wire::AskResponse {
            envelope: Some(wire::Envelope { body: logged.body }),
            logged: Some(logged_entry(
                &self.0.store,
                &logged.appended,
                &head,
                held.map(SignedCheckpoint::size),
            )?),
        };
        Ok((response, logged.disclosed))
    }

    /// Decides the question and makes the bytes of its answer.
    fn decided(
        &self,
        peer: &Peer,
        asked: &Asked,
        link: Option<&Link>,
    ) -> Result<Decided, ExchangeError> {
        let serials = self.serials();
        let list = self.0.trust.list();
        let (_, rules) = self.0.rules.now();
        let parties = parties(&list, &self.0.own.node, &peer.node)?;
        let now = self.now();
        let weigh = |standing: &Standing| decide(&asked.question, standing, &parties, &rules, now);
        let (holding, weighed) =
            self.read(|view| weighed(view, asked.question.link, link, &self.0.denials, weigh))?;
        let mut draft = self.refused_draft(peer, asked, link);
        let mut disclosed = None;
        let result = match weighed {
            Weighed::Opened(opened) => {
                draft.entry.kind = EntryKind::Disclosed;
                permitted(&mut draft, opened.terms(), &holding);
                // Not with a refusal: all of them have the same members, whatever was held (I13).
                draft.entry.peer_checkpoint = self.read(|view| seen_of(view, &peer.node))?;
                let grounds = opened.terms().grounds().iter();
                let chains = grounds.map(|ground| ground.chain).collect();
                let summary = summarise(opened);
                let message = Summary::from(&summary);
                if check_summary_size(message.encoded_len()).is_err() {
                    draft = self.refused_draft(peer, asked, link);
                    told(too_large(&mut draft))
                } else {
                    let records = u64::try_from(summary.records.len()).unwrap_or(u64::MAX);
                    draft.entry.records = Some(records);
                    disclosed = Some((chains, records));
                    wire::answer_body::Result::Summary(message)
                }
            }
            Weighed::Refused(refusal) => told(refused(&mut draft, &refusal)),
        };
        let body = self.body(asked, result);
        draft.entry.body = Some(Digest::of(&body));
        Ok(Decided {
            draft,
            body,
            disclosed,
            serials,
        })
    }

    /// What every entry says of the question, whatever comes of it.
    fn refused_draft(&self, peer: &Peer, asked: &Asked, link: Option<&Link>) -> Draft {
        let question = &asked.question;
        let entry = Entry {
            exchange: Some(question.exchange),
            attempt: Some(asked.attempt.number),
            role: Some(question.agent.role),
            assurance: Some(question.agent.assurance),
            purpose: Some(question.purpose),
            usage: Some(question.usage),
            asked: scopes(
                question
                    .sections
                    .iter()
                    .map(|(section, class)| (*section, *class)),
            ),
            question: Some(asked.digest),
            peer_leaf: Some(Digest::from_bytes(asked.attempt.asked_leaf)),
            ..self.entry(EntryKind::Refused, Outcome::Nothing)
        };
        let mut draft = Draft::new(entry, link.map(|link| link.person))
            .with(&peer.node, Some(peer.certificate));
        draft.fields.agent = Some(KnownAgent::from(&question.agent));
        draft
    }

    /// Puts the answer in the log, with all that follows from it, in one frame.
    async fn log_answer(
        &self,
        peer: &Peer,
        asked: &Asked,
        decided: Decided,
        gate: Option<SharedGuard>,
    ) -> Result<(Logged, Arc<Head>), ExchangeError> {
        let peer = peer.node.clone();
        let (exchange, number, digest) =
            (asked.question.exchange, asked.attempt.number, asked.digest);
        let (link, purpose) = (asked.question.link, asked.question.purpose);
        let second_factor = asked.question.agent.second_factor;
        let transaction = move |tx: &mut Tx<'_>| {
            let mut decided = decided.clone();
            let kind = AttemptKind::Ask;
            let mut attempts = attempts_so_far(tx, &peer, exchange, kind, digest)?;
            let is_new = number > attempts.last;
            if !is_new {
                decided.turn_into_duplicate(exchange, number, attempts.last, tx.random());
            }
            attempts.last = attempts.last.max(number);
            attempts.second_factor = second_factor;
            attempts.note_logged(number, tx.next_index());
            attempts::put(tx, &peer, &exchange, &attempts)?;
            tx.decided_under(decided.serials);
            let person = decided.draft.person;
            let appended = decided.draft.log(tx)?;
            let disclosed = decided.disclosed.is_some();
            if let (Some(person), true) = (person, is_new) {
                let kind = if disclosed {
                    ChangeKind::ReceivedBy
                } else {
                    ChangeKind::AskedBy
                };
                let change = Change {
                    purpose: Some(purpose),
                    records: decided
                        .disclosed
                        .as_ref()
                        .map_or(0, |(_, records)| *records),
                    ..Change::of(person, kind).with(&peer).about(&exchange)
                };
                append(tx, &change)?;
            }
            if let (Some(person), Some((chains, records))) = (person, decided.disclosed) {
                let disclosure = Disclosure {
                    peer: peer.clone(),
                    leaf: appended.leaf,
                    link,
                    chains,
                    records,
                    at: tx.now(),
                };
                disclosures::put(tx, &person, &disclosure)?;
            }
            Ok(Logged {
                appended,
                body: decided.body,
                disclosed,
            })
        };
        let committed = self
            .0
            .store
            .transact("answer", under_gate(gate, transaction))
            .await
            .map_err(|error| match error {
                TransactError::Refused(StoreRefusal::Stale) => ExchangeError::DecidedUnderOther,
                error => transact_error(error),
            })?;
        let logged = committed.logged.ok_or(ExchangeError::LogUnavailable)?;
        Ok((committed.value, logged.head))
    }

    fn body(&self, asked: &Asked, result: wire::answer_body::Result) -> Bytes {
        let body = wire::AnswerBody {
            exchange_id: asked.question.exchange.as_bytes().to_vec().into(),
            attempt: asked.attempt.number,
            nonce: self.rng().bytes::<32>().to_vec().into(),
            result: Some(result),
        };
        body.encode_to_vec().into()
    }
}

impl Asked {
    fn parse(request: &wire::AskRequest) -> Result<Self, Malformed> {
        let envelope = request
            .envelope
            .as_ref()
            .ok_or_else(|| Malformed::new("envelope", "must be set"))?;
        let body = wire::AskBody::decode(&*envelope.body)
            .map_err(|_| Malformed::new("envelope.body", "an encoded AskBody"))?;
        let question = wire::Question::decode(&*body.question)
            .map_err(|_| Malformed::new("question", "an encoded Question"))?;
        if body.receipts.len() > MOST_RECEIPTS {
            return Err(Malformed::new("receipts", "at most 8"));
        }
        Ok(Self {
            question: Question::try_from(&question).map_err(|e| e.within("question"))?,
            digest: Digest::of(&body.question),
            attempt: Attempt::try_from(body.attempt.as_ref())?,
            receipts: body.receipts,
        })
    }
}

impl Decided {
    /// The answer to an attempt that came after a later one, or twice: nothing is disclosed again.
    fn turn_into_duplicate(
        &mut self,
        exchange: ExchangeId,
        number: u32,
        last_attempt: u32,
        nonce: [u8; 32],
    ) {
        let body = wire::AnswerBody {
            exchange_id: exchange.as_bytes().to_vec().into(),
            attempt: number,
            nonce: nonce.to_vec().into(),
            result: Some(wire::answer_body::Result::DuplicateAttempt(
                wire::DuplicateAttempt { last_attempt },
            )),
        };
        self.body = body.encode_to_vec().into();
        self.disclosed = None;
        self.draft.receipts.clear();
        let entry = &mut self.draft.entry;
        entry.kind = EntryKind::Refused;
        entry.outcome = Outcome::Duplicate;
        entry.grounds.clear();
        entry.given.clear();
        entry.records = None;
        entry.peer_checkpoint = None;
        entry.reason = None;
        entry.body = Some(Digest::of(&self.body));
    }
}

/// What the asker is told of a refusal.
fn told(answer: Answer) -> wire::answer_body::Result {
    match answer {
        Answer::NothingToShare => {
            wire::answer_body::Result::NothingToShare(wire::NothingToShare {})
        }
        Answer::Paper(reason) => wire::answer_body::Result::PaperFails(wire::PaperFails {
            reason: reason.id().to_owned(),
        }),
    }
}

/// Sections with classes, as entries hold them.
pub(crate) fn scopes(cells: impl Iterator<Item = (Section, Class)>) -> Vec<Scope> {
    cells
        .map(|(section, sensitivity)| Scope {
            section,
            sensitivity,
        })
        .collect()
}

#[cfg(test)]
mod tests;
