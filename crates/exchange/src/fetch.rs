//! The requester's side of an exchange: a question is logged, asked, and what comes back is checked
//! and kept in one frame with the entry that says so.

mod all;

pub use all::{FetchSummaries, HolderOutcome};

use std::collections::BTreeMap;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{
    Caller, Class, Digest, ExchangeId, LinkId, Malformed, NodeId, PersonId, Purpose, Question,
    RecordUse, Section, Timestamp,
};
use passerelle_policy::{OwnAccess, OwnAct, own_access};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::journey::v1::Summary;
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::links::Link;
use passerelle_store::tables::questions::{KeptQuestion, QuestionState};
use passerelle_store::tables::{Read, copies, links, peers, questions, receipts};
use passerelle_tlog::{SignedCheckpoint, leaf_hash};
use prost::Message;

use crate::answer::scopes;
use crate::link_ends::is_reported;
use crate::logging::{Appended, Draft};
use crate::merging::Asked;
use crate::own_papers::{papers_hold, unconfirmed};
use crate::passerelle::SUSPENDED;
use crate::ports::{PeerError, PeerRefusal, Reply};
use crate::queue::delivery;
use crate::shown::seen_of;
use crate::{ExchangeError, Passerelle};

/// Receipts that go along with a question while the outbox has not delivered them.
const MOST_RECEIPTS: usize = 8;

/// What an agent asks of one other organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSummary {
    /// The person here.
    pub person: PersonId,
    /// The node to ask.
    pub holder: NodeId,
    /// Chosen by the caller; repeating a call with it repeats the same question.
    pub exchange: ExchangeId,
    /// Why.
    pub purpose: Purpose,
    /// Sections with the highest class asked for.
    pub sections: BTreeMap<Section, Class>,
    /// What is meant to be done with it.
    pub usage: RecordUse,
}

/// What came back.
#[derive(Clone, PartialEq)]
pub struct Fetched {
    /// The summary; `None` where there is nothing to share.
    pub summary: Option<Summary>,
    /// Where the exchange is in this node's log.
    pub log_index: u64,
    /// When it was received.
    pub received_at: Timestamp,
}

/// One attempt, logged and about to be sent.
#[derive(Clone)]
pub(crate) struct Sent {
    pub question: KeptQuestion,
    pub digest: Digest,
    pub asked: Appended,
    /// What the entry `asked` says of the question; the entry about its answer says the same.
    pub entry: Entry,
    /// Since when a withdrawal or an order makes the answer one that is not kept.
    pub sent_at: Timestamp,
}

impl Passerelle {
    /// Asks another node for the summary of a person's journey.
    pub async fn fetch_summary(
        &self,
        caller: &Caller,
        mut request: FetchSummary,
    ) -> Result<Fetched, ExchangeError> {
        let access = own_access(caller, OwnAct::AskPartner)?;
        request.person = self.kept(request.person)?;
        let holder = self.partner(&request.holder)?;
        self.may_ask(caller, &access, &request)?;
        let link = self.read(|view| linked(view, &request.person, &request.holder))?;
        if let Some(answered) = self.answered_before(caller, &request)? {
            return Ok(answered);
        }
        let sent = self.log_in_order(caller, &request, &link).await?;
        let held = self.held_checkpoint(&holder)?;
        let message = self.ask_message(&sent, held.as_ref())?;
        match self.0.peers.ask(&request.holder, message).await {
            Ok(reply) => {
                self.take_answer(caller, &holder, held.as_ref(), sent, reply)
                    .await
            }
            Err(error) => Err(self.log_failed(caller, sent, &error).await?),
        }
    }

