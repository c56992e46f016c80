//! The other party of a link has withdrawn: in force here in the transaction that takes it.

use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::claim::{NumericDate, PurgeAnswer, Withdrawal};
use passerelle_domain::entry::Outcome as EntryOutcome;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{NodeId, Peer, Verified};
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::withdrawals::WithdrawnChain;
use passerelle_store::tables::{receipts, withdrawals};

use crate::changes::append;
use crate::gate::under_gate;
use crate::inbox::{Order, later, link_of, not_taken, refused};
use crate::logging::Draft;
use crate::ports::{Outgoing, Tokens};
use crate::purging::purge_under;
use crate::receipts::add_ground;
use crate::{ExchangeError, Passerelle};

/// How long a withdrawal over a link that is not known here is kept: 25 months. A receipt that it
/// ends lives 24 at most.
const KEPT_AHEAD: Duration = Duration::from_secs(762 * 24 * 3600);

/// Chains that a peer may end over one link without their receipt having come.
const MOST_UNKNOWN: usize = 256;

impl Passerelle {
    /// Takes a withdrawal: whatever its order, once (I5), and before or after every disclosure about
    /// the person, never during one (I3). Taken with a full disk, and whatever the clocks say.
    pub(crate) async fn take_withdrawal(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let withdrawal = match self.0.tokens.withdrawal(jwt, &peer.node) {
            Ok(withdrawal) => withdrawal,
            Err(error) => return Ok(not_taken(error)),
        };
        let link = self.read(|view| link_of(view, &withdrawal.link, &peer.node))?;
        let gate = match &link {
            Some(link) => Some(self.0.store.gate(link.person).exclusive().await),
            None => None,
        };
        let entry = self.entry(EntryKind::Withdrawn, EntryOutcome::Done);
        let draft = Draft::new(entry, link.as_ref().map(|link| link.person))
            .with(&peer.node, Some(peer.certificate));
        let taking = Taking {
            order: Order::new(peer, withdrawal.id, jwt),
            withdrawal,
            jwt: jwt.to_owned(),
            draft,
            signer: Signer::of(self),
        };
        let committed = self
            .transact_urgent(
                "take_withdrawal",
                under_gate(gate, move |tx| taking.take(tx)),
            )
            .await?;
        Ok(committed.value)
    }
}

struct Taking {
    order: Order,
    withdrawal: Verified<Withdrawal>,
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
        let link = link_of(tx, &self.withdrawal.link, node)?;
        if link.as_ref().map(|link| link.person) != self.draft.person {
            // The link was made meanwhile, and its gate is not held.
            return Ok(later());
        }
        if let Some(link) = &link
            && self.is_one_too_many(tx, link)?
        {
            return Ok(refused("at most 256 chains without a receipt over a link"));
        }
        let mut draft = self.draft.clone();
        let records = match &link {
            Some(link) => self.end(tx, link, &mut draft)?,
            None => {
                self.end_ahead(tx, &mut draft)?;
                0
            }
        };
        draft.entry.records = (records > 0).then_some(records);
        draft.log(tx)?;
        let answer = self.signer.purge_answer(tx, &self.order, records)?;
        self.order.answer(tx, answer)
    }

    /// Whether this ends one more chain that nobody here has heard of than a peer may: every decision
    /// weighs what has ended over a link (I8). A chain with a receipt can always be ended.
    fn is_one_too_many(&self, tx: &Tx<'_>, link: &Link) -> Result<bool, ExchangeError> {
        let claim = &self.withdrawal;
        if !receipts::chain(tx, &link.id, &claim.receipt_iss, &claim.chain)?.is_empty() {
            return Ok(false);
        }
        let ended = withdrawals::over_link(tx, &link.id)?;
        let by_peer = ended.iter().filter(|ended| ended.by == link.peer);
        Ok(by_peer.count() >= MOST_UNKNOWN)
    }

    /// Ends the chain and destroys what came under it. Says how many records went.
    fn end(&self, tx: &mut Tx<'_>, link: &Link, draft: &mut Draft) -> Result<u64, ExchangeError> {
        withdrawals::put(tx, &link.person, &self.row(tx))?;
        let claim = &self.withdrawal;
        let of_chain = receipts::chain(tx, &link.id, &claim.receipt_iss, &claim.chain)?;
        if let Some(newest) = of_chain.last() {
            add_ground(draft, newest);
        }
        let change = Change::of(link.person, ChangeKind::AgreementWithdrawn).with(&link.peer);
        append(tx, &change.about(&claim.chain))?;
        purge_under(tx, link, &claim.receipt_iss, &claim.chain)
    }

    /// Ends a chain over a link that is not known here. The sender sees no difference: the link may
    /// be about to be known, and that it ended is not told (I13).
    fn end_ahead(&self, tx: &mut Tx<'_>, draft: &mut Draft) -> Result<(), ExchangeError> {
        let keep_until = tx.now().plus(KEPT_AHEAD);
        withdrawals::put_ahead(tx, &self.row(tx), keep_until)?;
        RefusalReason::NoLink
            .id()
            .clone_into(&mut draft.fields.reason);
        Ok(())
    }

    fn row(&self, tx: &Tx<'_>) -> WithdrawnChain {
        WithdrawnChain {
            link: self.withdrawal.link,
            receipt_issuer: self.withdrawal.receipt_iss.clone(),
            chain: self.withdrawal.chain,
            jwt: Some(self.jwt.clone()),
            withdrawn_at: tx.now(),
            by: self.withdrawal.issuer.clone(),
            order: self.withdrawal.id,
        }
    }
}

/// Signs answers in the transaction whose effect they state.
#[derive(Clone)]
pub(crate) struct Signer {
    own: NodeId,
    tokens: Arc<dyn Tokens>,
}

impl Signer {
    pub(crate) fn of(node: &Passerelle) -> Self {
        Self {
            own: node.0.own.node.clone(),
            tokens: Arc::clone(&node.0.tokens),
        }
    }

    /// That the copies are gone.
    pub(crate) fn purge_answer(
        &self,
        tx: &Tx<'_>,
        order: &Order,
        records: u64,
    ) -> Result<Outcome, ExchangeError> {
        let answer = PurgeAnswer {
            issuer: self.own.clone(),
            audience: order.peer.node.clone(),
            order: order.id,
            records,
            issued_at: NumericDate::of(tx.now()),
        };
        let signed = self.tokens.sign(Outgoing::PurgeAnswer(&answer));
        let jwt = signed.map_err(|fault| ExchangeError::Internal {
            what: fault.to_string(),
        })?;
        Ok(Outcome::PurgeAnswer(jwt))
    }
}

#[cfg(test)]
mod tests;
