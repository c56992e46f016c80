//! The requester's side of a redemption: the person shows a pass of another organisation, and the
//! link is made.
//!
//! The PIN is typed before this node's agent. What was shown is kept, sealed under the person, only
//! until it is answered.

mod answer;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{AgentRole, EntryKind};
use passerelle_domain::{
    Caller, Class, Digest, ExchangeId, LinkId, Malformed, NodeId, PersonId, Pii, Purpose,
};
use passerelle_linkage::pass::{PassSecret, Pin};
use passerelle_linkage::traits::ShownTraits;
use passerelle_policy::{OwnAct, own_access};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::Tx;
use passerelle_store::tables::questions::QuestionState;
use passerelle_store::tables::redemptions::{self, Redemption};
use passerelle_store::tables::{agents, links, persons, quotas};
use passerelle_tlog::SignedCheckpoint;
use prost::Message;

use crate::fetch::{caller_digest, next_attempt, peer_error};
use crate::logging::{Appended, Draft};
use crate::persons::traits_of;
use crate::shown::seen_of;
use crate::{ExchangeError, Limits, Passerelle};
use answer::NoAnswer;

/// A pass, as the person shows it.
#[derive(Clone, Debug)]
pub struct RedeemPass {
    /// The person here.
    pub person: PersonId,
    /// Chosen by the caller: repeating a call with it repeats the same attempt. What is shown anew,
    /// another PIN say, takes another.
    pub exchange: ExchangeId,
    /// What is printed on the pass, or what its QR code holds.
    pub pass_text: Pii<String>,
    /// The PIN that the person types.
    pub pin: Pii<String>,
    /// As the person gives it; empty: as it is known here.
    pub birth_name: Pii<String>,
    /// As the person gives it; empty: as it is known here.
    pub first_name: Pii<String>,
    /// As the person gives it; empty: as it is known here.
    pub birth_date: Pii<String>,
}

/// The link stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The node that issued the pass.
    pub node: NodeId,
    /// Its organisation's name.
    pub organisation: String,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
}

/// What is shown, read.
#[derive(Clone)]
struct Shown {
    secret: PassSecret,
    pin: Pin,
    traits: ShownTraits,
}

/// One attempt, logged and about to be sent.
#[derive(Clone)]
struct Sent {
    redemption: Redemption,
    digest: Digest,
    asked: Appended,
    /// What the entry `asked` says; the entry about its answer says the same.
    entry: Entry,
}

