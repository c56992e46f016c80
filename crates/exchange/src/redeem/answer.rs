//! What comes back of a redemption: believed only with proof that the issuer logged it.

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, Class, Digest, LinkId, Pii, Timestamp};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::redeem_answer_body::Result as RedeemResult;
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::incidents;
use passerelle_store::tables::links::{Link, LinkEnd, LinkEndCause, LinkState};
use passerelle_store::tables::peer_entries::PeerEntry;
use passerelle_store::tables::questions::QuestionState;
use passerelle_store::tables::{links, peer_entries, peers, persons, redemptions};
use passerelle_tlog::{SignedCheckpoint, leaf_hash};
use prost::Message;

use super::{Redeemed, Sent};
use crate::changes::append;
use crate::gate::under_gate;
use crate::link_ends::{ended_already, reported_already};
use crate::logging::Draft;
use crate::ports::{PeerError, Reply};
use crate::purging::purge;
use crate::queue::{Answered, acknowledge};
use crate::receive::note_peer;
use crate::shown::{Expected, Shown, check_shown, log_keys, seen};
use crate::{ExchangeError, Passerelle};

/// An answer that is what it says, and is in the issuer's log.
#[derive(Clone)]
pub(super) struct Received {
    /// The link with its ceiling; `None` where the pass was not accepted.
    linked: Option<(LinkId, Class)>,
    body: Digest,
    shown: Shown,
    peer_entry: PeerEntry,
    certificate: Option<Digest>,
}

/// Why there is no answer that can be accepted.
#[derive(Clone)]
pub(super) struct NoAnswer {
    reason: String,
    unreachable: bool,
    certificate: Option<Digest>,
}

impl NoAnswer {
    pub(super) fn refused(rule: &'static str, certificate: Option<Digest>) -> Self {
        Self {
            reason: rule.to_owned(),
            unreachable: false,
            certificate,
        }
    }

    pub(super) fn failed(error: &PeerError) -> Self {
        Self {
            reason: error.to_string(),
            unreachable: *error == PeerError::Unreachable,
            certificate: None,
        }
    }
}

