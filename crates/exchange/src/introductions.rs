//! A person is introduced to another organisation, where there is no pass: an agent picks it with the
//! person, its agents find the introduction in their inbox, and accept with the birth date that the
//! person says.
//!
//! Who the person is goes out once, in a signed order that the log names before it is sent, and is
//! shown to nobody there until the birth date was said.

mod accept;
mod list;
mod taken;

use std::time::Duration;

use passerelle_domain::claim::{self, Claim, IntroductionOutcome, Notice, NumericDate};
use passerelle_domain::entry::Outcome;
use passerelle_domain::member::Member;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{
    Caller, Class, Digest, GivenBy, LinkId, Malformed, MessageToPartner, NodeId, PersonId, Pii,
    Purpose, TokenId,
};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::introductions::{self, Introduction, IntroductionState, SentPart};
use passerelle_store::tables::objections;
use passerelle_store::tables::outbox::{self, OutboxKind, OutboxPlace};
use passerelle_store::tables::{Read, links, persons};

use crate::changes::append;
use crate::logging::Draft;
use crate::ports::Outgoing;
use crate::queue::{Signed, queue};
use crate::redeem::use_quota;
use crate::requests::{Request, RequestId};
use crate::{ExchangeError, Passerelle};
pub use accept::{AcceptInto, AcceptIntroduction};
pub use list::{IntroductionFile, IntroductionFilter, IntroductionShown, IntroductionSide};

const DAY: Duration = Duration::from_secs(24 * 3600);
const LONGEST_DAYS: u32 = 30;

/// Whom to introduce, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduce {
    /// The person, who is there.
    pub person: PersonId,
    /// Chosen by the caller: repeating a call with it introduces nobody again.
    pub request: RequestId,
    /// The organisation's node.
    pub node: NodeId,
    /// What for.
    pub purpose: Purpose,
    /// The text that the person was shown, of the catalogue, and shown today.
    pub notice: Notice,
    /// Who agreed.
    pub given_by: GivenBy,
    /// For the agents there; empty if nothing is written.
    pub message: Pii<String>,
    /// The highest class that any receipt over the link may open; 2 where not said.
    pub ceiling: Option<Class>,
    /// How many days it can be accepted, 1 to 30; 30 where not said.
    pub valid_days: Option<u32>,
}

/// An introduction that is ready to be sent.
#[derive(Clone)]
struct Ready {
    asked: Request,
    row: Introduction,
    person: PersonId,
    jwt: String,
    draft: Draft,
}