impl Passerelle {
    /// Redeems a pass of another organisation, with the person present.
    pub async fn redeem_pass(
        &self,
        caller: &Caller,
        mut request: RedeemPass,
    ) -> Result<Redeemed, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        request.person = self.kept(request.person)?;
        let shown = self.shown(&request)?;
        let issuer = self.issuer(&shown.secret)?;
        self.may_redeem(request.exchange)?;
        if let Some(result) = self.redeemed_before(caller, &request, &shown, &issuer)? {
            return result;
        }
        self.tell_ends(&request.person, &issuer.node).await?;
        let sent = self.log_redeeming(caller, &request, &shown).await?;
        let held = self.held_checkpoint(&issuer)?;
        let message = self.redeem_message(&sent, held.as_ref());
        match self.0.peers.redeem(&issuer.node, message).await {
            Ok(reply) => match self.check_redemption(&issuer, held.as_ref(), &sent, &reply) {
                Ok(received) => self.keep_link(caller, &issuer, sent, received).await,
                Err(rule) => {
                    tracing::error!(peer = %issuer.node, rule, "a peer's answer was refused");
                    let why = NoAnswer::refused(rule, reply.certificate);
                    self.note_no_link(caller, &sent, &why).await?;
                    Err(ExchangeError::PeerAnswerRefused { rule })
                }
            },
            Err(error) => {
                let why = NoAnswer::failed(&error);
                let since = self.note_no_link(caller, &sent, &why).await?;
                Err(peer_error(&error, since))
            }
        }
    }

    fn shown(&self, request: &RedeemPass) -> Result<Shown, ExchangeError> {
        let secret = PassSecret::parse(request.pass_text.expose());
        let secret = secret.map_err(|error| Malformed::from(error).within("pass_text"))?;
        let pin = Pin::parse(request.pin.expose()).map_err(|error| error.within("pin"))?;
        let person = self.read(|view| {
            persons::find(view, &request.person)?.ok_or(ExchangeError::PersonNotFound)
        })?;
        let known = ShownTraits::from(&traits_of(&person)?);
        let traits = ShownTraits::parse(
            said_or(&request.birth_name, known.birth_name.expose().as_str()),
            said_or(&request.first_name, known.first_name.expose().as_str()),
            said_or(&request.birth_date, &known.birth_date.expose().to_string()),
        )?;
        Ok(Shown {
            secret,
            pin,
            traits,
        })
    }

    /// The member that issued a pass: another than this node.
    fn issuer(&self, secret: &PassSecret) -> Result<Member, ExchangeError> {
        if *secret.issuer() == self.0.own.node {
            return Err(Malformed::new("pass_text", "a pass of another organisation").into());
        }
        self.partner(secret.issuer())
    }

    fn may_redeem(&self, exchange: ExchangeId) -> Result<(), ExchangeError> {
        self.may_exchange()?;
        self.question_in_date(exchange)
    }

    /// What came of this exchange already: a repeated call shows nothing to anybody again.
    fn redeemed_before(
        &self,
        caller: &Caller,
        request: &RedeemPass,
        shown: &Shown,
        issuer: &Member,
    ) -> Result<Option<Result<Redeemed, ExchangeError>>, ExchangeError> {
        let found = self.read(|view| Ok(redemptions::find(view, &request.exchange)?))?;
        let Some(before) = found else {
            return Ok(None);
        };
        same_redemption(&before, caller, request, shown)?;
        let (QuestionState::Answered, Some(leaf)) = (before.state, before.result_leaf) else {
            return Ok(None);
        };
        let bytes = self.0.store.log().entry(leaf).map_err(|error| {
            tracing::error!(%error, "the log cannot be read");
            ExchangeError::LogUnavailable
        })?;
        if Entry::parse(&bytes)?.outcome != Outcome::Done {
            return Ok(Some(Err(ExchangeError::PassRefused)));
        }
        let link = self.read(|view| Ok(links::live(view, &request.person, &issuer.node)?))?;
        let result = link.ok_or(ExchangeError::NoLink);
        Ok(Some(result.map(|link| Redeemed {
            node: issuer.node.clone(),
            organisation: issuer.organisation.name.clone(),
            ceiling: link.ceiling.unwrap_or(Class::MAX),
        })))
    }

    /// Logs the attempt; from then on it exists, whatever happens (I5).
    async fn log_redeeming(
        &self,
        caller: &Caller,
        request: &RedeemPass,
        shown: &Shown,
    ) -> Result<Sent, ExchangeError> {
        let quota = self.quota_of(caller.role)?;
        let limits = self.0.limits;
        let nonce: [u8; 32] = self.rng().bytes();
        let first = self.entry(EntryKind::Asked, Outcome::Done);
        let (caller, request, shown) = (caller.clone(), request.clone(), shown.clone());
        let committed = self
            .transact("redeem", move |tx| {
                let mut redemption = match redemptions::find(tx, &request.exchange)? {
                    Some(before) => {
                        same_redemption(&before, &caller, &request, &shown)?;
                        before
                    }
                    None => {
                        use_quota(tx, &caller, "redemption", quota, &limits)?;
                        begin(tx, &caller, &request, &shown, nonce)?
                    }
                };
                redemption.last_attempt = next_attempt(redemption.last_attempt)?;
                redemption.state = QuestionState::Open;
                redemptions::put(tx, &redemption)?;
                let digest = Digest::of(redemption.question.expose());
                let entry = Entry {
                    exchange: Some(request.exchange),
                    attempt: Some(redemption.last_attempt),
                    purpose: Some(Purpose::Identification),
                    question: Some(digest),
                    peer_checkpoint: seen_of(tx, &redemption.peer)?,
                    ..first.clone()
                };
                let draft = Draft::new(entry.clone(), Some(redemption.person))
                    .by(&caller)
                    .with(&redemption.peer, None);
                Ok(Sent {
                    asked: draft.log(tx)?,
                    redemption,
                    digest,
                    entry,
                })
            })
            .await?;
        Ok(committed.value)
    }

    fn redeem_message(&self, sent: &Sent, held: Option<&SignedCheckpoint>) -> wire::RedeemRequest {
        let number = sent.redemption.last_attempt;
        let body = wire::RedeemBody {
            question: sent.redemption.question.expose().clone(),
            attempt: Some(self.attempt_message(number, &sent.asked, held)),
        };
        wire::RedeemRequest {
            envelope: Some(wire::Envelope {
                body: body.encode_to_vec().into(),
            }),
        }
    }

    pub(crate) fn quota_of(&self, role: AgentRole) -> Result<u64, ExchangeError> {
        match role {
            AgentRole::Caseworker => Ok(self.0.limits.redemptions_caseworker),
            AgentRole::Reception => Ok(self.0.limits.redemptions_reception),
            AgentRole::PrivacyOfficer | AgentRole::Operator => Err(ExchangeError::RoleNotAllowed),
        }
    }
}

