//! Copies of what others shared go when what they came under has ended.

use passerelle_domain::{ChainId, NodeId, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::copies::{self, Copy, CopySource};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::receipts;
use passerelle_store::tables::source_states::{self, SourceStanding, SourceState};

use crate::ExchangeError;
use crate::changes::source_changed;

/// Destroys the copy that came over a link, if it may have come under that chain. Says how many
/// records went.
///
/// The holder may have answered under a receipt that was on its way here: a chain of which nothing
/// was known when the copy came may be its ground.
pub(crate) fn purge_under(
    tx: &mut Tx<'_>,
    link: &Link,
    issuer: &NodeId,
    chain: &ChainId,
) -> Result<u64, ExchangeError> {
    let Some(Copy::Held(held)) = copies::find(tx, &source(link))? else {
        return Ok(0);
    };
    let of_chain = receipts::chain(tx, &link.id, issuer, chain)?;
    if of_chain.iter().any(|kept| kept.receipt.holder != link.peer) {
        return Ok(0);
    }
    let known = of_chain
        .iter()
        .any(|kept| kept.received_at < held.received_at);
    if known && !held.chains.contains(chain) {
        return Ok(0);
    }
    purge(tx, link)
}

/// Destroys the copy that came over a link. Says how many records went.
pub(crate) fn purge(tx: &mut Tx<'_>, link: &Link) -> Result<u64, ExchangeError> {
    let now = tx.now();
    let source = source(link);
    if !matches!(copies::find(tx, &source)?, Some(Copy::Held(_))) {
        return Ok(0);
    }
    let records = copies::purge(tx, &source, now)?;
    note_purged(tx, link, now)?;
    Ok(records)
}

/// The same by order of the holder, who means an answer that is on its way as well.
pub(crate) fn purge_by_order(tx: &mut Tx<'_>, link: &Link) -> Result<u64, ExchangeError> {
    let now = tx.now();
    let source = source(link);
    let held = matches!(copies::find(tx, &source)?, Some(Copy::Held(_)));
    let records = copies::purge_by_order(tx, &source, now)?;
    if held {
        note_purged(tx, link, now)?;
    }
    Ok(records)
}

fn note_purged(tx: &mut Tx<'_>, link: &Link, since: Timestamp) -> Result<(), ExchangeError> {
    let standing = SourceStanding {
        state: SourceState::Purged,
        since,
    };
    source_states::put(tx, &link.person, &link.peer, standing)?;
    source_changed(tx, &link.person, &link.peer)
}

fn source(link: &Link) -> CopySource {
    CopySource {
        person: link.person,
        holder: link.peer.clone(),
        link: link.id,
    }
}