impl Passerelle {
    /// Introduces a person to an organisation. Where they are linked with it already, nothing is sent,
    /// and the link that stands is given.
    pub async fn introduce(
        &self,
        caller: &Caller,
        mut request: Introduce,
    ) -> Result<IntroductionFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        self.may_exchange()?;
        let asked = Request::of(caller, "introduction", &request.request, &request.text());
        request.person = self.kept(request.person)?;
        let before = self.read(|view| asked.answered(view))?;
        let id = match before {
            Some(before) => TokenId::from_slice(&before)?,
            None => {
                let quota = self.quota_of(caller.role)?;
                let ready = self.ready(caller, &request, asked)?;
                let (limits, caller) = (self.0.limits, caller.clone());
                let sent = self.transact("introduce", move |tx| {
                    if let Some(before) = ready.asked.answered(tx)? {
                        return Ok(TokenId::from_slice(&before)?);
                    }
                    use_quota(tx, &caller, "introduction", quota, &limits)?;
                    ready.send(tx)
                });
                sent.await?.value
            }
        };
        self.wake_outbox();
        self.sent_file(&id).await
    }

    /// Takes back an introduction that was not answered.
    pub async fn withdraw_introduction(
        &self,
        caller: &Caller,
        id: TokenId,
    ) -> Result<IntroductionFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let row = self.read(|view| sent(view, &id))?;
        if row.state == IntroductionState::Open {
            let signed = self.reply(&row, IntroductionOutcome::Withdrawn, None)?;
            let draft = self.introduced(&row, Outcome::Done, &signed.jwt).by(caller);
            self.transact_urgent("withdraw_introduction", move |tx| {
                let row = sent(tx, &id)?;
                if row.state != IntroductionState::Open {
                    return Ok(());
                }
                unsend(tx, &row)?;
                introductions::put_sent(tx, &stands(&row, IntroductionState::Withdrawn, tx))?;
                queue(tx, &signed)?;
                append(tx, &change(&row, ChangeKind::IntroductionWithdrawn))?;
                draft.clone().log(tx)?;
                Ok(())
            })
            .await?;
            self.wake_outbox();
        }
        let file = self.sent_file(&id).await?;
        if file.introduction.state == IntroductionState::Withdrawn {
            return Ok(file);
        }
        let rule = "one that was not answered; UnlinkPerson ends a link";
        Err(Malformed::new("introduction_id", rule).into())
    }

    /// Checks all that can be checked before anything is kept.
    fn ready(
        &self,
        caller: &Caller,
        request: &Introduce,
        asked: Request,
    ) -> Result<Ready, ExchangeError> {
        let member = self.partner(&request.node)?;
        let ceiling = request.ceiling.unwrap_or(Class::LivingConditions);
        entitled(&member, request.purpose, ceiling)?;
        if ceiling > Class::LivingConditions && !caller.second_factor {
            return Err(ExchangeError::SecondFactorRequired);
        }
        let days = request.valid_days.unwrap_or(LONGEST_DAYS);
        if !(1..=LONGEST_DAYS).contains(&days) {
            return Err(Malformed::new("valid_days", "1 to 30, or 0 for 30").into());
        }
        if !request.message.expose().is_empty() {
            MessageToPartner::new(request.message.expose().as_str())
                .map_err(|error| error.within("message_to_partner"))?;
        }
        self.check_notice(&request.notice)?;
        let person = self.read(|view| {
            persons::find(view, &request.person)?.ok_or(ExchangeError::PersonNotFound)
        })?;
        let now = self.now();
        let claim = claim::Introduction {
            issuer: self.0.own.node.clone(),
            audience: request.node.clone(),
            issued_at: NumericDate::of(now),
            expires_at: NumericDate::of(now.plus(DAY * days)),
            id: TokenId::random(self.rng()),
            purpose: request.purpose,
            ceiling,
            notice: request.notice.clone(),
            given_by: request.given_by,
            birth_name: Pii::new(person.identity.birth_name),
            first_names: Pii::new(person.identity.first_names),
            birth_date: Pii::new(person.identity.birth_date),
            message: request.message.clone(),
        };
        claim.check()?;
        let jwt = self.sign(Outgoing::Introduction(&claim))?;
        let row = Introduction {
            id: claim.id,
            peer: request.node.clone(),
            state: IntroductionState::Open,
            state_since: now,
            purpose: request.purpose,
            ceiling,
            since: now,
            expires_at: claim.expires_at.at(),
            person: Some(request.person),
            link: None,
            misses: 0,
            sent: Some(SentPart {
                number: 0,
                notice: request.notice.clone(),
                given_by: request.given_by,
            }),
        };
        let draft = self.introduced(&row, Outcome::Done, &jwt).by(caller);
        Ok(Ready {
            asked,
            person: request.person,
            row,
            jwt,
            draft,
        })
    }

    /// The entry about an introduction, which names the exact bytes that go out or came.
    fn introduced(&self, row: &Introduction, outcome: Outcome, jwt: &str) -> Draft {
        let mut entry = self.entry(EntryKind::Introduced, outcome);
        entry.purpose = Some(row.purpose);
        entry.body = Some(Digest::of(jwt.as_bytes()));
        Draft::new(entry, row.person).with(&row.peer, None)
    }

    /// What became of an introduction, for the other side.
    fn reply(
        &self,
        row: &Introduction,
        outcome: IntroductionOutcome,
        link: Option<LinkId>,
    ) -> Result<Signed, ExchangeError> {
        let claim = claim::IntroductionReply {
            issuer: self.0.own.node.clone(),
            audience: row.peer.clone(),
            introduction: row.id,
            outcome,
            link,
            issued_at: NumericDate::of(self.now()),
            id: TokenId::random(self.rng()),
        };
        Ok(Signed {
            kind: OutboxKind::IntroductionReply,
            peer: row.peer.clone(),
            person: row.person,
            subject: claim.id,
            jwt: self.sign(Outgoing::IntroductionReply(&claim))?,
        })
    }
}

