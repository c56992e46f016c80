//! The issuer's side of a redemption: an attempt is durable before anything is compared, and every
//! failure is one answer (I13).

use std::sync::Arc;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome as EntryOutcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{
    AskingAgent, Digest, ExchangeId, LinkId, Malformed, Peer, PersonId, Purpose,
};
use passerelle_linkage::pass::{
    Attempt as PassAttempt, Compared, Outcome, PassRefusal, PassRow, PassSecret, Pin, REDEEM_TICK,
    release_at,
};
use passerelle_linkage::traits::{IdentityTraits, ShownTraits};
use passerelle_proto::exchange::v1 as wire;
use passerelle_proto::exchange::v1::redeem_answer_body::Result as RedeemResult;
use passerelle_store::tables::attempts::AttemptKind;
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::passes::{self, KeptPass};
use passerelle_store::tables::{Read, attempts, links, persons};
use passerelle_store::{Head, KnownAgent, Refusal as StoreRefusal, Serials, TransactError, Tx};
use prost::Message;

use crate::attempt::{Attempt, attempts_so_far};
use crate::logging::{Appended, Draft, logged_entry};
use crate::passerelle::transact_error;
use crate::passes::{kept_pass, pass_row};
use crate::persons::traits_of;
use crate::{ExchangeError, Passerelle};

/// How often a transaction is run again because trust list or rules changed under it.
const TRIES: usize = 4;

/// What was shown, as it came.
#[derive(Clone)]
struct Shown {
    exchange: ExchangeId,
    digest: Digest,
    attempt: Attempt,
    secret: PassSecret,
    pin: Pin,
    traits: ShownTraits,
    proposed: LinkId,
    agent: AskingAgent,
}

/// An attempt that is durable.
enum Begun {
    /// It came before, or after a later one: nothing is compared.
    Duplicate,
    Counted {
        attempt: PassAttempt,
        /// Who carries the pass, with their traits; nobody where it is not known.
        carrier: Option<(PersonId, Option<IdentityTraits>)>,
    },
}

/// What was compared, or that nothing was.
#[derive(Clone)]
struct Judged {
    person: Option<PersonId>,
    compared: Option<Arc<Compared>>,
}

impl Passerelle {
    /// Answers one attempt at redeeming a pass of this node.
    ///
    /// An error means that nothing was looked at. Every answer is in the log before it is returned,
    /// and leaves on a tick, whatever it is.
    pub async fn answer_redemption(
        &self,
        peer: &Peer,
        request: &wire::RedeemRequest,
    ) -> Result<wire::RedeemResponse, ExchangeError> {
        let arrival = self.now();
        let shown = self.parse_redemption(request)?;
        self.may_disclose(shown.attempt.sent_at)?;
        self.question_in_date(shown.exchange)?;
        self.member(&peer.node)?;
        let held = self.own_checkpoint_shown(shown.attempt.held.as_deref())?;
        let judged = match self.begin(peer, &shown).await? {
            Begun::Duplicate => Judged {
                person: None,
                compared: None,
            },
            Begun::Counted { attempt, carrier } => self.compare(&shown, attempt, carrier).await?,
        };
        let (finished, head) = self.finish(peer, &shown, judged).await?;
        let response = wire::RedeemResponse {
            envelope: Some(wire::Envelope {
                body: finished.body,
            }),
            logged: Some(logged_entry(
                &self.0.store,
                &finished.appended,
                &head,
                held.as_ref(),
            )?),
        };
        self.wait_until(release_at(arrival, self.now(), REDEEM_TICK))
            .await;
        Ok(response)
    }

    fn parse_redemption(&self, request: &wire::RedeemRequest) -> Result<Shown, Malformed> {
        let envelope = request
            .envelope
            .as_ref()
            .ok_or_else(|| Malformed::new("envelope", "must be set"))?;
        let body = wire::RedeemBody::decode(&*envelope.body)
            .map_err(|_| Malformed::new("envelope.body", "an encoded RedeemBody"))?;
        let attempt = Attempt::try_from(body.attempt.as_ref())?;
        let question = wire::RedeemQuestion::decode(&*body.question)
            .map_err(|_| Malformed::new("question", "an encoded RedeemQuestion"))?;
        let read = || {
            let within = |field: &'static str| move |error: Malformed| error.within(field);
            passerelle_domain::nonce(&question.nonce)?;
            let own = self.0.own.node.clone();
            let agent = question.agent.as_ref();
            Ok(Shown {
                exchange: ExchangeId::from_slice(&question.exchange_id)
                    .map_err(within("exchange_id"))?,
                digest: Digest::of(&body.question),
                attempt,
                secret: PassSecret::from_wire(own, &question.pass_secret)
                    .map_err(within("pass_secret"))?,
                pin: Pin::parse(&question.pin).map_err(within("pin"))?,
                traits: ShownTraits::parse(
                    &question.birth_name,
                    &question.first_name,
                    &question.birth_date,
                )?,
                proposed: LinkId::from_slice(&question.link_id).map_err(within("link_id"))?,
                agent: agent
                    .ok_or_else(|| Malformed::new("", "must be set"))
                    .and_then(AskingAgent::try_from)
                    .map_err(within("agent"))?,
            })
        };
        read().map_err(|error: Malformed| error.within("question"))
    }

