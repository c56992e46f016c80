//! What a requester does with what comes back: it is believed only with proof that the holder
//! logged it, and kept only if what it was given under still stands.

mod overtaken;
mod peer;
mod stored;
mod unanswered;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Caller, Digest, Timestamp};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::answer_body::Result as AnswerResult;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::Tx;
use passerelle_store::tables::peer_entries;
use passerelle_store::tables::peer_entries::PeerEntry;
use passerelle_store::tables::questions::KeptQuestion;
use passerelle_tlog::{SignedCheckpoint, leaf_hash};
use prost::Message;

use crate::fetch::{Fetched, Sent};
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::ports::Reply;
use crate::queue::{Answered, acknowledge};
use crate::shown::{Expected, Shown, check_shown, log_keys, seen};
use crate::trimming::first_end;
use crate::{ExchangeError, Passerelle};

pub(crate) use peer::{hold, note_peer};

use overtaken::overtaken;
use stored::store_answer;

/// An answer that is what it says, and is in the holder's log.
#[derive(Clone)]
pub(crate) struct Received {
    result: Given,
    body: Digest,
    shown: Shown,
    /// As the holder showed it.
    peer_entry: PeerEntry,
    certificate: Option<Digest>,
}

/// What an answer gives.
#[derive(Clone)]
enum Given {
    /// The body as it was received, and the summary in it.
    Summary {
        body: Bytes,
        summary: Box<Summary>,
        /// When the first of it may be shown no longer.
        first_end: Option<Timestamp>,
    },
    Nothing,
    Paper(RefusalReason),
    Duplicate(u32),
}

/// What became of an answer.
enum Kept {
    Summary,
    /// Something that ends or narrows what was open came first, or the receipt that it was given
    /// under has not come: the bytes are dropped.
    Dropped(RefusalReason),
    Nothing,
    Paper(RefusalReason),
    Duplicate,
}

impl Passerelle {
    /// Checks that an answer belongs to the question, and is proved to be in the holder's log. The
    /// error is the rule that it breaks.
    pub(crate) fn check_answer(
        &self,
        holder: &Member,
        held: Option<&SignedCheckpoint>,
        sent: &Sent,
        reply: &Reply<wire::AskResponse>,
    ) -> Result<Received, &'static str> {
        let envelope = reply
            .message
            .envelope
            .as_ref()
            .ok_or("the answer has no body")?;
        let logged = reply
            .message
            .logged
            .as_ref()
            .ok_or("the answer has no proof of logging")?;
        let answer =
            wire::AnswerBody::decode(&*envelope.body).map_err(|_| "the answer is no AnswerBody")?;
        if answer.exchange_id[..] != sent.question.exchange.as_bytes()[..]
            || answer.attempt != sent.question.last_attempt
        {
            return Err("the answer is of another exchange or attempt");
        }
        passerelle_domain::nonce(&answer.nonce)
            .map_err(|_| "the answer has no nonce of 32 bytes")?;
        let (result, kind) = given(answer.result, &envelope.body)?;
        let body = Digest::of(&envelope.body);
        let shown = check_shown(
            logged,
            &log_keys(holder, &self.0.own.federation),
            held,
            Expected {
                shown_by: &holder.node,
                shown_to: &self.0.own.node,
                kinds: &[kind],
                exchange: sent.question.exchange,
                attempt: sent.question.last_attempt,
                question: sent.digest,
                body,
            },
        )?;
        Ok(Received {
            result,
            body,
            shown,
            peer_entry: PeerEntry {
                entry: logged.entry.clone(),
                proof: logged.proof.clone(),
            },
            certificate: reply.certificate,
        })
    }

    /// Keeps an answer with the entry `received`, in one frame, and says what it is.
    pub(crate) async fn keep_answer(
        &self,
        caller: &Caller,
        sent: Sent,
        received: Received,
    ) -> Result<Fetched, ExchangeError> {
        let summary = match &received.result {
            Given::Summary { summary, .. } => Some((**summary).clone()),
            _ => None,
        };
        let caller = caller.clone();
        let own = self.entry(EntryKind::Received, Outcome::Done);
        // What was received before may go: nothing is viewed after that.
        let person = sent.question.person;
        let gate = self.0.store.gate(person).exclusive().await;
        let transaction = move |tx: &mut Tx<'_>| {
            let kept = what_is_kept(tx, &sent, &received.result)?;
            let entry = received_entry(&own, &sent, &received, &kept);
            let draft = Draft::new(entry, Some(sent.question.person))
                .by(&caller)
                .with(&sent.question.holder, received.certificate);
            let appended = draft.log(tx)?;
            let now = tx.now();
            store_answer(tx, &sent, &received, &kept, appended.leaf, now)?;
            peer_entries::put(
                tx,
                appended.leaf,
                Some(&sent.question.person),
                &received.peer_entry,
            )?;
            note_checkpoint(tx, &sent.question, &received)?;
            let question = &sent.question;
            let answered = Answered {
                peer: &question.holder,
                person: question.person,
                exchange: question.exchange,
                attempt: question.last_attempt,
            };
            acknowledge(tx, &answered, appended.leaf)?;
            Ok((kept, appended.leaf, now))
        };
        let committed = self
            .transact("receive", under_gate(gate, transaction))
            .await?;
        self.wake_outbox();
        let (kept, log_index, received_at) = committed.value;
        match kept {
            Kept::Summary => Ok(Fetched {
                summary,
                log_index,
                received_at,
            }),
            Kept::Nothing => Ok(Fetched {
                summary: None,
                log_index,
                received_at,
            }),
            Kept::Dropped(reason) | Kept::Paper(reason) => Err(ExchangeError::PaperFails(reason)),
            Kept::Duplicate => Err(ExchangeError::PeerAnswerRefused {
                rule: "the other node has answered a later attempt; ask again",
            }),
        }
    }
}