    /// Whether this node may ask anything now, and this agent this question.
    fn may_ask(
        &self,
        caller: &Caller,
        access: &OwnAccess,
        request: &FetchSummary,
    ) -> Result<(), ExchangeError> {
        self.may_exchange()?;
        // Of what the role works with, any other section is answered as not opened.
        let mut asked = request.sections.keys();
        if !asked.any(|section| access.reaches(*section, Class::Professional)) {
            return Err(ExchangeError::RoleNotAllowed);
        }
        if !request.purpose.between_nodes() {
            return Err(ExchangeError::NotEntitled(RefusalReason::PurposeForbidden));
        }
        let highest = request.sections.values().max().copied();
        if highest > Some(Class::LivingConditions) && !caller.second_factor {
            return Err(ExchangeError::SecondFactorRequired);
        }
        self.question_in_date(request.exchange)
    }

    /// What was received in this exchange already: a repeated call discloses nothing again.
    fn answered_before(
        &self,
        caller: &Caller,
        request: &FetchSummary,
    ) -> Result<Option<Fetched>, ExchangeError> {
        self.read(|view| {
            let Some(kept) = questions::find(view, &request.exchange)? else {
                return Ok(None);
            };
            same_question(&kept, caller, request)?;
            if kept.state != QuestionState::Answered {
                return Ok(None);
            }
            let source = copies::CopySource {
                person: kept.person,
                holder: kept.holder,
                link: kept.link,
            };
            let Some(copies::Copy::Held(held)) = copies::find(view, &source)? else {
                return Ok(None);
            };
            if held.exchange != request.exchange {
                return Ok(None);
            }
            let sections = request.sections.iter();
            let asked = scopes(sections.map(|(section, class)| (*section, *class)));
            Ok(Some(Fetched {
                summary: Some((&Asked(&asked).of(&held, self.now())?).into()),
                log_index: held.leaf,
                received_at: held.received_at,
            }))
        })
    }

    /// Logs the attempt when nothing that this node has withdrawn waits for the holder to confirm.
    async fn log_in_order(
        &self,
        caller: &Caller,
        request: &FetchSummary,
        link: &Link,
    ) -> Result<Sent, ExchangeError> {
        loop {
            self.own_papers(link, request).await?;
            // `None`: another chain was withdrawn meanwhile.
            if let Some(sent) = self.log_asked(caller, request, link).await? {
                return Ok(sent);
            }
        }
    }

    /// Logs the attempt; from then on it exists, whatever happens (I5). `None` where a withdrawal
    /// must go first.
    async fn log_asked(
        &self,
        caller: &Caller,
        request: &FetchSummary,
        link: &Link,
    ) -> Result<Option<Sent>, ExchangeError> {
        let question = Question {
            exchange: request.exchange,
            link: link.id,
            purpose: request.purpose,
            sections: request.sections.clone(),
            usage: request.usage,
            agent: caller.asking_agent(),
            nonce: self.rng().bytes(),
        };
        let bytes = Bytes::from(wire::Question::from(&question).encode_to_vec());
        let first = self.entry(EntryKind::Asked, Outcome::Done);
        let own = self.0.own.node.clone();
        let (caller, request, link) = (caller.clone(), request.clone(), link.clone());
        let committed = self
            .transact("ask", move |tx| {
                let now = tx.now();
                // Once more: the person may have come back on it since.
                papers_hold(tx, &own, &link, &request)?;
                if unconfirmed(tx, &own, &link)?.is_some() {
                    return Ok(None);
                }
                let mut kept = match questions::find(tx, &request.exchange)? {
                    Some(kept) => {
                        same_question(&kept, &caller, &request)?;
                        kept
                    }
                    None => new_question(&caller, &request, link.id, bytes.clone(), now),
                };
                kept.last_attempt = next_attempt(kept.last_attempt)?;
                kept.state = QuestionState::Open;
                questions::put(tx, &kept)?;
                let digest = Digest::of(&kept.question);
                let entry = Entry {
                    exchange: Some(request.exchange),
                    attempt: Some(kept.last_attempt),
                    purpose: Some(request.purpose),
                    usage: Some(request.usage),
                    asked: scopes(
                        request
                            .sections
                            .iter()
                            .map(|(section, class)| (*section, *class)),
                    ),
                    question: Some(digest),
                    peer_checkpoint: seen_of(tx, &request.holder)?,
                    ..first.clone()
                };
                let draft = Draft::new(entry.clone(), Some(kept.person))
                    .by(&caller)
                    .with(&kept.holder, None);
                Ok(Some(Sent {
                    asked: draft.log(tx)?,
                    question: kept,
                    digest,
                    entry,
                    sent_at: now,
                }))
            })
            .await?;
        Ok(committed.value)
    }

