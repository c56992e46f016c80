//! What another node's outbox delivers of introductions is taken: each once, in whatever order.

use std::time::Duration;

use passerelle_domain::claim::{self, IntroductionOutcome};
use passerelle_domain::entry::Outcome as EntryOutcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{LinkId, Peer, PersonId, TokenId, Verified};
use passerelle_linkage::traits::IdentityTraits;
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::introductions::{self, Introduced, Introduction, IntroductionState};
use passerelle_store::tables::links::{self, LinkEndCause, LinkState};
use passerelle_store::tables::{incidents, persons, quotas};

use super::accept::{form, introduced_link, state_of};
use super::{change, may_be_introduced, stands};
use crate::changes::append;
use crate::inbox::{Order, done, later, not_taken, refused};
use crate::link_ends::{Ending, ended_already, reported_already};
use crate::logging::Draft;
use crate::queue::queue;
use crate::{ExchangeError, Passerelle};

/// The most that one node introduces in a day (I8).
const MOST_A_DAY: u64 = 1_000;
/// How long it is remembered what became of one: 25 months, as a withdrawal is.
const KEPT: Duration = Duration::from_secs(762 * 24 * 3600);

impl Passerelle {
    /// Takes an introduction: who it is stays sealed until an agent accepts it. The answer says that it
    /// arrived, and nothing of whether the person is known here (I13).
    pub(crate) async fn take_introduction(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let claim = match self.0.tokens.introduction(jwt, &peer.node) {
            Ok(claim) => claim,
            Err(error) => return Ok(not_taken(error)),
        };
        let order = Order::new(peer, claim.id, jwt);
        let (node, jwt) = (self.clone(), jwt.to_owned());
        let committed = self
            .transact("take_introduction", move |tx| {
                node.keep_introduction(tx, &order, &claim, &jwt)
            })
            .await?;
        Ok(committed.value)
    }

    fn keep_introduction(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        claim: &Verified<claim::Introduction>,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        if let Some(outcome) = order.answered(tx)? {
            return Ok(outcome);
        }
        let peer = &order.peer.node;
        let (now, id) = (tx.now(), claim.id);
        if introductions::received(tx, &id)?.is_some() {
            return Ok(refused("jti: each once"));
        }
        let who = Introduced {
            birth_name: claim.birth_name.clone(),
            first_names: claim.first_names.clone(),
            birth_date: claim.birth_date.clone(),
            message: claim.message.clone(),
        };
        if let Err(malformed) = IdentityTraits::try_from(form(&who)) {
            return Ok(refused(malformed.to_string()));
        }
        if introductions::is_withdrawn_ahead(tx, &id, peer) {
            return order.answer(tx, done());
        }
        if quotas::add(tx, now, "introduced", peer.as_str(), 1)? > MOST_A_DAY {
            return Ok(later());
        }
        let row = Introduction {
            id,
            peer: peer.clone(),
            state: IntroductionState::Open,
            state_since: now,
            purpose: claim.purpose,
            ceiling: claim.ceiling,
            since: now,
            expires_at: claim.expires_at.at(),
            person: None,
            link: None,
            misses: 0,
            sent: None,
        };
        introductions::put_received(tx, &row)?;
        introductions::forget_received(tx, &id, row.expires_at.plus(KEPT))?;
        introductions::put_introduced(tx, &id, &who, row.expires_at)?;
        append(tx, &change(&row, ChangeKind::IntroductionArrived))?;
        self.taken_entry(&row, order, jwt, EntryOutcome::Done)
            .log(tx)?;
        order.answer(tx, done())
    }

    /// Takes what became of an introduction, as the side says that has decided it.
    pub(crate) async fn take_introduction_reply(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let claim = match self.0.tokens.introduction_reply(jwt, &peer.node) {
            Ok(claim) => claim,
            Err(error) => return Ok(not_taken(error)),
        };
        let order = Order::new(peer, claim.id, jwt);
        let (node, jwt) = (self.clone(), jwt.to_owned());
        let committed = self
            .transact("take_introduction_reply", move |tx| {
                if let Some(outcome) = order.answered(tx)? {
                    return Ok(outcome);
                }
                match state_of(claim.outcome) {
                    None => node.introduction_withdrawn(tx, &order, &claim.introduction, &jwt),
                    Some(state) => node.introduction_answered(tx, &order, &claim, state, &jwt),
                }
            })
            .await?;
        self.wake_outbox();
        Ok(committed.value)
    }