/// The result of an answer and the kind of entry that it must be logged as.
fn given(result: Option<AnswerResult>, body: &Bytes) -> Result<(Given, EntryKind), &'static str> {
    match result.ok_or("the answer has no result")? {
        AnswerResult::Summary(summary) => {
            // Refused as a whole if any of it is malformed: nothing half understood is kept.
            let checked = passerelle_domain::Summary::try_from(&summary)
                .map_err(|_| "the summary is malformed")?;
            let given = Given::Summary {
                body: body.clone(),
                first_end: first_end(&checked),
                summary: Box::new(summary),
            };
            Ok((given, EntryKind::Disclosed))
        }
        AnswerResult::NothingToShare(_) => Ok((Given::Nothing, EntryKind::Refused)),
        AnswerResult::PaperFails(paper) => {
            let reason =
                RefusalReason::parse(&paper.reason).ok_or("the reason is not in the vocabulary")?;
            Ok((Given::Paper(reason), EntryKind::Refused))
        }
        AnswerResult::DuplicateAttempt(duplicate) => {
            Ok((Given::Duplicate(duplicate.last_attempt), EntryKind::Refused))
        }
    }
}

fn what_is_kept(tx: &Tx<'_>, sent: &Sent, given: &Given) -> Result<Kept, ExchangeError> {
    Ok(match given {
        Given::Summary { .. } => overtaken(tx, sent)?.map_or(Kept::Summary, Kept::Dropped),
        Given::Nothing => Kept::Nothing,
        Given::Paper(reason) => Kept::Paper(*reason),
        Given::Duplicate(_) => Kept::Duplicate,
    })
}

/// Remembers the largest checkpoint of the holder's log; it was reached.
fn note_checkpoint(
    tx: &mut Tx<'_>,
    question: &KeptQuestion,
    received: &Received,
) -> Result<(), ExchangeError> {
    note_peer(
        tx,
        &question.holder,
        &received.shown.checkpoint,
        received.certificate,
    )
}

/// What an entry about an attempt says of its question.
fn about(own: &Entry, sent: &Sent) -> Entry {
    Entry {
        kind: own.kind,
        outcome: own.outcome,
        ..sent.entry.clone()
    }
}

fn received_entry(own: &Entry, sent: &Sent, received: &Received, kept: &Kept) -> Entry {
    let outcome = match kept {
        Kept::Summary => received.shown.entry.outcome,
        Kept::Dropped(_) => Outcome::NotKept,
        Kept::Nothing => Outcome::Nothing,
        Kept::Paper(_) => Outcome::Paper,
        Kept::Duplicate => Outcome::Duplicate,
    };
    Entry {
        outcome,
        given: received.shown.entry.given.clone(),
        records: received.shown.entry.records,
        reason: match kept {
            Kept::Paper(reason) => Some(*reason),
            _ => None,
        },
        body: Some(received.body),
        peer_leaf: Some(Digest::from_bytes(
            *leaf_hash(&received.peer_entry.entry).as_bytes(),
        )),
        peer_checkpoint: Some(seen(&received.shown.checkpoint)),
        ..about(own, sent)
    }
}

#[cfg(test)]
mod tests;