impl Ready {
    fn send(&self, tx: &mut Tx<'_>) -> Result<TokenId, ExchangeError> {
        // The file may have been merged into another meanwhile.
        let person = &persons::kept(tx, &self.person)?;
        let peer = &self.row.peer;
        may_be_introduced(tx, person, peer, self.row.purpose)?;
        self.asked.answer(tx, self.row.id.as_bytes())?;
        if let Some(link) = links::live(tx, person, peer)? {
            let row = Introduction {
                person: Some(*person),
                link: Some(link.id),
                ..stands(&self.row, IntroductionState::Accepted, tx)
            };
            introductions::put_sent(tx, &row)?;
            return Ok(row.id);
        }
        let place = queue(
            tx,
            &Signed {
                kind: OutboxKind::Introduction,
                peer: peer.clone(),
                person: Some(*person),
                subject: self.row.id,
                jwt: self.jwt.clone(),
            },
        )?;
        let mut row = Introduction {
            person: Some(*person),
            ..self.row.clone()
        };
        if let Some(sent) = &mut row.sent {
            sent.number = place.number;
        }
        introductions::put_sent(tx, &row)?;
        append(tx, &change(&row, ChangeKind::IntroductionSent))?;
        self.draft.clone().log(tx)?;
        Ok(row.id)
    }
}

impl Introduce {
    /// What makes two requests the same. Only its digest is kept.
    fn text(&self) -> String {
        let said = (
            (&self.person, self.node.as_str(), self.purpose.id()),
            (&self.notice, self.given_by.id(), self.message.expose()),
            (self.ceiling.map(Class::as_u8), self.valid_days),
        );
        format!("{said:?}")
    }
}

/// Whoever is hidden, or has objected, is introduced to nobody whom that concerns.
fn may_be_introduced(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
    purpose: Purpose,
) -> Result<(), ExchangeError> {
    let file = persons::find(read, person)?.ok_or(ExchangeError::PersonNotFound)?;
    if file.protected {
        return Err(ExchangeError::PaperFails(
            RefusalReason::ProtectedMembership,
        ));
    }
    let closes = |scope: &claim::ObjectionScope| match scope {
        claim::ObjectionScope::All => true,
        claim::ObjectionScope::Purposes(purposes) => purposes.contains(&purpose),
        claim::ObjectionScope::Requester(node) => node == peer,
        claim::ObjectionScope::Sections(_) => false,
    };
    let objected = objections::of_person(read, person)?
        .iter()
        .any(|kept| kept.lifts.is_none() && kept.lifted_at.is_none() && closes(&kept.scope));
    if objected {
        return Err(ExchangeError::PaperFails(RefusalReason::Objection));
    }
    Ok(())
}

/// Nobody is introduced to an organisation that may not ask for that purpose and class.
fn entitled(member: &Member, purpose: Purpose, ceiling: Class) -> Result<(), ExchangeError> {
    match member.rights.purposes.get(&purpose) {
        None => Err(ExchangeError::NotEntitled(
            RefusalReason::OrganisationNotEntitled,
        )),
        Some(highest) if ceiling > *highest => {
            Err(ExchangeError::NotEntitled(RefusalReason::ClassNotAllowed))
        }
        Some(_) => Ok(()),
    }
}

fn sent(read: &impl Read, id: &TokenId) -> Result<Introduction, ExchangeError> {
    introductions::sent(read, id)?.ok_or_else(|| ExchangeError::not_found("introduction_id"))
}

/// Who the person is does not go out any more, if it has not gone.
fn unsend(tx: &mut Tx<'_>, row: &Introduction) -> Result<(), ExchangeError> {
    let Some(sent) = &row.sent else {
        return Ok(());
    };
    let place = OutboxPlace {
        peer: row.peer.clone(),
        priority: OutboxKind::Introduction.priority(),
        number: sent.number,
    };
    let waits = outbox::find(tx, &place)?;
    if waits.is_some_and(|item| item.kind == OutboxKind::Introduction) {
        outbox::remove(tx, &place);
    }
    Ok(())
}

fn stands(row: &Introduction, state: IntroductionState, tx: &Tx<'_>) -> Introduction {
    Introduction {
        state,
        state_since: tx.now(),
        ..row.clone()
    }
}

fn change(row: &Introduction, kind: ChangeKind) -> Change {
    let change = Change {
        kind,
        person: row.person,
        node: None,
        subject: String::new(),
        purpose: Some(row.purpose),
        records: 0,
    };
    change.with(&row.peer).about(&row.id)
}

#[cfg(test)]
mod tests;