    fn introduction_withdrawn(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        id: &TokenId,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let peer = &order.peer.node;
        let row = introductions::received(tx, id)?.filter(|row| row.peer == *peer);
        let Some(row) = row else {
            let until = tx.now().plus(KEPT);
            introductions::put_withdrawn_ahead(tx, id, peer, until)?;
            return order.answer(tx, done());
        };
        if row.state == IntroductionState::Open {
            introductions::remove_introduced(tx, id);
            let row = stands(&row, IntroductionState::Withdrawn, tx);
            introductions::put_received(tx, &row)?;
            append(tx, &change(&row, ChangeKind::IntroductionWithdrawn))?;
        }
        self.taken_entry(&row, order, jwt, EntryOutcome::Done)
            .log(tx)?;
        order.answer(tx, done())
    }

    fn introduction_answered(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        claim: &Verified<claim::IntroductionReply>,
        state: IntroductionState,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let found = introductions::sent(tx, &claim.introduction)?;
        let found = found.filter(|row| row.peer == order.peer.node);
        let Some((person, row)) = found.and_then(|row| Some((row.person?, row))) else {
            return Ok(refused("sub: an introduction to this node"));
        };
        // The file may have been merged into another meanwhile: the link is that one's.
        let person = persons::kept(tx, &person)?;
        let outcome = match claim.outcome {
            IntroductionOutcome::Accepted => EntryOutcome::Done,
            _ => EntryOutcome::Nothing,
        };
        let draft = self.taken_entry(&row, order, jwt, outcome);
        let answered = match row.state {
            IntroductionState::Open => Introduction {
                person: Some(person),
                link: claim.link,
                ..stands(&row, state, tx)
            },
            _ => row.clone(),
        };
        if answered != row {
            introductions::put_sent(tx, &answered)?;
            append(tx, &change(&answered, ChangeKind::IntroductionAnswered))?;
        }
        match claim.link {
            Some(link) => {
                if let Some(rule) = self.keep_introduced(tx, &answered, (link, person), draft)? {
                    return Ok(refused(rule));
                }
            }
            None => {
                draft.log(tx)?;
            }
        }
        order.answer(tx, done())
    }

    /// Keeps the link that the other side drew; where the person has come back on it, or is linked with
    /// that side already, the new one ends at once. Gives the rule that it breaks.
    fn keep_introduced(
        &self,
        tx: &mut Tx<'_>,
        row: &Introduction,
        (id, person): (LinkId, PersonId),
        mut draft: Draft,
    ) -> Result<Option<&'static str>, ExchangeError> {
        if let Some(known) = links::find(tx, &id)? {
            if (persons::kept(tx, &known.person)?, &known.peer) != (person, &row.peer) {
                return Ok(Some("link: one about the person who was introduced"));
            }
            draft.log(tx)?;
            return Ok(None);
        }
        let link = introduced_link(row, id, person, tx);
        let allowed = match may_be_introduced(tx, &person, &row.peer, row.purpose) {
            Ok(()) => row.state == IntroductionState::Accepted,
            Err(ExchangeError::PaperFails(_)) => false,
            Err(error) => return Err(error),
        };
        let link = match links::ended_ahead(tx, &id, &row.peer)? {
            Some(ended) => ended_already(link, &ended),
            None => link,
        };
        let single = links::live(tx, &person, &row.peer)?.is_none();
        links::put(tx, &link)?;
        if link.state == LinkState::Live && !(allowed && single) {
            let ending = Ending {
                cause: LinkEndCause::NotAccompanied,
                by: self.0.own.node.clone(),
                order: TokenId::from_bytes(tx.random()),
                jwt: None,
            };
            let signed = self.signed_end(&link, &ending)?;
            draft.entry.kind = EntryKind::Unlinked;
            ending.carry_out(tx, &link, draft)?;
            queue(tx, &signed)?;
            return Ok(None);
        }
        let kind = match link.state {
            LinkState::Live => ChangeKind::LinkMade,
            LinkState::Ended => ChangeKind::LinkEnded,
            LinkState::Reported => ChangeKind::LinkReported,
        };
        append(tx, &Change::of(person, kind).with(&row.peer))?;
        let appended = draft.log(tx)?;
        if let Some(incident) = reported_already(&link, appended.leaf) {
            incidents::put(tx, &incident)?;
        }
        Ok(None)
    }

    fn taken_entry(
        &self,
        row: &Introduction,
        order: &Order,
        jwt: &str,
        outcome: EntryOutcome,
    ) -> Draft {
        self.introduced(row, outcome, jwt)
            .with(&row.peer, Some(order.peer.certificate))
    }
}