    fn ask_message(
        &self,
        sent: &Sent,
        held: Option<&SignedCheckpoint>,
    ) -> Result<wire::AskRequest, ExchangeError> {
        let body = wire::AskBody {
            question: sent.question.question.clone(),
            attempt: Some(self.attempt_message(sent.question.last_attempt, &sent.asked, held)),
            receipts: self.unconfirmed_receipts(&sent.question)?,
        };
        Ok(wire::AskRequest {
            envelope: Some(wire::Envelope {
                body: body.encode_to_vec().into(),
            }),
        })
    }

    /// What surrounds a question in one attempt.
    pub(crate) fn attempt_message(
        &self,
        number: u32,
        asked: &Appended,
        held: Option<&SignedCheckpoint>,
    ) -> wire::Attempt {
        wire::Attempt {
            number,
            sent_at_millis: self.now().as_millis(),
            asked_leaf_hash: Bytes::copy_from_slice(leaf_hash(&asked.bytes).as_bytes()),
            held_checkpoint: held
                .map(SignedCheckpoint::to_bytes)
                .unwrap_or_default()
                .into(),
        }
    }

    /// Receipts over the link that the holder has not confirmed yet, however much waits before them
    /// in the outbox: the newest.
    fn unconfirmed_receipts(&self, question: &KeptQuestion) -> Result<Vec<String>, ExchangeError> {
        self.read(|view| {
            let mut unconfirmed = Vec::new();
            for kept in receipts::over_link(view, &question.link)? {
                let told = delivery(view, kept.receipt.id, &question.holder)?;
                let queued = told.is_some_and(|told| told.state == DeliveryState::Queued);
                if kept.issued_here && queued {
                    unconfirmed.push(kept);
                }
            }
            // A later version of a chain follows those before it.
            unconfirmed.sort_by_key(|kept| (kept.received_at, kept.receipt.version));
            let first = unconfirmed.len().saturating_sub(MOST_RECEIPTS);
            let newest = unconfirmed.into_iter().skip(first);
            Ok(newest.map(|kept| kept.jwt).collect())
        })
    }

    /// The last checkpoint of a peer's log that this node holds, if it is of a log that the trust
    /// list still gives to it.
    pub(crate) fn held_checkpoint(
        &self,
        member: &Member,
    ) -> Result<Option<SignedCheckpoint>, ExchangeError> {
        let known = self.read(|view| Ok(peers::find(view, &member.node)?))?;
        let Some(known) = known.filter(|known| !known.checkpoint.is_empty()) else {
            return Ok(None);
        };
        let keys = crate::shown::log_keys(member, &self.0.own.federation);
        Ok(keys
            .iter()
            .find_map(|key| SignedCheckpoint::open(&known.checkpoint, key).ok()))
    }

    /// Checks an answer, keeps it, and says what it is.
    async fn take_answer(
        &self,
        caller: &Caller,
        holder: &Member,
        held: Option<&SignedCheckpoint>,
        sent: Sent,
        reply: Reply<wire::AskResponse>,
    ) -> Result<Fetched, ExchangeError> {
        let received = match self.check_answer(holder, held, &sent, &reply) {
            Ok(received) => received,
            Err(rule) => {
                tracing::error!(peer = %holder.node, rule, "a peer's answer was refused");
                self.log_unaccepted(caller, &sent, reply.certificate, rule)
                    .await?;
                return Err(ExchangeError::PeerAnswerRefused { rule });
            }
        };
        self.keep_answer(caller, sent, received).await
    }