    /// Makes the attempt durable: a crash from here on counts as a miss.
    async fn begin(&self, peer: &Peer, shown: &Shown) -> Result<Begun, ExchangeError> {
        let (peer, shown) = (peer.node.clone(), shown.clone());
        let committed = self
            .transact("redeem_begin", move |tx| {
                let kind = AttemptKind::Redeem;
                let mut attempts = attempts_so_far(tx, &peer, shown.exchange, kind, shown.digest)?;
                if shown.attempt.number <= attempts.last {
                    return Ok(Begun::Duplicate);
                }
                attempts.last = shown.attempt.number;
                attempts::put(tx, &peer, &shown.exchange, &attempts)?;
                let pass = known_pass(tx, &shown.secret)?;
                let now = tx.now();
                let row = pass.as_ref().map(|pass| &pass.row);
                let (attempt, counted) = PassAttempt::begin(row, now);
                if let Some(row) = &counted {
                    put_pass(tx, row)?;
                }
                let carrier = match &pass {
                    Some(pass) => Some((pass.person, held_traits(tx, &pass.person)?)),
                    None => None,
                };
                Ok(Begun::Counted { attempt, carrier })
            })
            .await?;
        Ok(committed.value)
    }

    /// Compares PIN and traits, at one cost whatever the pass.
    async fn compare(
        &self,
        shown: &Shown,
        attempt: PassAttempt,
        carrier: Option<(PersonId, Option<IdentityTraits>)>,
    ) -> Result<Judged, ExchangeError> {
        let (person, held) = carrier.map_or((None, None), |(person, held)| (Some(person), held));
        let (node, shown) = (self.clone(), shown.clone());
        let compared = self
            .0
            .blocking
            .compute(move || {
                let decoy = node.running().decoy(node.rng());
                attempt.compare(&shown.pin, &shown.traits, held.as_ref(), decoy)
            })
            .await;
        let compared = compared.ok_or_else(|| ExchangeError::Internal {
            what: "the pool for comparisons is closed".to_owned(),
        })?;
        Ok(Judged {
            person,
            compared: Some(Arc::new(compared)),
        })
    }

    /// Decides, makes the link if there is one to make, and logs, in one frame.
    async fn finish(
        &self,
        peer: &Peer,
        shown: &Shown,
        judged: Judged,
    ) -> Result<(Finished, Arc<Head>), ExchangeError> {
        // A link is made before a disclosure about the person or after it, never during one.
        let _gate = match judged.person {
            Some(person) => Some(self.0.store.gate(person).exclusive().await),
            None => None,
        };
        let finishing = Finishing {
            peer: peer.clone(),
            shown: shown.clone(),
            judged,
            nonce: self.rng().bytes(),
            entry: self.redeemed_entry(shown),
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            // The peer may have been suspended since.
            let serials = self.serials();
            self.member(&peer.node)?;
            let finishing = finishing.clone();
            let committed = self
                .0
                .store
                .transact("redeem_finish", move |tx| finishing.finish(tx, serials))
                .await;
            match committed {
                Ok(committed) => {
                    let logged = committed.logged.ok_or(ExchangeError::LogUnavailable)?;
                    return Ok((committed.value, logged.head));
                }
                Err(TransactError::Refused(StoreRefusal::Stale)) if tries > 0 => {}
                Err(error) => return Err(transact_error(error)),
            }
        }
    }

    fn redeemed_entry(&self, shown: &Shown) -> Entry {
        Entry {
            exchange: Some(shown.exchange),
            attempt: Some(shown.attempt.number),
            role: Some(shown.agent.role),
            assurance: Some(shown.agent.assurance),
            purpose: Some(Purpose::Identification),
            question: Some(shown.digest),
            peer_leaf: Some(Digest::from_bytes(shown.attempt.asked_leaf)),
            ..self.entry(EntryKind::Redeemed, EntryOutcome::Nothing)
        }
    }
}

/// The second transaction of an attempt.
#[derive(Clone)]
struct Finishing {
    peer: Peer,
    shown: Shown,
    judged: Judged,
    nonce: [u8; 32],
    entry: Entry,
}

/// What is logged and sent.
struct Finished {
    appended: Appended,
    body: Bytes,
}

impl Finishing {
    fn finish(&self, tx: &mut Tx<'_>, serials: Serials) -> Result<Finished, ExchangeError> {
        tx.decided_under(serials);
        let (result, outcome, reason) = match self.decide(tx)? {
            Verdict::Linked(made) => (RedeemResult::Linked(made), EntryOutcome::Done, ""),
            Verdict::Refused(reason) => (refused(), EntryOutcome::Nothing, reason),
            Verdict::Duplicate => (refused(), EntryOutcome::Duplicate, ""),
        };
        let body = wire::RedeemAnswerBody {
            exchange_id: Bytes::copy_from_slice(self.shown.exchange.as_bytes()),
            attempt: self.shown.attempt.number,
            nonce: Bytes::copy_from_slice(&self.nonce),
            result: Some(result),
        };
        let body = Bytes::from(body.encode_to_vec());
        let entry = Entry {
            outcome,
            body: Some(Digest::of(&body)),
            ..self.entry.clone()
        };
        let mut draft = Draft::new(entry, self.judged.person)
            .with(&self.peer.node, Some(self.peer.certificate));
        draft.fields.agent = Some(KnownAgent::from(&self.shown.agent));
        reason.clone_into(&mut draft.fields.reason);
        let appended = draft.log(tx)?;
        self.note_logged(tx, appended.leaf)?;
        Ok(Finished { appended, body })
    }

