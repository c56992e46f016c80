//! Whether this node's own papers let it ask: what the person objected to here, and what this node
//! has withdrawn. The rest is for the holder to decide.

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::{NodeId, RefusalReason, Timestamp};
use passerelle_store::tables::deliveries::DeliveryState;
use passerelle_store::tables::links::Link;
use passerelle_store::tables::{Read, objections, withdrawals};

use crate::fetch::FetchSummary;
use crate::queue::delivery;
use crate::withdrawals::newest_of_chains;
use crate::{ExchangeError, Passerelle};

impl Passerelle {
    /// Whether this node may ask over a link. A withdrawal that the holder has not confirmed goes
    /// first: until then the holder might answer under what was withdrawn (I3).
    pub(crate) async fn own_papers(
        &self,
        link: &Link,
        request: &FetchSummary,
    ) -> Result<(), ExchangeError> {
        let own = &self.0.own.node;
        self.read(|view| papers_hold(view, own, link, request))?;
        if self.read(|view| unconfirmed(view, own, link))?.is_none() {
            return Ok(());
        }
        self.deliver_once(&link.peer).await?;
        match self.read(|view| unconfirmed(view, own, link))? {
            None => Ok(()),
            Some(since) => Err(ExchangeError::PeerUnreachable { since }),
        }
    }
}

/// Whether nothing that was taken at node `own` keeps it from asking.
pub(crate) fn papers_hold(
    read: &impl Read,
    own: &NodeId,
    link: &Link,
    request: &FetchSummary,
) -> Result<(), ExchangeError> {
    let taken_here = objections::of_person(read, &link.person)?
        .into_iter()
        .filter(|one| one.via.is_none() && one.lifts.is_none() && one.lifted_at.is_none());
    for objection in taken_here {
        if closes(&objection.scope, own, request) {
            return Err(ExchangeError::PaperFails(RefusalReason::Objection));
        }
    }
    let (mut any, mut standing) = (false, false);
    for newest in newest_of_chains(read, link)? {
        let receipt = &newest.receipt;
        if receipt.holder != link.peer {
            continue;
        }
        let withdrawn = withdrawals::find(read, &link.id, &receipt.issuer, &receipt.chain)?;
        match withdrawn {
            Some(withdrawn) if withdrawn.by == *own => any = true,
            _ => standing = true,
        }
    }
    if any && !standing {
        return Err(ExchangeError::PaperFails(RefusalReason::ReceiptWithdrawn));
    }
    Ok(())
}

/// Whether an objection closes some of a question. Then it is not asked at all: what is left of it
/// is for the agent to ask.
fn closes(scope: &ObjectionScope, own: &NodeId, request: &FetchSummary) -> bool {
    match scope {
        ObjectionScope::All => true,
        ObjectionScope::Purposes(purposes) => purposes.contains(&request.purpose),
        ObjectionScope::Sections(sections) => request
            .sections
            .keys()
            .any(|section| sections.contains(section)),
        ObjectionScope::Requester(node) => node == own,
    }
}

/// Since when a chain over this link that node `own` has withdrawn waits for the holder to confirm.
pub(crate) fn unconfirmed(
    read: &impl Read,
    own: &NodeId,
    link: &Link,
) -> Result<Option<Timestamp>, ExchangeError> {
    let mut oldest = None;
    for chain in withdrawals::over_link(read, &link.id)? {
        if chain.by != *own {
            continue;
        }
        let told = delivery(read, chain.order, &link.peer)?;
        if told.is_none_or(|told| told.state != DeliveryState::Delivered) {
            let since = oldest.unwrap_or(chain.withdrawn_at);
            oldest = Some(since.min(chain.withdrawn_at));
        }
    }
    Ok(oldest)
}
