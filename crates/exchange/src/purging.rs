//! Copies of what others shared go when what they came under has ended.

use passerelle_domain::{ChainId, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::copies::{self, Copy, CopySource};
use passerelle_store::tables::links::Link;
use passerelle_store::tables::source_states::{self, SourceStanding, SourceState};

use crate::ExchangeError;

/// Destroys the copy that came over a link, if it came under that chain. Says how many records went.
pub(crate) fn purge_under(
    tx: &mut Tx<'_>,
    link: &Link,
    chain: &ChainId,
) -> Result<u64, ExchangeError> {
    match copies::find(tx, &source(link))? {
        Some(Copy::Held(held)) if held.chains.contains(chain) => purge(tx, link),
        _ => Ok(0),
    }
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
    Ok(())
}

fn source(link: &Link) -> CopySource {
    CopySource {
        person: link.person,
        holder: link.peer.clone(),
        link: link.id,
    }
}
