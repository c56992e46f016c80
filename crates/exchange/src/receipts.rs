//! Receipts come from the other party and are put in force, once.

use std::collections::BTreeSet;

use passerelle_domain::claim::{Effect, Receipt};
use passerelle_domain::entry::{Ground, Outcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{
    ChainId, Class, Digest, GrantAction, LinkId, NodeId, Peer, Purpose, Section,
};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::receipts::{self, KeptReceipt};
use passerelle_store::tables::{Read, links, withdrawals};

use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::purging::purge_under;
use crate::{ExchangeError, Passerelle};

/// The most chains of one issuer over one link, ended ones included: a decision weighs them all, and a
/// peer cannot make it slow (I8).
const MOST_CHAINS: usize = 64;
/// The most receipts of one issuer over one link.
const MOST_RECEIPTS: usize = 256;

/// What became of a receipt that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is kept, now or before.
    Kept,
    /// It never will be: the rule that it breaks.
    Refused(String),
    /// Not yet. Its key or the link may not be known here yet; that the link ended, or belongs to
    /// others, is not told.
    Later,
}

/// Where a receipt stands among those of its chain.
pub(crate) enum Place {
    /// It goes on with the chain, or begins it.
    Next,
    /// It is there.
    Known,
    /// It cannot go on with the chain: the rule that it breaks.
    Broken(&'static str),
    /// There are as many as there may be: the bound.
    Full(&'static str),
}

impl Passerelle {
    /// Keeps a receipt that the other party issued: checks it once, and puts it in force before or
    /// after every disclosure about the person, never during one (I3). Keeping it twice has one
    /// effect (I5).
    pub(crate) async fn keep_receipt(
        &self,
        peer: &Peer,
        jwt: &str,
    ) -> Result<Keeping, ExchangeError> {
        if self.0.store.clock_fault().is_some() {
            return Ok(Keeping::Later);
        }
        let receipt = match self.0.tokens.receipt(jwt, &peer.node) {
            Ok(receipt) => receipt,
            Err(refused) if refused.may_pass => return Ok(Keeping::Later),
            Err(refused) => return Ok(Keeping::Refused(refused.rule)),
        };
        let kept = KeptReceipt::new(receipt, jwt.to_owned(), false, self.now());
        let found = self.read(|view| {
            let link = live_link(view, &kept.receipt.link, &peer.node)?;
            Ok((link, place(view, &kept)?))
        })?;
        let person = match found {
            (None, _) if self.read(|view| ended_for_both(view, &kept.receipt))? => {
                return Ok(Keeping::Refused(
                    "sub: a link that has not ended".to_owned(),
                ));
            }
            (None, _) => return Ok(Keeping::Later),
            (Some(_), Place::Known) => return Ok(Keeping::Kept),
            (Some(link), _) => link.person,
        };
        let gate = self.0.store.gate(person).exclusive().await;
        let entry = self.entry(EntryKind::ReceiptKept, Outcome::Done);
        let draft = Draft::new(entry, Some(person)).with(&peer.node, Some(peer.certificate));
        let kept = self
            .transact(
                "keep_receipt",
                under_gate(gate, move |tx| take(tx, &kept, &draft)),
            )
            .await?;
        Ok(kept.value)
    }
}

fn take(tx: &mut Tx<'_>, kept: &KeptReceipt, draft: &Draft) -> Result<Keeping, ExchangeError> {
    let Some(link) = live_link(tx, &kept.receipt.link, &kept.receipt.issuer)? else {
        return Ok(Keeping::Later);
    };
    match place(tx, kept)? {
        Place::Next => {}
        Place::Known => return Ok(Keeping::Kept),
        Place::Broken(rule) | Place::Full(rule) => return Ok(Keeping::Refused(rule.to_owned())),
    }
    let kept = KeptReceipt {
        received_at: tx.now(),
        ..kept.clone()
    };
    let mut draft = draft.clone();
    if is_withdrawn(tx, &kept)? {
        // Kept all the same: it says why nothing opens.
        receipts::put(tx, &link.person, &kept)?;
        draft.entry.outcome = Outcome::NotKept;
    } else {
        put_in_force(tx, &link, &kept, &mut draft)?;
        let change = Change::of(link.person, ChangeKind::AgreementArrived).with(&link.peer);
        append(tx, &change.about(&kept.receipt.chain))?;
    }
    add_ground(&mut draft, &kept);
    draft.log(tx)?;
    Ok(Keeping::Kept)
}

/// Keeps a receipt that is in force from now on. What was received under one that opened more goes.
pub(crate) fn put_in_force(
    tx: &mut Tx<'_>,
    link: &Link,
    kept: &KeptReceipt,
    draft: &mut Draft,
) -> Result<(), ExchangeError> {
    let claim = kept.receipt.claim();
    let before = receipts::chain(tx, &claim.link, &claim.issuer, &claim.chain)?;
    let narrows = before
        .last()
        .is_some_and(|before| !opened(&before.receipt).is_subset(&opened(claim)));
    if narrows {
        let purged = purge_under(tx, link, &claim.issuer, &claim.chain)?;
        draft.entry.records = (purged > 0).then_some(purged);
    }
    receipts::put(tx, &link.person, kept)?;
    Ok(())
}

/// Names a receipt as the ground of an entry.
pub(crate) fn add_ground(draft: &mut Draft, kept: &KeptReceipt) {
    draft.receipts.push(kept.digest);
    draft.entry.grounds.push(Ground {
        // Sealing puts the reference that the person's key derives for this one entry.
        receipt_ref: Digest::from_bytes([0; 32]),
        basis: kept.receipt.basis,
    });
}

/// Where a receipt stands among those of its chain, all of which are of one issuer, one holder and
/// one basis, and rise.
pub(crate) fn place(read: &impl Read, kept: &KeptReceipt) -> Result<Place, ExchangeError> {
    let claim = kept.receipt.claim();
    let over_link = receipts::over_link(read, &claim.link)?;
    let of_chain = || {
        over_link
            .iter()
            .filter(|other| other.receipt.chain == claim.chain)
    };
    if of_chain().any(|other| other.digest == kept.digest) {
        return Ok(Place::Known);
    }
    if of_chain().any(|other| other.receipt.issuer != claim.issuer) {
        return Ok(Place::Broken(
            "chain: only its first issuer goes on with it",
        ));
    }
    if of_chain()
        .any(|other| (&other.receipt.holder, other.receipt.basis) != (&claim.holder, claim.basis))
    {
        return Ok(Place::Broken("chain: of one holder and one basis"));
    }
    if of_chain().any(|other| other.receipt.version >= claim.version) {
        return Ok(Place::Broken("ver: above every one of its chain"));
    }
    let bound = full(&over_link, &claim.issuer, &claim.chain);
    Ok(bound.map_or(Place::Next, Place::Full))
}

/// The bound that one more receipt of that chain would pass.
fn full(over_link: &[KeptReceipt], issuer: &NodeId, chain: &ChainId) -> Option<&'static str> {
    let own = over_link
        .iter()
        .filter(|other| other.receipt.issuer == *issuer);
    if own.clone().count() >= MOST_RECEIPTS {
        return Some("at most 256 receipts of one issuer over a link");
    }
    let mut chains: BTreeSet<ChainId> = own.map(|other| other.receipt.chain).collect();
    (chains.insert(*chain) && chains.len() > MOST_CHAINS)
        .then_some("at most 64 chains of one issuer over a link")
}

/// Whether the chain of a receipt has ended.
pub(crate) fn is_withdrawn(read: &impl Read, kept: &KeptReceipt) -> Result<bool, ExchangeError> {
    let claim = kept.receipt.claim();
    Ok(withdrawals::find(read, &claim.link, &claim.issuer, &claim.chain)?.is_some())
}

/// The link of that id, if it is one with that peer and stands.
pub(crate) fn live_link(
    read: &impl Read,
    id: &LinkId,
    peer: &NodeId,
) -> Result<Option<Link>, ExchangeError> {
    let link = links::find(read, id)?;
    Ok(link.filter(|link| link.peer == *peer && link.state == LinkState::Live))
}

/// Whether a receipt is over a link that its issuer ended, or is told that it ended.
fn ended_for_both(read: &impl Read, receipt: &Receipt) -> Result<bool, ExchangeError> {
    let link = links::find(read, &receipt.link)?.filter(|link| link.peer == receipt.issuer);
    let end = link.and_then(|link| link.end);
    Ok(end.is_some_and(|end| end.order.is_some()))
}

/// What a receipt opens.
fn opened(receipt: &Receipt) -> BTreeSet<(Section, Class, Purpose, GrantAction)> {
    let mut opened = BTreeSet::new();
    let (permits, denies): (Vec<_>, Vec<_>) = receipt
        .grants
        .iter()
        .partition(|grant| grant.effect == Effect::Permit);
    for grant in permits {
        for (section, highest) in &grant.sections {
            for class in Class::ALL.iter().filter(|class| *class <= highest) {
                for purpose in &grant.purposes {
                    let cells = grant.actions.iter();
                    opened.extend(cells.map(|action| (*section, *class, *purpose, *action)));
                }
            }
        }
    }
    opened.retain(|(section, class, purpose, action)| {
        !denies.iter().any(|deny| {
            deny.sections
                .get(section)
                .is_some_and(|lowest| class >= lowest)
                && deny.purposes.contains(purpose)
                && deny.actions.contains(action)
        })
    });
    opened
}

#[cfg(test)]
mod tests;
