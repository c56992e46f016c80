//! A person comes back on an agreement, at this node: in force when the call returns, and the other
//! party is told until it confirms.

use std::sync::Arc;

use passerelle_domain::claim::{NumericDate, Withdrawal};
use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, ChainId, Malformed, NodeId, PersonId, Timestamp, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::outbox::OutboxKind;
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::tables::withdrawals::WithdrawnChain;
use passerelle_store::tables::{Read, links, persons, receipts, withdrawals};
use passerelle_store::{ExclusiveGuard, Tx};

use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::ports::Outgoing;
use crate::purging::purge_under;
use crate::queue::{Delivery, Signed, delivery, queue};
use crate::receipts::add_ground;
use crate::{ExchangeError, Passerelle};

/// The most chains in one call.
const MOST_CHAINS: usize = 64;

/// What a person comes back on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawAgreement {
    /// The person.
    pub person: PersonId,
    /// The chains to end, 1 to 64.
    pub chains: Vec<ChainId>,
}

/// What became of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalOutcome {
    /// The chain.
    pub chain: ChainId,
    /// The partner.
    pub node: NodeId,
    /// Since when it is ended here.
    pub withdrawn_at: Timestamp,
    /// Whether the partner has confirmed; a partner that withdrew itself has.
    pub delivery: Delivery,
}

/// A chain that is there.
#[derive(Clone)]
struct Standing {
    link: Link,
    newest: KeptReceipt,
}

impl Passerelle {
    /// Ends chains of agreements for good. In force here when this returns, even with a full disk;
    /// repeating it shows how far the confirmations are.
    pub async fn withdraw_agreement(
        &self,
        caller: &Caller,
        mut request: WithdrawAgreement,
    ) -> Result<Vec<WithdrawalOutcome>, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        if request.chains.is_empty() || request.chains.len() > MOST_CHAINS {
            return Err(Malformed::new("chains", "1 to 64 chains").into());
        }
        let mut ended = Vec::new();
        {
            // Held until the last is durable: a disclosure comes before them or after them (I3).
            let (person, gate) = self.kept_gate(request.person).await?;
            request.person = person;
            let gate = Arc::new(gate);
            let standing = self.read(|view| chains(view, &request))?;
            for chain in standing {
                ended.push(self.end_chain(caller, chain, &gate).await?);
            }
        }
        self.wake_outbox();
        let told = ended.iter().map(|ended| (ended.order, ended.node.clone()));
        self.wait_delivered(&told.collect::<Vec<_>>()).await?;
        self.read(|view| {
            let outcome = |ended: &Ended| ended.outcome(view);
            ended.iter().map(outcome).collect()
        })
    }

    async fn end_chain(
        &self,
        caller: &Caller,
        chain: Standing,
        gate: &Arc<ExclusiveGuard>,
    ) -> Result<Ended, ExchangeError> {
        let Standing { link, newest } = chain;
        let withdrawal = Withdrawal {
            issuer: self.0.own.node.clone(),
            audience: link.peer.clone(),
            receipt_iss: newest.receipt.issuer.clone(),
            chain: newest.receipt.chain,
            link: link.id,
            issued_at: NumericDate::of(self.now()),
            id: TokenId::random(self.rng()),
        };
        let signed = Signed {
            kind: OutboxKind::Withdrawal,
            peer: link.peer.clone(),
            person: Some(link.person),
            subject: withdrawal.id,
            jwt: self.sign(Outgoing::Withdrawal(&withdrawal))?,
        };
        let entry = self.entry(EntryKind::Withdrawn, Outcome::Done);
        let mut draft = Draft::new(entry, Some(link.person))
            .by(caller)
            .with(&link.peer, None);
        add_ground(&mut draft, &newest);
        let committed = self
            .transact_urgent(
                "withdraw",
                under_gate(Arc::clone(gate), move |tx| {
                    end(tx, &link, &withdrawal, &signed, &draft)
                }),
            )
            .await?;
        Ok(committed.value)
    }

    /// Signs with this node's key.
    pub(crate) fn sign(&self, claim: Outgoing<'_>) -> Result<String, ExchangeError> {
        self.0
            .tokens
            .sign(claim)
            .map_err(|fault| ExchangeError::Internal {
                what: fault.to_string(),
            })
    }
}

