//! A holder orders that what it had shared over a link be destroyed.

use passerelle_domain::claim::PurgeOrder;
use passerelle_domain::entry::Outcome as EntryOutcome;
use passerelle_domain::vocabulary::{EntryKind, RefusalReason};
use passerelle_domain::{Peer, Verified};
use passerelle_proto::exchange::v1::delivery_answer::Outcome;
use passerelle_store::Tx;

use crate::gate::under_gate;
use crate::inbox::{Order, later, link_of, not_taken};
use crate::logging::Draft;
use crate::purging::purge_by_order;
use crate::withdrawn::Signer;
use crate::{ExchangeError, Passerelle};

impl Passerelle {
    /// Carries out a purge order, once (I5). Taken with a full disk, and whatever the clocks say.
    pub(crate) async fn take_purge_order(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Outcome, ExchangeError> {
        let claim = match self.0.tokens.purge_order(jwt, &peer.node) {
            Ok(claim) => claim,
            Err(error) => return Ok(not_taken(error)),
        };
        let link = self.read(|view| link_of(view, &claim.link, &peer.node))?;
        // So that nothing is viewed after it was destroyed.
        let gate = match &link {
            Some(link) => Some(self.0.store.gate(link.person).exclusive().await),
            None => None,
        };
        let entry = self.entry(EntryKind::Purged, EntryOutcome::Done);
        let draft = Draft::new(entry, link.map(|link| link.person))
            .with(&peer.node, Some(peer.certificate));
        let order = Order::new(peer, claim.id, jwt);
        let signer = Signer::of(self);
        let committed = self
            .transact_urgent(
                "purge",
                under_gate(gate, move |tx| take(tx, &order, &claim, &draft, &signer)),
            )
            .await?;
        Ok(committed.value)
    }
}

fn take(
    tx: &mut Tx<'_>,
    order: &Order,
    claim: &Verified<PurgeOrder>,
    draft: &Draft,
    signer: &Signer,
) -> Result<Outcome, ExchangeError> {
    if let Some(outcome) = order.answered(tx)? {
        return Ok(outcome);
    }
    let link = link_of(tx, &claim.link, &order.peer.node)?;
    if link.as_ref().map(|link| link.person) != draft.person {
        return Ok(later());
    }
    let mut draft = draft.clone();
    let records = match &link {
        Some(link) => purge_by_order(tx, link)?,
        None => {
            // The sender sees no difference (I13).
            RefusalReason::NoLink
                .id()
                .clone_into(&mut draft.fields.reason);
            0
        }
    };
    draft.entry.records = (records > 0).then_some(records);
    draft.log(tx)?;
    let answer = signer.purge_answer(tx, order, records)?;
    order.answer(tx, answer)
}