impl Passerelle {
    /// Checks that an answer belongs to the redemption and is proved to be in the issuer's log. The
    /// error is the rule that it breaks.
    pub(super) fn check_redemption(
        &self,
        issuer: &Member,
        held: Option<&SignedCheckpoint>,
        sent: &Sent,
        reply: &Reply<wire::RedeemResponse>,
    ) -> Result<Received, &'static str> {
        let message = &reply.message;
        let envelope = message.envelope.as_ref().ok_or("the answer has no body")?;
        let logged = message
            .logged
            .as_ref()
            .ok_or("the answer has no proof of logging")?;
        let answer = wire::RedeemAnswerBody::decode(&*envelope.body)
            .map_err(|_| "the answer is no RedeemAnswerBody")?;
        let redemption = &sent.redemption;
        if answer.exchange_id[..] != redemption.exchange.as_bytes()[..]
            || answer.attempt != redemption.last_attempt
        {
            return Err("the answer is of another exchange or attempt");
        }
        passerelle_domain::nonce(&answer.nonce)
            .map_err(|_| "the answer has no nonce of 32 bytes")?;
        let linked = linked(answer.result)?;
        let body = Digest::of(&envelope.body);
        let shown = check_shown(
            logged,
            &log_keys(issuer, &self.0.own.federation),
            held,
            Expected {
                shown_by: &issuer.node,
                shown_to: &self.0.own.node,
                kinds: &[EntryKind::Redeemed],
                exchange: redemption.exchange,
                attempt: redemption.last_attempt,
                question: sent.digest,
                body,
            },
        )?;
        match (linked.is_some(), shown.entry.outcome) {
            (true, Outcome::Done) | (false, Outcome::Nothing | Outcome::Duplicate) => {}
            _ => return Err("the entry says another outcome than the answer"),
        }
        Ok(Received {
            linked,
            body,
            shown,
            peer_entry: PeerEntry {
                entry: logged.entry.clone(),
                proof: logged.proof.clone(),
            },
            certificate: reply.certificate,
        })
    }

    /// Keeps the link, or that there is none, with the entry `received`, in one frame.
    pub(super) async fn keep_link(
        &self,
        caller: &Caller,
        issuer: &Member,
        sent: Sent,
        received: Received,
    ) -> Result<Redeemed, ExchangeError> {
        let ceiling = received.linked.map(|(_, ceiling)| ceiling);
        let duplicate = received.shown.entry.outcome == Outcome::Duplicate;
        let certificate = received.certificate;
        let kept = {
            // A link that stood before may end here.
            let person = sent.redemption.person;
            let (_, gate) = self.kept_gate(person).await?;
            let first = self.entry(EntryKind::Received, Outcome::Done);
            let (caller, sent) = (caller.clone(), sent.clone());
            let keep = move |tx: &mut Tx<'_>| keep(tx, &first, &caller, &sent, &received);
            self.transact("linked", under_gate(gate, keep)).await
        };
        if let Err(ExchangeError::PeerAnswerRefused { rule }) = &kept {
            let why = NoAnswer::refused(rule, certificate);
            self.note_no_link(caller, &sent, &why).await?;
        }
        kept?;
        self.wake_outbox();
        match ceiling {
            Some(ceiling) => Ok(Redeemed {
                node: issuer.node.clone(),
                organisation: issuer.organisation.name.clone(),
                ceiling,
            }),
            None if duplicate => Err(ExchangeError::PeerAnswerRefused {
                rule: "the other node has answered a later attempt; ask again",
            }),
            None => Err(ExchangeError::PassRefused),
        }
    }

    /// Logs that no answer came that can be accepted, and since when the issuer is not reached.
    pub(super) async fn note_no_link(
        &self,
        caller: &Caller,
        sent: &Sent,
        why: &NoAnswer,
    ) -> Result<Timestamp, ExchangeError> {
        let first = self.entry(EntryKind::Failed, Outcome::Failed);
        let (caller, sent, why) = (caller.clone(), sent.clone(), why.clone());
        let committed = self
            .transact("not_linked", move |tx| {
                let mut since = tx.now();
                let found = redemptions::find(tx, &sent.redemption.exchange)?;
                let mut redemption = found.unwrap_or_else(|| sent.redemption.clone());
                // An answer to another attempt may have come meanwhile: it stands.
                if redemption.state == QuestionState::Open {
                    redemption.state = QuestionState::Failed;
                    redemptions::put(tx, &redemption)?;
                }
                if why.unreachable {
                    let mut peer = peers::find(tx, &redemption.peer)?.unwrap_or_default();
                    since = *peer.unreachable_since.get_or_insert(since);
                    peers::put(tx, &redemption.peer, &peer)?;
                }
                let mut draft = Draft::new(about(&first, &sent), Some(redemption.person))
                    .by(&caller)
                    .with(&redemption.peer, why.certificate);
                draft.fields.reason.clone_from(&why.reason);
                draft.log(tx)?;
                Ok(since)
            })
            .await?;
        Ok(committed.value)
    }
}

fn linked(result: Option<RedeemResult>) -> Result<Option<(LinkId, Class)>, &'static str> {
    match result.ok_or("the answer has no result")? {
        RedeemResult::Refused(_) => Ok(None),
        RedeemResult::Linked(made) => {
            let link =
                LinkId::from_slice(&made.link_id).map_err(|_| "the link has not 16 bytes")?;
            let ceiling = Class::from_wire(made.ceiling).map_err(|_| "the ceiling is no class")?;
            Ok(Some((link, ceiling)))
        }
    }
}