/// A chain that has ended.
struct Ended {
    chain: ChainId,
    node: NodeId,
    withdrawn_at: Timestamp,
    order: TokenId,
}

impl Ended {
    fn outcome(&self, read: &impl Read) -> Result<WithdrawalOutcome, ExchangeError> {
        let told = delivery(read, self.order, &self.node)?;
        Ok(WithdrawalOutcome {
            chain: self.chain,
            node: self.node.clone(),
            withdrawn_at: self.withdrawn_at,
            delivery: told.unwrap_or_else(|| Delivery::known_there(self.withdrawn_at)),
        })
    }
}

fn end(
    tx: &mut Tx<'_>,
    link: &Link,
    withdrawal: &Withdrawal,
    signed: &Signed,
    draft: &Draft,
) -> Result<Ended, ExchangeError> {
    let (chain, issuer) = (withdrawal.chain, &withdrawal.receipt_iss);
    let node = link.peer.clone();
    if let Some(before) = withdrawals::find(tx, &link.id, issuer, &chain)? {
        return Ok(Ended {
            chain,
            node,
            withdrawn_at: before.withdrawn_at,
            order: before.order,
        });
    }
    let withdrawn = WithdrawnChain {
        link: link.id,
        receipt_issuer: issuer.clone(),
        chain,
        jwt: None,
        withdrawn_at: tx.now(),
        by: withdrawal.issuer.clone(),
        order: withdrawal.id,
    };
    withdrawals::put(tx, &link.person, &withdrawn)?;
    let purged = purge_under(tx, link, issuer, &chain)?;
    queue(tx, signed)?;
    let change = Change::of(link.person, ChangeKind::AgreementWithdrawn).with(&link.peer);
    append(tx, &change.about(&chain))?;
    let mut draft = draft.clone();
    draft.entry.records = (purged > 0).then_some(purged);
    draft.log(tx)?;
    Ok(Ended {
        chain,
        node,
        withdrawn_at: withdrawn.withdrawn_at,
        order: withdrawn.order,
    })
}

/// What the chains of a request are, each once a link: all are there, or none is ended.
fn chains(read: &impl Read, request: &WithdrawAgreement) -> Result<Vec<Standing>, ExchangeError> {
    if persons::find(read, &request.person)?.is_none() {
        return Err(ExchangeError::PersonNotFound);
    }
    let mut known = Vec::new();
    for link in links::of_person(read, &request.person)? {
        for newest in newest_of_chains(read, &link)? {
            known.push(Standing {
                link: link.clone(),
                newest,
            });
        }
    }
    let mut wanted = Vec::new();
    for (i, chain) in request.chains.iter().enumerate() {
        let mut found = known
            .iter()
            .filter(|known| known.newest.receipt.chain == *chain)
            .peekable();
        if found.peek().is_none() {
            return Err(ExchangeError::not_found(format!("chains[{i}]")));
        }
        wanted.extend(found.cloned());
    }
    Ok(wanted)
}

/// The newest receipt of every chain over a link.
pub(crate) fn newest_of_chains(
    read: &impl Read,
    link: &Link,
) -> Result<Vec<KeptReceipt>, ExchangeError> {
    let mut newest: Vec<KeptReceipt> = Vec::new();
    // By issuer, chain and version: a later one of a chain follows those before it.
    for kept in receipts::over_link(read, &link.id)? {
        let same = |last: &KeptReceipt| {
            (&last.receipt.issuer, last.receipt.chain) == (&kept.receipt.issuer, kept.receipt.chain)
        };
        if newest.last().is_some_and(same) {
            newest.pop();
        }
        newest.push(kept);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests;
