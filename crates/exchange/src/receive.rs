//! What a requester does with what comes back: it is believed only with proof that the holder
//! logged it, and kept only if what it was given under still stands.

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Caller, ChainId, Digest, Pii, Timestamp};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::answer_body::Result as AnswerResult;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::Tx;
use passerelle_store::tables::copies::{Copy, CopySource, HeldCopy};
use passerelle_store::tables::peer_entries::PeerEntry;
use passerelle_store::tables::peers::KnownPeer;
use passerelle_store::tables::questions::{KeptQuestion, QuestionState};
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::tables::source_states::{SourceStanding, SourceState};
use passerelle_store::tables::{
    copies, links, objections, peer_entries, peers, questions, receipts, source_states, withdrawals,
};
use passerelle_tlog::{SignedCheckpoint, leaf_hash};
use prost::Message;

use crate::fetch::{Fetched, Sent};
use crate::gate::under_gate;
use crate::journey::copied;
use crate::logging::Draft;
use crate::merging::{Asked, is_empty, together};
use crate::ports::{PeerError, Reply};
use crate::queue::{Answered, acknowledge};
use crate::shown::{Expected, Shown, check_shown, log_keys, seen};
use crate::trimming::first_end;
use crate::trimming::put_trimmed;
use crate::{ExchangeError, Passerelle};

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

    /// Logs that an answer came that cannot be accepted, with the rule that it breaks.
    pub(crate) async fn log_unaccepted(
        &self,
        caller: &Caller,
        sent: &Sent,
        certificate: Option<Digest>,
        rule: &'static str,
    ) -> Result<(), ExchangeError> {
        self.log_no_answer(caller, sent, certificate, rule.to_owned(), false)
            .await?;
        Ok(())
    }

    /// Logs that no answer came, and since when the holder has not been reached.
    pub(crate) async fn note_failed(
        &self,
        caller: &Caller,
        sent: &Sent,
        error: &PeerError,
    ) -> Result<Timestamp, ExchangeError> {
        let unreachable = *error == PeerError::Unreachable;
        self.log_no_answer(caller, sent, None, error.to_string(), unreachable)
            .await
    }

    async fn log_no_answer(
        &self,
        caller: &Caller,
        sent: &Sent,
        certificate: Option<Digest>,
        reason: String,
        unreachable: bool,
    ) -> Result<Timestamp, ExchangeError> {
        let (caller, sent) = (caller.clone(), sent.clone());
        let own = self.entry(EntryKind::Failed, Outcome::Failed);
        let committed = self
            .transact("fail", move |tx| {
                let now = tx.now();
                let mut question = questions::find(tx, &sent.question.exchange)?
                    .unwrap_or_else(|| sent.question.clone());
                // An answer to another attempt may have come meanwhile: it stands.
                if question.state == QuestionState::Open {
                    question.state = QuestionState::Failed;
                    questions::put(tx, &question)?;
                }
                let mut since = now;
                if unreachable {
                    let mut peer = peers::find(tx, &question.holder)?.unwrap_or_default();
                    since = *peer.unreachable_since.get_or_insert(now);
                    peers::put(tx, &question.holder, &peer)?;
                    let standing = SourceStanding {
                        state: SourceState::Unreachable,
                        since,
                    };
                    source_states::put(tx, &question.person, &question.holder, standing)?;
                }
                let entry = about(&own, &sent);
                let mut draft = Draft::new(entry, Some(question.person))
                    .by(&caller)
                    .with(&question.holder, certificate);
                draft.fields.reason.clone_from(&reason);
                draft.log(tx)?;
                Ok(since)
            })
            .await?;
        Ok(committed.value)
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

/// Why what an answer was given under may not stand any more. Whatever ended or narrowed something
/// over the link since the question was asked, the answer may rest on it: it is dropped, and can be
/// asked anew.
fn overtaken(tx: &Tx<'_>, sent: &Sent) -> Result<Option<RefusalReason>, ExchangeError> {
    let question = &sent.question;
    let link = links::find(tx, &question.link)?;
    if link.is_none_or(|link| link.state != links::LinkState::Live) {
        return Ok(Some(RefusalReason::NoLink));
    }
    let since = |at: Timestamp| at >= sent.sent_at;
    let purged = match copies::find(tx, &source(question))? {
        Some(Copy::Purged { at, .. }) => since(at),
        _ => false,
    };
    let mut withdrawn = withdrawals::over_link(tx, &question.link)?.into_iter();
    if purged || withdrawn.any(|chain| since(chain.withdrawn_at)) {
        return Ok(Some(RefusalReason::ReceiptWithdrawn));
    }
    let mut objections = objections::of_person(tx, &question.person)?.into_iter();
    if objections.any(|one| since(one.taken_at)) {
        return Ok(Some(RefusalReason::Objection));
    }
    let replaces = |kept: &KeptReceipt| kept.receipt.version > 1 && since(kept.received_at);
    let replaced = receipts::over_link(tx, &question.link)?
        .iter()
        .any(replaces);
    if replaced {
        return Ok(Some(RefusalReason::ReceiptReplaced));
    }
    // What the holder answered under, a receipt of its own, has not come here yet: without any nobody
    // here could tell what to destroy, and when.
    let unknown = live_chains(tx, question, tx.now())?.is_empty();
    Ok(unknown.then_some(RefusalReason::NoReceipt))
}

/// The chains that are known here under which the holder may have answered.
fn live_chains(
    tx: &Tx<'_>,
    question: &KeptQuestion,
    now: Timestamp,
) -> Result<Vec<ChainId>, ExchangeError> {
    let withdrawn = withdrawals::over_link(tx, &question.link)?;
    let mut chains: Vec<ChainId> = receipts::over_link(tx, &question.link)?
        .into_iter()
        .map(|kept| kept.receipt)
        .filter(|receipt| receipt.holder == question.holder && receipt.in_date(now))
        .filter(|receipt| {
            !withdrawn
                .iter()
                .any(|ended| ended.chain == receipt.chain && ended.receipt_issuer == receipt.issuer)
        })
        .map(|receipt| receipt.chain)
        .collect();
    chains.sort_unstable();
    chains.dedup();
    Ok(chains)
}

fn store_answer(
    tx: &mut Tx<'_>,
    sent: &Sent,
    received: &Received,
    kept: &Kept,
    leaf: u64,
    now: Timestamp,
) -> Result<(), ExchangeError> {
    let mut question =
        questions::find(tx, &sent.question.exchange)?.unwrap_or_else(|| sent.question.clone());
    question.result_leaf = Some(leaf);
    question.state = QuestionState::Answered;
    let asked = Asked(&sent.entry.asked);
    let before = match copies::find(tx, &source(&question))? {
        Some(Copy::Held(held)) => Some(held),
        _ => None,
    };
    let state = match (&received.result, kept) {
        (
            Given::Summary {
                body,
                summary,
                first_end,
            },
            Kept::Summary,
        ) => {
            let source = source(&question);
            let mut held = HeldCopy {
                body: Pii::new(body.clone()),
                received_at: now,
                exchange: question.exchange,
                attempt: sent.question.last_attempt,
                chains: live_chains(tx, &question, now)?,
                leaf,
                records: u64::try_from(summary.records.len()).unwrap_or(u64::MAX),
                asked: asked.with_earlier(before.as_ref(), now),
            };
            let left = left_of(asked, before.as_ref(), now)?;
            match (left, &before) {
                (Some(left), Some(before)) => {
                    held.chains.extend(&before.chains);
                    held.chains.sort_unstable();
                    held.chains.dedup();
                    let merged = together(copied(&held)?, left, now);
                    put_trimmed(tx, &source, held, &merged)?;
                }
                _ => {
                    copies::put(tx, &source, &held)?;
                    if let Some(at) = first_end {
                        copies::put_due(tx, &source, *at)?;
                    }
                }
            }
            Some(SourceState::Received)
        }
        (_, Kept::Nothing) => {
            // What was received of it before is no longer permitted (I6); the rest was not asked.
            let source = source(&question);
            let left = left_of(asked, before.as_ref(), now)?;
            match (left, before) {
                (Some(left), Some(before)) if !left.records.is_empty() => {
                    let held = HeldCopy {
                        asked: asked.with_earlier(Some(&before), now),
                        ..before
                    };
                    put_trimmed(tx, &source, held, &asked.closed(left, sent.entry.usage))?;
                    Some(SourceState::Received)
                }
                _ => {
                    copies::purge(tx, &source, now)?;
                    Some(SourceState::NothingToShare)
                }
            }
        }
        (Given::Duplicate(last), _) => {
            // This node's own count is behind what the holder has seen.
            question.last_attempt = question.last_attempt.max(*last);
            question.state = QuestionState::Failed;
            None
        }
        _ => None,
    };
    questions::put(tx, &question)?;
    if let Some(state) = state {
        let standing = SourceStanding { state, since: now };
        source_states::put(tx, &question.person, &question.holder, standing)?;
    }
    Ok(())
}

/// What an answer leaves of the copy before, if anything.
fn left_of(
    asked: Asked<'_>,
    before: Option<&HeldCopy>,
    now: Timestamp,
) -> Result<Option<passerelle_domain::Summary>, ExchangeError> {
    let left = before
        .map(|before| asked.left_of(before, now))
        .transpose()?;
    Ok(left.filter(|left| !is_empty(left)))
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

/// Remembers the largest checkpoint of a peer's log that was checked; the peer was reached.
pub(crate) fn note_peer(
    tx: &mut Tx<'_>,
    node: &passerelle_domain::NodeId,
    checkpoint: &SignedCheckpoint,
    certificate: Option<Digest>,
) -> Result<(), ExchangeError> {
    let mut peer = peers::find(tx, node)?.unwrap_or_default();
    hold(&mut peer, checkpoint);
    peer.unreachable_since = None;
    peer.certificate = certificate.or(peer.certificate);
    peers::put(tx, node, &peer)?;
    Ok(())
}

/// Holds a checkpoint that was checked, if it is larger than the one that is held of the same log.
pub(crate) fn hold(peer: &mut KnownPeer, checkpoint: &SignedCheckpoint) {
    let origin = checkpoint.checkpoint().origin.as_str();
    let known = if peer.origin == origin {
        held_size(&peer.checkpoint)
    } else {
        None
    };
    if known.is_none_or(|size| size < checkpoint.size()) {
        peer.checkpoint = checkpoint.to_bytes().into();
        origin.clone_into(&mut peer.origin);
    }
}

/// The size in a checkpoint that was checked before it was kept.
fn held_size(note: &[u8]) -> Option<u64> {
    std::str::from_utf8(note).ok()?.lines().nth(1)?.parse().ok()
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

fn source(question: &KeptQuestion) -> CopySource {
    CopySource {
        person: question.person,
        holder: question.holder.clone(),
        link: question.link,
    }
}

#[cfg(test)]
mod tests;