    /// Logs that no answer came; gives the error to tell.
    async fn log_failed(
        &self,
        caller: &Caller,
        sent: Sent,
        error: &PeerError,
    ) -> Result<ExchangeError, ExchangeError> {
        let since = self.note_failed(caller, &sent, error).await?;
        Ok(peer_error(error, since))
    }
}

/// What a call's failure at a peer means to an agent.
pub(crate) fn peer_error(error: &PeerError, since: Timestamp) -> ExchangeError {
    match error {
        PeerError::NotAMember => ExchangeError::MemberUnknown,
        PeerError::Unreachable => ExchangeError::PeerUnreachable { since },
        PeerError::Refused(refusal) => match refusal {
            PeerRefusal::ClockSkew => ExchangeError::ClockSkew,
            PeerRefusal::NotAMember => SUSPENDED,
            PeerRefusal::TrustListExpired => ExchangeError::TrustListExpired,
            PeerRefusal::RolledBack => ExchangeError::RolledBack,
            PeerRefusal::QuotaExceeded => ExchangeError::QuotaExceeded,
            PeerRefusal::IdReused => ExchangeError::IdReused("exchange_id"),
            PeerRefusal::NotEntitled => {
                ExchangeError::NotEntitled(RefusalReason::OrganisationNotEntitled)
            }
            PeerRefusal::LogUnavailable | PeerRefusal::Other => {
                ExchangeError::PeerUnreachable { since }
            }
            PeerRefusal::Invalid => ExchangeError::PeerAnswerRefused {
                rule: "the other node does not understand the question",
            },
        },
    }
}

fn new_question(
    caller: &Caller,
    request: &FetchSummary,
    link: LinkId,
    question: Bytes,
    now: Timestamp,
) -> KeptQuestion {
    KeptQuestion {
        exchange: request.exchange,
        question,
        person: request.person,
        holder: request.holder.clone(),
        link,
        caller: caller_digest(caller),
        last_attempt: 0,
        asked_at: now,
        state: QuestionState::Open,
        result_leaf: None,
    }
}

/// The number of one more attempt. A holder says which it has seen last, and may say anything.
pub(crate) fn next_attempt(last: u32) -> Result<u32, ExchangeError> {
    let rule = "an exchange with attempts left: ask anew, with another id";
    let next = last.checked_add(1);
    Ok(next.ok_or_else(|| Malformed::new("exchange_id", rule))?)
}

/// Who called, as far as a repeated call must be theirs.
pub(crate) fn caller_digest(caller: &Caller) -> Digest {
    Digest::of(format!("{}\n{}\n{}", caller.system, caller.siret, caller.reference).as_bytes())
}

/// Whether a call with a known exchange id asks the same thing.
fn same_question(
    kept: &KeptQuestion,
    caller: &Caller,
    request: &FetchSummary,
) -> Result<(), ExchangeError> {
    let question = wire::Question::decode(&*kept.question)
        .ok()
        .and_then(|question| Question::try_from(&question).ok());
    let same = question.is_some_and(|question| {
        (question.purpose, question.usage) == (request.purpose, request.usage)
            && question.sections == request.sections
    });
    let same = same
        && (kept.person, &kept.holder) == (request.person, &request.holder)
        && kept.caller == caller_digest(caller);
    if same {
        Ok(())
    } else {
        Err(ExchangeError::IdReused("exchange_id"))
    }
}

/// The link that an agent asks over, or would be asked over.
pub(crate) fn linked(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Link, ExchangeError> {
    match links::live(read, person, peer)? {
        Some(link) => Ok(link),
        None if is_reported(read, person, peer)? => {
            Err(ExchangeError::PaperFails(RefusalReason::WrongLinkReported))
        }
        None => Err(ExchangeError::NoLink),
    }
}