fn keep(
    tx: &mut Tx<'_>,
    first: &Entry,
    caller: &Caller,
    sent: &Sent,
    received: &Received,
) -> Result<(), ExchangeError> {
    let found = redemptions::find(tx, &sent.redemption.exchange)?;
    let mut redemption = found.unwrap_or_else(|| sent.redemption.clone());
    let outcome = received.shown.entry.outcome;
    let mut kept = None;
    if let Some((link, ceiling)) = received.linked {
        let link = Link {
            id: link,
            // The file may have been merged into another meanwhile.
            person: persons::kept(tx, &redemption.person)?,
            peer: redemption.peer.clone(),
            born_from: None,
            own_redemption: false,
            ceiling: Some(ceiling),
            state: LinkState::Live,
            since: tx.now(),
            made_at: tx.now(),
            end: None,
        };
        kept = keep_one_link(tx, link)?;
    }
    let entry = Entry {
        outcome,
        body: Some(received.body),
        peer_leaf: Some(Digest::from_bytes(
            *leaf_hash(&received.peer_entry.entry).as_bytes(),
        )),
        peer_checkpoint: Some(seen(&received.shown.checkpoint)),
        ..about(first, sent)
    };
    let appended = Draft::new(entry, Some(redemption.person))
        .by(caller)
        .with(&redemption.peer, received.certificate)
        .log(tx)?;
    if let Some(wrong) = kept.and_then(|link| reported_already(&link, appended.leaf)) {
        incidents::put(tx, &wrong)?;
    }
    if outcome == Outcome::Duplicate {
        // This node's own count is behind what the issuer has seen.
        redemption.state = QuestionState::Failed;
    } else {
        redemption.state = QuestionState::Answered;
        redemption.question = Pii::new(Bytes::new());
    }
    redemption.result_leaf = Some(appended.leaf);
    redemptions::put(tx, &redemption)?;
    peer_entries::put(
        tx,
        appended.leaf,
        Some(&redemption.person),
        &received.peer_entry,
    )?;
    note_peer(
        tx,
        &redemption.peer,
        &received.shown.checkpoint,
        received.certificate,
    )?;
    let answered = Answered {
        peer: &redemption.peer,
        person: redemption.person,
        exchange: redemption.exchange,
        attempt: sent.redemption.last_attempt,
    };
    acknowledge(tx, &answered, appended.leaf)
}

/// Keeps the link that the issuer gives, and no other with it about this person. Gives it as it is kept
/// if it is new.
fn keep_one_link(tx: &mut Tx<'_>, link: Link) -> Result<Option<Link>, ExchangeError> {
    if let Some(known) = links::find(tx, &link.id)? {
        return same_link(&known, &link).map(|()| None);
    }
    for other in links::with_peer(tx, &link.person, &link.peer)? {
        if other.state == LinkState::Live {
            // The issuer knows it no more: it would have given this one.
            purge(tx, &other)?;
            let ended = Link {
                state: LinkState::Ended,
                since: tx.now(),
                end: Some(LinkEnd {
                    cause: LinkEndCause::Replaced,
                    by: link.peer.clone(),
                    order: None,
                }),
                ..other
            };
            links::put(tx, &ended)?;
            let change = Change::of(link.person, ChangeKind::LinkEnded);
            append(tx, &change.with(&link.peer))?;
        }
    }
    let link = match links::ended_ahead(tx, &link.id, &link.peer)? {
        Some(ended) => ended_already(link, &ended),
        None => link,
    };
    links::put(tx, &link)?;
    let kind = match link.state {
        LinkState::Live => ChangeKind::LinkMade,
        LinkState::Ended => ChangeKind::LinkEnded,
        LinkState::Reported => ChangeKind::LinkReported,
    };
    append(tx, &Change::of(link.person, kind).with(&link.peer))?;
    Ok(Some(link))
}

/// A link that is known already stays as it is: it is about one person, with one node, for good.
fn same_link(known: &Link, given: &Link) -> Result<(), ExchangeError> {
    let rule = if (&known.person, &known.peer) != (&given.person, &given.peer) {
        "the link stands about somebody else here; look for a second file of the person"
    } else if known.state != LinkState::Live {
        "the link was ended here"
    } else {
        return Ok(());
    };
    Err(ExchangeError::PeerAnswerRefused { rule })
}

/// What an entry about an attempt says of its question.
fn about(first: &Entry, sent: &Sent) -> Entry {
    Entry {
        kind: first.kind,
        outcome: first.outcome,
        ..sent.entry.clone()
    }
}
