//! The other side of a link has ended it: in force here in the transaction that takes it.

use std::time::Duration;

use passerelle_domain::claim::{LinkEnd, LinkEndGround};
use passerelle_domain::entry::Outcome as EntryOutcome;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Peer, Verified};
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::links::{self, EndedAhead, LinkEndCause};

use crate::gate::under_gate;
use crate::inbox::{Order, later, link_of, not_taken};
use crate::link_ends::Ending;
use crate::logging::Draft;
use crate::purging::purge;
use crate::withdrawn::Signer;
use crate::{ExchangeError, Passerelle};

/// How long the end of a link that is not known here is kept: 25 months, as a withdrawal is.
const KEPT_AHEAD: Duration = Duration::from_secs(762 * 24 * 3600);

impl Passerelle {
    /// Takes the end of a link: whatever its order, once (I5), and before or after every disclosure
    /// about the person, never during one (I3). Taken with a full disk, and whatever the clocks say.
    pub(crate) async fn take_link_end(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let claim = match self.0.tokens.link_end(jwt, &peer.node) {
            Ok(claim) => claim,
            Err(error) => return Ok(not_taken(error)),
        };
        let link = self.read(|view| link_of(view, &claim.link, &peer.node))?;
        let gate = match &link {
            Some(link) => Some(self.0.store.gate(link.person).exclusive().await),
            None => None,
        };
        let entry = self.entry(EntryKind::Unlinked, EntryOutcome::Done);
        let draft = Draft::new(entry, link.map(|link| link.person))
            .with(&peer.node, Some(peer.certificate));
        let taking = Taking {
            order: Order::new(peer, claim.id, jwt),
            claim,
            jwt: jwt.to_owned(),
            draft,
            signer: Signer::of(self),
        };
        let committed = self
            .transact_urgent("take_link_end", under_gate(gate, move |tx| taking.take(tx)))
            .await?;
        Ok(committed.value)
    }
}

struct Taking {
    order: Order,
    claim: Verified<LinkEnd>,
    jwt: String,
    draft: Draft,
    signer: Signer,
}

impl Taking {
    fn take(&self, tx: &mut Tx<'_>) -> Result<Outcome, ExchangeError> {
        if let Some(outcome) = self.order.answered(tx)? {
            return Ok(outcome);
        }
        let node = &self.order.peer.node;
        let link = link_of(tx, &self.claim.link, node)?;
        if link.as_ref().map(|link| link.person) != self.draft.person {
            // The link was made meanwhile, and its gate is not held.
            return Ok(later());
        }
        let ending = Ending {
            cause: match self.claim.ground {
                LinkEndGround::Unlinked => LinkEndCause::NotAccompanied,
                LinkEndGround::WrongLink => LinkEndCause::WrongLink,
            },
            by: node.clone(),
            order: self.claim.id,
            jwt: Some(self.jwt.clone()),
        };
        let mut draft = self.draft.clone();
        let records = match link {
            Some(link) if ending.changes(&link) => ending.carry_out(tx, &link, draft)?,
            Some(link) => {
                let records = purge(tx, &link)?;
                draft.entry.records = (records > 0).then_some(records);
                draft.log(tx)?;
                records
            }
            None => {
                self.end_ahead(tx, draft)?;
                0
            }
        };
        let answer = self.signer.purge_answer(tx, &self.order, records)?;
        self.order.answer(tx, answer)
    }

    /// Ends a link that is not known here. The sender sees no difference: it may be about to be
    /// known, and that nobody here is meant is not told (I13).
    fn end_ahead(&self, tx: &mut Tx<'_>, mut draft: Draft) -> Result<(), ExchangeError> {
        let now = tx.now();
        let ended = EndedAhead {
            at: now,
            wrong: self.claim.ground == LinkEndGround::WrongLink,
            order: self.claim.id,
        };
        let (link, peer) = (&self.claim.link, &self.order.peer.node);
        links::put_ended_ahead(tx, link, peer, ended, now.plus(KEPT_AHEAD))?;
        RefusalReason::NoLink
            .id()
            .clone_into(&mut draft.fields.reason);
        draft.log(tx)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