/// Counts a redemption, or another act of the kind, of the agent today. Somebody new, who may be nobody, begins slowly.
pub(crate) fn use_quota(
    tx: &mut Tx<'_>,
    caller: &Caller,
    kind: &str,
    quota: u64,
    limits: &Limits,
) -> Result<(), ExchangeError> {
    let now = tx.now();
    let known = agents::find(tx, &caller.siret, &caller.subject)?;
    let settled = known.is_some_and(|agent| now.since(agent.first_seen) >= limits.new_agent);
    let quota = match settled {
        true => quota,
        false => quota.min(limits.redemptions_new_agent),
    };
    let subject = caller.reference.as_str();
    if quotas::add(tx, now, kind, subject, 1)? > quota {
        return Err(ExchangeError::QuotaExceeded);
    }
    Ok(())
}

/// A redemption that was not attempted yet. It proposes the link of the first time that this pass
/// was shown for this person, whatever came of that.
fn begin(
    tx: &Tx<'_>,
    caller: &Caller,
    request: &RedeemPass,
    shown: &Shown,
    nonce: [u8; 32],
) -> Result<Redemption, ExchangeError> {
    let pass = pass_digest(&shown.secret);
    let first = redemptions::first_of_pass(tx, &request.person, &pass)?;
    let proposed_link = first.map_or_else(
        || LinkId::from_bytes(tx.random()),
        |first| first.proposed_link,
    );
    let question = wire::RedeemQuestion {
        exchange_id: Bytes::copy_from_slice(request.exchange.as_bytes()),
        pass_secret: Bytes::copy_from_slice(shown.secret.wire_bytes()),
        pin: shown.pin.reveal().to_owned(),
        birth_name: shown.traits.birth_name.expose().as_str().to_owned(),
        first_name: shown.traits.first_name.expose().as_str().to_owned(),
        birth_date: shown.traits.birth_date.expose().to_string(),
        link_id: Bytes::copy_from_slice(proposed_link.as_bytes()),
        agent: Some((&caller.asking_agent()).into()),
        nonce: Bytes::copy_from_slice(&nonce),
    };
    Ok(Redemption {
        exchange: request.exchange,
        person: request.person,
        proposed_link,
        pass,
        peer: shown.secret.issuer().clone(),
        caller: caller_digest(caller),
        last_attempt: 0,
        asked_at: tx.now(),
        state: QuestionState::Open,
        result_leaf: None,
        question: Pii::new(question.encode_to_vec().into()),
    })
}

/// Whether a call with a known exchange id shows the same, as far as that is still known.
fn same_redemption(
    before: &Redemption,
    caller: &Caller,
    request: &RedeemPass,
    shown: &Shown,
) -> Result<(), ExchangeError> {
    let question = before.question.expose();
    let shown_before = wire::RedeemQuestion::decode(&**question).unwrap_or_default();
    let shows_the_same = question.is_empty()
        || (shown_before.pin == shown.pin.reveal()
            && shown_before.birth_name == shown.traits.birth_name.expose().as_str()
            && shown_before.first_name == shown.traits.first_name.expose().as_str()
            && shown_before.birth_date == shown.traits.birth_date.expose().to_string());
    let same = before.person == request.person
        && before.pass == pass_digest(&shown.secret)
        && before.caller == caller_digest(caller);
    if same && shows_the_same {
        Ok(())
    } else {
        Err(ExchangeError::IdReused("exchange_id"))
    }
}

/// By what a pass is known again here: its secret has 128 random bits, of which this tells nothing.
fn pass_digest(secret: &PassSecret) -> Digest {
    Digest::of(secret.wire_bytes())
}

fn said_or<'a>(said: &'a Pii<String>, known: &'a str) -> &'a str {
    match said.expose().as_str() {
        "" => known,
        said => said,
    }
}

#[cfg(test)]
mod tests;
