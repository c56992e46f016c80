//! Another node has taken an objection, and this node, which it asked, adopts it as holder.

use passerelle_domain::claim::Objection;
use passerelle_domain::entry::Outcome as EntryOutcome;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Peer, TokenId, Verified};
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::objections::{self, KeptObjection, OfficerAnswer};

use crate::changes::append;
use crate::gate::under_gate;
use crate::inbox::{Order, done, later, link_of, not_taken, refused};
use crate::logging::Draft;
use crate::objections::concerned_receivers;
use crate::{ExchangeError, Passerelle};

/// The most objections of one node about a person that stand: every decision weighs them all (I8).
const MOST_OBJECTIONS: usize = 64;
/// The most objections that were ever taken, and the most liftings.
const MOST_EVER: usize = 1_024;

impl Passerelle {
    /// Adopts an objection, or its lifting, once and in whatever order they come (I5). Taken with a
    /// full disk, and whatever the clocks say.
    pub(crate) async fn take_objection(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let claim = match self.0.tokens.objection(jwt, &peer.node) {
            Ok(claim) => claim,
            Err(error) => return Ok(not_taken(error)),
        };
        let link = self.read(|view| link_of(view, &claim.link, &peer.node))?;
        let gate = match &link {
            Some(link) => Some(self.kept_gate(link.person).await?.1),
            None => None,
        };
        let entry = self.entry(EntryKind::Objected, EntryOutcome::Done);
        let draft = Draft::new(entry, link.map(|link| link.person))
            .with(&peer.node, Some(peer.certificate));
        let order = Order::new(peer, claim.id, jwt);
        let node = self.clone();
        let committed = self
            .transact_urgent(
                "adopt",
                under_gate(gate, move |tx| node.adopt(tx, &order, &claim, &draft)),
            )
            .await?;
        self.wake_outbox();
        Ok(committed.value)
    }

    fn adopt(
        &self,
        tx: &mut Tx<'_>,
        order: &Order,
        claim: &Verified<Objection>,
        draft: &Draft,
    ) -> Result<Outcome, ExchangeError> {
        if let Some(outcome) = order.answered(tx)? {
            return Ok(outcome);
        }
        let link = link_of(tx, &claim.link, &order.peer.node)?;
        if link.as_ref().map(|link| link.person) != draft.person {
            return Ok(later());
        }
        let mut draft = draft.clone();
        match link.filter(|link| link.state == LinkState::Live) {
            Some(link) if is_full(tx, &link, claim)? => {
                return Ok(refused("at most 64 objections of one node about a person"));
            }
            Some(link) => {
                if adopt(tx, &link, claim)? {
                    self.order_purges(tx, &link, claim)?;
                }
            }
            // The sender sees no difference (I13).
            None => RefusalReason::NoLink
                .id()
                .clone_into(&mut draft.fields.reason),
        }
        draft.log(tx)?;
        order.answer(tx, done())
    }

    /// Others received from this node what the objection may close; its sender has destroyed its
    /// copies itself.
    fn order_purges(
        &self,
        tx: &mut Tx<'_>,
        link: &Link,
        claim: &Verified<Objection>,
    ) -> Result<(), ExchangeError> {
        for receiver in concerned_receivers(tx, &link.person, &claim.scope)? {
            if receiver.peer != claim.issuer {
                let id = TokenId::from_bytes(tx.random());
                self.order_purge(tx, &receiver, id)?;
            }
        }
        Ok(())
    }
}

/// Whether as many are there of the same kind as there may be.
fn is_full(tx: &Tx<'_>, link: &Link, claim: &Verified<Objection>) -> Result<bool, ExchangeError> {
    let taken = objections::of_person(tx, &link.person)?;
    let same = taken.iter().filter(|other| {
        other.issuer == claim.issuer && other.lifts.is_some() == claim.lifts.is_some()
    });
    let (mut stand, mut all) = (0, 0);
    for other in same {
        all += 1;
        stand += usize::from(other.lifted_at.is_none() && other.lifts.is_none());
    }
    Ok(stand >= MOST_OBJECTIONS || all >= MOST_EVER)
}

/// Keeps an objection or a lifting. Says whether it closes something from now on.
fn adopt(tx: &mut Tx<'_>, link: &Link, claim: &Verified<Objection>) -> Result<bool, ExchangeError> {
    let now = tx.now();
    if let Some(lifted) = claim.lifts
        && let Some(objection) = objections::find(tx, &link.person, &claim.issuer, &lifted)?
    {
        let lifted_at = objection.lifted_at.or(Some(now));
        let no_longer = KeptObjection {
            lifted_at,
            ..objection
        };
        objections::put(tx, &link.person, &no_longer)?;
    }
    // Its lifting may have come first.
    let others = objections::of_person(tx, &link.person)?;
    let lifted = others
        .iter()
        .find(|other| other.issuer == claim.issuer && other.lifts == Some(claim.id));
    let kept = KeptObjection {
        issuer: claim.issuer.clone(),
        id: claim.id,
        scope: claim.scope.clone(),
        lifts: claim.lifts,
        via: Some(link.id),
        taken_at: now,
        lifted_at: lifted.map(|lifted| lifted.taken_at),
        officer: OfficerAnswer::Pending,
    };
    objections::put(tx, &link.person, &kept)?;
    let (kind, subject) = match claim.lifts {
        Some(lifted) => (ChangeKind::ObjectionLifted, lifted),
        None => (ChangeKind::ObjectionRecorded, claim.id),
    };
    let change = Change::of(link.person, kind).with(&link.peer);
    append(tx, &change.about(&subject))?;
    Ok(kept.lifts.is_none() && kept.lifted_at.is_none())
}

#[cfg(test)]
mod tests;