    fn decide(&self, tx: &mut Tx<'_>) -> Result<Verdict, ExchangeError> {
        let Some(compared) = &self.judged.compared else {
            return Ok(Verdict::Duplicate);
        };
        let now = tx.now();
        let pass = known_pass(tx, &self.shown.secret)?;
        let standing = match &pass {
            Some(pass) => links::live(tx, &pass.person, &self.peer.node)?,
            None => None,
        };
        let row = pass.as_ref().map(|pass| &pass.row);
        let finished = compared.finish(row, standing.is_some(), now);
        let verdict = match (finished.outcome, standing) {
            (Outcome::Refused(refusal), _) => Verdict::Refused(reason(refusal)),
            (Outcome::StandingLink(_), Some(link)) => Verdict::linked(&link),
            // Nobody but the requester draws link ids: one that is in use here is another's, or one
            // that has ended, and is not revived.
            (_, _) if links::find(tx, &self.shown.proposed)?.is_some() => {
                return Ok(Verdict::Refused("link_in_use"));
            }
            (Outcome::NewLink(terms) | Outcome::StandingLink(terms), _) => {
                let link = Link {
                    id: self.shown.proposed,
                    person: terms.person,
                    peer: self.peer.node.clone(),
                    born_from: row.map(PassRow::id),
                    own_redemption: true,
                    ceiling: Some(terms.ceiling),
                    state: LinkState::Live,
                    since: now,
                };
                links::put(tx, &link)?;
                if let Some(pass) = &pass {
                    passes::put_redeemed(tx, &pass.kept, &self.peer.node, &link.id)?;
                }
                Verdict::linked(&link)
            }
        };
        if let Some(row) = &finished.row {
            put_pass(tx, row)?;
        }
        Ok(verdict)
    }

    fn note_logged(&self, tx: &mut Tx<'_>, leaf: u64) -> Result<(), ExchangeError> {
        let (peer, exchange) = (&self.peer.node, self.shown.exchange);
        let kind = AttemptKind::Redeem;
        let mut attempts = attempts_so_far(tx, peer, exchange, kind, self.shown.digest)?;
        attempts.note_logged(self.shown.attempt.number, leaf);
        attempts::put(tx, peer, &exchange, &attempts)?;
        Ok(())
    }
}

/// What is answered.
enum Verdict {
    Linked(wire::LinkMade),
    /// The true reason, for this node alone.
    Refused(&'static str),
    Duplicate,
}

impl Verdict {
    fn linked(link: &Link) -> Self {
        Self::Linked(wire::LinkMade {
            link_id: Bytes::copy_from_slice(link.id.as_bytes()),
            ceiling: link
                .ceiling
                .unwrap_or(passerelle_domain::Class::MAX)
                .as_u8()
                .into(),
        })
    }
}

/// A pass that is known here.
struct KnownPass {
    person: PersonId,
    kept: KeptPass,
    row: PassRow,
}

fn known_pass(read: &impl Read, secret: &PassSecret) -> Result<Option<KnownPass>, ExchangeError> {
    let Some(kept) = passes::find(read, &secret.id())? else {
        return Ok(None);
    };
    Ok(Some(KnownPass {
        person: kept.person,
        row: pass_row(&kept)?,
        kept,
    }))
}

fn put_pass(tx: &mut Tx<'_>, row: &PassRow) -> Result<(), ExchangeError> {
    passes::put(tx, &kept_pass(row)?)?;
    Ok(())
}

/// What is known of the carrier, to compare with; nothing of somebody who is not to be known here.
fn held_traits(
    read: &impl Read,
    person: &PersonId,
) -> Result<Option<IdentityTraits>, ExchangeError> {
    let person = persons::find(read, person)?.filter(|person| !person.protected);
    person.map(|person| traits_of(&person)).transpose()
}

const fn refused() -> RedeemResult {
    RedeemResult::Refused(wire::PassRefused {})
}

/// The true reason, sealed in this node's log.
const fn reason(refusal: PassRefusal) -> &'static str {
    match refusal {
        PassRefusal::Unknown => "unknown",
        PassRefusal::Revoked => "revoked",
        PassRefusal::Expired => "expired",
        PassRefusal::Locked => "locked",
        PassRefusal::WrongPin => "wrong_pin",
        PassRefusal::WrongTraits => "wrong_traits",
        PassRefusal::PinReplaced => "pin_replaced",
        PassRefusal::Spent => "spent",
    }
}

#[cfg(test)]
mod tests;
